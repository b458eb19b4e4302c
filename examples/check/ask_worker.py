"""Ask a worker how it was started
===============================

You submit ``multiprocessing.get_start_method`` itself to a pool, and the answer is the default of
your own process, whatever way the worker was started.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# The cure: a function of your own, at module level, that asks in the worker.


def ask():
    return multiprocessing.get_start_method()


# %%
# The default is chosen here, so that the pools of the other methods show which answer is wrong.

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    for method in ("fork", "forkserver", "spawn"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        context = multiprocessing.get_context(method)
        try:
            pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
        except NotImplementedError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None

        with pool:
            print(f"A pool that uses {method}:")
            answer = pool.submit(multiprocessing.get_start_method).result(timeout=30)
            print("  get_start_method answers", answer)
            assert answer == "spawn"
            answer = pool.submit(ask).result(timeout=30)
            print("  a function that asks answers", answer)
            assert answer == method

# sphinx_gallery_before = "answer = pool.submit(multi"
# sphinx_gallery_after = ["def ask", "answer = pool.submit(ask)"]
# %%
# Why
# ---
# ``multiprocessing.get_start_method`` is `a method of an object
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/__init__.py>`__, the default
# context, which remembers the choice of the process.
# A method is pickled together with its object, so this object travels to the worker with the task.
# The copy is asked there, and answers what it remembers from home.
#
# A function of your own travels `by its name only
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__.
# The ``multiprocessing`` that it finds is the worker's, and a worker notes `at its start
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/process.py>`__ how it was
# started.
#
# Cure
# ----
# Submit a function that is defined at the top level of a module and calls ``get_start_method()``
# there.
# It costs a task, and waits until a worker is free, but it is the worker's own word.
# If you need no proof, look at the context that the pool keeps: that starts no worker.

# %%
# Related
# -------
# - :doc:`check_pool_context`
# - :doc:`look_without_freezing`
# - :doc:`../set/set_every_method`
