"""ValueError: cannot find context for 'fork'
==========================================

You ask for a start method that this platform does not have, or whose name is misspelt, and want to
go on with another one.
"""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# Name what you would like, the best first, and take the first that is there.


def first_available(*wanted):
    methods = multiprocessing.get_all_start_methods()
    return next(method for method in wanted if method in methods)


# %%
# Catch the error where you ask for the context, here with a name that no platform has.
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

# sphinx_gallery_before = "context ="
# sphinx_gallery_after = ["def first", "method =", "context = multiprocessing.get_context(method)"]
# %%
# Why
# ---
# A method that is missing and a name that is misspelt are the same ``ValueError``: `the name is
# looked up among the contexts of the platform
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/context.py>`__, and is not found.
# On Windows there is `only spawn
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__, so
# ``"fork"`` gives there what ``"fork-server"`` gives everywhere.
# The error comes before any process is started.
#
# Under WebAssembly the context is found, and then the pool cannot be made, which is another error:
# ``NotImplementedError``.
#
# Cure
# ----
# Look at ``multiprocessing.get_all_start_methods()`` first, or catch the error, and go on with a
# method that is there.
# ``spawn`` is there on `every platform
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-spawn>`__
# that can start processes.
# Take care that the rest of the program can do with it: a program that was written for fork may
# :proof:`rely on what its workers inherit <global_is_reset: ^fork:\n  without an initializer: Ada
# \(Polish\)>`, and then an early error is better than another method.
#
# If the name comes from a user, tell an unknown name from one that is missing here, so that a slip
# of the finger is not taken for a choice.

# %%
# Related
# -------
# - :doc:`order_of_preference`
# - :doc:`../list/list_start_methods`
# - :doc:`set_pool_context`
