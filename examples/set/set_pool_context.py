"""Set the context of a pool
=========================

You want a pool that starts its workers in a certain way, without a change of the default that the
rest of the program relies on.
Make a context and pass it as ``mp_context``.
"""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# Look at the list first: asking for a method that is not in it is an error.


def choose(wanted):
    methods = multiprocessing.get_all_start_methods()
    if wanted not in methods:
        print("There is no", wanted, "here.")
        return methods[0]
    return wanted


# %%
# The context belongs to this pool alone.
# Where no process can be started, as under WebAssembly, it is the pool that says so.

if __name__ == "__main__":
    context = multiprocessing.get_context(choose("fork"))
    try:
        pool = ProcessPoolExecutor(max_workers=2, mp_context=context)
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        print("The pool uses:", pool._mp_context.get_start_method())
        results = list(pool.map(math.factorial, range(6)))

    print("Its work:", results)
    assert results == [1, 1, 2, 6, 24, 120]
    assert pool._mp_context is context
    if context.get_start_method() == "fork":
        assert multiprocessing.get_start_method(allow_none=True) is None

# %%
# Why
# ---
# `A context <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__
# is an object that has the functions of ``multiprocessing`` and one start method.
# The pool makes its queues and its workers `by it
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__, so it has no
# need of the default, and other pools of the program are not affected.
# At the end of this script the default is still open, as its last lines prove for fork, while under
# spawn and forkserver a worker fixes it, to that of the platform, in releases before CPython
# 3.13.12 and 3.14.3 (`issue 109263 <https://github.com/python/cpython/issues/109263>`__).
#
# Fork is there `on POSIX systems only
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-fork>`__, so
# on Windows the script takes what there is.
#
# What to do
# ----------
# Make the context with ``multiprocessing.get_context(name)``, once, and pass it to each pool that
# is to work in this way.
# Make the locks and queues that you share with its workers from the same context.
# For a whole program of your own, ``set_start_method()`` in the main script is an alternative; in
# a library it is not, since the choice belongs to the program.

# %%
# Related
# -------
# - :doc:`set_every_method`
# - :doc:`set_start_method_twice`
# - :doc:`library_context`
# - :doc:`../worker/share_a_lock`
