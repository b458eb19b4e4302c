"""Exception in initializer, and then a BrokenProcessPool
======================================================

Your tasks fail, mostly before one is run: a worker fails as it starts, and the pool with it.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

problem = None


def connect():
    raise ConnectionError("there is no such database")


def task():
    if problem:
        raise problem
    return "done"


# %%
# The cure: an initializer that keeps its error, which the task then raises.


def try_to_connect():
    global problem
    try:
        connect()
    except Exception as error:
        problem = error


def run_two_tasks(context, initializer):
    kinds = set()
    with ProcessPoolExecutor(1, context, initializer) as pool:
        for _ in range(2):
            try:
                pool.submit(task).result(timeout=30)
            except Exception as error:
                print(f"  {type(error).__name__}: {error}", flush=True)
                kinds.add(type(error))
    return kinds


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        for initializer, kind in (connect, BrokenProcessPool), (try_to_connect, ConnectionError):
            print(f"{method}, initializer={initializer.__name__}:", flush=True)
            try:
                assert run_two_tasks(multiprocessing.get_context(method), initializer) == {kind}
            except NotImplementedError as error:
                print(f"  {type(error).__name__}: {error}")

# sphinx_gallery_before = "def connect"
# sphinx_gallery_after = ["def try_to_connect", "def task"]
# %%
# Why
# ---
# An initializer that raises `breaks the pool
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__:
# its worker `logs the error and ends
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__, and all that
# the pool sees is that a worker is gone.
# A task that waits then gets the first of the two messages, and one that comes later the second.
#
# Cure
# ----
# Read what stands below ``Exception in initializer:``, on the standard error of your program or in
# your log, since it is a record of the logger ``concurrent.futures``.
# Where an initializer can fail for reasons of the moment, let it keep its error, as here: then the
# pool lives, and each of its tasks tells you what has happened.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`../worker/hand_over_with_initializer`
