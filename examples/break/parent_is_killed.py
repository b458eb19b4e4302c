"""A killed parent leaves its workers: they take the next tasks, and then wait for ever
====================================================================================

Your program was killed, and the workers of its process pool are still there, with all they hold.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import multiprocessing, os, sys, threading, time
from concurrent.futures import ProcessPoolExecutor
def task(number):
    time.sleep(0.4)  # until all tasks are submitted
    print(f"task {number}" if number else os.getpid(), flush=True)
def end_with_parent(): threading.Thread(target=wait_for_parent, daemon=True).start()
def wait_for_parent():
    multiprocessing.parent_process().join()
    os._exit(1)
if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    if sys.argv[2] == "no cure":
        pool = ProcessPoolExecutor(1, context)
    else:
        pool = ProcessPoolExecutor(1, context, initializer=end_with_parent)
    futures = [pool.submit(task, number) for number in range(4)]
    time.sleep(60)
"""


def kill_parent(script, method, cure):
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    parent = subprocess.Popen([sys.executable, script, method, cure], **options)
    worker = int(parent.stdout.readline())
    parent.kill()
    print(f"{method}, {cure}: the parent is killed after task 0", flush=True)
    try:
        parent.communicate(timeout=2)  # until nobody is left who could write
        print("  no process is left", flush=True)
    except subprocess.TimeoutExpired:
        os.kill(worker, signal.SIGTERM)
        print("  2 seconds later its worker has done", parent.communicate()[0][:6], flush=True)
        assert cure == "no cure"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (script := Path(folder, "script.py")).write_text(PROGRAM)
        for method in sorted(multiprocessing.get_all_start_methods()):
            try:
                kill_parent(script, method, "no cure")
                kill_parent(script, method, "end_with_parent")
            except OSError as error:  # as under WebAssembly
                print(f"{method}: {type(error).__name__}: {error}")

# sphinx_gallery_before = "pool = ProcessPoolExecutor(1, context)"
# sphinx_gallery_after = ["pool = ProcessPoolExecutor(1, context, i", "def end", "def wait"]
# %%
# Why
# ---
# Nobody tells a worker that its parent is gone: it reads its tasks from a pipe, with no time limit.
# A pipe ends when all who can write to it have ended; `each worker can, with every start method
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/queues.py>`__, so it never does.
# What was put into it before is still done: a task for each worker, and one more.
#
# Cure
# ----
# Let a thread of each worker wait for `its parent
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.parent_process>`__, and
# end the worker at once; what its task had begun is then left as it is, like after any other kill.
# Linux's ``prctl(PR_SET_PDEATHSIG)`` asks for a signal when `the thread that started the worker
# <https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html>`__ ends, maybe too early.

# %%
# Related
# -------
# - :doc:`interrupted_by_ctrl_c`
# - :doc:`worker_ended_abruptly`
