"""max_tasks_per_child is incompatible with the 'fork' multiprocessing start method
================================================================================

You want a pool's workers replaced after some tasks; its constructor raises this ValueError, or
:proof:`a TypeError on 3.9 and 3.10 <max_tasks_with_fork before 3.11: ^  TypeError: >`.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor


def try_to_make(method):
    context = multiprocessing.get_context(method)
    try:
        return ProcessPoolExecutor(max_workers=1, mp_context=context, max_tasks_per_child=1)
    except (NotImplementedError, TypeError, ValueError) as error:
        print(f"  {type(error).__name__}: {error}")
        return None


# %%
# Each method's pool has one worker at a time, and gets two tasks.

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":")
        pool = try_to_make(method)
        if sys.platform != "emscripten":
            assert bool(pool) == (sys.version_info >= (3, 11) and method != "fork")
        if pool:
            with pool:
                futures = [pool.submit(os.getpid) for _ in range(2)]
                pids = {future.result(timeout=30) for future in futures}
            print("  two tasks were done by", len(pids), "worker processes")
            assert len(pids) == 2

# sphinx_gallery_before = ["method='fork'", "context =", "return ProcessPool"]
# sphinx_gallery_after = ["method='spawn'", "context =", "return ProcessPool"]
# %%
# Why
# ---
# A new worker would have to be forked while the pool is at work, in a process that `has the pool's
# own threads by then <https://github.com/python/cpython/issues/90622>`__.
# A copy of `a process with threads
# <https://docs.python.org/3/c-api/threads.html#fork-and-threads>`__ may hang, so under fork a pool
# :proof:`starts all its workers first <when_workers_start: ^fork: 0 workers, 4 after one task>`,
# and none later.
# The constructor therefore `refuses
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__
# the two together.
# The argument is :proof:`new in 3.11 <max_tasks_with_fork before 3.11: unexpected keyword argument
# 'max_tasks_per_child'>`; versions before do not know it, whatever the start method.
#
# On Linux up to 3.13 fork is `the default
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__, so it
# is there that a context from ``multiprocessing.get_context()`` runs into this.
#
# Cure
# ----
# Pass the context of another start method, as the output shows.
# If you pass no context at all, :proof:`the pool takes spawn's <check_max_tasks_context from 3.11:
# ^A pool with max_tasks_per_child: spawn$>`, whatever the default is.
# Some versions from 3.11 on :proof:`hang if the number is above 1 <max_tasks_stuck cpython from
# 3.11 before 3.13.15 3.14.7: ^  [0-3] of 4 tasks are done>`: :doc:`max_tasks_stuck` names them.
# It also shows what to do on 3.9 and 3.10: :proof:`make a new pool <max_tasks_stuck: ^A new pool
# for every two tasks:\n  4 of 4 tasks are done>` after a number of tasks.

# %%
# Related
# -------
# - :doc:`max_tasks_stuck`
# - :doc:`fork_with_threads`
# - :doc:`../check/check_max_tasks_context`
