"""OSError at _multiprocessing.SemLock: no /dev/shm that a process pool can use
============================================================================

``[Errno 2]``, ``[Errno 13]``, ``[Errno 28]``, ``[Errno 30]`` or ``[Errno 38]`` from a pool, a lock
or a queue, mostly in a container or in a serverless function: what is wrong, and what still works?
"""

import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import os, sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import Lock, Pool, Queue, get_all_start_methods, get_context, synchronize
def fail(*_): raise OSError(int(sys.argv[1]), os.strerror(int(sys.argv[1])))
if len(sys.argv) > 1: synchronize._multiprocessing.SemLock = fail  # a stand-in
def use(executor):
    return executor(1).submit(abs, -1).result(timeout=15)
def use_pipe(method):
    here, there = get_context(method).Pipe()
    get_context(method).Process(target=there.send, args=(1,)).start()
    return here.recv()
if __name__ == "__main__":
    calls = {kind.__name__: (use, kind) for kind in (ProcessPoolExecutor, ThreadPoolExecutor)}
    calls.update({"Pool": (Pool, 1), "Queue": (Queue, 1), "Lock": (lambda _: Lock(), 1)})
    calls.update({f"Process, Pipe, {name}": (use_pipe, name) for name in get_all_start_methods()})
    for name, (function, argument) in calls.items():
        try:
            print(f"  {name} works: {function(argument)}", flush=True)
        except Exception as error:
            print(f"  {name}: {type(error).__name__}: {error}", flush=True)
"""
CASES = {  # the error's number, and what makes it in a namespace
    "/dev/shm is missing": (2, "mount -t tmpfs none /dev"),
    "/dev/shm is not yours": (13, "mount -t tmpfs -o mode=555 none /dev/shm"),
    "/dev/shm is full": (28, "mount -t tmpfs -o nr_inodes=1 none /dev/shm"),
    "/dev/shm is read-only": (30, "mount -t tmpfs -o ro none /dev/shm"),
    "The system has no semaphores": (38, "false"),
}
if __name__ == "__main__":
    for case, (number, mount) in CASES.items() if sys.platform == "linux" else ():
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "script.py").write_text(PROGRAM)
            run = [sys.executable, f"{folder}/script.py", str(number)]
            inner = f'{mount} && exec unshare -U "$0" "$@"'
            real = ["sh", "-c", 'exec unshare -Urm sh -c "$0" "$@"', inner, *run[:2]]
            for command in real, run:
                done = subprocess.run(command, capture_output=True, text=True, timeout=30)
                if done.stdout:
                    break
        print(case, "(a stand-in):" if command is run else "(for real):")
        lines = done.stdout.splitlines()
        print(*lines[: None if number == 2 else 1], sep="\n", flush=True)
        assert sum(f"[Errno {number}]" in line for line in lines) == 4
    if sys.platform != "linux":
        print("There is no /dev/shm on this platform.")

# sphinx_gallery_before = "def use(executor)"
# sphinx_gallery_after = "def use_pipe"
# %%
# Why
# ---
# A lock, a queue and either pool hold semaphores, which Python has from `sem_open
# <https://github.com/python/cpython/blob/3.14/Modules/_multiprocessing/semaphore.c>`__.
# On Linux that makes a small file `in /dev/shm
# <https://man7.org/linux/man-pages/man7/sem_overview.7.html>`__, and its error is what you see.
# Here namespaces make these errors; where these are not allowed, a stand-in raises the same ones.
#
# Cure
# ----
# Give your program a ``/dev/shm`` that it may write, with space left: mount a ``tmpfs`` of mode
# 1777 there, or start the container `with --shm-size or --ipc
# <https://docs.docker.com/reference/cli/docker/container/run/>`__, and see what fills it by ``ls``.
# Where you cannot, no other start method helps: use what holds no semaphore, which is threads,
# ``subprocess``, or a process :proof:`with a pipe <no_shared_memory linux: Pipe, fork works>`.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`too_many_workers`
