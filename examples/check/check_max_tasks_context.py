"""The context of a pool with max_tasks_per_child
==============================================

You give a pool ``max_tasks_per_child`` and no context, and want to know how it starts its workers.
From 3.11 on :proof:`it is spawn <check_max_tasks_context from 3.11: child: spawn$>` everywhere.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def ask():
    return multiprocessing.get_start_method()


# %%
# Two pools, without and with the argument, and neither with a context.
# The pool keeps its context in a private attribute, and a worker can be asked as well.

if __name__ == "__main__":
    print("The platform's default:", multiprocessing.get_all_start_methods()[0])
    try:
        plain = ProcessPoolExecutor(max_workers=1)
        pool = ProcessPoolExecutor(max_workers=1, max_tasks_per_child=1)
    except (NotImplementedError, TypeError) as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    print("A pool without max_tasks_per_child:", plain._mp_context.get_start_method())
    method = pool._mp_context.get_start_method()
    print("A pool with max_tasks_per_child:", method)
    with pool:
        answer = pool.submit(ask).result(timeout=30)
    print("Its worker says:", answer)
    assert method == answer == "spawn"
    assert plain._mp_context is multiprocessing.get_context()

# %%
# Why
# ---
# A worker that has done its tasks ends, and a new one takes its place while the pool's threads
# run.
# To fork a process that has threads is not safe, so `this argument and fork exclude each other
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__.
# The platform's default may be fork, so the pool then takes `spawn
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__, even where the
# default is forkserver.
# An explicit context is taken as it is, :proof:`unless it is fork <max_tasks_with_fork from 3.11:
# ^fork:\n  ValueError: max_tasks_per_child is incompatible>`.
#
# Python :proof:`3.9 and 3.10 <check_max_tasks_context before 3.11: ^TypeError: .{0,40}unexpected
# keyword argument>` do not know the argument, as the ``TypeError`` in their outcomes shows.
#
# What to do
# ----------
# Pass a context of your own choice together with ``max_tasks_per_child``.
# If new workers come often, choose forkserver where it is there: each is `forked from a small
# server <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-forkserver>`__
# and does not begin with a new interpreter.
# And expect what spawn brings: each new worker imports your main module anew, so it :proof:`needs
# the __main__ guard <no_main_guard: ^spawn, without the guard:\n  An attempt has been made>`, and
# :proof:`knows nothing <global_is_reset: ^spawn:\n  without an initializer: Ada \(not set\)>` of
# what your process has changed at run time.

# %%
# Related
# -------
# - :doc:`check_pool_context`
# - :doc:`../break/max_tasks_with_fork`
# - :doc:`../break/max_tasks_stuck`
# - :doc:`../set/order_of_preference`
