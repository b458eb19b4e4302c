"""TypeError: cannot pickle 'coroutine' object, from run_in_executor
=================================================================

You use a process pool with asyncio, and the task is a coroutine function, defined by ``async def``.
"""

import asyncio
import os
import re
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path


async def double(number):
    return 2 * number


# %%
# The cure: a plain function, which runs an event loop of its own in the worker.


def run_double(number):
    return asyncio.run(double(number))


def keep_errors(path):
    os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)


async def use(pool):
    loop = asyncio.get_running_loop()
    for function, number in (double, 21), (run_double, 21), (run_double, None):
        try:
            result = await loop.run_in_executor(pool, function, number)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        print(f"  {function.__name__}({number}): {result}", flush=True)
        assert (result == 42) == ((function, number) == (run_double, 21))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for method in ("fork", "spawn", "forkserver"):
            if method not in get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            print(method + ":", flush=True)
            file = Path(folder, method)
            try:
                with ProcessPoolExecutor(1, get_context(method), keep_errors, [file]) as pool:
                    asyncio.run(use(pool))
            except NotImplementedError as error:
                print(f"  {type(error).__name__}: {error}")
                continue
            for message in re.findall("coroutine .+ never awaited", file.read_text()):
                print("  The worker writes:", message)

# sphinx_gallery_before = "async def double"
# sphinx_gallery_after = "def run_double"
# %%
# Why
# ---
# The worker calls ``double(21)``, which makes `a coroutine object
# <https://docs.python.org/3/library/asyncio-task.html#coroutines>`__ and runs nothing.
# That object is the result, and `a result has to be pickled
# <https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor>`__, which no
# coroutine can be; the worker drops it, hence :proof:`its warning on CPython <asyncio_with_pool
# cpython: never awaited>`; the task itself went by name, and so it is under each start method.
#
# Cure
# ----
# Let the task be a plain function that calls `asyncio.run
# <https://docs.python.org/3/library/asyncio-runner.html#asyncio.run>`__ in the worker: you await
# what it returns by ``run_in_executor``, and an error of the worker is raised there as well.
# A coroutine that only waits needs no process: await it in the event loop that you have already.

# %%
# Related
# -------
# - :doc:`local_function_not_pickled`
# - :doc:`exception_not_unpickled`
