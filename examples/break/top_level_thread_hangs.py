"""A pool hangs with Python 3.14: the script starts a thread at its top level
===========================================================================

Its tasks wait for ever for that thread, or for a lock that it holds; a library that your script
imports or uses at its top level may have started it, too.
"""

import multiprocessing
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import queue, threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, set_forkserver_preload
lock, wanted = threading.Lock(), queue.SimpleQueue()

def start_thread():  # it gives the lock back as soon as a task wants it
    lock.acquire()
    threading.Thread(target=lambda: wanted.get() and lock.release(), daemon=True).start()

def task():
    wanted.put("the lock")
    return lock.acquire(timeout=0.5)  # without a time limit the worker would hang here

{1}
if __name__ == "__main__":
    with ProcessPoolExecutor(1, get_context("{0}"), {2}) as pool:
        print(pool.submit(task).result(timeout=15))
"""
CASES = {  # what stands at the top level, and the initializer
    "spawn": ("start_thread()", None),
    "forkserver": ("start_thread()", None),
    "forkserver, with nothing preloaded": ("start_thread(); set_forkserver_preload([])", None),
    "forkserver, with the thread started by an initializer": ("", "start_thread"),
}
if __name__ == "__main__":
    since = sys.version_info >= (3, 14, 1) or (3, 13, 8) <= sys.version_info < (3, 14)
    for case, parts in CASES.items():
        method = case.partition(",")[0]
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            break
        with tempfile.TemporaryDirectory() as folder:
            script = Path(folder, "script.py")
            script.write_text(PROGRAM.format(method, *parts))
            command = [sys.executable, "-W", "always", script]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=30)
            except OSError as error:  # as under WebAssembly
                print(f"{method}: {type(error).__name__}: {error}")
                break
        print(f"{case}: the worker gets the lock:", done.stdout.strip(), flush=True)
        for file, warning in re.findall(r"(\w+\.py):\d+: (\w+: .* fork\(\) .*)", done.stderr):
            print(f"  {file}: {warning}")
        assert done.stdout == f"{case != 'forkserver' or not since}\n"

# sphinx_gallery_before = ["PROGRAM.format('forkserver', 'start_thread()', None)", "start", "with"]
# sphinx_gallery_after = ["PROGRAM.format('forkserver', '', 'start_thread')", "with P"]
# %%
# Why
# ---
# From Python 3.13.8 and 3.14.1 on, the fork server `imports your script
# <https://github.com/python/cpython/issues/126631>`__, so it has the thread; ``-W always`` warns.
# The workers are its forks, in which there is of its threads only `the one that forks
# <https://docs.python.org/3/c-api/threads.html#fork-and-threads>`__: nobody there frees the lock.
# Under spawn, and in the releases before, each worker runs the top level and has :proof:`its own
# thread <top_level_thread_hangs: ^spawn: the worker gets the lock: True>`, which frees the lock.
#
# Cure
# ----
# Start it below the guard, after the first task, or by an ``initializer`` in each worker.
# For a library's thread take spawn, or call ``set_forkserver_preload([])`` before :proof:`the first
# pool <top_level_thread_hangs: ^forkserver, with nothing preloaded: .{0,30}True>`, as shown here.

# %%
# Related
# -------
# - :doc:`top_level_is_shared`
# - :doc:`fork_with_held_lock`
