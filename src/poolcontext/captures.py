"""What a run left behind, with its provenance."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from .platforms import Platform
from .redaction import redact
from .running import Run
from .scripts import Script, digest


class Capture(NamedTuple):
    """One script's output, redacted, and how it came about."""

    script: str
    """A hash of what was run: `Script.digest`."""

    date: str
    """The day, in UTC: ``2026-11-22``."""

    ended: str
    """What ended it, as in `Run`."""

    status: int | None
    seconds: float
    output: str

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        return {
            "exit": f"exit status {self.status}",
            "signal": f"ended by signal {-(self.status or 0)}",
            "timeout": "ended at its time limit",
        }[self.ended]


class Captures(NamedTuple):
    """All captures of one platform: what one file holds."""

    platform: Platform
    examples: dict[str, Capture]
    """By the scripts' names."""

    @property
    def date(self) -> str:
        """The day of the latest capture."""
        return max(one.date for one in self.examples.values())


def capture(script: Script, source: str, run: Run, places: Iterable[tuple[str, str]]) -> Capture:
    """Make a capture of a run: take out what is this machine's own, add its provenance.

    Args:
        script: What was run.
        source: Its digest before it was run; it may have been edited since.
        run: What came out.
        places: What is not to be shown, from `known_places`.
    """
    files = (script.path, *script.package)
    words = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    return Capture(
        script=source,
        date=datetime.now(timezone.utc).date().isoformat(),
        ended=run.ended,
        status=run.status,
        seconds=round(run.seconds, 3),
        output=redact(run.output, words, places),
    )


def runner() -> str:
    """A hash of the code that runs and redacts: what it made is current as long as it is this."""
    modules = (
        *("captures", "gathering", "interpreters", "pictures", "platforms"),
        *("redaction", "running", "scripts", "streams"),
    )
    return digest(Path(__file__).with_name(f"{name}.py") for name in modules)


def known_places(folder: Path, found: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Pair what may not be shown with the word that is shown in its place.

    Args:
        folder: Where the script is run.
        found: What `platforms.places` said, of the interpreter that runs it.
    """
    pairs = [(os.path.abspath(folder), "<folder>"), (os.path.realpath(folder), "<folder>")]
    for kind in ("folder", "python", "temp", "home", "user", "host"):
        pairs += [(text, f"<{kind}>") for text in found[kind]]
    # The checkout's own, unless it is known by another name already.
    for up in (1, 2):
        above = os.path.abspath(os.path.join(folder, *[".."] * up))
        pairs.append((above, "/".join(["<folder>", *[".."] * up])))
    return pairs
