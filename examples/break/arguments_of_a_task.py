"""TypeError: missing 1 required positional argument, in a task
============================================================

The function works when you call it; as a task it has too few arguments, or too many, or what you
get back is no result.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def area(width, height):
    return width * height


def wrong_map():
    print("  areas:", *pool.map(area, [(2, 3), (4, 5)], timeout=30))


def wrong_result():
    print("  twice:", 2 * pool.submit(area, 2, 3))


def wrong_args():
    multiprocessing.Process(target=print, args=(7))


# %%
# The cures: an iterable for each argument, a future's result, and a tuple.


def right_map():
    print("  areas:", *pool.map(area, [2, 4], [3, 5], timeout=30))


def right_result():
    print("  twice:", 2 * pool.submit(area, 2, 3).result(timeout=30))


def right_args():
    process = multiprocessing.Process(target=print, args=(" ", 7))
    process.start()
    process.join(30)


if __name__ == "__main__":
    try:
        pool = ProcessPoolExecutor(max_workers=1)
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    with pool:
        for way in wrong_map, right_map, wrong_result, right_result, wrong_args, right_args:
            print(f"{way.__name__}:", flush=True)
            try:
                way()
            except TypeError as error:
                print(f"  {type(error).__name__}: {error}")
                assert way.__name__.startswith("wrong")

# sphinx_gallery_before = ["def wrong_map", "def wrong_result", "def wrong_args"]
# sphinx_gallery_after = ["def right_map", "def right_result", "def right_args"]
# %%
# Why
# ---
# ``map`` of an executor `takes an iterable for each argument
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.map>`__,
# that of a ``multiprocessing.Pool`` only one, in which a pair is one argument. ``submit`` returns a
# `future <https://docs.python.org/3/library/concurrent.futures.html#future-objects>`__ at once.
# ``args`` of a ``Process`` is a tuple: ``(7)`` is a number, and of a string each letter is one.
#
# Cure
# ----
# Hand ``map`` an iterable for each argument, or take ``starmap`` of a ``multiprocessing.Pool``; put
# what is the same for all into a ``functools.partial``, or, if it is large, :doc:`into an
# initializer <../worker/hand_over_with_initializer>`. Ask a future for its ``result()``, and what
# ``apply_async`` returns for ``get()``. A ``Process`` has no result, but may have a queue.

# %%
# Related
# -------
# - :doc:`exceptions_vanish`
# - :doc:`asyncio_with_pool`
