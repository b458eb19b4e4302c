"""Can't pickle the initializer: cannot pickle '_thread.lock' object
====================================================================

A lambda as a pool's ``initializer``, or a lock of ``threading`` among its ``initargs``, works on
one platform or version, and on another the first ``submit`` says that it cannot pickle.
"""

import multiprocessing
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

# %%
# The cure: a function at module level, and a lock of the context that the pool gets.


def remember(lock):
    global shared_lock
    shared_lock = lock


CASES = {"A lambda": (lambda: None,), "A threading.Lock": (remember, threading.Lock())}


def try_all(method):
    context = multiprocessing.get_context(method)
    cure = {"A function, and the context's lock": (remember, context.Lock())}
    errors = []  # kept to the end, and so is what Windows has started in vain: see below
    for label, (initializer, *initargs) in {**CASES, **cure}.items():
        with ProcessPoolExecutor(1, context, initializer, initargs) as pool:
            try:
                assert pool.submit(abs, -14).result(timeout=30) == 14
                print(f"  {label}: it works.", flush=True)
            except Exception as error:
                print(f"  {label}: {type(error).__name__}: {error}", flush=True)
                errors.append(error)
    assert len(errors) == (0 if method == "fork" else 2)


if __name__ == "__main__":
    for method in sys.argv[1:]:
        try_all(method)
    for method in [] if sys.argv[1:] else ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.", flush=True)
            continue
        print(method + ":", flush=True)
        command = [sys.executable, __file__, method]
        try:  # the tracebacks of what Windows starts in vain are left out
            subprocess.run(command, stderr=subprocess.PIPE, timeout=30, check=True)
        except OSError as error:  # as under WebAssembly
            print(f"  {type(error).__name__}: {error}")

# sphinx_gallery_before = "CASES ="
# sphinx_gallery_after = ["def remember", "cure ="]
# %%
# Why
# ---
# A forked worker is a copy of the main process, and has all :proof:`without any transfer
# <lambda_initializer_not_pickled: ^fork:\n  A lambda: it works>`; for spawn and for forkserver,
# `Linux's default from 3.14 on <https://github.com/python/cpython/issues/84559>`__, it is pickled.
# Of a function, pickle writes `only the module and the name
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__, and a lambda is
# found by no name; a lock of ``threading`` has nothing that it could write.
#
# Windows `starts the process before it pickles
# <https://github.com/python/cpython/blob/v3.14.2/Lib/multiprocessing/popen_spawn_win32.py>`__.
# When your program drops the error, it closes the pipe that this process reads from, maybe before
# that has begun; the handle's number is used again, even by the next pool, which can then break.
# Keep the error, as here, and the pipe stays open.
#
# Cure
# ----
# Write the initializer at the top level of a module, and pass what it needs in ``initargs``, a lock
# `made by the pool's context <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming>`__.

# %%
# Related
# -------
# - :doc:`local_function_not_pickled`
# - :doc:`../worker/share_a_lock`
# - :doc:`../worker/hand_over_with_initializer`
