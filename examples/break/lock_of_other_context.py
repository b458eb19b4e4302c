"""A SemLock created in a fork context is being shared with a process in a spawn context
=====================================================================================

You hand a multiprocessing lock or queue to a pool's initializer, and submit raises this error, or
:proof:`breaks it before 3.11.5 <lock_of_other_context linux before 3.11.5: BrokenProcessPool>`.
"""

import itertools
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def remember(lock):
    global shared
    shared = lock


def try_lock():
    taken = shared.acquire(timeout=5)
    if taken:
        shared.release()
    return taken


def try_in_worker(lock, context):
    settings = {"mp_context": context, "initializer": remember, "initargs": (lock,)}
    with ProcessPoolExecutor(max_workers=1, **settings) as pool:
        try:
            outcome = f"the worker takes the lock: {pool.submit(try_lock).result(timeout=30)}"
        except (RuntimeError, OSError) as error:
            outcome = f"{type(error).__name__}: {error}"
    print(" ", outcome)
    return outcome


# %%
# A lock from each method's context, in a pool of each method.

if __name__ == "__main__":
    listed = multiprocessing.get_all_start_methods()
    methods = [method for method in ("fork", "spawn", "forkserver") if method in listed]
    print("Start methods listed here:", ", ".join(methods))
    if len(methods) == 1:
        print("No lock can come from another method's context here, so nothing fails.")
    for source, method in itertools.product(methods, methods):
        print(f"A lock from {source}, a pool of {method}:")
        try:
            lock = multiprocessing.get_context(source).Lock()
        except ImportError as error:
            print(f"  {type(error).__name__}: {error}")
            raise SystemExit from None
        outcome = try_in_worker(lock, multiprocessing.get_context(method))
        if source == "fork" != method:
            assert ("SemLock created" in outcome) == (sys.version_info >= (3, 11, 5))
        assert outcome.endswith("lock: True") == (source != "fork" or method == "fork")

# sphinx_gallery_before = ["source='fork'", "method='spawn'", "lock =", "outcome = try"]
# sphinx_gallery_after = ["source='spawn'", "method='spawn'", "lock =", "outcome = try"]
# %%
# Why
# ---
# A lock from fork's context has no `name in the system
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/synchronize.py>`__: only copies
# of the process can use it, and spawn and forkserver make none.
# CPython 3.11.5 and later `refuse to pass it on <https://github.com/python/cpython/issues/77377>`__.
# Before, it handed over what means nothing in the worker, and using it ended the worker.
# `Queues <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/queues.py>`__ hold such
# locks; on Linux up to 3.13, ``multiprocessing.Lock()`` is one too, since `fork is the default
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__.
#
# Cure
# ----
# Keep the context in a variable, and make both the lock and the pool from it.
# Where you do not know the pool, make the lock from spawn's: :proof:`every pool here
# <lock_of_other_context linux: (^A lock from spawn, .{0,20}:\n.{0,30}True\n){3}>` took that.

# %%
# Related
# -------
# - :doc:`lock_as_argument`
# - :doc:`fork_with_held_lock`
# - :doc:`../worker/share_a_lock`
