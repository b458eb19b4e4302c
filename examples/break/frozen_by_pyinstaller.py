"""PyInstaller's executable starts itself again and again
======================================================

A program that starts a worker works as a script; as an executable made by PyInstaller it starts
itself again, and each of these does so too.
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
import multiprocessing, os, sys
if __name__ == "__main__":
    if os.environ["CALL"]:
        multiprocessing.freeze_support()
    print("  The program starts, with", *sys.argv[1:2] or ["no argument"], flush=True)
    os.environ["STARTS"] += "I"
    if os.environ["STARTS"] != "III":
        process = multiprocessing.get_context("spawn").Process(target=print, args=["  It works."])
        process.start()
"""
OPTIONS = "--noconfirm --log-level=ERROR --distpath=. --workpath=work"


def run(executable, call):
    print(f"{call or 'Without a call'}:", flush=True)
    environ = {**os.environ, "CALL": call, "STARTS": ""}
    done = subprocess.run([executable], env=environ, stdout=subprocess.PIPE, text=True, timeout=30)
    works = "It works." in done.stdout
    print(done.stdout, end="" if works else "  It would go on, and is stopped here.\n", flush=True)
    return works


if __name__ == "__main__":
    if importlib.util.find_spec("PyInstaller") is None:
        print("PyInstaller is not installed here; get it by python -m pip install pyinstaller")
        raise SystemExit
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "program.py").write_text(PROGRAM)
        freeze = [sys.executable, "-m", "PyInstaller", *OPTIONS.split(), "program.py"]
        subprocess.run(freeze, cwd=folder, stderr=subprocess.DEVNULL, timeout=50, check=True)
        executable = Path(folder, "program", "program")
        assert not run(executable, "")
        assert run(executable, "multiprocessing.freeze_support()")

# sphinx_gallery_any_order = "The program starts, with -"
# sphinx_gallery_before = ['print("  The', "process =", "process.start"]
# sphinx_gallery_after = ["multiprocessing.freeze", 'print("  The', "process =", "process.start"]
# %%
# Why
# ---
# PyInstaller packs the interpreter, your program and what it imports into a folder, with a program
# of its own in the place of ``python``: it starts your program, whatever its arguments are.
# What multiprocessing starts is ``sys.executable``, :proof:`which is here the program itself
# <frozen_by_pyinstaller: with --multiprocessing-fork$|^PyInstaller is not installed here>`.
# On POSIX that is not only the worker: :proof:`with -B comes the resource tracker
# <frozen_by_pyinstaller: with -B$|^PyInstaller is not installed here>`, a helper process that
# spawn and forkserver need.
# PyInstaller has `a freeze_support of its own
# <https://pyinstaller.org/en/stable/common-issues-and-pitfalls.html#multi-processing>`__, which
# looks for all of these arguments, on every system; Python's own `did nothing on some
# <https://github.com/python/cpython/issues/80334>`__ for long, as :doc:`frozen_program` shows.
# Without the call there is no end: a counter in the environment stops it here.
#
# Cure
# ----
# Call `multiprocessing.freeze_support()
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.freeze_support>`__
# straight after the guard, before all that reads the arguments.

# %%
# Related
# -------
# - :doc:`frozen_program`
# - :doc:`no_main_guard`
