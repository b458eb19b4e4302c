"""Can't pickle local object
=========================

You submit a lambda, or a function that is defined inside another one, and the future's result is
an error that says that it cannot be pickled.
"""

import functools
from concurrent.futures import ProcessPoolExecutor


def make_multiplier(factor):
    def multiply(number):
        return factor * number

    return multiply


# %%
# The cure: a function at module level, with ``functools.partial`` for what it has to know.


def multiply(factor, number):
    return factor * number


def try_to_run(pool, task):
    future = pool.submit(task, 14)
    error = future.exception(timeout=30)
    print(f"  {type(error).__name__}: {error}" if error else f"  the result is {future.result()}")
    return future


# %%
# The pool lives on after such an error, so one pool can try all three.

if __name__ == "__main__":
    try:
        pool = ProcessPoolExecutor(max_workers=1)
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        print("A function inside a function:")
        assert try_to_run(pool, make_multiplier(3)).exception()
        print("A lambda:")
        assert try_to_run(pool, lambda number: 3 * number).exception()
        print("A function at module level:")
        assert try_to_run(pool, functools.partial(multiply, 3)).result() == 42

# sphinx_gallery_before = "def make_multiplier"
# sphinx_gallery_after = "def multiply(factor"
# %%
# Why
# ---
# A task travels to its worker by pickle, and pickle writes down of a function no more than `its
# module and its name <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__.
# The worker imports it by these.
# What is made while a function runs cannot be imported by its name, and a lambda's name, which is
# ``<lambda>``, is found in no module.
# This is so of tasks under every start method, :proof:`fork included <lock_as_argument: ^fork:\n  a
# lock as argument:\n    RuntimeError: Lock>`, since they are sent to workers that have started
# already; :proof:`the target of a Process <process_target_not_pickled: ^fork,
# target=Server.serve:\n  it runs>` and :proof:`a pool's initializer
# <lambda_initializer_not_pickled: ^fork:\n  A lambda: it works>` are pickled under spawn and
# forkserver only.
#
# The type of the error and its words have changed with Python's versions, as the outcomes show.
#
# Cure
# ----
# Define the function at the top level of a module, and hand over what it needs as arguments, or
# bind them with ``functools.partial``, which can be pickled if its parts can.
# A method of an object works too, if the object itself can be pickled.

# %%
# Related
# -------
# - :doc:`process_target_not_pickled`
# - :doc:`lambda_initializer_not_pickled`
# - :doc:`function_not_in_main`
# - :doc:`../worker/hand_over_with_initializer`
