"""A frozen program starts itself again and again
==============================================

A program works as a script; made into an executable, by PyInstaller or the like, it starts itself
where it should start a worker, and so does each of those that it has started.
"""

# /// script
# dependencies = ["pyinstaller"]
# ///

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = """
import os, sys
if "EXECUTABLE" in os.environ:  # as a freezer has it
    sys.frozen = True
    sys.executable = sys._base_executable = os.environ["EXECUTABLE"]
import multiprocessing.spawn
if __name__ == "__main__":
    exec(os.environ["CALL"])
    print("  The program starts, with", *sys.argv[1:2] or ["no argument"], flush=True)
    os.environ["STARTS"] += "I"
    if os.environ["STARTS"] != "III":
        process = multiprocessing.get_context("spawn").Process(target=print, args=["  It works."])
        process.start()
"""
# %%
# First a file stands in for the executable. It runs the program, whatever its arguments are, but
# for the ``-c`` of a helper process that multiprocessing has on POSIX.
# Then PyInstaller makes a real one, where it is installed.

POSIX = """#!/bin/sh
case " $* " in *" -c "*) exec "{0}" "$@";; esac
exec "{0}" "{1}" "$@"
"""
NAME, FILE = ("program.bat", '@"{0}" "{1}" %*\n') if os.name == "nt" else ("program", POSIX)
FREEZE = "-m PyInstaller --noconfirm --log-level=ERROR --distpath=. --workpath=work program.py"


def run(executable, call, **environ):
    print(f"{call or 'Without a call'}:", flush=True)
    environ = {**os.environ, **environ, "CALL": call, "STARTS": ""}
    done = subprocess.run([executable], env=environ, stdout=subprocess.PIPE, text=True, timeout=30)
    works = "It works." in done.stdout
    print(done.stdout, end="" if works else "  It would go on, and is stopped here.\n", flush=True)
    return works


def stand_in(program):
    executable = program.with_name(NAME)
    executable.write_text(FILE.format(sys.executable, program))
    executable.chmod(0o700)
    environ = {"EXECUTABLE": str(executable)}
    assert not run(executable, "", **environ)
    calls = ["multiprocessing.freeze_support()", "multiprocessing.spawn.freeze_support()"]
    assert any(run(executable, call, **environ) for call in calls[: 1 if os.name == "nt" else 2])


def frozen(program):
    print("By PyInstaller:", flush=True)
    if importlib.util.find_spec("PyInstaller") is None:
        print("  It is not installed here; get it by python -m pip install pyinstaller")
        return
    words = [sys.executable, *FREEZE.split()]
    subprocess.run(words, cwd=program.parent, stderr=subprocess.DEVNULL, timeout=60, check=True)
    executable = Path(program.parent, "program", "program")
    assert not run(executable, "")
    assert run(executable, "multiprocessing.freeze_support()")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "program.py")
        program.write_text(PROGRAM)
        try:
            stand_in(program)
            frozen(program)
        except OSError as error:  # as under WebAssembly
            print(f"{type(error).__name__}: {error}")

# sphinx_gallery_any_order = "The program starts, with -"
# %%
# Why
# ---
# Under spawn a worker is a new process of ``sys.executable``: of a frozen program, `the program
# with an argument <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__.
# It runs from its top, with the guard open, comes to the line that starts a worker, and so on.
# On POSIX its resource tracker is started so too: in PyInstaller's executable :proof:`that is what
# comes with -B <frozen_program: with -B$|^  It is not installed here>`.
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
# - :doc:`no_main_guard`
# - :doc:`../check/look_without_freezing`
