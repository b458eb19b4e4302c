"""Lock objects should only be shared between processes through inheritance
========================================================================

You submit a task with a multiprocessing lock or queue as an argument, and its future has this
RuntimeError.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def remember(lock):
    global shared
    shared = lock


def use(lock):
    with lock:
        return "the worker used it"


def use_shared():
    return use(shared)


def try_to_run(name, pool, task, *arguments):
    future = pool.submit(task, *arguments)
    error = future.exception(timeout=30)
    print(f"  {name}:")
    print(f"    {type(error).__name__}: {error}" if error else f"    {future.result()}")
    return str(error)


# %%
# Under each start method there are two failures, and two cures for them.

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":")
        context = multiprocessing.get_context(method)
        try:
            lock, queue = context.Lock(), context.Queue()
        except ImportError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        settings = {"mp_context": context, "initializer": remember, "initargs": (lock,)}
        with ProcessPoolExecutor(max_workers=1, **settings) as pool, context.Manager() as manager:
            refused = "should only be shared between processes through inheritance"
            assert refused in try_to_run("a lock as argument", pool, use, lock)
            assert refused in try_to_run("a queue as argument", pool, use, queue)
            assert try_to_run("a lock in initargs", pool, use_shared) == "None"
            proxy = manager.Lock()
            assert try_to_run("a manager's lock as argument", pool, use, proxy) == "None"

# sphinx_gallery_before = ["def use(lock)", "lock, queue =", 'assert refused in try_to_run("a lock']
# sphinx_gallery_after = ["def remember", "def use_shared", "settings =", "assert try_to_run("]
# %%
# Why
# ---
# A task travels by pickle to a worker that is running already, :proof:`under fork
# <lock_as_argument: ^fork:\n  a lock as argument:\n    RuntimeError: Lock>` as under the others.
# A multiprocessing lock reaches a process only `while that is being started
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming>`__, and
# `refuses <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/context.py>`__ to be
# pickled at any other time; so does a queue, which has such locks in it.
#
# Cure
# ----
# Make the lock from the pool's own context, and hand it over in ``initargs``, which go with each
# worker's start; the initializer keeps it in a global variable.
# The lock of a `manager
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-managers>`__ can be an
# argument: a proxy is pickled, and each use asks the manager's process, which has the lock.

# %%
# Related
# -------
# - :doc:`lock_of_other_context`
# - :doc:`../worker/share_a_lock`
# - :doc:`../worker/hand_over_with_initializer`
