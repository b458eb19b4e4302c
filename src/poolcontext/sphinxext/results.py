"""The results of scripts on all platforms: this build's capture laid over the committed ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

from docutils import nodes
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from ..capture import storage
from ..capture.normalize import normalized
from ..capture.platform import Platform
from ..capture.script import Script
from ..capture.snapshot import Capture, Snapshot
from .platform_labels import rank

ALL = ""
"""In the place of a script's name: what shows all of them."""

logger = logging.getLogger(__name__)


class Result(NamedTuple):
    """One platform's snapshot of a script."""

    platform: Platform
    snapshot: Snapshot
    current: bool
    """Whether it is of the script as it is now."""


class Outcome(NamedTuple):
    """What some platforms have in common."""

    results: tuple[Result, ...]
    """In the order of `rank`, those of the script as it is now before the others."""


class Results:
    """What there is to show in one build."""

    def __init__(
        self,
        own: Capture,
        scripts: Mapping[str, Script],
        digests: Mapping[str, str],
        pages: Mapping[str, str],
        folder: Path | None = None,
        committed: Mapping[str, Capture] | None = None,
    ) -> None:
        """Lay a build's own capture over the committed ones.

        Args:
            own: What this build has captured.
            scripts: Those that it shows, by name.
            digests: Theirs, taken before they were run.
            pages: The names of the examples' pages, by the examples' own.
            folder: Where committed captures are, if there are any.
            committed: They, by platform, if they have been loaded.
        """
        self.own = own.platform
        self.scripts = dict(scripts)
        self.digests = dict(digests)
        self.pages = dict(pages)
        self.folder = folder
        self.committed = load_committed(folder) if committed is None else dict(committed)
        self.differing: list[str] = []
        """The scripts whose output differs from the committed capture of this platform."""
        by_platform = {**self.committed, self.own.id: self._laid_over(own)}
        self.captures = sorted(
            (capture for capture in by_platform.values() if capture.examples),
            key=lambda capture: rank(capture.platform),
        )
        self._outcomes: dict[str, tuple[Outcome, ...]] = {}

    def _laid_over(self, own: Capture) -> Capture:
        """The committed capture of this platform, with what this build has captured that differs.

        Where both say the same, the committed one stays, as its file is the evidence.
        """
        committed = self.committed.get(self.own.id)
        examples = dict(committed.examples) if committed else {}
        for name, snapshot in own.examples.items():
            if not self._is_current(name, snapshot):
                continue
            old = examples.get(name)
            same = old is not None and self._normalized(name, old) == self._normalized(
                name, snapshot
            )
            if old is not None and not same:
                self.differing.append(name)
            if old is None or not same or old.script != snapshot.script:
                examples[name] = snapshot
        return Capture(self.own, examples)

    def _is_current(self, name: str, snapshot: Snapshot) -> bool:
        return snapshot.script == self.digests.get(name)

    def _normalized(self, name: str, snapshot: Snapshot) -> object:
        return normalized(snapshot, self.scripts[name].any_order)

    def of_script(self, name: str) -> list[Result]:
        """Every platform's snapshot of a script, in the order of `rank`."""
        return [
            Result(capture.platform, snapshot, self._is_current(name, snapshot))
            for capture in self.captures
            if (snapshot := capture.examples.get(name)) is not None
        ]

    def outcomes(self, name: str) -> tuple[Outcome, ...]:
        """The distinct outcomes of a script, in the order of `rank`; none if nobody ran it."""
        if name not in self._outcomes:
            groups: dict[object, list[Result]] = {}
            for one in self.of_script(name) if name in self.scripts else []:
                groups.setdefault(self._normalized(name, one.snapshot), []).append(one)
            self._outcomes[name] = tuple(
                Outcome(tuple(sorted(group, key=lambda one: not one.current)))
                for group in groups.values()
            )
        return self._outcomes[name]

    def of_older_scripts(self) -> dict[str, list[str]]:
        """The scripts of which committed snapshots are of an earlier version, by platform."""
        found: dict[str, list[str]] = {}
        for capture in self.captures:
            for name, snapshot in sorted(capture.examples.items()):
                if name in self.scripts and not self._is_current(name, snapshot):
                    found.setdefault(capture.platform.title, []).append(name)
        return found

    def fingerprint(self, name: str) -> str:
        """Changes whenever a page that shows this script's outcomes has to, or ALL of them."""
        if name == ALL:
            text = repr([self.captures, self.own, sorted(self.committed), self.digests])
        else:
            text = repr(self.outcomes(name))
        return hashlib.sha256(text.encode()).hexdigest()

    def summary(self, cure: str) -> str:
        """What is not as it should be, in words, and how that is changed."""
        lines = []
        older = self.of_older_scripts()
        if older:
            count = sum(map(len, older.values()))
            lines.append(f"Warning: of older scripts than those shown, {count} in number:")
            lines += [f"  {title}: {few(names)}" for title, names in older.items()]
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


def captures_folder(srcdir: Path, config: Config) -> Path | None:
    """Where committed captures are, if a project says that it has some."""
    return Path(srcdir, config.poolcontext_captures) if config.poolcontext_captures else None


def load_committed(folder: Path | None) -> dict[str, Capture]:
    """The committed captures, by platform; a warning tells of each that is of no use."""
    committed, errors = storage.load_folder(folder) if folder else ([], [])
    for error in errors:
        warn("capture", "%s", error)
    return {capture.platform.id: capture for capture in committed}


# More than one Sphinx application may live in a process.
_of_builds: WeakKeyDictionary[BuildEnvironment, Results] = WeakKeyDictionary()


def keep(env: BuildEnvironment, results: Results) -> None:
    """Keep the results of a build for its directives."""
    _of_builds[env] = results


def of(env: BuildEnvironment) -> Results:
    """The results of a build."""
    return _of_builds[env]


SHOWN, PROOFS = "poolcontext_outcomes", "poolcontext_proofs"
"""The keys of the metadata of pages that hold what they show, and what they rest upon."""

WRONG = ""
"""In the place of a fingerprint, where a page is read again so that its warning is repeated."""


def note(env: BuildEnvironment, name: str, use: str = SHOWN, wrong: bool = False) -> None:
    """Remember what the page that is being read shows or rests upon, so that it is read again.

    Args:
        env: That of the build, which is reading the page.
        name: A script's, or `ALL`.
        use: Whether the page shows its outcomes, or rests upon them.
        wrong: Whether there is a warning, which is to be repeated by the next build.
    """
    noted = env.metadata[env.docname].setdefault(use, {})
    if noted.get(name) != WRONG:
        noted[name] = WRONG if wrong else of(env).fingerprint(name)


def pages_to_read_again(env: BuildEnvironment, fingerprint: Callable[[str], str]) -> list[str]:
    """The pages that show something else than they would show now, or rest upon it."""
    return [
        page
        for page, metadata in env.metadata.items()
        for used in [(metadata.get(SHOWN, {}), metadata.get(PROOFS, {}))]
        if any(old != fingerprint(name) for one in used for name, old in one.items())
    ]


def warn(
    subtype: str, message: str, *args: object, location: str | nodes.Node | None = None
) -> None:
    """Warn of something; ``suppress_warnings = ["poolcontext.SUBTYPE"]`` silences it.

    https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-suppress_warnings
    """
    logger.warning(message, *args, location=location, type="poolcontext", subtype=subtype)
