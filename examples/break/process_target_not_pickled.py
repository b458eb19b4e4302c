"""Process.start() fails: Can't pickle local object, cannot pickle '_thread.lock' object
=====================================================================================

Your ``multiprocessing.Process`` started well for years, and now ``start()`` says one of the two.
"""

import multiprocessing
import subprocess
import sys
import threading


class Server:
    def __init__(self):
        self.lock = threading.Lock()

    def serve(self):
        print("  it runs", flush=True)


# %%
# The cure: a function at module level that makes in the new process what cannot be pickled.


def make_and_serve():
    Server().serve()


def try_all(method):
    def serve():
        print("  it runs", flush=True)

    errors = []  # kept, as the pipe of a failed start is to stay open on Windows
    for target in serve, Server().serve, make_and_serve:
        print(f"{method}, target={target.__qualname__}:", flush=True)
        process = multiprocessing.get_context(method).Process(target=target)
        try:
            process.start()
        except Exception as error:
            print(f"  {type(error).__name__}: {error}", flush=True)
            errors.append(error)
            continue
        process.join(timeout=30)
        assert process.exitcode == 0
    assert len(errors) == (0 if method == "fork" else 2)


if __name__ == "__main__":
    for method in sys.argv[1:]:
        try_all(method)
    for method in [] if sys.argv[1:] else ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.", flush=True)
            continue
        command = [sys.executable, __file__, method]
        try:  # the tracebacks of what Windows starts in vain are left out
            subprocess.run(command, stderr=subprocess.PIPE, timeout=30, check=True)
        except OSError as error:  # as under WebAssembly
            print(f"{method}: {type(error).__name__}: {error}")

# sphinx_gallery_before = "class Server"
# sphinx_gallery_after = "def make_and_serve"
# %%
# Why
# ---
# Under fork the new process is a copy of yours, and has :proof:`the target with all that belongs to
# it <process_target_not_pickled: ^fork, target=Server.serve:\n  it runs>`, as nothing is pickled.
# Under spawn and forkserver ``start`` `pickles the target and its arguments
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__: of
# a function the module and the name, of a method the object that it belongs to, as a whole.
# Forkserver is `Linux's default from 3.14 on <https://github.com/python/cpython/issues/84559>`__.
#
# Cure
# ----
# Write the target at module level, and hand it, as ``args``, only such things as can be pickled.
# What cannot be, as a lock of ``threading``, an open file or a connection, it has to make itself.

# %%
# Related
# -------
# - :doc:`local_function_not_pickled`
# - :doc:`lambda_initializer_not_pickled`
# - :doc:`../set/library_context`
