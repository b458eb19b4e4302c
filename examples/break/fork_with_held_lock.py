"""A worker hangs on a lock that nobody releases
=============================================

A worker waits for ever for a lock that is long free again in your program.
"""

import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor

lock, is_held, may_release = threading.Lock(), threading.Event(), threading.Event()


def hold_lock():
    with lock:
        is_held.set()
        may_release.wait(timeout=30)


def try_lock():
    taken = lock.acquire(timeout=0.5)  # without a time limit the worker would hang here
    if taken:
        lock.release()
    return taken


# %%
# A thread holds the lock while a task is submitted; afterwards, both processes try to take it.

if __name__ == "__main__":
    for method, early in (("fork", False), ("fork", True), ("spawn", False), ("forkserver", False)):
        if method not in multiprocessing.get_all_start_methods():
            if not early:
                end = ", so no worker starts with a lock that is held." if method == "fork" else "."
                print(method, "is not there on this platform" + end)
            continue
        print(method + (", its worker started before the thread:" if early else ":"))
        try:
            pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method))
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        is_held.clear()
        may_release.clear()
        with pool:
            if early:
                pool.submit(abs, -1).result(timeout=30)
            thread = threading.Thread(target=hold_lock)
            thread.start()
            assert is_held.wait(timeout=30)
            future = pool.submit(try_lock)  # fork copies the process here, if not early
            may_release.set()
            thread.join()
            print("  the main process takes the lock:", try_lock())
            print("  the worker takes the lock:", future.result(timeout=30))
            assert future.result() == (method != "fork" or early)

# sphinx_gallery_before = ["thread =", "thread.start", "assert is_held", "future ="]
# sphinx_gallery_after = ["pool.submit", "thread =", "thread.start", "assert is_held", "future ="]
# %%
# Why
# ---
# A forked worker is a copy of the process, with each lock :proof:`held or free
# <fork_with_held_lock: ^fork:\n.{0,60}\n  the worker takes the lock: False>` as it was then.
# Only `the thread that forks <https://docs.python.org/3/c-api/threads.html#fork-and-threads>`__
# is in the copy, so nobody there can release what another one held.
#
# Cure
# ----
# Use spawn: the worker `imports the script anew
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__ and
# makes a lock of its own; so it is under forkserver, unless :doc:`a thread of the top level
# <top_level_thread_hangs>` holds the lock, from Python 3.13.8 and 3.14.1 on.
# A first task before any thread forks `all workers <https://github.com/python/cpython/issues/90622>`__.
# `os.register_at_fork <https://docs.python.org/3/library/os.html#os.register_at_fork>`__ can have a
# child make your own locks anew, but not those inside of libraries.

# %%
# Related
# -------
# - :doc:`top_level_thread_hangs`
# - :doc:`fork_with_threads`
# - :doc:`../worker/share_a_lock`
