"""A list or a global variable that a worker changes stays as it was
====================================================================

A task of yours appends to a list, sets a global variable or an attribute, and no error is shown.
In your own process nothing has changed.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

found = []


class Counter:
    count = 0

    def add(self, number):
        self.count += number
        found.append(number)


def give_back(number):
    return number


def work_with(pool, context):
    counter = Counter()
    list(pool.map(counter.add, [1, 2], timeout=30))
    print(f"  the list: {found}, the attribute: {counter.count}")
    assert (found, counter.count) == ([], 0)

    returned = list(pool.map(give_back, [1, 2], timeout=30))
    print("  what tasks have returned:", returned)

    with context.Manager() as manager:  # has a process of its own
        shared = manager.list()
        list(pool.map(shared.append, [1, 2], timeout=30))
        print("  a manager's list:", shared)
        assert sorted(shared) == returned == [1, 2]


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":", flush=True)
        context = multiprocessing.get_context(method)
        try:
            with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
                work_with(pool, context)
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")

# sphinx_gallery_before = ["class Counter", "list(pool.map(counter.add"]
# sphinx_gallery_after = ["def give_back", "returned = list("]
# %%
# Why
# ---
# Each process `has a memory of its own
# <https://docs.python.org/3/library/multiprocessing.html#exchanging-objects-between-processes>`__.
# A worker appends to its own copy of the global list, :proof:`also where it was forked
# <change_is_not_seen: ^fork:\n  the list: \[\], the attribute: 0>`.
# An argument of a task, and the object whose method the task is, are `pickled for each task
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming>`__: each
# changes a copy, which is thrown away with it.
# What your process changes later does not reach a worker either.
#
# Cure
# ----
# Return from the task what it has found, and put it where it belongs in your own process.
# If tasks have to see each other's changes, hand them a list or a dictionary of `a manager
# <https://docs.python.org/3/library/multiprocessing.html#managers>`__, which asks another process
# at each use, and is slow; or for a number :doc:`a Value with its lock <../worker/share_a_lock>`.
# With ``multiprocessing.Process`` and ``Pool``, and between a web server's processes, so it is too.

# %%
# Related
# -------
# - :doc:`global_is_reset`
# - :doc:`../worker/share_a_lock`
