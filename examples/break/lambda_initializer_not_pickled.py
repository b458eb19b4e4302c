"""Can't pickle the initializer: cannot pickle '_thread.lock' object
====================================================================

You give a pool a lambda as its ``initializer``, or a lock of ``threading`` among its ``initargs``.
It works on one platform or version, and on another the first ``submit`` says that it cannot pickle.
"""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor


def try_to_start(context, label, initializer, *initargs):
    with ProcessPoolExecutor(1, context, initializer, initargs) as pool:
        try:
            future = pool.submit(abs, -14)
        except Exception as error:
            print(f"  {label}: {type(error).__name__}: {error}")
            return False
        assert future.result(timeout=30) == 14
    print(f"  {label}: it works.")
    return True


# %%
# The cure: a function at module level, and a lock of the context that the pool gets.


def remember(lock):
    global shared_lock
    shared_lock = lock


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":", flush=True)
        context = multiprocessing.get_context(method)
        forks = method == "fork"
        try:
            assert try_to_start(context, "A lambda", lambda: None) == forks
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        assert try_to_start(context, "A threading.Lock", remember, threading.Lock()) == forks
        assert try_to_start(context, "A function, and the context's lock", remember, context.Lock())
# %%
# Why
# ---
# A forked worker is a copy of the main process, so it has the initializer and its arguments
# :proof:`without any transfer <lambda_initializer_not_pickled: ^fork:\n  A lambda: it works>`.
# Under spawn and forkserver `it comes from a new interpreter
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__, and
# everything that it is started with is pickled.
# Of a function, pickle writes `only the module and the name
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__, by which a lambda cannot be
# found; a lock of ``threading`` guards nothing outside its process, copied or not.
#
# The error comes out of ``submit`` and not from the future, since `submit starts the worker
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__.
# `With Python 3.14
# <https://docs.python.org/3/whatsnew/3.14.html#whatsnew314-concurrent-futures-start-method>`__
# forkserver became the default on Linux, so a program that ran for years can meet it there.
#
# Cure
# ----
# Write the initializer at the top level of a module, and pass what it needs in ``initargs``.
# Make a lock by the pool's own context, ``context.Lock()``: it may be handed over `while a process
# is started <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming>`__.
# Shut the pool down after the error, as ``with`` does here; nothing hangs.

# %%
# Related
# -------
# - :doc:`local_function_not_pickled`
# - :doc:`../worker/share_a_lock`
# - :doc:`../worker/hand_over_with_initializer`
