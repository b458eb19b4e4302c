"""Choose a start method in a library
==================================

You write a library that needs worker processes, and the program that uses it has chosen a start
method, or is about to.
If the library calls ``set_start_method()`` as well, one of the two gets a ``RuntimeError``.
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor


def ask():
    return multiprocessing.get_start_method()


def careless_work():
    multiprocessing.set_start_method("spawn")
    with ProcessPoolExecutor(max_workers=1) as pool:
        return pool.submit(ask).result(timeout=30)


# %%
# The cure: take a context as an argument, and make one of your own where none is given.


def careful_work(context=None):
    context = context or multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(ask).result(timeout=30)


if __name__ == "__main__":
    methods = multiprocessing.get_all_start_methods()
    chosen = "forkserver" if "forkserver" in methods else "spawn"
    multiprocessing.set_start_method(chosen)
    print("The program has chosen:", chosen)
    try:
        print("A careless library uses:", careless_work())
    except RuntimeError as error:
        print(f"A careless library: {type(error).__name__}: {error}")
    try:
        answers = [careful_work(), careful_work(multiprocessing.get_context(chosen))]
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    print(f"A careful library uses {answers[0]}; with the program's context, {answers[1]}")
    assert [*answers, multiprocessing.get_start_method()] == ["spawn", chosen, chosen]

    multiprocessing.set_start_method(None, force=True)
    careful_work()
    default = multiprocessing.get_start_method(allow_none=True)
    print("Where nobody has chosen, the default after its work is:", default or "still open")
    mended = sys.version_info >= (3, 14, 3) or (3, 13, 12) <= sys.version_info < (3, 14)
    assert (default is None) == mended

# %%
# Why
# ---
# The global default can be chosen once, and a library cannot know whether the program has done so
# or will; so Python's documentation asks libraries to `use a context
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__.
#
# In releases before CPython 3.13.12 and 3.14.3 a worker under spawn or forkserver fixes an open
# default nevertheless, to that of the platform (`issue 109263
# <https://github.com/python/cpython/issues/109263>`__), as the last line of the outcomes shows.
#
# Cure
# ----
# Never call ``set_start_method()`` in a library.
# Take a context, or ``None``, and hand it to every pool, lock and queue that you make.
# For ``None``, name a method that your own functions are tested with: the platform's default
# differs, and a pool without a context fixes it.

# %%
# Related
# -------
# - :doc:`set_start_method_twice`
# - :doc:`../check/look_without_freezing`
