"""Note how a program starts processes, in the interpreter that runs it.

It writes one JSON object a line into a file: what the program prints is its own.
"""

from __future__ import annotations

import json
import os
import sys
from types import FrameType
from typing import Any

from poolcontext import run_with_method

DUMPS = json.dumps  # which a program may patch
OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
OF_PYTHON = (os.path.dirname(os.__file__) + os.sep, "<frozen ")
"""How the files of the standard library begin."""


class Notes:
    """A file that this process alone writes to, line by line."""

    def __init__(self, path: str) -> None:
        self.path, self.process = path, os.getpid()

    def write(self, **note: Any) -> None:
        if os.getpid() == self.process:  # and no forked one
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(DUMPS(note) + "\n")


def main(path: str, method: str, *words: str) -> None:
    """Run a program with a start method as its default.

    Args:
        path: The file for the notes.
        method: The start method.
        words: A script, or ``-m`` and a module, and its arguments.
    """
    notes = Notes(path)
    run_with_method.set_default(method)
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
