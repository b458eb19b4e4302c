"""An attempt has been made to start a new process before the current process has finished
==========================================================================================

It ends in ``its bootstrapping phase``, and another error follows, mostly a ``BrokenProcessPool``.
You see it when a script makes a pool without a ``__main__`` guard.
"""

import multiprocessing
import re
import subprocess
import sys
import tempfile
from pathlib import Path

IMPORTS = """
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
"""
WITHOUT_GUARD = """
with ProcessPoolExecutor(max_workers=1, mp_context=get_context(sys.argv[1])) as pool:
    print("The result is", pool.submit(abs, -14).result(timeout=15))
"""
# %%
# The cure is one line: what uses processes stands below it, the imports stay above.

WITH_GUARD = """
if __name__ == "__main__":
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context(sys.argv[1])) as pool:
        print("The result is", pool.submit(abs, -14).result(timeout=15))
"""


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    for line in (done.stdout + done.stderr).splitlines():  # no more than the messages
        if re.match(r"The result|[\w.]+: .| +(An attempt|current process)", line):
            print(" ", line.strip(), flush=True)
    both = r"(?s)bootstrapping phase\..*(BrokenProcessPool|ConnectionResetError|EOFError): "
    return done.returncode == 0, bool(re.search(both, done.stderr))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        for method in ("fork", "spawn", "forkserver"):
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            for label, code in ("without", WITHOUT_GUARD), ("with", WITH_GUARD):
                script.write_text(IMPORTS + code)
                print(f"{method}, {label} the guard:", flush=True)
                try:
                    works, complains = run(sys.executable, script, method)
                except OSError as error:  # as under WebAssembly
                    print(f"  {type(error).__name__}: {error}")
                    raise SystemExit from None
                assert works == (method == "fork" or code is WITH_GUARD)
                assert complains != works

# sphinx_gallery_before = "WITHOUT_GUARD ="
# sphinx_gallery_after = "WITH_GUARD ="
# %%
# Why
# ---
# A worker that is not a copy of your process `imports your script
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-safe-main-import>`__ to
# find its functions.
# Without the guard this makes a pool in a process that is not ready yet, which ends with the error.
# From 3.13.8 and 3.14.1 on, the fork server imports the script `before any worker does
# <https://github.com/python/cpython/issues/126631>`__.
# The server then ends, and you see a ``ConnectionResetError`` or ``EOFError``; 3.15 `ignores that
# error <https://github.com/python/cpython/issues/141860>`__ in it, and the worker ends instead.
#
# Cure
# ----
# Put all that is to run once below ``if __name__ == "__main__":``, and keep functions above it.

# %%
# Related
# -------
# - :doc:`pool_without_guard`
# - :doc:`worker_ended_abruptly`
