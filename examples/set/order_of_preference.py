"""Take the first start method that works
======================================

You know which start methods would do, the best first, and want a pool with the first that works
here with the arguments that you pass.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

NAMES = ["fork", "forkserver", "spawn"]


def ask():
    return multiprocessing.get_start_method()


# %%
# That a name is listed is not enough, so a pool is made of it: this starts no worker.


def first_pool(names, **arguments):
    for name in names:
        try:
            context = multiprocessing.get_context(name)
            return ProcessPoolExecutor(mp_context=context, **arguments)
        except (NotImplementedError, ValueError) as error:
            reason = error
    raise reason


# %%
# The order is the same twice, and the second time there is an argument that not all methods take.

if __name__ == "__main__":
    print("In this order:", ", ".join(NAMES))
    for most in (None, 1):
        arguments = {} if most is None else {"max_tasks_per_child": most}
        before = multiprocessing.get_start_method(allow_none=True)
        try:
            pool = first_pool(NAMES, max_workers=1, **arguments)
        except (NotImplementedError, TypeError) as error:
            print(f"{type(error).__name__}: {error}")
            break
        assert multiprocessing.get_start_method(allow_none=True) == before
        assert not pool._processes
        with pool:
            method = pool.submit(ask).result(timeout=30)
        print(f"With max_tasks_per_child={most}: {method}")
        assert method == pool._mp_context.get_start_method()
        assert most is None or method != "fork"
# %%
# Why
# ---
# A name that the platform lacks is a ``ValueError`` of `get_context
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_context>`__.
# What the method cannot do shows when the pool is made: ``max_tasks_per_child`` `does not go with
# fork
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__,
# and under WebAssembly no pool can be made with any of the three, as its outcome shows.
#
# ``first_pool`` lets a ``TypeError`` out: no method cures an argument that this Python lacks.
#
# What to do
# ----------
# Try the contexts in your order, and make the pool in the same ``try``: both ask for a method by
# its name, and neither touches the global default.
# Check the names themselves for slips, since here a misspelt one is passed over like a missing one.
#
# Some failures come later still, with the first worker, as that of a forkserver :proof:`without a
# temporary folder <default_without_temporary_folder linux: forkserver: .{0,60}No usable>`.
# To be sure, submit a small task first.

# %%
# Related
# -------
# - :doc:`set_missing_method`
# - :doc:`../check/check_max_tasks_context`
# - :doc:`../check/default_without_temporary_folder`
