"""What a run left behind, with its provenance, and the file that keeps it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from . import running, scripts
from .redaction import redact

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


def capture(
    script: scripts.Script, digest: str, run: running.Run, places: Iterable[tuple[str, str]]
) -> Capture:
    """Make a capture of a run: take out what is this machine's own, add its provenance.

    Args:
        script: What was run.
        digest: Its digest before it was run; it may have been edited since.
        run: What came out.
        places: What is not to be shown, from `known_places`.
    """
    source = script.path.read_text(encoding="utf-8", errors="replace")
    return Capture(
        command=f"python {script.path.name}",
        source=digest,
        date=datetime.now(timezone.utc).date().isoformat(),
        ended=run.ended,
        status=run.status,
        seconds=round(run.seconds, 3),
        output=redact(run.output, source, places),
    )


def runner() -> str:
    """A hash of the code that runs and redacts, which an output depends on."""
    modules = ("captures", "platforms", "redaction", "running", "scripts", "streams")
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
