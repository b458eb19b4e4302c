"""python -m NAME: the fork server does not import your program
============================================================

One program, started by the name of its file or of its module, behaves in two ways: what its top
level makes is there once for all workers, or once for each.
"""

import multiprocessing
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import sys, uuid
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

token = uuid.uuid4()

def look():
    return token

if __name__ == "__main__":
    seen = set()
    for _ in range(2):  # two workers, one after the other
        with ProcessPoolExecutor(1, get_context(sys.argv[1])) as pool:
            seen.add(pool.submit(look).result(timeout=30))
    print("one token for both workers" if len(seen) == 1 else "a token for each worker")
"""

# %%
# The program is run in both ways, with each method.


def run(method, how, folder):
    command = [sys.executable, *how.split(), method]
    options = {"cwd": folder, "stdout": subprocess.PIPE, "text": True}
    said = subprocess.run(command, timeout=30, check=True, **options).stdout.strip()
    print(f"{method}, python {how}: {said}", flush=True)
    return said == "one token for both workers"


if __name__ == "__main__":
    since = sys.version_info >= (3, 14, 1) or (3, 13, 8) <= sys.version_info < (3, 14)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "program.py").write_text(PROGRAM)
        for method, shared in {"fork": True, "spawn": False, "forkserver": since}.items():
            if method not in multiprocessing.get_all_start_methods():
                print(method, "is not there on this platform.")
                continue
            try:
                assert run(method, "program.py", folder) == shared
            except OSError as error:  # as under WebAssembly
                print(f"{method}: {type(error).__name__}: {error}")
                break
            assert run(method, "-m program", folder) == (method == "fork")
# %%
# Why
# ---
# From Python 3.13.8 and 3.14.1 on the fork server `imports the main module
# <https://github.com/python/cpython/issues/126631>`__, and all its workers are forks of that.
# What it gets for this is `the path of a file
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/forkserver.py>`__, which there is
# when you start your program as one; a module that ``-m`` has started is known by its name only, so
# the server imports nothing, and each worker does it for itself, as in older releases.
# The same goes for ``"__main__"`` in the list of ``set_forkserver_preload()``: it has no effect.
#
# What to do
# ----------
# Write the program so that both are right: leave the top level to imports and definitions, and make
# in an ``initializer`` what each worker is to have for itself.
# When you look for a fault, start the program in the way in which it is started where it fails.

# %%
# Related
# -------
# - :doc:`../break/top_level_is_shared`
# - :doc:`../break/imports_again`
