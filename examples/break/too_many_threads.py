"""OMP_NUM_THREADS has no effect, and each worker of a process pool runs too many threads
======================================================================================

A numeric library runs a thread for each core in every worker, and all of them are slow together.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path

LIBRARY = """import os
THREADS = os.environ.get("OMP_NUM_THREADS", "one for each core")
def threads(): return THREADS
"""
PROGRAM = """
import os, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
def limit():
    os.environ["OMP_NUM_THREADS"] = "1"
{0}
import library
if __name__ == "__main__":
    {1}
    for method in sys.argv[2:]:
        with ProcessPoolExecutor(1, get_context(method), initializer={2}) as pool:
            threads = pool.submit(library.threads).result(timeout=15)
        print(method + ", set", sys.argv[1] + "; threads:", threads, flush=True)
"""
CASES = {  # what is above the import, below the guard, and the initializer; where it has an effect
    "above the import": ("limit()", "", None, ("fork", "spawn", "forkserver")),
    "before the pool": ("", "limit()", None, ("spawn", "forkserver")),
    "by the initializer": ("", "", "limit", ()),
}

if __name__ == "__main__":
    os.environ.pop("OMP_NUM_THREADS", None)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "library.py").write_text(LIBRARY)
        methods = sorted(multiprocessing.get_all_start_methods())
        for method in sorted({"fork", "forkserver"}.difference(methods)):
            print(method, "is not there on this platform.")
        for case, (*parts, wanted) in CASES.items():
            Path(folder, "program.py").write_text(PROGRAM.format(*parts))
            command = [sys.executable, "program.py", case, *methods]
            try:
                output = subprocess.check_output(command, cwd=folder, text=True, timeout=30)
            except OSError as error:  # as under WebAssembly
                print(f"{type(error).__name__}: {error}")
                raise SystemExit from None
            print(output, end="", flush=True)
            for method in methods:
                assert (f"{method}, set {case}; threads: 1" in output) == (method in wanted)

# sphinx_gallery_before = ["PROGRAM.format('', '', 'limit')", "def limit", "import lib", "with P"]
# sphinx_gallery_after = ["PROGRAM.format('limit()', '', None)", "def limit", "limit()", "import"]
# %%
# Why
# ---
# Numeric libraries read such variables once, when they are loaded, as the one here does, and
# `ignore later changes <https://www.openmp.org/spec-html/5.2/openmpch21.html>`__.
# A forked worker has the library as your process has loaded it, so that :proof:`before the pool
# <too_many_threads: ^fork, set before the pool; threads: one for each core>` is too late for fork.
# Under spawn and forkserver, `your script is imported
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-safe-main-import>`__, and
# the library with it, in a process that has your environment: :proof:`before the pool
# <too_many_threads: ^spawn, set before the pool; threads: 1>` is early enough, but not :proof:`in
# the initializer <too_many_threads: ^spawn, set by the initializer; threads: one for each core>`.
#
# Cure
# ----
# Set the variable where the program is started, or in its first lines, above all other imports.
# What is loaded already has functions for it, to be called in the initializer: `threadpoolctl
# <https://github.com/joblib/threadpoolctl>`__ knows those of many libraries.

# %%
# Related
# -------
# - :doc:`environ_too_late`
# - :doc:`too_many_workers`
