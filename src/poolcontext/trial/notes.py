"""Note how a program starts processes, in the interpreter that runs it.

It writes one JSON object a line into a file: what the program prints is its own.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from multiprocessing import spawn
from types import FrameType
from typing import Any

from poolcontext import run_with_method

DUMPS = json.dumps  # which a program may patch
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
OF_PYTHON = (os.path.dirname(os.__file__) + os.sep, "<frozen ")
"""How the files of the standard library begin."""

APART = 0.1
"""Seconds between one process and the next one."""


class Notes:
    """A file that this process alone writes to, line by line."""

    def __init__(self, path: str) -> None:
        self.path, self.process = path, os.getpid()

    def write(self, **note: Any) -> None:
        if os.getpid() == self.process:  # and no forked one
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(DUMPS(note) + "\n")


class Later:
    """Has the process that is given it say where it is, after some time: it is pickled as that.

    https://docs.python.org/3/library/faulthandler.html#faulthandler.dump_traceback_later
    """

    given = 0

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def __reduce__(self) -> tuple[Any, ...]:
        Later.given += 1  # one after the other, as all write to the same place
        seconds = self.deadline - time.monotonic() + Later.given % 10 * APART
        return faulthandler.dump_traceback_later, (max(seconds, APART),)


def say_where(seconds: float) -> None:
    """Have this process, and each one that it spawns, say where it is when so much time is over."""
    faulthandler.dump_traceback_later(seconds)
    preparation = spawn.get_preparation_data
    later = Later(time.monotonic() + seconds)
    # https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/popen_spawn_win32.py
    vars(spawn)["get_preparation_data"] = lambda name: {**preparation(name), "later": later}


def main(path: str, method: str, seconds: str, *words: str) -> None:
    """Run a program with a start method as its default.

    Args:
        path: The file for the notes.
        method: The start method.
        seconds: When all processes are to say where they are, where no signal asks them; or 0.
        words: A script, or ``-m`` and a module, and its arguments.
    """
    notes = Notes(path)
    run_with_method.set_default(method)
    if float(seconds):
        say_where(float(seconds))
    seen: set[str] = set()

    def started(method: str) -> None:
        if method not in seen:
            seen.add(method)
            file, line = caller(sys._getframe(1))
            notes.write(method=method, file=file, line=line)

    if words[0] == "-m":
        run_with_method.run_module_as_main(words[1], words[2:], started)
    else:
        source = run_with_method.read(words[0])
        run_with_method.run_as_main(source, words[0], words[1:], started)


def caller(frame: FrameType | None) -> tuple[str, int]:
    """Where the program itself, or a library of its, is at work: a file and a line."""
    while frame is not None:
        file = frame.f_code.co_filename
        library = file.startswith(OF_PYTHON) and "site-packages" not in file
        if not (library or file.startswith(OURS)):
            return file, frame.f_lineno
        frame = frame.f_back
    return "", 0
