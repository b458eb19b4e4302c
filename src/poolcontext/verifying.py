"""The command `verify`: whether files of captures may be published as they are."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from . import files
from .captures import Captures
from .capturing import checkout
from .console import complain
from .redaction import BEGIN, one_line
from .scripts import Script, find_scripts

_SLASH = r"(?:/|\\{1,4})"  # a backslash in a string that is printed within another has four

# What redaction takes out where it knows of it, and an interpreter in a container may not know.
_TELLING = {
    "a home folder": re.compile(
        rf"{BEGIN}(?:/home/|(?i:(?:[a-z]:|/[a-z])?{_SLASH}Users{_SLASH}))[\w.~-]+"
        rf"|{BEGIN}/root/[\w.-]+"
    ),
    "a temporary file": re.compile(
        rf"{BEGIN}(?:/private)?(?:(?:/var|/usr)?/tmp/|/var/folders/)[\w.+-]+"
    ),
    "a machine's name": re.compile(r"(?:<user>|(?<![\w.+-])[\w.+-]+)@(?!localhost\b|0x)\w[\w.-]*"),
}


def main(options: argparse.Namespace) -> int:
    """Say of each file what is wrong with it, or that nothing is.

    Returns:
        The exit status: 0; 1 if something is wrong; 2 if a file, or the
        checkout's scripts, cannot be read.
    """
    try:
        scripts = {script.name: script for script in find_scripts(checkout())}
    except (OSError, SyntaxError, ValueError) as error:
        return complain(str(error), 2)
    return max(_verify(Path(name), scripts) for name in options.files)


def _verify(path: Path, scripts: Mapping[str, Script]) -> int:
    try:
        captures = files.load(path)
        wrong = list(_telling(captures, scripts))
    except files.FileError as error:
        return complain(str(error), 1)
    except OSError as error:
        return complain(str(error), 2)
    for line in wrong:
        complain(f"{path}: {line}", 1)
    if wrong:
        return 1
    print(f"{one_line(str(path))}: {len(captures.examples)} examples, nothing is wrong")
    current = {name: script.digest() for name, script in scripts.items()}
    for name, capture in captures.examples.items():
        if current.get(name) != capture.script:
            is_what = "of an older script" if name in current else "of no script that is here"
            print(f"  {name} is {is_what}")
    return 0


def _telling(captures: Captures, scripts: Mapping[str, Script]) -> Iterator[str]:
    """What tells of a machine: the first of each kind in an example, less what its script says."""
    for name, capture in captures.examples.items():
        source = scripts[name].path.read_text(encoding="utf-8") if name in scripts else ""
        for kind, pattern in _TELLING.items():
            for number, line in enumerate(capture.output.split("\n"), 1):
                found = [text for text in pattern.findall(line) if text not in source]
                if found:
                    yield f"{name}, line {number}: {kind} is not redacted: {found[0]:.60}"
                    break
