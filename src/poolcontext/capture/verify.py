"""The command ``verify``: whether files of captures may be published as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from . import storage
from .redact import BEGIN, one_line
from .script import Script, find_scripts
from .snapshot import Capture

WRONG, IMPOSSIBLE = 1, 2
"""Exit statuses."""


def verify(say: Callable[[str], None], root: Path, names: Iterable[str]) -> int:
    """Say of each file of a capture what is wrong with it, or that nothing is.

    Args:
        say: Prints on standard error.
        root: The folder of the checkout, which holds the scripts.
        names: The files.

    Returns:
        The exit status: 0; 1 if something is wrong; 2 if a file, or the
        checkout's scripts, cannot be read.
    """
    try:
        scripts = {script.name: script for script in find_scripts(root)}
    except (OSError, SyntaxError, ValueError) as error:
        say(str(error))
        return IMPOSSIBLE
    return max(_verify(Path(name), scripts, say) for name in names)


def _verify(path: Path, scripts: Mapping[str, Script], say: Callable[[str], None]) -> int:
    try:
        capture = storage.load(path)
        wrong = list(_telling(capture, scripts))
    except (storage.FileError, OSError) as error:
        say(str(error))
        return WRONG if isinstance(error, storage.FileError) else IMPOSSIBLE
    for line in wrong:
        say(f"{path}: {line}")
    if wrong:
        return WRONG
    print(f"{one_line(str(path))}: {len(capture.examples)} examples, nothing is wrong")
    current = {name: script.digest() for name, script in scripts.items()}
    for name, snapshot in capture.examples.items():
        if current.get(name) != snapshot.script:
            is_what = "of an older script" if name in current else "of no script that is here"
            print(f"  {name} is {is_what}")
    return 0


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


def _telling(capture: Capture, scripts: Mapping[str, Script]) -> Iterator[str]:
    """What tells of a machine: the first of each kind in an example, less what its script says."""
    for name, snapshot in capture.examples.items():
        source = scripts[name].path.read_text(encoding="utf-8") if name in scripts else ""
        for kind, pattern in _TELLING.items():
            for number, line in enumerate(snapshot.output.split("\n"), 1):
                found = [text for text in pattern.findall(line) if text not in source]
                if found:
                    yield f"{name}, line {number}: {kind} is not redacted: {found[0]:.60}"
                    break
