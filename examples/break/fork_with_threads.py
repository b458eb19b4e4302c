"""This process is multi-threaded, use of fork() may lead to deadlocks in the child
================================================================================

Your tests show this warning, or ``python -W always`` does, where a pool starts workers while
another thread is running.
"""

import multiprocessing
import sys
import threading
import warnings
from concurrent.futures import ProcessPoolExecutor


def start_workers(pool, situation):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert pool.submit(abs, -1).result(timeout=30) == 1
    print(situation + ":")
    print("\n".join(f"  {w.category.__name__}: {w.message}" for w in caught) or "  no warning")
    assert all("fork() may lead to deadlocks" in str(w.message) for w in caught)
    return len(caught)


# %%
# Each method starts a pool in a process of one thread, a second pool beside it, and, when both are
# shut down, a third one beside a thread of yours.

if __name__ == "__main__":
    warns = sys.version_info >= (3, 12) and sys.implementation.name == "cpython"
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        context = multiprocessing.get_context(method)
        try:
            pools = [ProcessPoolExecutor(max_workers=2, mp_context=context) for _ in range(3)]
        except NotImplementedError as error:
            print(f"{method}: {type(error).__name__}: {error}")
            continue
        with pools[0], pools[1], pools[2]:
            expected = 2 if warns and method == "fork" else 0
            assert start_workers(pools[0], f"{method}, the first pool") == 0
            assert start_workers(pools[1], f"{method}, a second pool beside it") == expected
            pools[0].shutdown()
            pools[1].shutdown()
            stop = threading.Event()
            threading.Thread(target=stop.wait, args=(30,)).start()
            assert start_workers(pools[2], f"{method}, beside a thread") == expected
            stop.set()

# sphinx_gallery_before = ["method='fork'", "context =", "pools ="]
# sphinx_gallery_after = ["method='spawn'", "context =", "pools ="]
# %%
# Why
# ---
# Of a process's threads, only `the one that forks
# <https://docs.python.org/3/c-api/threads.html#fork-and-threads>`__ lives on in the copy.
# A lock that another one held stays locked there.
# CPython `warns of this from 3.12 on <https://docs.python.org/3/library/os.html#os.fork>`__ where
# it finds more than one thread, once for each worker; up to 3.11 there is the danger without it.
#
# A pool's own thread starts `after its forked workers
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__: a first pool
# gives no warning, a second one beside it does.
# Python hides the warning `by default
# <https://docs.python.org/3/library/warnings.html#default-warning-filter>`__, since
# ``multiprocessing`` forks, and not your main module.
#
# Cure
# ----
# :doc:`Choose spawn or forkserver <../set/set_pool_context>`: they :proof:`do not copy your process
# <fork_with_threads: ^spawn, beside a thread:\n  no warning>`, and the server has threads only if
# :doc:`the top level of your script <top_level_thread_hangs>` or a preloaded module starts them.
# If it has to be fork, submit a first task, which :proof:`starts all its workers
# <when_workers_start: ^fork: 0 workers, 4 after one task>`, before any thread.

# %%
# Related
# -------
# - :doc:`top_level_thread_hangs`
# - :doc:`fork_with_held_lock`
# - :doc:`../worker/when_workers_start`
