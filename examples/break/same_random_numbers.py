"""Every worker process gets the same random numbers
=================================================

Your workers draw, shuffle or sample, by ``random`` or by NumPy, and all of them get the same.
"""

import multiprocessing
import random
import sys
from concurrent.futures import ProcessPoolExecutor

try:
    import numpy.random as numpy_random
except ImportError:
    numpy_random = None

generator, fixed = random.Random(), random.Random(42)


def draw():
    numbers = {"random": random.random(), "random.Random() of the top level": generator.random()}
    numbers["random.Random(42) of the top level"] = fixed.random()
    return {**numbers, "numpy.random": numpy_random.random()} if numpy_random else numbers


def seed_anew():
    generator.seed()
    fixed.seed()
    if numpy_random:
        numpy_random.seed()


def compare(method, case, **options):
    drawn = []
    for _ in range(2):  # two workers, one after the other
        with ProcessPoolExecutor(1, multiprocessing.get_context(method), **options) as pool:
            drawn.append(pool.submit(draw).result(timeout=30))
    same = {name: number == drawn[1][name] for name, number in drawn[0].items()}
    print(f"{method}, {case}, the same in both workers:")
    print(*(f"  {name}: {answer}" for name, answer in same.items()), sep="\n")
    return list(same.values())


if __name__ == "__main__":
    print("numpy is there." if numpy_random else "numpy is not there.")
    since = sys.version_info >= (3, 14, 1) or (3, 13, 8) <= sys.version_info < (3, 14)
    for method, copies in {"fork": True, "spawn": False, "forkserver": since}.items():
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        try:
            assert compare(method, "not seeded")[:3] == [False, copies, True]
        except NotImplementedError as error:
            print(f"{method}: {type(error).__name__}: {error}")
            continue
        assert not any(compare(method, "seeded by an initializer", initializer=seed_anew))

# sphinx_gallery_before = ["generator, fixed =", "def draw"]
# sphinx_gallery_after = ["def seed_anew", "assert not any"]
# %%
# Why
# ---
# A forked worker has a copy of each generator, NumPy's `global one
# <https://numpy.org/doc/stable/reference/random/legacy.html>`__ too; only ``random`` itself `is
# seeded anew <https://github.com/python/cpython/blob/3.14/Lib/random.py>`__ in each of them.
# Under forkserver the worker is forked from a server, which from Python 3.13.8 and 3.14.1 on `has
# imported your script <https://github.com/python/cpython/issues/126631>`__, generators and all.
# :proof:`Before <same_random_numbers before 3.13.8 3.14.1: ^forkserver, not([^:]+:){3} False>`, or
# under :proof:`spawn <same_random_numbers: ^spawn, not([^:]+:){3} False>`, each makes its own; but
# one that the top level seeds with a fixed number, as 42, is the same under every method.
#
# Cure
# ----
# Seed in an ``initializer``, as here, or make the generator there, and not at the top level.
# For numbers that are the same in every run, hand each task a seed of its own, as from `NumPy's
# SeedSequence <https://numpy.org/doc/stable/reference/random/parallel.html>`__, or its number.

# %%
# Related
# -------
# - :doc:`top_level_is_shared`
# - :doc:`../worker/hand_over_with_initializer`
