"""What a run left behind, with its provenance, and the file that keeps it."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from . import running, scripts

SCHEMA = 1


class Capture(NamedTuple):
    """One script's output, redacted, and how it came about."""

    command: str
    """What to type for the same."""

    source: str
    """A hash of what was run."""

    date: str
    """The day, in UTC: ``2026-11-22``."""

    ended: str
    status: int | None
    seconds: float
    output: str


class Captures(NamedTuple):
    """All captures of one platform: what one file holds."""

    platform: dict[str, str]
    """What `platforms.describe` said."""

    runner: str
    """A hash of the code that ran and redacted."""

    examples: dict[str, Capture]


def capture(script: scripts.Script, run: running.Run, places: Iterable[tuple[str, str]]) -> Capture:
    """Make a capture of a run: take out what is this machine's own, add its provenance."""
    source = script.path.read_text(encoding="utf-8", errors="replace")
    return Capture(
        command=f"python {script.path.name}",
        source=script.digest(),
        date=datetime.now(timezone.utc).date().isoformat(),
        ended=run.ended,
        status=run.status,
        seconds=round(run.seconds, 3),
        output=redact(run.output, source, places),
    )


def runner() -> str:
    """A hash of the code that runs and redacts, which an output depends on."""
    modules = ("captures", "platforms", "running", "scripts", "streams")
    return scripts.digest(Path(__file__).with_name(f"{name}.py") for name in modules)


def known_places(
    script: scripts.Script, found: Mapping[str, Sequence[str]]
) -> list[tuple[str, str]]:
    """Pair what may not be shown with the word that is shown in its place.

    Args:
        script: Its own folder is one of the places.
        found: What `platforms.places` said, of the interpreter that runs it.
    """
    pairs = []
    folders = [(script.path.parent, "<folder>")]
    folders += [(library, "<library>") for library in script.libraries]
    for folder, shown in folders:
        pairs += [(os.path.abspath(folder), shown), (os.path.realpath(folder), shown)]
    for kind in ("python", "temp", "home", "user", "host"):
        pairs += [(text, f"<{kind}>") for text in found[kind]]
    return pairs


def redact(text: str, script: str, places: Iterable[tuple[str, str]]) -> str:
    """Take the machine's own paths and names out of an output.

    Args:
        text: What was printed.
        script: The script's source: a user's or host's name that is a word of
            it stays, since nobody could tell the two apart.
        places: Pairs of what to take out and what to put there. A path is taken
            out as a whole part of a path, the longest first, also where its
            backslashes are doubled or are slashes; a name as a whole word.

    Returns:
        The text without them.

    Example:
        >>> redact("File '/home/ann/x.py'", "", [("/home/ann", "<home>")])
        "File '<home>/x.py'"
    """
    patterns: list[tuple[str, str, str]] = []
    for place, shown in places:
        if re.search(r"[/\\]", place):
            bare = place.rstrip("/\\")
            if re.sub(r"^[A-Za-z]:", "", bare):  # not the root of a disk
                forms = (bare, bare.replace("\\", "\\\\"), bare.replace("\\", "/"))
                patterns += [(form, _path_pattern(form), shown) for form in dict.fromkeys(forms)]
        elif place and place not in ("root", "localhost"):  # the same on every machine
            pattern = rf"(?:(?<!\w)|{_ESCAPED}){re.escape(place)}(?!\w)"
            if not re.search(pattern, script):
                patterns.append((place, pattern, shown))
    if not patterns:
        return text
    # All at once, so that what was put in is not looked at again.
    patterns.sort(key=lambda one: -len(one[0]))
    anything = "|".join(f"({pattern})" for _, pattern, _ in patterns)
    return re.sub(anything, lambda found: patterns[(found.lastindex or 0) - 1][2], text)


# After the escape of a newline, as in a printed string, a word begins all the same.
_ESCAPED = r"(?<=\\[nrt])"


def _path_pattern(path: str) -> str:
    """Matches a path where one begins: not inside another, but after an option's letter."""
    case = "i" if "\\" in path or path[1:2] == ":" else "-i"
    begin = rf"(?:(?<![\w.-])|{_ESCAPED}|(?<=[\s'\"]-[A-Z]))"
    return rf"(?{case}:{begin}{re.escape(path)}(?![\w-]|\.\w))".replace("?-i:", "?:")


def printable(text: str) -> str:
    r"""Write out what HTML and XML cannot hold, or what a terminal would act on.

    Example:
        >>> printable("a\tb\x1b[0m")
        'a\tb\\x1b[0m'
    """
    return re.sub(
        "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]", lambda found: ascii(found[0])[1:-1], text
    )


# What differs from run to run without meaning anything.
_NUMBER = r"\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_VOLATILE = (
    (re.compile(r"\b0x[0-9a-fA-F]{4,}\b"), "0x…"),
    (re.compile(r"(?i)\b(pid|parent|process|thread|ident|tid)([ =:]+)\d+"), r"\1\2…"),
    (re.compile(r"\b(started(?: daemon)?) \d+"), r"\1 …"),
    (re.compile(rf"{_NUMBER} ?(ns|µs|us|ms|s|seconds?|minutes?)\b"), r"… \1"),
    (re.compile(rf"{_NUMBER} ?([KMG]i?B|bytes?)\b"), r"… \1"),
    (re.compile(r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?"), "…"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "…"),
    (re.compile(r"\b(pymp-|listener-|tmp)[a-z0-9_]{4,}"), r"\1…"),
)


def normalise(text: str) -> str:
    """Take out what differs from run to run, to compare two outputs; never to show one.

    Example:
        >>> normalise("<Lock at 0x7f00beef> of pid 4711, held for 0.3 s")
        '<Lock at 0x…> of pid …, held for … s'
    """
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    return text


def load(path: Path) -> Captures:
    """Read a file of captures.

    Raises:
        OSError: It cannot be read.
        ValueError: It holds something else; the message names the file.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise ValueError(f"schema {data['schema']!r} is not {SCHEMA}")
        examples = {name: _checked(fields) for name, fields in data["examples"].items()}
        platform = {str(key): str(value) for key, value in data["platform"].items()}
        if not platform.keys() >= {"id", "title"}:
            raise ValueError("the platform has no id or no title")
        return Captures(platform, str(data["runner"]), examples)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"{path} is no file of captures: {reason}") from None


def _checked(fields: Mapping[str, Any]) -> Capture:
    """A capture whose fields are what they should be, else a TypeError or ValueError."""
    found = Capture(**fields)
    for name in ("command", "source", "date", "ended", "output"):
        if not isinstance(fields[name], str):
            raise TypeError(f"{name} is {fields[name]!r:.40}")
        fields[name].encode("utf-8")
    if date.fromisoformat(found.date).isoformat() != found.date:
        raise ValueError(f"date is {found.date!r:.40}")
    if found.ended not in ("exit", "signal", "timeout", "interrupt"):
        raise ValueError(f"ended is {found.ended!r:.40}")
    if type(found.seconds) not in (int, float) or not 0 <= found.seconds < 1e6:
        raise ValueError(f"seconds is {found.seconds!r:.40}")
    if (type(found.status) is int) != (found.ended in ("exit", "signal")):
        raise TypeError(f"status is {found.status!r:.40}")
    return found


def save(captures: Captures, path: Path) -> None:
    """Replace a file of captures, so that at every moment it is the old one or the new one."""
    examples = sorted(captures.examples.items())
    data: dict[str, Any] = {"schema": SCHEMA, **captures._asdict()}
    data["examples"] = {name: example._asdict() for name, example in examples}
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}-{os.getpid()}-{threading.get_ident()}.draft")
    try:
        with open(draft, "w", encoding="utf-8", newline="\n") as file:
            json.dump(data, file, indent=1, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
