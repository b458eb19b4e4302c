"""FileNotFoundError: [Errno 2] No such file or directory: '<stdin>'
====================================================================

You pass a script to Python on its standard input, as in ``python - < script.py`` or by a here
document, and its process pool fails over a file ``<stdin>`` in the current folder.
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

if __name__ == "__main__":
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context(sys.argv[1])) as pool:
        print("The result is", pool.submit(abs, -14).result(timeout=15))
"""


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, **options)
    for line in (done.stdout + done.stderr).splitlines():  # no more than the messages
        if re.match(r"The result|[\w.]+: .", line):
            print(" ", line, flush=True)
    return done.returncode == 0, "<stdin>" in done.stderr


# %%
# The cure: the same script as a file.

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "script.py").write_text(CODE)
        for method in ("fork", "spawn", "forkserver"):
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            for name, text in ("-", CODE), ("script.py", ""):
                print(f"{method}, python {name}:", flush=True)
                try:
                    command = [sys.executable, name, method]
                    works, complains = run(command, cwd=folder, input=text)
                except OSError as error:  # as under WebAssembly
                    print(f"  {type(error).__name__}: {error}")
                    raise SystemExit from None
                assert works == (method == "fork" or name == "script.py")
                assert complains != works

# sphinx_gallery_before = ["name='-'", "text=CODE", "command =", "works, complains ="]
# sphinx_gallery_after = ["name='script.py'", "text=''", "command =", "works, complains ="]
# %%
# Why
# ---
# Python calls such a script ``<stdin>``, as the error shows.
# A worker that is not a copy of your process has to `import the main script by its file
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-safe-main-import>`__.
# It finds none of that name, and ends before its first task, whatever that is; on Windows, where no
# file can have it, by an ``OSError: [Errno 22] Invalid argument``.
# From 3.13.8 and 3.14.1 on, `the fork server imports it first
# <https://github.com/python/cpython/issues/126631>`__ and ends in the same way, which your process
# meets as a ``ConnectionResetError`` or an ``EOFError``; 3.15 `ignores that error
# <https://github.com/python/cpython/issues/141860>`__ there, and the worker fails.
#
# Cure
# ----
# Save the script to a file and run that.
# With ``python -c`` there is no such error, but :doc:`another one <function_not_in_main>`.

# %%
# Related
# -------
# - :doc:`function_not_in_main`
# - :doc:`no_main_guard`
