"""Set every start method in turn
==============================

You want to see what the choice changes.
The same small job runs under each start method, and the worker tells who it is, how it was
started, and what it knows of a change that its parent made.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

state = "as written in the script"


def report():
    print(" ", multiprocessing.current_process().name, "has", __name__, "for a module.")
    print("  It was started by", multiprocessing.get_start_method() + ".")
    print("  The variable is", state + ".", flush=True)
    return multiprocessing.get_start_method(), state


# %%
# The main process changes a global variable before it makes its pools.
# One pool follows the other, each with one worker.

if __name__ == "__main__":
    state = "as changed at run time"
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":", flush=True)
        context = multiprocessing.get_context(method)
        try:
            pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        with pool:
            started_by, seen = pool.submit(report).result()
        assert started_by == method
        assert (seen == state) == (method == "fork")

# %%
# Why
# ---
# Under `fork
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-fork>`__ the
# worker is a copy of the main process, with all that is in its memory: the script is ``__main__``
# there too, and the variable has the value that it had when the worker was started.
#
# Under `spawn
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-spawn>`__ the
# worker is a new interpreter, which imports the script anew, under the name ``__mp_main__``.
# Under `forkserver
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-forkserver>`__
# it is a copy of a server that was started in the same way, and not a copy of your process.
# What stands at the top level of the script runs again, with the value that is written there; what
# stands under the ``__main__`` guard does not.
# The number in a worker's name differs as well, since it goes on from one pool to the next.
#
# What to do
# ----------
# Write functions that do not rely on what the main process has changed at run time, and they do
# the same under every method.
# What a worker has to know goes into the arguments of its tasks, or into the pool's
# ``initializer``.
# A script that is to run on every platform needs the ``__main__`` guard.

# %%
# Related
# -------
# - :doc:`set_pool_context`
# - :doc:`../break/global_is_reset`
# - :doc:`../worker/what_reaches_a_worker`
# - :doc:`../break/no_main_guard`
