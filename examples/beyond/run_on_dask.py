"""Run the same function on Dask
=============================

Your function runs in a ``ProcessPoolExecutor``, and you want to run it on a Dask cluster.
"""

# /// script
# dependencies = ["distributed"]
# ///

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

LOCAL = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": 50}
state = "as written in the script"


def report(number):
    return number * number, multiprocessing.get_start_method(), __name__, state


def use(executor):
    results = list(executor.map(report, range(4), timeout=30))
    squares, methods, modules, states = zip(*results)
    assert squares == (0, 1, 4, 9)
    print("  The workers were started by", methods[0], "and have the function in", modules[0])
    print("  The global variable is", states[0])
    return methods[0], states[0]


# %%
# With a scheduler's address, ``python run_on_dask.py tcp://host:8786``, it uses that cluster.
# Without one, Dask starts a scheduler and two worker processes on this machine.

if __name__ == "__main__":
    state = "as changed at run time"
    print("ProcessPoolExecutor:", flush=True)
    try:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
            assert use(pool) == ("spawn", "as written in the script")
    except NotImplementedError as error:
        print(f"  {type(error).__name__}: {error}")
    print("Dask:", flush=True)
    try:
        from distributed import Client
        from distributed.utils import get_mp_context
    except ModuleNotFoundError:
        print("  distributed is not installed here; get it by python -m pip install distributed")
        raise SystemExit from None
    configured = get_mp_context().get_start_method()
    print("  distributed.worker.multiprocessing-method is", configured)
    with Client(*sys.argv[1:], timeout=10, **({} if sys.argv[1:] else LOCAL)) as client:
        method, seen = use(client.get_executor(pure=False))
    assert seen == state
    assert sys.argv[1:] or method == configured

# %%
# Why
# ---
# A Dask client makes executors with `the methods of a pool
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor>`__.
# On each machine Dask starts workers by ``multiprocessing`` with the method that `its configuration
# <https://github.com/dask/distributed/blob/main/distributed/distributed.yaml>`__ names.
# But where a process pool sends a function's name, Dask sends `all of a function of your script
# <https://github.com/cloudpipe/cloudpickle>`__, with the values of the global variables it reads.
#
# What to do
# ----------
# Write functions that get all they need as arguments, and let only the guarded code choose the
# executor: it needs the guard for either, :proof:`as spawned workers import your script
# <no_main_guard: ^spawn, without the guard:\n  An attempt has been made>`.
# Every worker needs the modules that the function imports.

# %%
# Related
# -------
# - :doc:`run_in_interpreters`
# - :doc:`../break/global_is_reset`
