"""AppRegistryNotReady: Apps aren't loaded yet, in a worker
========================================================

Your program sets a framework up, Django for one, and its workers fail as if it had not.
"""

import multiprocessing
import re
import sys
import tempfile
from pathlib import Path
from subprocess import run

FRAMEWORK = """ready = []
class AppRegistryNotReady(Exception): pass
def setup(): ready.append(True)
"""
MODELS = """import framework
if not framework.ready: raise framework.AppRegistryNotReady("Apps aren't loaded yet.")
def double(number): return 2 * number
"""
PROGRAM = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
import framework

if __name__ == "__main__":
    framework.setup()
    import models
    with ProcessPoolExecutor(1, get_context(sys.argv[1]), initializer={0}) as pool:
        print("Result:", pool.submit(models.double, 21).result(timeout=15))
"""

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "framework.py").write_text(FRAMEWORK)
        Path(folder, "models.py").write_text(MODELS)
        for method in ("fork", "spawn", "forkserver"):
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            command = [sys.executable, "program.py", method]
            for initializer in "None", "framework.setup":
                Path(folder, "program.py").write_text(PROGRAM.format(initializer))
                print(f"{method}, initializer={initializer}:", flush=True)
                try:
                    done = run(command, cwd=folder, capture_output=True, text=True, timeout=30)
                except OSError as error:  # as under WebAssembly
                    print(f"  {type(error).__name__}: {error}")
                    raise SystemExit from None
                for message in re.findall(r"(?m)^[\w.]+: .+", done.stdout + done.stderr):
                    print(" ", message, flush=True)
                assert (done.returncode == 0) == (method == "fork" or initializer != "None")
                assert ("AppRegistryNotReady: Apps" in done.stderr) == (done.returncode != 0)

# sphinx_gallery_before = ["PROGRAM.format('None')", "framework.", "import models", "with Pro"]
# sphinx_gallery_after = ["PROGRAM.format('framework.setup')", "with Pro"]
# %%
# Why
# ---
# A task's function travels as `the names of its module and itself
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__, and the worker imports it.
# A forked worker is a copy of your process, :proof:`in which the framework is set up
# <framework_not_set_up: ^fork, initializer=None:\n  Result: 42>`.
# Under spawn and forkserver `only the script's top level
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__ runs
# in a worker, not what set the framework up: below the guard, in ``manage.py``, or in a server.
# The module of the task then fails as it is imported, the worker ends, and the pool is broken.
#
# Cure
# ----
# Set the framework up in each worker, in the case of Django by ``initializer=django.setup``: a
# worker calls it `before it takes a task
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__.
# An initializer of your own must be in a module that can be imported before the setup.

# %%
# Related
# -------
# - :doc:`global_is_reset`
# - :doc:`../worker/hand_over_with_initializer`
