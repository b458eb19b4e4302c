"""Can't get attribute 'double' on <module '__main__'>, or module '__main__' has no attribute
=============================================================================================

You define a function with ``python -c``, at a prompt or in a notebook, and submit it to a pool.
A worker ends with this ``AttributeError``, and the result is a ``BrokenProcessPool``.
The second wording is :proof:`that of Python 3.14 <function_not_in_main from 3.14: no attribute>`.
"""

import multiprocessing
import re
import subprocess
import sys
import tempfile
from pathlib import Path

CODE = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

def double(number):
    return 2 * number

if __name__ == "__main__":
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context(sys.argv[1])) as pool:
        print("The result is", pool.submit(double, 21).result(timeout=15))
"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    for line in (done.stdout + done.stderr).splitlines():  # no more than the messages
        if re.match(r"The result|[\w.]+: .", line):
            print(" ", line, flush=True)
    return done.returncode == 0, "AttributeError: " in done.stderr


# %%
# The cure: the same code in a file.

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        script.write_text(CODE)
        for method in ("fork", "spawn", "forkserver"):
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            for label, arguments in ("python -c", ["-c", CODE]), ("python script.py", [script]):
                print(f"{method}, {label}:", flush=True)
                try:
                    works, complains = run(sys.executable, *arguments, method)
                except OSError as error:  # as under WebAssembly
                    print(f"  {type(error).__name__}: {error}")
                    raise SystemExit from None
                assert works == (method == "fork" or label == "python script.py")
                assert complains != works

# sphinx_gallery_before = ["def double", "arguments=['-c', CODE]", "works, complains ="]
# sphinx_gallery_after = ["def double", "arguments=[script]", "script.write", "works, complains ="]
# %%
# Why
# ---
# A task names its function by module and name, and `the worker imports it by these
# <https://docs.python.org/3/library/pickle.html#pickle-picklable>`__.
# Where a worker is no copy of your process, its ``__main__`` is made by `importing the file
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-safe-main-import>`__.
# Code from ``-c``, a prompt or a notebook's cell is in no such file, so that ``__main__`` has none
# of your functions, and the documentation rules out `the interactive interpreter
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__.
# A :proof:`forked worker <function_not_in_main: ^fork, python -c:\n  The result is 42>` is a copy
# of the main process, with all functions that were there at that time.
#
# Cure
# ----
# Put the function in a file: the script itself, or a module that your notebook imports.

# %%
# Related
# -------
# - :doc:`script_from_stdin`
# - :doc:`no_main_guard`
