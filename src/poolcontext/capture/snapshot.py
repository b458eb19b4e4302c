"""A snapshot: what one run of a script left, with its provenance; a capture: all of a platform."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from typing import NamedTuple

from .platform import Platform
from .process import Run
from .redact import redact
from .script import Script


class Snapshot(NamedTuple):
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


class Capture(NamedTuple):
    """The snapshots of one platform: what one file in docs/captures holds."""

    platform: Platform
    examples: dict[str, Snapshot]
    """By the scripts' names."""

    @property
    def date(self) -> str:
        """The day of the latest snapshot."""
        return max(one.date for one in self.examples.values())


def take(script: Script, source: str, run: Run, places: Iterable[tuple[str, str]]) -> Snapshot:
    """Make a snapshot of a run: take out what is this machine's own, add its provenance.

    Args:
        script: What was run.
        source: Its digest before it was run; it may have been edited since.
        run: What came out.
        places: What is not to be shown, from `known_places`.
    """
    files = (script.path, *script.modules)
    words = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    return Snapshot(
        script=source,
        date=datetime.now(timezone.utc).date().isoformat(),
        ended=run.ended,
        status=run.status,
        seconds=round(run.seconds, 3),
        output=redact(run.output, words, places),
    )
