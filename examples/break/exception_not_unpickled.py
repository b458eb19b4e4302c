"""TypeError: __init__() missing 1 required positional argument, and the process pool is broken
============================================================================================

A task of yours raises an exception, or returns an object, of a class of your own: the pool breaks.
"""

import multiprocessing
import signal
from concurrent.futures import ProcessPoolExecutor


class RefusedError(Exception):
    def __init__(self, code, reason):
        super().__init__(f"{code}: {reason}")


class Point(tuple):
    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))


# %%
# The cure for either: pickle is told all that the class is called with.


class MendedError(Exception):
    def __init__(self, code, reason):
        super().__init__(code, reason)


class MendedPoint(Point):
    def __reduce__(self):
        return type(self), tuple(self)


def work(kind):
    made = kind(4, 2)
    if isinstance(made, Exception):
        raise made
    return made


if __name__ == "__main__":
    for kind, broken in zip((RefusedError, MendedError, Point, MendedPoint), (True, False) * 2):
        try:
            pool = ProcessPoolExecutor(max_workers=1)
        except NotImplementedError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None
        with pool:
            pool.submit(abs, -1).result(timeout=30)  # so the worker is there, and stays
            (worker,) = multiprocessing.active_children()
            future = pool.submit(work, kind)
            outcome = future.exception(timeout=30) or future.result()
        print(f"A task makes a {kind.__name__}:")
        print(f"  {type(outcome).__name__}: {outcome}" if broken else f"  It arrives: {outcome!r}")
        if broken:
            print("  The cause is", str(outcome.__cause__).splitlines()[-2])
        print("  The worker's exit code is", worker.exitcode)
        assert worker.exitcode == (-signal.SIGTERM if broken else 0)

# sphinx_gallery_before = "class RefusedError"
# sphinx_gallery_after = "class MendedError"
# %%
# Why
# ---
# What a task returns or raises travels by pickle, and an exception `is made anew
# <https://docs.python.org/3/library/pickle.html#object.__reduce__>`__ by a call of its class with
# its ``args``, which are what ``super().__init__`` got: here one text, where the class wants two.
# The call fails in the main process, and there the pool `takes itself for a broken one
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__ and terminates
# its workers, which lived until then: hence -15; the true cause is what ``_RemoteTraceback`` heads.
#
# Cure
# ----
# Hand all arguments, if they are positional, to ``super().__init__``, else define ``__reduce__``.
# Try it without a pool: ``pickle.loads(pickle.dumps(RefusedError(4, 2)))`` fails in the same way.

# %%
# Related
# -------
# - :doc:`worker_ended_abruptly`
# - :doc:`local_function_not_pickled`
