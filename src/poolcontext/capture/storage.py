"""Load and save the file of one platform's capture: bounded, as it may come from a stranger.

Nothing is taken out of a file but what `parse` knows; a file is replaced atomically.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from .platform import Platform
from .redact import one_line
from .script import NAME
from .snapshot import Capture, Snapshot

SCHEMA = 1
MAX_BYTES = 4 << 20
MAX_EXAMPLES = 5000
MAX_OUTPUT = 300_000
"""Characters; `run_script` keeps 64 KiB, of which each may become four where it is no text."""


class FileError(ValueError):
    """A file that holds no capture; the message names it, and the place in it."""


def load(path: Path, trusted: bool = False) -> Capture:
    """Read a platform's file.

    Args:
        path: The file, whose name is its platform's id and ``.json``.
        trusted: Whether it is this machine's own, which may be of any size.

    Raises:
        OSError: It cannot be read.
        FileError: It holds something else.
    """
    try:
        # A pipe or a device would be waited for, and a link may lead anywhere.
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise ValueError("it is no regular file")
        with open(path, "rb") as file:
            content = file.read(-1 if trusted else MAX_BYTES + 1)
        capture = parse(content, trusted)
        if path.name != f"{capture.platform.id}.json":
            raise ValueError(f"platform: {capture.platform.id} has a file of that name, not this")
    except ValueError as error:
        name = str(path).encode("ascii", "backslashreplace").decode("ascii")
        raise FileError(one_line(f"{name}: {error}")) from None
    return capture


def load_folder(folder: Path) -> tuple[list[Capture], list[str]]:
    """Read all platforms' files in a folder: what they hold, and what is wrong with others."""
    found, errors = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(load(path))
        except (FileError, OSError) as error:
            errors.append(one_line(str(error)))
    return found, errors


def save(capture: Capture, path: Path, trusted: bool = False) -> None:
    """Replace a platform's file, so that at every moment it is the old one or the new one.

    Args:
        capture: What it is to hold.
        path: The file.
        trusted: Whether it is for this machine only, and so may be of any size.

    Raises:
        OSError: It cannot be written.
        ValueError: `load` would refuse it.
    """
    content = serialize(capture)
    if parse(content, trusted) != capture or path.name != f"{capture.platform.id}.json":
        raise ValueError(f"{path.name} would not hold what was captured")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}-{os.getpid()}-{threading.get_ident()}.draft")
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def serialize(capture: Capture) -> bytes:
    """The content of a file: keys in order, and a line for each line of an output."""
    platform = capture.platform._asdict()
    if not platform["release"]:
        del platform["release"]
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "platform": {"id": capture.platform.id, **platform},
        "date": capture.date,
        "examples": {},
    }
    for name in sorted(capture.examples):
        fields = capture.examples[name]._asdict()
        fields["output"] = re.findall(r"[^\n]*\n|[^\n]+", fields["output"])
        data["examples"][name] = fields
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def parse(content: bytes, trusted: bool = False) -> Capture:
    """Make a capture of a file's content.

    Args:
        content: The bytes.
        trusted: Whether this machine wrote it itself: then it may be of any size.

    Raises:
        ValueError: It is something else; the message names the place.
    """
    if len(content) > MAX_BYTES and not trusted:
        raise ValueError(f"it has more than {MAX_BYTES} bytes")
    try:
        data = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_without_duplicates,
            parse_int=_integer,
        )
    except RecursionError:  # what the parser says to it
        raise ValueError("it is nested too deeply") from None
    if isinstance(data, dict) and "schema" in data:  # of another, nothing else would fit
        schema = data["schema"]
        if type(schema) is not int or schema != SCHEMA:
            raise ValueError(f"schema: {_quoted(schema)} is not {SCHEMA}")
    _require(data, {"schema", "platform", "date", "examples"})
    with _at("platform"):
        platform = _platform(data["platform"])
    examples = {}
    for name, fields in _examples(data["examples"], trusted).items():
        with _at(f"examples: {name}"):
            examples[name] = _snapshot(fields)
    capture = Capture(platform, examples)
    if data["date"] != capture.date:
        raise ValueError(f"date: it is not {capture.date}, the latest of the examples")
    return capture


def _platform(fields: object) -> Platform:
    absent = {"release"} if isinstance(fields, dict) and "release" not in fields else set()
    found = dict(_require(fields, {*Platform._fields, "id"} - absent))
    name = found.pop("id")
    platform = Platform.checked(found)
    if name != platform.id:
        raise ValueError(f"id: it is not {platform.id}, which the other fields make")
    return platform


def _examples(value: object, trusted: bool) -> dict[str, object]:
    with _at("examples"):
        if not isinstance(value, dict):
            raise ValueError(value.reason if isinstance(value, _Odd) else "it is no object")
        if not value or (len(value) > MAX_EXAMPLES and not trusted):
            raise ValueError(f"there are {len(value)}, and not 1 to {MAX_EXAMPLES}")
        for name in value:
            if not NAME.fullmatch(name):
                raise ValueError(f"{_quoted(name)} is no script's name")
    return value


def _snapshot(value: object) -> Snapshot:
    fields = _require(value, set(Snapshot._fields))
    for field, check in _CHECKS.items():
        with _at(field):
            check(fields[field])
    status = fields["status"]
    kind = "timeout" if status is None else "exit" if status >= 0 else "signal"
    if kind != fields["ended"]:
        raise ValueError(f"status: not {fields['status']}, since it ended by {fields['ended']}")
    return Snapshot(**{**fields, "output": "".join(fields["output"])})


def _hash(value: object) -> None:
    if not isinstance(value, str) or not re.fullmatch("[0-9a-f]{64}", value):
        raise ValueError(f"{_quoted(value)} is no SHA-256")


def _date(value: object) -> None:
    # In this one form; Python from 3.11 on knows others.
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError(f"{_quoted(value)} is no date such as 2026-11-22")
    date.fromisoformat(value)


def _ended(value: object) -> None:
    if value not in ("exit", "signal", "timeout"):
        raise ValueError(f"{_quoted(value)} is neither exit nor signal nor timeout")


def _status(value: object) -> None:
    if value is not None and (type(value) is not int or not -(2**31) <= value < 2**32):
        raise ValueError(f"{_quoted(value)} is no exit status")


def _seconds(value: object) -> None:
    if type(value) not in (int, float) or not 0 <= value < 1e6:  # type: ignore[operator]
        raise ValueError(f"{_quoted(value)} is no number of seconds")


def _output(value: object) -> None:
    if not isinstance(value, list):
        raise ValueError("not a list of lines")
    for number, line in enumerate(value):
        last = number == len(value) - 1
        if not isinstance(line, str) or not re.fullmatch(r"[^\n]*\n|[^\n]+", line):
            raise ValueError(f"line {number + 1}: {_quoted(line)} is no line")
        if not line.endswith("\n") and not last:
            raise ValueError(f"line {number + 1}: {_quoted(line)} has no end")
        if re.search("[\ud800-\udfff]", line):
            raise ValueError(f"line {number + 1}: it holds half a character")
    if sum(map(len, value)) > MAX_OUTPUT:
        raise ValueError(f"it has more than {MAX_OUTPUT} characters")


_CHECKS: Mapping[str, Callable[[object], None]] = {
    "script": _hash,
    "date": _date,
    "ended": _ended,
    "status": _status,
    "seconds": _seconds,
    "output": _output,
}


def _require(value: object, keys: set[str]) -> dict[str, Any]:
    """An object of just these keys."""
    if not isinstance(value, dict):
        raise ValueError(value.reason if isinstance(value, _Odd) else "it is no object")
    for key in sorted(keys - value.keys()):
        raise ValueError(f"{key}: it is missing")
    for key in sorted(value.keys() - keys):
        raise ValueError(f"{_quoted(key)}: nothing is known of it")
    return value


@contextlib.contextmanager
def _at(place: str) -> Iterator[None]:
    """Put the place before what is wrong there."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _quoted(value: object) -> str:
    """What was found instead; what is nested is not looked into, however deep it may be."""
    if isinstance(value, _Odd):
        return value.shown
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else f"{value!a:.40}"


class _Odd:
    """Stands for what JSON allows and no field takes: so it is refused at its place."""

    def __init__(self, shown: str, reason: str = "it is no object") -> None:
        self.shown = shown
        self.reason = reason


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Odd:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return _Odd("an object", f"{_quoted(twice)} is there twice")


def _integer(text: str) -> int | _Odd:
    return int(text) if len(text) <= 20 else _Odd(f"{text:.20}...")
