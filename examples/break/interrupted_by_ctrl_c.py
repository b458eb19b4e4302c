"""Ctrl+C does not stop a process pool: the tasks that wait are still run
=======================================================================

You interrupt a program that waits in the ``with`` of a ``ProcessPoolExecutor``, and it works on.
It does so under every start method, until it has done what waited in the pool.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import multiprocessing, os, signal, sys, time
from concurrent.futures import ProcessPoolExecutor

def first_task():
    time.sleep(0.2)
    os.killpg(0, signal.SIGINT)  # to the whole group, as a terminal does for Ctrl+C
    time.sleep(15)

if __name__ == "__main__":
    method, cure = sys.argv[1:]
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        futures = [pool.submit(first_task)] + [pool.submit(time.sleep, 0.15) for _ in range(4)]
        try:
            time.sleep(15)
        except KeyboardInterrupt:
            {0}
    for number in (0, -1) if cure == "pass" else (-1,):
        try:
            print("  task", number, "returns", futures[number].result(timeout=15))
        except BaseException as error:
            print("  task", number, "raises", "an error" if "ter" in cure else type(error).__name__)
"""
CURES = "pass", "pool.shutdown(cancel_futures=True)", "pool.terminate_workers()"
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods() or not hasattr(os, "killpg"):
            print(method, "is not there on this platform, or what sends Ctrl+C to a group is not.")
            continue
        for cure in CURES[: 3 if sys.version_info >= (3, 14) else 2]:
            with tempfile.TemporaryDirectory() as folder:
                script = Path(folder, "script.py")
                script.write_text(PROGRAM.format(cure))
                command = [sys.executable, script, method, cure]
                options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
                try:
                    done = subprocess.run(command, start_new_session=True, timeout=30, **options)
                except OSError as error:  # as under WebAssembly
                    print(f"{method}: {type(error).__name__}: {error}")
                    break
            print(f"{method}, after Ctrl+C: {cure}", done.stdout.rstrip(), sep="\n", flush=True)
            assert ("task -1 returns" in done.stdout) == (cure == "pass")

# sphinx_gallery_before = ["PROGRAM.format('pass')", "with Pro"]
# sphinx_gallery_after = ["PROGRAM.format('pool.shutdown(cancel_futures=True)')", "with Pro"]
# %%
# Why
# ---
# A terminal sends Ctrl+C to your process and to all its workers, as all are `in one group
# <https://man7.org/linux/man-pages/man7/credentials.7.html>`__.
# A worker hands it over as its task's error and takes the next; one without a task breaks the pool.
# In yours it ends the block of ``with``, and that `waits for all
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.shutdown>`__.
#
# Cure
# ----
# Catch ``KeyboardInterrupt`` within ``with``, and shut the pool down with ``cancel_futures=True``:
# tasks that wait are cancelled, and the few that workers have, or are to get next, are still run.
# Python 3.14 adds `terminate_workers
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor.terminate_workers>`__,
# which ends those as well: the rest is then cancelled, or fails by ``BrokenProcessPool``.
# Let the exception go on, by ``raise``, if your program is to end, as it does without a pool.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`pool_waits_for_killed_worker`
