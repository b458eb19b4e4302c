"""RuntimeError: cannot schedule new futures after shutdown
========================================================

A task is submitted to a process pool after the end of its ``with``, or while the program ends.
"""

import atexit
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.pool import Pool


def after_the_block():
    with ProcessPoolExecutor(1) as pool:
        pool.submit(abs, -1)
    return pool.submit(abs, -2).result()


def within_the_block():
    with ProcessPoolExecutor(1) as pool:
        pool.submit(abs, -1)
        return pool.submit(abs, -2).result()


def after_the_block_of_a_pool():
    with Pool(1) as pool:
        pool.apply(abs, [-1])
    return pool.apply(abs, [-2])


def while_the_program_ends():
    return at_the_end.submit(abs, -2).result()


def show(use):
    try:
        print(f"{use.__name__}: returns {use()}", flush=True)
        assert use is within_the_block
    except (RuntimeError, ValueError, ImportError) as error:
        print(f"{use.__name__}:\n  {type(error).__name__}: {error}", flush=True)


if __name__ == "__main__":
    for use in after_the_block, after_the_block_of_a_pool, within_the_block:
        show(use)
    try:
        at_the_end = ProcessPoolExecutor(1)
        atexit.register(show, while_the_program_ends)
    except (NotImplementedError, ImportError) as error:
        print(f"while_the_program_ends:\n  {type(error).__name__}: {error}")

# sphinx_gallery_before = "def after_the_block()"
# sphinx_gallery_after = "def within_the_block()"
# %%
# Why
# ---
# The end of ``with`` shuts the pool down, which is final: `it takes no task from then on
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown>`__.
# A ``multiprocessing.Pool`` says the same in other words.
# When your program ends, every executor that is still there is shut down `before the functions of
# atexit are called <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__:
# so one of them, a ``__del__`` or a thread that still runs cannot submit any more, though nobody
# shut the pool down.
# What was submitted before is `still done
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown>`__.
#
# Cure
# ----
# Submit within the block, and take the results there.
# A function that returns a future, or ``map``'s iterator, is called within the block as well.
# Where a pool outlives a function, make it without ``with``, and call ``shutdown()`` once, where
# the last user of it is done.
# At the end of the program do what is left in your own process, or join the threads that submit
# before your main script ends.

# %%
# Related
# -------
# - :doc:`interrupted_by_ctrl_c`
# - :doc:`exceptions_vanish`
