"""There appear to be 1 leaked shared_memory objects to clean up at shutdown
=========================================================================

``resource_tracker`` warns as your program ends, perhaps although you have unlinked all you made.
"""

import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_all_start_methods, get_context

try:
    from multiprocessing.shared_memory import SharedMemory
except ImportError as error:
    print(f"{type(error).__name__}: {error}")
    raise SystemExit from None


def attach(name):
    SharedMemory(name).close()


def share(method, case):
    with ProcessPoolExecutor(1, get_context(method)) as pool:
        if case == "the pool is first":
            pool.submit(abs, -1).result(timeout=20)
        shared = SharedMemory(create=True, size=16)
        pool.submit(attach, shared.name).result(timeout=20)
    shared.close()
    if case != "never unlinked":
        with suppress(FileNotFoundError):
            shared.unlink()


def run(*arguments):
    command = [sys.executable, __file__, *arguments]
    errors = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=30).stderr
    found = re.search(r"resource_tracker: There appear .* shutdown", errors)
    return found[0] if found else errors or "no message"


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(share(*sys.argv[1:]))
    for method in ("fork", "spawn", "forkserver"):
        if method not in get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        cases = "the pool is first", "the memory is first", "never unlinked"
        with ThreadPoolExecutor() as threads:
            messages = threads.map(run, [method] * 3, cases)
        for case, message in zip(cases, messages):
            print(f"{method}, {case}: {message}")
            leaks = case == cases[2] or (method == "fork" and case == cases[0])
            assert ("leaked" in message) == (leaks and sys.platform != "win32")

# sphinx_gallery_before = ["shared =", "pool.submit(attach", "shared.close"]
# sphinx_gallery_after = ["shared =", "pool.submit(attach", "shared.close", "shared.unlink"]
# %%
# Why
# ---
# A tracker beside your program notes each segment that is made or attached to; when all that use
# this tracker have ended, it `removes those that nobody has unlinked
# <https://docs.python.org/3/library/multiprocessing.shared_memory.html>`__, and warns.
# Workers of spawn and forkserver `get their program's tracker
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/popen_spawn_posix.py>`__; those
# of fork have it if it ran by then, else, as where the pool is first, they :proof:`start one
# <leaked_shared_memory: fork, the pool is first. resource_tracker>` that hears nothing of your
# ``unlink``, and removes the memory as the worker ends. On Windows there is no tracker.
#
# Cure
# ----
# Everyone closes; the one who made it unlinks it, once, when all are done, best in a ``finally``.
# With fork, make a segment before the pool's first task, or attach with ``track=False``, `from 3.13
# on <https://docs.python.org/3/library/multiprocessing.shared_memory.html>`__.

# %%
# Related
# -------
# - :doc:`leaked_semaphores`
# - :doc:`shared_memory_vanishes`
