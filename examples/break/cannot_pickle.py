"""TypeError: cannot pickle 'sqlite3.Connection' object
====================================================

You submit a method, ``self.work``, or an argument, that holds a connection, a file or the like.
"""

import multiprocessing
import selectors
import sys
from concurrent.futures import ProcessPoolExecutor


class Store:
    def __init__(self, path):
        from sqlite3 import connect  # which some builds of Python lack

        self.path, self.connection, self.log = path, connect(path), sys.stderr

    def add(self, a, b):
        return self.connection.execute("SELECT ? + ?", (a, b)).fetchone()[0]


# %%
# Two cures: a function that opens a store, and a class that makes pickle open another.


def add(path, a, b):
    return Store(path).add(a, b)


class ReopenedStore(Store):
    def __reduce__(self):
        return type(self), (self.path,)


def try_to_run(pool, what, function, *arguments):
    error = pool.submit(function, *arguments).exception(timeout=30)
    outcome = f"{type(error).__name__}: {error}" if error else "it works"
    print(f"{what}: {outcome}", *getattr(error, "__notes__", [])[:3], sep="\n    ", flush=True)
    return error


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        try:
            stores = Store(":memory:"), ReopenedStore(":memory:")
            pool = ProcessPoolExecutor(1, multiprocessing.get_context(method))
        except (ImportError, NotImplementedError) as error:
            print(f"{method}: {type(error).__name__}: {error}")
            continue
        with pool:
            assert try_to_run(pool, f"{method}, Store.add", stores[0].add, 2, 3)
            assert not try_to_run(pool, "  add", add, ":memory:", 2, 3)
            assert not try_to_run(pool, "  ReopenedStore.add", stores[1].add, 2, 3)
            for thing in sys.stderr, (n for n in ()), selectors.DefaultSelector():
                try_to_run(pool, f"  {type(thing).__name__}", id, thing)

# sphinx_gallery_before = "class Store"
# sphinx_gallery_after = ["def add(path", "class ReopenedStore"]
# %%
# Why
# ---
# What you submit is pickled, under each start method, and a method takes its object along, all of
# it; an open file or connection `cannot be pickled
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__. The message names only the
# innermost type, as ``select.epoll`` for an event loop's selector; where that was, its notes say
# (``__notes__``), :proof:`from 3.14 on <cannot_pickle cpython from 3.14: serializing Store state>`.
#
# Cure
# ----
# Submit a function at module level that gets a path and opens what it needs, or have each worker
# open it once, :doc:`by its initializer <../worker/hand_over_with_initializer>`.
# If it must be the object, write ``__reduce__``, as here, or a ``__getstate__`` that leaves out
# what is open. Without notes, try ``pickle.dumps`` on each of ``vars(it)``.

# %%
# Related
# -------
# - :doc:`process_target_not_pickled`
# - :doc:`local_function_not_pickled`
