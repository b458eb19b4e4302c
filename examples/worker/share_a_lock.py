"""Share a lock between the workers of a pool
==========================================

Two workers must not do something at the same time, such as write to one file.
A lock made by the pool's own context, handed over by the initializer, keeps them apart.
"""

import contextlib
import multiprocessing
import threading
from concurrent.futures import ProcessPoolExecutor


def receive(*values):
    global lock, door, room
    lock, door, room = values


def visit(use_lock, seconds):
    door.wait(timeout=30)  # both workers are here now, and go on at the same time
    with lock if use_lock else contextlib.nullcontext():
        try:
            room.wait(timeout=seconds)
        except threading.BrokenBarrierError:
            return "one after the other"
    return "at the same time"


# %%
# A barrier proves it: it lets nobody pass until both workers wait there.
# Without the lock they meet, however long it takes; with the lock the wait is in vain.

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        context = multiprocessing.get_context(method)
        try:
            shared = (context.Lock(), context.Barrier(2), context.Barrier(2))
            pool = ProcessPoolExecutor(2, context, initializer=receive, initargs=shared)
        except (ImportError, NotImplementedError) as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None

        with pool:
            for name, use_lock, seconds in (("without", False, 30), ("with", True, 0.2)):
                futures = [pool.submit(visit, use_lock, seconds) for _ in range(2)]
                found = [future.result(timeout=60) for future in futures]
                print(f"{method}, {name} the lock: the workers do it {found[0]}.")
                assert found == ["one after the other" if use_lock else "at the same time"] * 2

# %%
# Why
# ---
# Workers share no memory with each other, so a ``threading.Lock`` keeps apart only the threads of
# one process.
# A `multiprocessing lock
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Lock>`__ is known to the
# operating system, and each worker has to get hold of it while it starts, `not with a task
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming>`__.
# A context's locks and processes belong together: `a lock of another context may not fit
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__.
#
# What to do
# ----------
# Make the context first, then the lock from it, and give the pool both: the context as
# ``mp_context``, the lock in ``initargs``.
# The initializer keeps it in a global, and tasks use it by ``with``.
# Barriers, events, queues and shared values go the same way.
# Keep what the lock protects short, since the other workers wait for it.

# %%
# Related
# -------
# - :doc:`hand_over_with_initializer`
# - :doc:`../break/lock_as_argument`
# - :doc:`../break/lock_of_other_context`
# - :doc:`../break/fork_with_held_lock`
