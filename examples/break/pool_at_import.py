"""A process pool hangs while a module is imported
================================================

A module uses a pool at its top level: it works when run as a script, and hangs when imported.
"""

import multiprocessing
import subprocess
import sys
import tempfile
from pathlib import Path

MODULE = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor, TimeoutError

def double(number):
    return 2 * number

def compute(function, limit):
    context = multiprocessing.get_context(sys.argv[1])
    with ProcessPoolExecutor(1, context) as pool:
        try:
            result = pool.submit(function, 4).result(timeout=limit)
            print(f"  {function.__name__}: {result}", flush=True)
        except TimeoutError:  # without a time limit it would wait for ever
            print(f"  {function.__name__}: TimeoutError", flush=True)
            for process in multiprocessing.active_children():
                process.kill()
            os._exit(0)  # so would the end of "with"
"""
CASES = {
    "during the import": ("\ncompute(float, 15)\ncompute(double, 0.3)", "import module"),
    "after the import": ("", "import module; module.compute(module.double, 15)"),
}
if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        for case, (end, statement) in CASES.items():
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "module.py").write_text(MODULE + end)
                script = Path(folder, "script.py")
                script.write_text(f"if __name__ == '__main__': {statement}")
                command = [sys.executable, str(script), method]
                try:
                    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
                except OSError as error:  # as under WebAssembly
                    print(f"{method}: {type(error).__name__}: {error}")
                    break
            print(f"{method}, {case}:", done.stdout.rstrip(), sep="\n", flush=True)
            assert ("double: TimeoutError" in done.stdout) == (case == "during the import")
            assert ("double: 8" in done.stdout) == (case == "after the import")

# sphinx_gallery_before = "compute(double, 0.3)"
# sphinx_gallery_after = "import module; module.compute"
# %%
# Why
# ---
# A function travels by its name: to write it down, pickle `imports its module
# <https://github.com/python/cpython/blob/3.14/Lib/pickle.py>`__.
# The pool does so in `a thread of its own
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/queues.py>`__, which waits until
# the module has been imported, while the import waits for the result.
# No worker ever sees the task, and so the start method changes nothing.
# Python's ``float`` is in a module that is complete: its task passes.
#
# Cure
# ----
# Put the pool into a function, and call it when the import is over.
# Where you cannot, give the pool functions of another, already imported, module.
# Under spawn and forkserver, each worker `imports the module, too
# <https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods>`__:
# even without the wait, a pool at its top level would begin all over there.

# %%
# Related
# -------
# - :doc:`pool_without_guard`
# - :doc:`no_main_guard`
