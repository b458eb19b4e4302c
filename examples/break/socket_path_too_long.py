"""OSError: AF_UNIX path too long
==============================

In an older Python a pool fails at its first task if the path of the temporary folder is too long.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile

# %%
# The program runs three times, with a ``TMPDIR`` of more than 100 characters or with a short one.

PROGRAM = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.util import get_temp_dir

if __name__ == "__main__":
    in_it = os.path.dirname(get_temp_dir()) == os.environ["TMPDIR"]
    print("Python puts sockets into TMPDIR:", in_it, flush=True)
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(sys.argv[1])) as pool:
        print("The result is", pool.submit(abs, -42).result(timeout=15))
"""


def run_program(home, method, folder):
    print(method, "with a", "long" if len(folder) > 100 else "short", "TMPDIR:")
    command = [sys.executable, os.path.join(home, "program.py"), method]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 20}
    environ = {**os.environ, "TMPDIR": folder}
    child = subprocess.run(command, env=environ, check=False, **options)
    where, *_, last = child.stdout.splitlines()
    print("  " + where, "  " + last, sep="\n")
    return last


if __name__ == "__main__":
    if "forkserver" not in multiprocessing.get_all_start_methods():
        print("forkserver is not there on this platform.")
        raise SystemExit
    with tempfile.TemporaryDirectory() as home:
        long = tempfile.mkdtemp(suffix=100 * "x", dir=home)
        with open(os.path.join(home, "program.py"), "w") as file:
            file.write(PROGRAM)
        try:
            outcome = run_program(home, "forkserver", long)
        except OSError as error:
            print(f"  {type(error).__name__}: {error}")
            raise SystemExit from None
        works = sys.version_info >= (3, 14) or (sys.version_info >= (3, 13) and "42" in outcome)
        assert outcome == ("The result is 42" if works else "OSError: AF_UNIX path too long")
        assert run_program(home, "forkserver", "/tmp") == "The result is 42"
        assert run_program(home, "spawn", long) == "The result is 42"

# sphinx_gallery_before = ["long =", "outcome ="]
# sphinx_gallery_after = ['assert run_program(home, "fork', 'assert run_program(home, "spawn']
# %%
# Why
# ---
# Under forkserver the main process talks to its server through `a socket whose name is a path
# <https://docs.python.org/3/library/socket.html#socket-addresses>`__, in the temporary folder.
# Such a path has a limit: Linux takes `at most 107 bytes
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/util.py>`__ for the whole of it.
# Python 3.14, and 3.13 in its later releases, `put the socket elsewhere
# <https://github.com/python/cpython/issues/132124>`__ if its path would be too long: into ``/tmp``.
# Some lengths `fail <https://github.com/python/cpython/issues/149527>`__ up to 3.14.9 and 3.15.1.
#
# Cure
# ----
# Set ``TMPDIR`` to a short path before your program starts, assign one to `tempfile.tempdir
# <https://docs.python.org/3/library/tempfile.html#tempfile.tempdir>`__, or use spawn.
# Spawn is no cure for a ``multiprocessing.Manager``, which `has such a socket
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/managers.py>`__ in any case.

# %%
# Related
# -------
# - :doc:`../check/default_without_temporary_folder`
# - :doc:`environ_too_late`
