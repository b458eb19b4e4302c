"""Set every start method in turn
==============================

You want to see what the choice changes.
The same small job runs under each start method, and the worker process tells
what it finds: who it is, how it was started, and what it knows of its parent.

The main process changes a global variable before it makes its pools.
Only a forked worker is a copy of the main process and sees the change; the
others import the script anew and see its first value.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

state = "as written in the script"


def report():
    print(" ", multiprocessing.current_process().name, "has", __name__, "for a module.")
    print("  It was started by", multiprocessing.get_start_method() + ".")
    print("  The variable is", state + ".", flush=True)
    return multiprocessing.get_start_method(), state


# %%
# One pool after the other, each with one worker.
# Where no process can be started, as under WebAssembly, each says so.

if __name__ == "__main__":
    state = "as changed at run time"
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":", flush=True)
        context = multiprocessing.get_context(method)
        try:
            pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        with pool:
            started_by, seen = pool.submit(report).result()
        assert started_by == method
        assert (seen == state) == (method == "fork")
