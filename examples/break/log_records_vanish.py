"""Log records vanish in worker processes
=========================================

You configure logging in the main process, and what your tasks log in the workers appears nowhere.
There is no error either.
"""

import logging
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

logger = logging.getLogger("example")


def task():
    logger.info("in the task")
    return logger.hasHandlers()


# %%
# The cure: a function that configures logging, to be called in each worker before its first task.


def configure_logging():
    form = "  %(levelname)s from %(processName)s: %(message)s"
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format=form)


def log_in_worker(method, initializer=None):
    logger.info("before the task")
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context, initializer=initializer) as pool:
        configured = pool.submit(task).result(timeout=30)
    print("  Its logger has", "a handler." if configured else "no handler.", flush=True)
    return configured


if __name__ == "__main__":
    configure_logging()
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        try:
            print(f"A worker under {method}:", flush=True)
            assert log_in_worker(method) == (method == "fork")
            print(f"A worker under {method}, with an initializer:", flush=True)
            assert log_in_worker(method, configure_logging)
        except NotImplementedError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None

# sphinx_gallery_before = ["def task", "configure_logging()", "assert log_in_worker(method) =="]
# sphinx_gallery_after = ["def configure", "with ProcessPool", "assert log_in_worker(method, c"]
# %%
# Why
# ---
# The configuration of logging belongs to one process, and only a forked worker is `a copy of it
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-fork>`__.
# Under spawn and forkserver the worker or its server imports your script, but nothing below the
# guard, so :proof:`nobody has configured anything <log_records_vanish: ^A worker under
# forkserver:\n.{0,60}\n  Its logger has no handler>`.
# Its loggers have no handler, as the outcomes show: warnings and errors go to standard error
# `without any format <https://docs.python.org/3/library/logging.html#logging.lastResort>`__, and
# all else is dropped.
# On Linux this is new with Python 3.14, where forkserver has become `the default
# <https://docs.python.org/3/whatsnew/3.14.html#whatsnew314-concurrent-futures-start-method>`__.
#
# Cure
# ----
# Put the configuration into a function, call it in the main process, and pass it to the pool as
# ``initializer``, which is right under every start method: ``basicConfig()`` changes nothing where
# the root logger `has handlers already
# <https://docs.python.org/3/library/logging.html#logging.basicConfig>`__, as it has under fork.
# For one file of records, do not open it in every process; `send them through a queue
# <https://docs.python.org/3/howto/logging-cookbook.html#multiple-processes>`__.

# %%
# Related
# -------
# - :doc:`../worker/hand_over_with_initializer`
# - :doc:`global_is_reset`
