"""Run the same function in an InterpreterPoolExecutor
===================================================

You want workers that run Python code at the same time, as processes do, but in one process.
"""

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor

state = "as written in the script"


def report(main_process):
    return os.getpid() == main_process, __name__, state


# %%
# Whatever the executor, it is used in the same way.


def use(executor):
    same_process, module, seen = executor.submit(report, os.getpid()).result(timeout=30)
    print("  The worker is", "in the main process." if same_process else "another process.")
    print("  It has run the script's top level as", module + ".")
    print("  The global variable is", seen + ".")
    lock_error = executor.submit(callable, threading.Lock()).exception(timeout=30)
    print(f"  A lock as an argument: {type(lock_error).__name__}: {lock_error}")
    error = executor.submit(lambda: 42).exception(timeout=30)
    print("  A lambda as a task:", f"{type(error).__name__}: {error}" if error else "works")
    assert seen == "as written in the script"
    assert lock_error
    return same_process


if __name__ == "__main__":
    state = "as changed at run time"
    print("ProcessPoolExecutor, spawn:")
    try:
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            assert use(pool) is False
    except NotImplementedError as error:
        print(f"  {type(error).__name__}: {error}")

    print("InterpreterPoolExecutor:")
    try:
        from concurrent.futures import InterpreterPoolExecutor
    except ImportError as error:  # before Python 3.14, and where a platform lacks it
        print(f"  {type(error).__name__}: {error.msg.partition(' (')[0]}")
        raise SystemExit from None
    with InterpreterPoolExecutor(1) as pool:
        assert use(pool) is True
# %%
# Why
# ---
# Python 3.14 has an `InterpreterPoolExecutor
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.InterpreterPoolExecutor>`__.
# Each of its workers is a thread with an interpreter of its own, in the process that you have.
# Each interpreter has its own global interpreter lock, so the workers `run at the same time
# <https://docs.python.org/3/library/concurrent.interpreters.html#interp-concurrency>`__.
# It has `modules of its own
# <https://docs.python.org/3/library/concurrent.interpreters.html#interp-isolation>`__, and has run
# the script's top level under another name, as a spawned process does.
# So the guard is needed here too, and a global variable has the value that the script gives it.
#
# What to do
# ----------
# Write the function as for spawn, at the top level of a module and with arguments that can be
# pickled: it then runs in either executor, while :proof:`the lambda <run_in_interpreters cpython
# from 3.14: ^  A lambda as a task: works>` works in an interpreter only.
# Stay with processes if it needs an extension module that does not `support this
# <https://docs.python.org/3/whatsnew/3.14.html#whatsnew314-multiple-interpreters>`__ yet.

# %%
# Related
# -------
# - :doc:`run_on_dask`
# - :doc:`../break/global_is_reset`
# - :doc:`../worker/what_reaches_a_worker`
