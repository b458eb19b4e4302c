"""Ask for a start method that is missing
======================================

You ask for a start method that this platform does not have, or whose name is
misspelt, and want to go on with another one.

Both are the same ``ValueError``, and it comes before any process is started:
on Windows, ``"fork"`` gives what ``"fork-server"`` gives everywhere.
"""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# Name what you would like, the best first, and take the first that is there.
# ``spawn`` is there on every platform that can start processes.


def first_available(*wanted):
    methods = multiprocessing.get_all_start_methods()
    return next(method for method in wanted if method in methods)


# %%
# Catch the error where you ask for the context.
# What a platform lacks altogether shows only when the pool is made.

if __name__ == "__main__":
    try:
        context = multiprocessing.get_context("fork-server")
    except ValueError as error:
        print(f"{type(error).__name__}: {error}")
        method = first_available("forkserver", "spawn")
        print("Going on with:", method)
        context = multiprocessing.get_context(method)

    try:
        pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        result = pool.submit(math.factorial, 5).result()
    print("The pool's work:", result)
    assert result == 120
    assert context.get_start_method() == method
