"""How long until a pool's first result
====================================

You choose a start method and want to know what it costs in time.
Here are the times from making a pool of one worker to a result, for a program that imports little
and for one with heavy imports.
"""

import multiprocessing
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HEAVY = ["asyncio", "pydoc", "unittest.mock", "xmlrpc.server"]
COLUMNS = ("fork", "spawn", "forkserver", "forkserver, preloaded")
ROWS = ("first result", "hundredth result", "first result of a second pool")
PROGRAM = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor

def run(tasks):
    start = time.perf_counter()
    with ProcessPoolExecutor(1, context) as pool:
        assert pool.submit(abs, -1).result(timeout=30) == 1
        first = time.perf_counter()
        assert list(pool.map(abs, range(tasks), timeout=30)) == list(range(tasks))
        return first - start, time.perf_counter() - start

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    if sys.argv[2:]:
        context.set_forkserver_preload(sys.argv[2:])
    print(*run(99))
"""

# %%
# Each measurement has a program of its own, since what one has started would serve the next too.


def measure(program, column):
    method, _, preload = column.partition(", ")
    command = [sys.executable, program, method, *(HEAVY if preload else [])]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=30, check=True)
    return [float(word) for word in run.stdout.split()]


# %%
# They take turns, so that what else the computer does is shared by all.

if __name__ == "__main__":
    try:
        ProcessPoolExecutor(max_workers=1).shutdown()
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    times = {}
    columns = multiprocessing.get_all_start_methods()
    with tempfile.TemporaryDirectory() as folder:
        light, heavy = Path(folder, "light.py"), Path(folder, "heavy.py")
        light.write_text(PROGRAM)
        heavy.write_text(f"import {', '.join(HEAVY)}\n{PROGRAM}    print(run(0)[0])\n")
        kinds = [(program, column) for program in (light, heavy) for column in columns]
        if "forkserver" in columns:
            kinds.append((heavy, COLUMNS[-1]))
        for _ in range(3):
            for program, column in kinds:
                for name, seconds in zip(ROWS, measure(program, column)):
                    row = name + (", heavy imports" if program is heavy else "")
                    times.setdefault(row, {}).setdefault(column, []).append(1000 * seconds)

    print("Medians of the times from making a pool:")
    print(" " * 46, *(f"{column:>10}" for column in COLUMNS), sep="  ")
    for row in times:
        medians = {column: statistics.median(found) for column, found in times[row].items()}
        cells = [f"{medians[one]:.1f} ms" if one in medians else "-" for one in COLUMNS]
        cells = [f"{cell:>{max(10, len(one))}}" for cell, one in zip(cells, COLUMNS)]
        print(f"{row:46}", *cells, sep="  ")
        assert min(medians.values()) > 0
        assert set(columns) <= set(medians)

# sphinx_gallery_renderer = "measures"
# sphinx_gallery_parallel = False

# %%
# Why
# ---
# Fork copies the process and :proof:`imports nothing in it <imports_again: ^Of 2 workers under
# fork\n  0 ran the top level, 0 imported smtplib>`.
# But in newer releases the first pool makes the program itself import `what locks need
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/synchronize.py>`__.
# A program with heavy imports has most of that already, and may then be the faster one.
# A spawned worker is a new interpreter, which :proof:`imports what your main module imports
# <preload_forkserver: ^spawn: decimal is not there yet,\n.{0,50}by the worker itself>`.
# The forkserver is one too: the first pool starts it, and it `forks the workers of all pools
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-forkserver>`__.
# They `import the main module
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-forkserver>`__,
# but not again what the server has `preloaded
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload>`__;
# and from 3.13.8 and 3.14.1 on it preloads `the main module unless told otherwise
# <https://github.com/python/cpython/issues/126631>`__.
# The first result waits for that; the second pool finds it done.
#
# What to do
# ----------
# Make one pool and keep it, so that you pay for the start of its workers once.
# Preload what all workers need before you make the first pool; only later workers gain by it.
# Keep imports that workers do not need out of the main module's top level.
# Each time is the median of three turns, and differs on every run.

# %%
# Related
# -------
# - :doc:`memory_of_a_worker`
# - :doc:`../set/preload_forkserver`
# - :doc:`../break/imports_again`
