"""A process in the process pool was terminated abruptly while the future was running or pending
================================================================================================

A future has failed with this ``BrokenProcessPool``, and you want to know what became of its worker.
"""

import os
import signal
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path


def work(how):
    if how == "exits":
        print("The disk is full, I give up.", file=sys.stderr, flush=True)
        os._exit(3)
    if how == "is killed":
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    return "done"


# %%
# A worker writes its errors where your process does; this initializer sends them to a file instead.


def keep_errors(path):
    os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)), 2)


def try_to_run(pool, how):
    try:
        result = pool.submit(work, how).result(timeout=30)
    except Exception as error:
        cause = str(error.__cause__ or "").strip("\n'")
        result = f"{type(error).__name__}: {error}\n  {cause}".rstrip()
    print(" ", result)
    return result


if __name__ == "__main__":
    context = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "errors.txt")
        for how in "exits", "is killed", "returns":
            try:
                pool = ProcessPoolExecutor(1, context, keep_errors, [file])
            except NotImplementedError as error:
                print(f"{type(error).__name__}: {error}")
                raise SystemExit from None
            print(f"A new pool, and a worker that {how}, then another task:")
            with pool:
                results = try_to_run(pool, how), try_to_run(pool, "returns")
            assert (results == ("done", "done")) == (how == "returns")
            assert ("exit code" in results[0]) == (sys.version_info >= (3, 15) and how != "returns")
        print("In the file:", file.read_text(), end="")
        assert file.read_text() == "The disk is full, I give up.\n"

# sphinx_gallery_before = 'if how == "exits"'
# sphinx_gallery_after = ["def keep_errors", "pool =", 'print("In the file']
# %%
# Why
# ---
# By ``os._exit``, a crash, or a signal, as when memory runs out, most often `a worker has ended
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.process.BrokenProcessPool>`__.
# Python 3.15 adds the exit code, negative for a signal, `if that is known by then
# <https://github.com/python/cpython/blob/3.15/Lib/concurrent/futures/process.py>`__, as it is here.
# If a ``TypeError`` or the like stands above, below ``_RemoteTraceback``, the workers lived: what a
# task returned or raised :doc:`cannot be unpickled <exception_not_unpickled>`.
#
# Cure
# ----
# Read what the worker wrote before its end; with ``initializer=faulthandler.enable`` (`a function
# <https://docs.python.org/3/library/faulthandler.html>`__ of Python's) it shows where it crashed.
# The pool refuses all the tasks that follow, so mend the cause and then make a new pool.

# %%
# Related
# -------
# - :doc:`exception_not_unpickled`
# - :doc:`initializer_fails`
