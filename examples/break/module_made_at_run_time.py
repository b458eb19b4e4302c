"""AttributeError: Can't get attribute on <module>, or No module named, for what is made at run time
=================================================================================================

A task or its argument comes from a plugin that your program has loaded by its path, or has a class
that it has made; a worker that is no copy of your process cannot find that.
"""

import multiprocessing
import re
import sys
import tempfile
from pathlib import Path
from subprocess import PIPE, STDOUT, run

PROGRAM = """
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib.util import module_from_spec, spec_from_file_location
from multiprocessing import get_context
import shapes
def load():
    spec = spec_from_file_location("plugins", "plugin-of-a-user.py")
    sys.modules["plugins"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["plugins"])
    shapes.Point = type("Point", (tuple,), {"__module__": "shapes"})

def try_to_run(method, case, task, argument, initializer=None):
    print(f"{method}: {case}", flush=True)
    with ProcessPoolExecutor(1, get_context(method), initializer) as pool:
        try:
            print("Result:", pool.submit(task, argument).result(timeout=15), flush=True)
        except Exception as error:
            print(f"{type(error).__name__}: {error}", flush=True)

if __name__ == "__main__":
    load()
    import plugins
    try_to_run(sys.argv[1], "a function of a module loaded by its path", plugins.double, 21)
    try_to_run(sys.argv[1], "an instance of a class made at run time", sum, shapes.Point([21]))
    try_to_run(sys.argv[1], "both, and an initializer", plugins.double, shapes.Point([21]), load)
"""
if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "plugin-of-a-user.py").write_text("def double(x): return 2 * x")
        for name, text in ("shapes.py", ""), ("program.py", PROGRAM):
            Path(folder, name).write_text(text)
        for method in ("fork", "spawn", "forkserver"):
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            command = [sys.executable, "program.py", method]
            try:
                done = run(command, cwd=folder, stdout=PIPE, stderr=STDOUT, text=True, timeout=30)
            except OSError as error:  # as under WebAssembly
                print(f"{type(error).__name__}: {error}")
                raise SystemExit from None
            for line in re.findall(r"(?m)^\w+: .+", done.stdout):
                print(line if line.startswith(method) else f"  {line}", flush=True)
            assert done.stdout.count("Result") == (3 if method == "fork" else 1)

# sphinx_gallery_before = "try_to_run(sys.argv[1], \"a function"
# sphinx_gallery_after = ["def load", "try_to_run(sys.argv[1], \"both"]
# %%
# Why
# ---
# Functions, and the class of each object, travel `by the names of their module and themselves
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__.
# A forked worker is a copy, and :proof:`has what your process had made <module_made_at_run_time:
# ^fork: a function .{0,50}\n  Result>` when it was started.
# Any other imports the module and looks the name up there, without what your program has done below
# the guard; where it finds nothing it ends, and the pool is broken.
#
# Cure
# ----
# Load plugins and make such classes in the initializer, which runs `before a task is unpickled
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__.
# Better, put them into modules that every process can import, in a folder of ``sys.path``.

# %%
# Related
# -------
# - :doc:`module_not_found_in_worker`
# - :doc:`function_not_in_main`
