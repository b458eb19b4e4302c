"""multiprocessing.Pool hangs: it waits for ever for a worker that was killed
===========================================================================

Memory ran out or a library crashed, no error is raised, and ``map``, ``get`` or ``join`` never
returns, while new workers stand there idle.
"""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool


def be_killed():
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def use_pool(context):
    with context.Pool(1) as pool:
        lost = pool.apply_async(be_killed)
        print("  Pool, a later task returns", pool.apply(abs, [-1]), flush=True)
        try:
            lost.get(timeout=0.3)  # without a time limit this would never end
        except multiprocessing.TimeoutError as error:
            print(f"  Pool, the lost task: {type(error).__name__}", flush=True)
    assert not lost.ready()


# %%
# The cure: the same with an executor, which notices that a worker is gone.


def use_executor(context):
    with ProcessPoolExecutor(1, context) as pool:
        error = pool.submit(be_killed).exception(timeout=30)
    print(f"  ProcessPoolExecutor, the lost task: {type(error).__name__}", flush=True)
    assert isinstance(error, BrokenProcessPool)


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(f"{method}:", flush=True)
        for use in use_pool, use_executor:
            try:
                use(multiprocessing.get_context(method))
            except (NotImplementedError, ImportError) as error:
                print(f"  {type(error).__name__}: {error}")

# sphinx_gallery_before = "with context.Pool"
# sphinx_gallery_after = "with ProcessPool"
# %%
# Why
# ---
# A ``Pool`` starts `a new worker for one that has ended
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/pool.py>`__, but it does not know
# which task that worker had, and so that task's result `is waited for without end
# <https://github.com/python/cpython/issues/82265>`__.
# The start method changes nothing here, as the outcomes show.
# The executor waits for its workers' ends as well as for results, and then `breaks as a whole
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.process.BrokenProcessPool>`__:
# all tasks that wait or run fail at once.
#
# Cure
# ----
# Use ``ProcessPoolExecutor``, and make a new one when it is broken.
# Where it has to stay a ``Pool``, take ``map_async`` or ``apply_async``, and ``get`` with a time
# limit; after it, leave the pool by ``terminate``, which is what the end of ``with`` does, since
# ``join`` after ``close`` waits for the lost task, too.
# Then look for what killed the worker: on Linux, ``dmesg`` tells of memory that ran out, and
# ``faulthandler.enable`` as the initializer shows where it crashed.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`max_tasks_stuck`
