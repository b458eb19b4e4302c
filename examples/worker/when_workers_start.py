"""When a pool starts its workers
==============================

You make a pool of four workers, give it one task, and see four new processes, or only one.
That depends on the start method.
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def receive(barrier):
    global all_four
    all_four = barrier


def meet(task):
    all_four.wait(timeout=30)  # so that no worker can do the task of another


# %%
# ``active_children`` counts the live processes that this one has started, by whatever method.
# Nothing else here starts any, so they are the pool's workers.

if __name__ == "__main__":
    eager = sys.version_info >= (3, 10, 5) or (3, 9, 13) <= sys.version_info < (3, 10)
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        context = multiprocessing.get_context(method)
        try:
            initargs = (context.Barrier(4),)
            pool = ProcessPoolExecutor(4, context, initializer=receive, initargs=initargs)
        except (ImportError, NotImplementedError) as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None

        with pool:
            counts = [len(multiprocessing.active_children())]
            pool.submit(int).result(timeout=30)
            counts.append(len(multiprocessing.active_children()))
            list(pool.map(meet, range(4), timeout=30))
            counts.append(len(multiprocessing.active_children()))
        print(f"{method}: {counts[0]} workers, {counts[1]} after one task, {counts[2]} after four.")
        assert counts == [0, 4 if method == "fork" and eager else 1, 4]
        assert not multiprocessing.active_children()
# %%
# Why
# ---
# The pool starts a worker for a new task only if none is idle, `since Python 3.9
# <https://docs.python.org/3/whatsnew/3.9.html#concurrent-futures>`__.
# For this it would have to fork while its own thread runs, which :proof:`can hang the new process
# <fork_with_held_lock: ^fork:\n.{0,60}\n  the worker takes the lock: False>`.
# So under fork it starts all workers at the first task, before that thread, `from 3.9.13 and 3.10.5
# on <https://github.com/python/cpython/issues/90622>`__.
# What you see here is the rule of ``ProcessPoolExecutor``; ``multiprocessing.Pool`` starts all of
# its workers `when it is made
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/pool.py>`__.
#
# What to do
# ----------
# Choose ``max_workers`` with care under fork, since :proof:`you pay for all of them at once
# <when_workers_start: ^fork: 0 workers, 4 after one task>`.
# Under spawn and forkserver the first tasks are slow, :proof:`as each may wait <when_workers_start:
# ^spawn: 0 workers, 1 after one task>` for a worker's start.
# If that matters, submit at once as many tasks as the pool has workers, which wait for each other,
# as ``meet`` does above: of those that do nothing, one worker may do several.
# What workers take over from your program must be ready :proof:`at the first task
# <when_workers_start: ^fork: 0 workers, 4 after one task>` under fork; under the others leave it as
# it is until the last worker has started, or else they differ.

# %%
# Related
# -------
# - :doc:`what_reaches_a_worker`
# - :doc:`hand_over_with_initializer`
# - :doc:`../break/fork_with_threads`
# - :doc:`../cost/time_to_first_result`
