"""Hand over a value with an initializer
=====================================

You set a global variable at run time, and the workers of your pool do not have its value.
An initializer sets it in each worker, under every start method.
"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

settings, times = None, 0


def read():
    return settings


def receive(value, barrier):
    global settings, times, both
    settings, both = value, barrier
    times += 1


def read_in_both(task):
    both.wait(timeout=30)  # for a task in the other worker, so that both take part
    return os.getpid(), settings, times


# %%
# First a pool that relies on the global variable, then one with an initializer.

if __name__ == "__main__":
    settings = "set at run time"
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        context = multiprocessing.get_context(method)
        try:
            pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
        except NotImplementedError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None

        with pool:
            value = pool.submit(read).result(timeout=30)
        print(f"{method}: without an initializer a worker has {value!r}.")
        assert value == (settings if method == "fork" else None)

        initargs = (settings, context.Barrier(2))
        with ProcessPoolExecutor(2, context, initializer=receive, initargs=initargs) as pool:
            workers, values, counts = map(set, zip(*pool.map(read_in_both, range(6), timeout=30)))
        print("  With one that runs", *counts, "time in each of", len(workers), "workers:", *values)
        assert (len(workers), values, counts) == (2, {settings}, {1})
# %%
# Why
# ---
# Under spawn and forkserver the worker or its server imports your script, so that a global is as it
# is `written there
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__.
# Only a forked worker :proof:`is a copy of your program <hand_over_with_initializer: ^fork: without
# an initializer a worker has 'set at run time'>`, of the moment at which it started.
# The pool calls ``initializer(*initargs)`` `at the start of each worker
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__,
# before its first task.
#
# What to do
# ----------
# Write a function at module level that takes the values and keeps them in globals.
# Pass it as ``initializer``, and the values as ``initargs``.
# A later change in your program does not reach the workers: give it to the tasks as an argument.

# %%
# Related
# -------
# - :doc:`what_reaches_a_worker`
# - :doc:`share_a_lock`
# - :doc:`../break/global_is_reset`
