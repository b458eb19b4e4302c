"""EOFError: Ran out of input
==========================

On Windows a process cannot be started since something cannot be pickled, and beside that error
there is a second one, which does not say what it has to do with the first.
"""

import multiprocessing
import subprocess
import sys
import threading


class Job:
    def __init__(self):
        self.lock = threading.Lock()

    def __call__(self):
        print("  It runs.", flush=True)

    def __getstate__(self):  # called as it is pickled, for the process that is to get it
        self.popen = multiprocessing.context.get_spawning_popen()
        return {"lock": self.lock}


def make_and_run():  # the cure: the new process makes what cannot be pickled
    Job()()


TARGETS = {"Job()": Job(), "make_and_run": make_and_run}


def start(target):
    process = multiprocessing.get_context("spawn").Process(target=target)
    try:
        process.start()
        process.join(timeout=30)
    except Exception as error:
        print(f"  start() says {type(error).__name__}: {error}", flush=True)
        started = hasattr(target.popen, "pid") and target.popen.wait(30) == 1
        print("  A process had been started:", started)
    assert (process.exitcode == 0) == (target is make_and_run)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        start(TARGETS[name])
    for name in [] if sys.argv[1:] else TARGETS:
        print(f"Under spawn, target={name}:", flush=True)
        options = {"stderr": subprocess.PIPE, "text": True, "timeout": 30, "check": True}
        try:
            errors = subprocess.run([sys.executable, __file__, name], **options).stderr
        except OSError as error:  # as under WebAssembly
            print(f"  {type(error).__name__}: {error}")
            continue
        for last in errors.splitlines()[-1:]:
            print("  That process says", last)
        second = sys.platform == "win32" and name == "Job()"
        assert errors.endswith("EOFError: Ran out of input\n") == second

# sphinx_gallery_before = "class Job"
# sphinx_gallery_after = "def make_and_run"
# %%
# Why
# ---
# On Windows ``start`` `starts the process before it pickles
# <https://github.com/python/cpython/blob/v3.14.2/Lib/multiprocessing/popen_spawn_win32.py>`__ what
# that is to run, right into the pipe from which the new process reads, at the same time.
# If pickling fails, the pipe ends too early, and the new process says so, by a second traceback.
# On other systems, as the outcomes show, `all is pickled before any process is started
# <https://github.com/python/cpython/blob/v3.14.2/Lib/multiprocessing/popen_spawn_posix.py>`__.
# If your program drops its error, :doc:`another <lambda_initializer_not_pickled>` can come here.
#
# Cure
# ----
# Look for the other error, which says what cannot be pickled: a lock, a lambda or an open file;
# make that in the new process, or leave it out by a ``__getstate__`` of the object that has it.

# %%
# Related
# -------
# - :doc:`process_target_not_pickled`
# - :doc:`lambda_initializer_not_pickled`
