"""A frozen program starts itself again and again
==============================================

A program works as a script; made into an executable, by PyInstaller or the like, it starts itself
where it should start a worker, and so does each of those that it has started.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import os, sys
sys.frozen = True  # as a freezer has it
sys.executable = sys._base_executable = os.environ["EXECUTABLE"]
import multiprocessing.spawn
if __name__ == "__main__":
    {}
    print("  The program starts, with", *sys.argv[1:2] or ["no argument"], flush=True)
    os.environ["STARTS"] += "I"
    if os.environ["STARTS"] != "III":
        process = multiprocessing.get_context("spawn").Process(target=print, args=["  It works."])
        process.start()
"""
# %%
# No freezer is used here: a file stands in for the executable. It runs the program, whatever its
# arguments are, but for the ``-c`` of a helper process that multiprocessing has on POSIX.

POSIX = """#!/bin/sh
case " $* " in *" -c "*) exec "{0}" "$@";; esac
exec "{0}" "{1}" "$@"
"""
NAME, FILE = ("program.bat", '@"{0}" "{1}" %*\n') if os.name == "nt" else ("program", POSIX)


def run(folder, call):
    program, executable = Path(folder, "program.py"), Path(folder, NAME)
    program.write_text(PROGRAM.format(call))
    executable.write_text(FILE.format(sys.executable, program))
    executable.chmod(0o700)
    environ = {**os.environ, "EXECUTABLE": str(executable), "STARTS": ""}
    print(f"{call or 'Without a call'}:", flush=True)
    done = subprocess.run([executable], env=environ, stdout=subprocess.PIPE, text=True, timeout=30)
    works = "It works." in done.stdout
    print(done.stdout, end="" if works else "  It would go on, and is stopped here.\n", flush=True)
    return works


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        try:
            assert not run(folder, "")
            calls = ["multiprocessing.freeze_support()", "multiprocessing.spawn.freeze_support()"]
            assert any(run(folder, call) for call in (calls[:1] if os.name == "nt" else calls))
        except OSError as error:  # as under WebAssembly
            print(f"{type(error).__name__}: {error}")

# sphinx_gallery_before = ["PROGRAM.format('')", "if __name"]
# sphinx_gallery_after = ["PROGRAM.format('multiprocessing.freeze_support()')", "if __name"]
# %%
# Why
# ---
# Under spawn a worker is a new process of ``sys.executable``: of a frozen program, `the program
# with an argument <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__.
# It runs from its top, with the guard open, comes to the line that starts a worker, and so on.
# `freeze_support <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.freeze_support>`__
# looks for that argument: in a worker it does the worker's work, and ends the process.
# Elsewhere than on Windows it `did nothing <https://github.com/python/cpython/issues/80334>`__ for
# long; what it calls in ``multiprocessing.spawn`` works there too, and PyInstaller `has its own
# <https://pyinstaller.org/en/stable/common-issues-and-pitfalls.html#multi-processing>`__.
#
# Cure
# ----
# Call ``multiprocessing.freeze_support()`` straight after the guard, before all that reads the
# arguments; in a program that is not frozen it does nothing.

# %%
# Related
# -------
# - :doc:`frozen_by_pyinstaller`
# - :doc:`no_main_guard`
