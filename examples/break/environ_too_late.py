"""A change of os.environ does not arrive in the worker
====================================================

You set an environment variable, start a worker after that, and it sees the old value, or none.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor


def look():
    return os.environ.get("COLOUR"), os.getcwd(), sys.path[-1]


def set_environ(changes):
    os.environ.update(changes)


def ask_new_worker(method, **options):
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context, **options) as pool:
        return pool.submit(look).result(timeout=30)


# %%
# The first pool is the first use of the start method.
# Then three things change in the main process, and further pools are made.

if __name__ == "__main__":
    folder = os.getcwd()
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        os.environ["COLOUR"] = "red"
        try:
            assert ask_new_worker(method) == look()
        except NotImplementedError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None
        os.environ["COLOUR"] = "blue"
        os.chdir(os.sep)
        sys.path.append("new-entry")
        seen = ask_new_worker(method)
        cured = ask_new_worker(method, initializer=set_environ, initargs=({"COLOUR": "blue"},))
        print(f"{method}: COLOUR is red, then first use, then COLOUR is blue.")
        print("  In a new worker it is", seen[0])
        print("  With an initializer it is", cured[0])
        print("  New working directory, new entry of sys.path:", seen[1:] == look()[1:])
        assert (seen[0], cured[0]) == ("red" if method == "forkserver" else "blue", "blue")
        assert seen[1:] == cured[1:] == (os.getcwd(), "new-entry")
        os.chdir(folder)
        sys.path.remove("new-entry")

# sphinx_gallery_before = ['os.environ["', "assert ask", 'os.environ["COLOUR"] = "blue', "seen ="]
# sphinx_gallery_after = ["def set_environ", "cured ="]
# %%
# Why
# ---
# Under forkserver the first use starts `a server process
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-forkserver>`__,
# from which all workers are forked, those of new pools too, with the environment you had then.
# The working directory and ``sys.path`` are sent to every new worker, `the environment is not
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__.
# Under fork and spawn the main process itself starts the worker, with :proof:`its present
# environment <environ_too_late: ^(fork|spawn): COLOUR is .{0,50}\n  In a new worker it is blue>`.
#
# Cure
# ----
# Set the variable before the first pool, process or manager, or where your program is started.
# If the value is known only later, hand it over with ``initializer`` and ``initargs``.
# That is too late for a library that reads it while your script is imported, by the worker or by
# the server; for such a variable :proof:`use spawn <environ_too_late: ^spawn: COLOUR is
# .{0,50}\n  In a new worker it is blue>`, or import the library in the task.

# %%
# Related
# -------
# - :doc:`../worker/what_reaches_a_worker`
# - :doc:`../worker/hand_over_with_initializer`
# - :doc:`imports_again`
