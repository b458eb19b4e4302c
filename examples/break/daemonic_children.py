"""AssertionError: daemonic processes are not allowed to have children
===================================================================

A task in a ``multiprocessing.Pool`` starts a pool or a process of its own, perhaps in a library.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def use_processes(method):
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        return pool.submit(abs, -14).result(timeout=30)


def use_threads(method):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(abs, -14).result(timeout=30)


def ask_pool(task, method):
    pool = multiprocessing.get_context(method).Pool(1)
    try:
        return pool.apply_async(task, [method]).get(timeout=30)
    finally:
        pool.close()
        pool.join()


# %%
# The cure: to ask an executor, whose workers may have children of their own.


def ask_executor(task, method):
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        return pool.submit(task, method).result(timeout=30)


CASES = (ask_pool, use_processes), (ask_pool, use_threads), (ask_executor, use_processes)

if __name__ == "__main__":
    try:
        ProcessPoolExecutor(1).shutdown()
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        for ask, task in CASES:
            try:
                outcome = f"the result is {ask(task, method)}"
            except AssertionError as error:
                outcome = f"{type(error).__name__}: {error}"
            print(f"{method}, {ask.__name__} to {task.__name__}: {outcome}", flush=True)
            assert outcome.startswith("Assert") == ((ask, task) == CASES[0])

# sphinx_gallery_before = "def ask_pool"
# sphinx_gallery_after = "def ask_executor"
# %%
# Why
# ---
# Workers of a ``multiprocessing.Pool`` `are daemonic
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/pool.py>`__: they are terminated
# with the program, and `must not have children
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Process.daemon>`__, which
# would be left behind. This holds for each start method, and for each kind of pool in the task.
# Those of a ``ProcessPoolExecutor`` `are not
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__.
#
# Cure
# ----
# Make the outer pool an executor, and shut down both, best by ``with``, as nobody else ends what
# its workers have started. Mind the number of processes, too: four with four each are sixteen.
# Where the outer pool is not yours, use threads in the task, or have it do without a pool if
# ``multiprocessing.current_process().daemon`` is true.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`../beyond/run_on_dask`
