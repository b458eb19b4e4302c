"""There appear to be 5 leaked semaphore objects to clean up at shutdown
=====================================================================

A program with a pool, a lock or a queue has ended, and then ``resource_tracker`` warns of leaks.
"""

import multiprocessing
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor


def hold_a_pool(method, end):
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)):
        if end == "os._exit":
            os._exit(1)
        if end == "a handled signal":
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the cure
        signal.raise_signal(signal.SIGTERM)


def run(*arguments):
    command = [sys.executable, __file__, *arguments]
    errors = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=30).stderr
    found = re.search(r"resource_tracker: There appear .* shutdown", errors)
    return found[0] if found else errors or "no message"


# %%
# Each of these ends is tried in a process of its own, with a pool that has no workers yet.

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(hold_a_pool(*sys.argv[1:]))
    try:
        ProcessPoolExecutor(1).shutdown()
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        ends = "os._exit", "a signal", "a handled signal"
        with ThreadPoolExecutor() as threads:
            messages = threads.map(run, [method] * 3, ends)
        for end, message in zip(ends, messages):
            print(f"{method}, ended by {end}:\n  {message}")
            leaks = method != "fork" and sys.platform != "win32" and end != "a handled signal"
            assert (message != "no message") == leaks == ("leaked" in message)

# sphinx_gallery_before = "signal.raise_signal"
# sphinx_gallery_after = ["signal.signal(", "signal.raise_signal"]
# %%
# Why
# ---
# The message is a consequence: something ended your program before it could clean up, as
# ``os._exit`` does, a crash, or a signal that nobody handles, such as when memory runs out.
# An executor has five semaphores, a lock one; with spawn and forkserver `a resource tracker
# <https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods>`__, one for a
# program and its workers, removes those that are left when the last of these processes has ended.
# With fork, `they lose their names at once, and none can stay
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/synchronize.py>`__.
# So you meet it on Linux from 3.14 on, `whose default is forkserver
# <https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods>`__.
# Windows has no tracker, since it frees them itself.
# The message is harmless, as what it counts has just been removed.
# If the tracker too is killed, nothing is printed, and semaphores stay until you reboot.
#
# Cure
# ----
# Look above it for what ended the program, such as ``Killed`` or ``Segmentation fault``.
# Leave by ``sys.exit`` instead of ``os._exit``, keep a pool in a ``with`` statement, and have
# ``SIGTERM`` raise ``SystemExit``, as here.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`leaked_shared_memory`
