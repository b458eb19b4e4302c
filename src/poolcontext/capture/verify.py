"""The command ``verify``: whether files of captures may be published as they are."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from . import storage
from .redact import BEGIN, SLASH, one_line
from .script import Script, find_scripts
from .snapshot import Capture

WRONG, IMPOSSIBLE = 1, 2
"""Exit statuses."""


def verify(say: Callable[[str], None], root: Path, names: Iterable[str]) -> int:
    """Say of each file of a capture what is wrong with it, or that nothing is.

    Args:
        say: Prints on standard error.
        root: The folder of the checkout, which holds the scripts.
        names: The files, or patterns of their names.

    Returns:
        The exit status: 0; 1 if something is wrong; 2 if a file, or the
        checkout's scripts, cannot be read.
    """
    try:
        scripts = {script.name: script for script in find_scripts(root)}
    except (OSError, SyntaxError, ValueError) as error:
        say(str(error))
        return IMPOSSIBLE
    return max(_verify(path, scripts, say) for name in names for path in _files(name))


def _files(name: str) -> list[Path]:
    """The files that a pattern matches which no shell has expanded, as on Windows, or the name."""
    found = [] if os.path.exists(name) else sorted(glob.glob(name))
    return [Path(one) for one in found or [name]]


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


_DRIVE = r"(?:[a-z](?::|%3a)|(?:/mnt|/cygdrive)?/[a-z])"

# What redaction takes out where it knows of it, and an interpreter in a container may not know.
_TELLING = {
    "a home folder": re.compile(
        rf"{BEGIN}(?:/home/|(?i:{_DRIVE}?{SLASH}Users{SLASH}))[\w.~-]+"
        rf"|{BEGIN}/root/[\w.-]+"
    ),
    "a temporary file": re.compile(
        rf"{BEGIN}(?:/private)?(?:(?:/var|/usr)?/tmp/|/var/folders/)[\w.+-]+"
        rf"|(?i:{BEGIN}[a-z]:[/\\]+(?:Windows[/\\]+)?(?:temp|tmp)[/\\]+[\w.+-]{{3,}})"
    ),
    "a machine's name": re.compile(r"(?:<user>|(?<![\w.+-])[\w.+-]+)@(?!localhost\b|0x)\w[\w.-]*"),
    # What systems write of a process that crashes has its memory in it; Wine's has much more.
    "a crash dump": re.compile(
        r"Unhandled (?:exception(?::| 0x)|page fault\b).*|^(?:Register|Stack) dump:|^Backtrace:$"
        r"|^Faulting (?:application|module)\b.*|\bEXC_[A-Z_]+\b|\b[0-9a-f]{4}:(?:err|fixme):\w.*"
    ),
    "a system's version": re.compile(
        r"(?:Host (?:system|version)|Wine build): .*|(?<!\w)#\d+(?:-\w+)? (?:SMP|PREEMPT)\b.*"
        r"|\b(?:Linux|Darwin|macOS|Windows)(?:-| version )\d[\w.+-]*"
        r"|(?<![\w.+-])\d{1,3}\.\d{1,3}\.\d{1,3}-\d{1,5}-[a-z][\w.+-]*"
    ),
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
