"""ValueError: max_workers must be <= 61
=====================================

A program asks for a process pool with as many workers as the machine has processors, and on a large
machine with Windows it cannot even make the pool.
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

# %%
# Think of a machine with 100 processors, since yours may have fewer.

processors = 100


def try_to_run(max_workers):
    context = multiprocessing.get_context("spawn")  # starts no more workers than there are tasks
    try:
        with ProcessPoolExecutor(max_workers, context) as pool:
            outcome = f"the result is {pool.submit(abs, -14).result(timeout=30)}"
    except (ValueError, NotImplementedError) as error:
        outcome = f"{type(error).__name__}: {error}"
    print(f"max_workers={max_workers}: {outcome}", flush=True)
    return outcome


# %%
# The cure: no more than 61.

if __name__ == "__main__":
    refused = try_to_run(processors)
    works = try_to_run(min(processors, 61))
    if "NotImplementedError" in works:
        raise SystemExit
    assert works == "the result is 14"
    if sys.platform == "win32":
        assert refused == "ValueError: max_workers must be <= 61"
        assert "ValueError" in try_to_run(62)
    else:
        assert refused == works
        print("There is no such limit on this platform: it is one of Windows.")

# sphinx_gallery_before = ["processors =", "refused ="]
# sphinx_gallery_after = "works ="
# %%
# Why
# ---
# The pool waits for all of its workers at once, and Windows lets a thread wait for `no more than 64
# objects <https://learn.microsoft.com/windows/win32/api/synchapi/nf-synchapi-waitformultipleobjects>`__,
# of which Python needs three for itself: 61 are left.
# So the executor `refuses a larger number
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__
# on Windows, however many processors there are.
# Where you name no number, it takes that of your processors, and `never more than 61
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__ there: it is
# your own ``max_workers=os.cpu_count()`` that fails.
#
# ``multiprocessing.Pool`` refuses nothing, and with 62 processes or more a thread of it fails, by
# ``ValueError: need at most 63 handles``; Python 3.13 and later `wait in batches
# <https://github.com/python/cpython/issues/89240>`__ there.
#
# Cure
# ----
# Leave ``max_workers`` out, or write ``min(61, os.cpu_count() or 1)``; from Python 3.13 on,
# `os.process_cpu_count <https://docs.python.org/3/library/os.html#os.process_cpu_count>`__ counts
# those that your process may use.
# Ask a ``multiprocessing.Pool`` for no more either, where it does not wait in batches.
# If your tasks could keep more processors busy, run several pools, each in a process of its own.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`../worker/when_workers_start`
