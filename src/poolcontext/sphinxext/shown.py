"""What there is to show of a script: its distinct outcomes over all platforms."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sphinx.application import Sphinx

from .. import files
from ..captures import Capture, Captures
from ..comparing import outcome
from ..platforms import Platform
from .examples import Examples

SYSTEMS = ("linux", "darwin", "windows")

ALL = ""
"""In the place of a script's name: what shows all of them."""


class Seen(NamedTuple):
    """One platform's capture of a script."""

    platform: Platform
    capture: Capture
    current: bool
    """Whether it is of the script as it is now."""


class Outcome(NamedTuple):
    """What some platforms have in common."""

    seen: tuple[Seen, ...]
    """In the order of `rank`, save that the first is this build's own where that is among them."""


def rank(platform: Platform) -> tuple[object, ...]:
    """A key that sorts platforms: the common ones first, of these the newer ones first."""
    system = SYSTEMS.index(platform.system) if platform.system in SYSTEMS else len(SYSTEMS)
    age = [-number for numbers in platform.age for number in numbers]
    return (
        platform.implementation != "cpython",
        platform.implementation,
        system,
        platform.system,
        platform.machine,
        platform.libc,
        platform.flags,
        age,
    )


def key(platform: Platform) -> str:
    """A short name for a platform's id: a class of what belongs to it on pages."""
    return "on-" + hashlib.sha256(platform.id.encode()).hexdigest()[:8]


def captures_folder(app: Sphinx) -> Path | None:
    """Where committed captures are, if a project says that it has some."""
    name = app.config.poolcontext_captures
    return Path(app.srcdir, name) if name else None


class Shown:
    """The captures of this build, laid over the committed ones."""

    def __init__(self, folder: Path | None, examples: Examples, pages: Mapping[str, str]) -> None:
        """Lay them over each other.

        Args:
            folder: The committed captures', if there are any.
            examples: This build's.
            pages: The names of the examples' pages, by the examples' own.
        """
        self.examples = examples
        self.own = examples.captures.platform
        self.pages = dict(pages)
        self.folder = folder
        committed, self.errors = files.load_folder(folder) if folder else ([], [])
        self.scripts = {script.name: script for script in examples.all_scripts()}
        self.committed = {captures.platform.id: captures for captures in committed}
        self.differing: list[str] = []
        by_platform = {**self.committed, self.own.id: self._own()}
        self.captures = sorted(
            (captures for captures in by_platform.values() if captures.examples),
            key=lambda captures: rank(captures.platform),
        )
        self.known: dict[str, tuple[Outcome, ...]] = {}

    def _own(self) -> Captures:
        """This platform's: what this build has, where that is not what is committed."""
        committed = self.committed.get(self.own.id)
        examples = dict(committed.examples) if committed else {}
        for name, capture in self.examples.captures.examples.items():
            if name not in self.scripts or not self._is_current(name, capture):
                continue
            old = examples.get(name)
            same = old is not None and self._outcome(name, old) == self._outcome(name, capture)
            if old is not None and not same:
                self.differing.append(name)
            if old is None or not same or old.script != capture.script:
                examples[name] = capture
        return Captures(self.own, examples)

    def _is_current(self, name: str, capture: Capture) -> bool:
        return capture.script == self.examples.digests.get(name)

    def _outcome(self, name: str, capture: Capture) -> object:
        return outcome(capture, self.scripts[name].any_order)

    def outcomes(self, name: str) -> tuple[Outcome, ...]:
        """The distinct outcomes of a script, this build's own first; none if nobody ran it."""
        if name not in self.known:
            self.known[name] = self._distinct(name) if name in self.scripts else ()
        return self.known[name]

    def seen(self, name: str) -> list[Seen]:
        """Every platform's capture of a script, in the order of `rank`."""
        return [
            Seen(captures.platform, capture, self._is_current(name, capture))
            for captures in self.captures
            if (capture := captures.examples.get(name)) is not None
        ]

    def _distinct(self, name: str) -> tuple[Outcome, ...]:
        groups: dict[object, list[Seen]] = {}
        # In order, but this build's own before all others.
        for one in sorted(self.seen(name), key=lambda one: one.platform != self.own):
            groups.setdefault(self._outcome(name, one.capture), []).append(one)
        return tuple(Outcome(tuple(seen)) for seen in groups.values())

    def stale(self) -> dict[str, list[str]]:
        """The scripts of which committed captures are of an earlier version, by platform."""
        found: dict[str, list[str]] = {}
        for captures in self.captures:
            for name, capture in sorted(captures.examples.items()):
                if name in self.scripts and not self._is_current(name, capture):
                    found.setdefault(captures.platform.title, []).append(name)
        return found

    def fingerprint(self, name: str) -> str:
        """Changes whenever a page that shows this script's outcomes has to, or ALL of them."""
        if name == ALL:
            everything = [self.captures, self.own, sorted(self.committed), self.examples.digests]
            text = repr(everything)
        else:
            text = repr(self.outcomes(name))
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()

    def summary(self, cure: str) -> str:
        """What is not as it should be, in words, and how that is changed."""
        lines = []
        stale = self.stale()
        if stale:
            count = sum(map(len, stale.values()))
            lines.append(f"Warning: of older scripts than those shown, {count} in number:")
            lines += [f"  {title}: {few(names)}" for title, names in stale.items()]
        if self.differing and self.folder:
            names = ", ".join(sorted(self.differing))
            place = f"{self.folder.parent.name}/{self.folder.name}"
            lines.append(f"Warning: not as {place}/{self.own.id}.json has it: {names}")
        if lines:
            lines.append(cure)
        return "\n".join(lines)


def few(names: Sequence[str]) -> str:
    """The first of several names, and how many others there are."""
    rest = len(names) - 5
    return ", ".join(names[:5]) + (f" and {rest} more" if rest > 0 else "")
