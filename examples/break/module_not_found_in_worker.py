"""ModuleNotFoundError: No module named 'tools', in a worker
=========================================================

Your script has imported the module, but a worker cannot find it, and something else fails in turn.
"""

import multiprocessing
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import os, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
{0}
if __name__ == "__main__":
    {1}
    with ProcessPoolExecutor(1, get_context(sys.argv[1])) as pool:
        print("The result is", pool.submit(tools.double, 21).result(timeout=15))
"""
CASES = {  # what is done at the top level, and what below the guard
    "lib, and a change of folder": ("sys.path += ['lib']; import tools", "os.chdir('..')"),
    "lib is taken out of sys.path again": ("", "sys.path += ['lib']; import tools; sys.path.pop()"),
    "lib's whole path": ("sys.path += [os.path.abspath('lib')]; import tools", "os.chdir('..')"),
}


def run(folder, method):
    command = [sys.executable, "script.py", method]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30)
    messages = re.findall(r"^(?:The result|[\w.]+: ).+", done.stdout + done.stderr, flags=re.M)
    print(*(f"  {message}" for message in messages), sep="\n", flush=True)
    return done.returncode == 0, "No module named 'tools'" in done.stderr


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "lib").mkdir()
        Path(folder, "lib", "tools.py").write_text("def double(x): return 2 * x")
        for method in ("fork", "spawn", "forkserver"):
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            for case, parts in CASES.items():
                Path(folder, "script.py").write_text(PROGRAM.format(*parts))
                print(f"{method}, {case}:", flush=True)
                try:
                    works, complains = run(folder, method)
                except OSError as error:  # as under WebAssembly
                    print(f"  {type(error).__name__}: {error}")
                    raise SystemExit from None
                assert works == (method == "fork" or "whole" in case)
                assert complains != works

# sphinx_gallery_before = "sys.path += ['lib']; import tools"
# sphinx_gallery_after = "sys.path += [os"
# %%
# Why
# ---
# A task's function travels as `the names of its module and itself
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__, and the worker imports it.
# Under fork :proof:`it has the module from your process <module_not_found_in_worker: ^fork, lib is
# taken out of sys.path again:\n  The result is 42>`.
# Under spawn and forkserver the worker looks for it in `your sys.path and working directory
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__ of that moment.
# Where the script's own top level needs the module, it fails before any task; in 3.13 from 3.13.8
# and in 3.14 from 3.14.1 on, `the fork server <https://github.com/python/cpython/issues/126631>`__
# ends by that, and your process sees a ``ConnectionResetError`` or an ``EOFError``.
#
# Cure
# ----
# Install the module, name its folder in ``PYTHONPATH``, or put the whole path of the folder into
# ``sys.path`` at the top of the script, and leave it there for the workers.

# %%
# Related
# -------
# - :doc:`function_not_in_main`
# - :doc:`no_main_guard`
