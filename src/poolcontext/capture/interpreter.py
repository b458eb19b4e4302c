"""Another interpreter: the command that runs a script with it, and what it says of itself."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from . import platform
from .platform import Platform
from .process import WINDOWS, ending_on_signals, run_script
from .redact import one_line

PATIENCE = 60.0
"""Seconds that an interpreter has to say what it is."""


class InterpreterError(ValueError):
    """A command runs no usable Python."""


class Interpreter(NamedTuple):
    """An interpreter that scripts are run with."""

    command: tuple[str, ...]
    """Takes a script's name as its last argument."""

    platform: Platform
    places: dict[str, list[str]]
    """What `platform.places` says there: for redaction, never to be saved."""


def own() -> Interpreter:
    """The interpreter that this runs on."""
    return Interpreter((sys.executable,), platform.describe(), platform.places())


def ask(text: str) -> Interpreter:
    """Have the interpreter that a command runs say which platform it is.

    Args:
        text: The command, such as ``python3.14``, ``env X=1 pypy3``, or that of a
            wrapper around a container. Names of files count from here.

    Raises:
        InterpreterError: It cannot be run, or does not run a script as ``python`` does.
    """
    unusable = f"{text!r} is no usable Python"
    try:
        command = resolve(split(text))
        if not os.path.exists(command[0]):
            raise ValueError(f"there is no command {split(text)[0]!r}")
        with ending_on_signals():
            run = run_script(Path(platform.__file__), command, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise InterpreterError(f"{unusable}: {error}") from None
    last = (run.output.strip().splitlines() or [""])[-1]  # a wrapper may speak first
    if run.status != 0:
        how = f"it ended with exit status {run.status}" if run.ended == "exit" else run.ended
        raise InterpreterError(f"{unusable}: {one_line(last) or how}")
    if not last.startswith("{"):
        printed = f"printed {last!a:.60}" if last else "printed nothing"
        raise InterpreterError(f"{unusable}: it does not run a script as python does, it {printed}")
    try:
        answer = json.loads(last)
        found, places = Platform.checked(answer["platform"]), answer["places"]
        if places.keys() != platform.places().keys() or not all(map(_are_texts, places.values())):
            raise ValueError("it does not name its places")
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise InterpreterError(
            f"{unusable}: what it said is no platform: {one_line(str(error))}"
        ) from None
    if found.age[0] < (3, 9):
        raise InterpreterError(f"{unusable}: it is {found.python}, and 3.9 or newer is needed")
    return Interpreter(tuple(command), found, places)


def split(text: str) -> list[str]:
    r"""Split a command into words, as the platform's shell would.

    But a program whose path has blanks needs no quotes: who has written
    ``--python "C:\Program Files\..."`` has had them taken off by a shell.

    Raises:
        ValueError: There is no word, or a quote is not closed.
    """
    text = text.strip()
    # The longest first; what ends before the first blank is a word anyway.
    for blank in [*re.finditer(r"\s+|$", text)][:0:-1]:
        if shutil.which(text[: blank.start()]):
            return [text[: blank.start()], *_words(text[blank.end() :])]
    words = _words(text)
    if not words:
        raise ValueError("it is empty")
    return words


def _words(text: str) -> list[str]:
    if not WINDOWS:
        return shlex.split(text)
    # There a backslash and a single quote are parts of a path.
    if text.count('"') % 2:
        raise ValueError("No closing quotation")
    return [word.replace('"', "") for word in re.findall(r'(?:[^\s"]|"[^"]*")+', text)]


def resolve(command: Sequence[str]) -> list[str]:
    """Make the file names in a command hold from every working directory.

    Args:
        command: Words, such as ``["env", "X=1", "./python"]``.

    Returns:
        The words; those that name an existing file or folder, relative to
        here, are absolute, and so is the first, which is looked for on the path.
    """
    program = os.path.abspath(shutil.which(command[0]) or command[0])
    words = [os.path.abspath(word) if os.path.exists(word) else word for word in command[1:]]
    return [program, *words]


def _are_texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(text, str) for text in found)
