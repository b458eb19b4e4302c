"""How much memory a worker takes
==============================

Your program holds something large, and you wonder whether each worker of a pool has it once more.
The output below has the memory of one worker, without and with 64 MiB in its parent.
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

try:
    import resource
except ImportError:  # as on Windows
    resource = None

COLUMNS = ("fork", "spawn", "forkserver")
ROLLUP = Path("/proc/self/smaps_rollup")
SIZE, PAGE = 64 * 1024 * 1024, 4096
large = bytearray()


# %%
# Linux divides a page that several processes share among them: this is the proportional share.
# Other systems tell the most that a process has had so far, or nothing.
# A dash in the last row means that the worker has nothing of it, so it cannot write there.


def memory():
    if ROLLUP.exists():
        words = [line.split() for line in ROLLUP.read_text().splitlines()]
        return sum(int(word[1]) / 1024 for word in words if word[0] in ("Pss:", "SwapPss:"))
    if resource:
        unit = 1024 * 1024 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return None


def write():
    """Write to each page of what there is, and return how many there are."""
    pages = len(large[::PAGE])
    large[::PAGE] = b"x" * pages
    return pages


def measure(method):
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        before = pool.submit(memory).result(timeout=30)
        pages = pool.submit(write).result(timeout=30)
        return before, pages, pool.submit(memory).result(timeout=30)


def show(name, values):
    cells = ["-" if value is None else f"{value:.1f} MiB" for value in values]
    print(f"{name:32}", *(f"{cell:>10}" for cell in cells), sep="  ")


if __name__ == "__main__":
    try:
        ProcessPoolExecutor(max_workers=1).shutdown()
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    methods = multiprocessing.get_all_start_methods()
    without = {method: measure(method)[0] for method in methods}
    large = bytearray(SIZE)
    assert write() == SIZE // PAGE
    found = {method: measure(method) for method in methods}
    written = {method: after for method, (_, pages, after) in found.items() if pages}

    if ROLLUP.exists():
        print("A worker's proportional share of the memory (Pss and SwapPss):")
    else:
        print("The system does not tell a worker's share; its peak, if known (ru_maxrss):")
    print(" " * 32, *(f"{column:>10}" for column in COLUMNS), sep="  ")
    show("nothing large in the parent", [without.get(column) for column in COLUMNS])
    show("something large in the parent", [found.get(column, [None])[0] for column in COLUMNS])
    show("after the worker has written", [written.get(column) for column in COLUMNS])

    assert set(written) == {"fork"} & set(methods)
    if ROLLUP.exists():  # in MiB; the bounds are half of what is to be expected, or more
        for method in methods:
            if method == "fork":
                assert written[method] - found[method][0] > 16
            else:
                assert found[method][0] - without[method] < 32

# sphinx_gallery_renderer = "measures"
# sphinx_gallery_parallel = False

# %%
# Why
# ---
# A forked worker is a copy of its parent, but the system copies a page only once one of the two
# `writes to it <https://docs.python.org/3/library/gc.html#gc.freeze>`__.
# Until then both share it, and each has half of it in its account, as the output shows.
# CPython writes also where you only read, to each object's `reference count
# <https://docs.python.org/3/glossary.html#term-reference-count>`__, so small objects get copied.
# A spawned worker has what it `imports or is given
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__, and
# so has one of forkserver, which shares the imports of its server and so takes less: neither has
# what the parent made at run time.
#
# What to do
# ----------
# With fork, make large things :proof:`before the pool's first task <when_workers_start: ^fork: 0
# workers, 4 after one task>`, and only read them.
# With the others, make them inside the guard, or else each worker, or its server, makes them again
# when it imports the main module; let workers read what they need from a file, or from `shared
# memory <https://docs.python.org/3/library/multiprocessing.shared_memory.html>`__.

# %%
# Related
# -------
# - :doc:`time_to_first_result`
# - :doc:`../worker/what_reaches_a_worker`
# - :doc:`../worker/when_workers_start`
# - :doc:`../break/imports_again`
