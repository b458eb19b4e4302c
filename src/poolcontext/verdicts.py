"""What `capture` makes of what it has run: it keeps it, or compares it with what there is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from . import files
from .captures import Capture, Captures
from .comparing import differences, outcome
from .console import complain
from .interpreters import Interpreter
from .redaction import printable
from .scripts import Script

IMPOSSIBLE = 2
"""The exit status if nothing could be captured or compared."""

SAME = "the same"


class Job(NamedTuple):
    """What is to be run, by what, and the file that it is for."""

    scripts: Mapping[str, Script]
    """All of the checkout, by name."""

    chosen: list[Script]
    whole: bool
    """Whether all are chosen."""

    interpreter: Interpreter
    file: Path
    before: Mapping[str, Capture]
    """What the file holds, by name; nothing if it is not there."""


def keep(job: Job, fresh: Mapping[str, Capture], refresh: bool) -> int:
    """Write what has changed into the platform's file, and say what to do with it.

    Args:
        job: What was to be done.
        fresh: What was captured, by name.
        refresh: Whether to write what says the same as well.

    Returns:
        The exit status.
    """
    verdicts = {name: _verdict(job, name, capture) for name, capture in fresh.items()}
    gone = sorted(job.before.keys() - job.scripts.keys()) if job.whole else []
    kept = {name: capture for name, capture in job.before.items() if name not in gone}
    kept.update(
        (name, capture) for name, capture in fresh.items() if refresh or verdicts[name] != SAME
    )
    captures = Captures(job.interpreter.platform, kept)
    newer, older = _other_releases(job, captures)
    needless = bool(newer) and not job.before and not refresh
    try:
        if kept != job.before and not needless:
            files.save(captures, job.file)
    except (OSError, ValueError) as error:
        return complain(
            f"{shown(job.file)} cannot be written, and is as it was: {error}", IMPOSSIBLE
        )
    # After the file is safe: whoever reads this may have gone away.
    _print_table(job, fresh, verdicts)
    print()
    for name in gone:
        print(f"There is no script {name} any more: its capture is dropped.")
    if needless:
        print(f"{shown(newer[0])} is of a newer patch release and says the same.")
        print("So nothing is written; --refresh would.")
        return 0
    status = _remove(older)
    if kept == job.before:
        print(f"{shown(job.file)} says the same, and stays as it was.")
    else:
        _advise(job, fresh)
    return status


def _remove(older: list[Path]) -> int:
    """Remove the files of older patch releases that said the same, and return the exit status."""
    status = 0
    for file in older:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            status = complain(f"{shown(file)}, of an older release, stays: {error}", IMPOSSIBLE)
        else:
            print(f"{shown(file)} is of an older patch release, said the same, and is removed.")
    return status


def _advise(job: Job, fresh: Mapping[str, Capture]) -> None:
    print(f"{shown(job.file)} is written.")
    unmeant = [name for name, one in fresh.items() if one.status != job.scripts[name].exit_status]
    if unmeant:
        print(f"Look at {', '.join(sorted(unmeant))}: not ended as it was meant to.")
    if job.file.resolve().parent.parts[-2:] == ("docs", "captures"):
        folder = shown(job.file.parent)
        print(f"Look at what is new: git add {folder} && git diff --staged")
        print("docs/capture.md says how to propose it.")


def shown(path: Path) -> str:
    """A path as it is named from here, if it is below here."""
    try:
        near = os.path.relpath(path)
    except (OSError, ValueError):  # another disk, or here is gone
        return str(path)
    return str(path) if near.startswith(os.pardir) else near


def _other_releases(job: Job, captures: Captures) -> tuple[list[Path], list[Path]]:
    """The files of newer and of older patch releases in which every outcome is the same."""
    newer: list[Path] = []
    older: list[Path] = []
    mine = captures.platform
    for other in files.load_folder(job.file.parent)[0]:
        theirs = other.platform
        if theirs.family == mine.family and theirs.id != mine.id:
            current = {name: one for name, one in other.examples.items() if name in job.scripts}
            more, fewer = (captures.examples, current)
            if theirs.age > mine.age:
                more, fewer = fewer, more
            if fewer and all(
                name in more and _outcome(job, name, one) == _outcome(job, name, more[name])
                for name, one in fewer.items()
            ):
                file = job.file.with_name(f"{theirs.id}.json")
                (newer if theirs.age > mine.age else older).append(file)
    return newer, older


def check(job: Job, fresh: Mapping[str, Capture]) -> int:
    """Print what differs from the platform's file, and return the exit status."""
    different = 0
    for name, capture in sorted(fresh.items()):
        old = job.before.get(name)
        if old is None:
            lines = [f"{name} is not in the file."]
        else:
            lines = differences(name, old, capture, job.scripts[name].any_order)
            if old.script != capture.script and not lines:
                lines = [f"{name} has changed since {old.date}, and prints the same."]
        different += bool(lines)
        for line in lines:
            print(printable(line).replace("\r", r"\r"))
    gone = sorted(job.before.keys() - job.scripts.keys()) if job.whole else []
    for name in gone:
        print(f"{name} is in the file, and there is no such script.")
    different += len(gone)
    if different:
        print(f"\n{different} of {len(fresh) + len(gone)} differ from {shown(job.file)}.")
        print("If this is what they are to print, capture it: the same command without --check.")
    else:
        print(f"All {len(fresh)} say the same as {shown(job.file)}.")
    return bool(different)


def _verdict(job: Job, name: str, new: Capture) -> str:
    old = job.before.get(name)
    if old is None:
        return "new"
    if _outcome(job, name, old) != _outcome(job, name, new):
        return "changed"
    return SAME if old.script == new.script else "same output, newer script"


def _outcome(job: Job, name: str, capture: Capture) -> object:
    return outcome(capture, job.scripts[name].any_order)


def _print_table(job: Job, fresh: Mapping[str, Capture], verdicts: Mapping[str, str]) -> None:
    rows = [("example", "outcome", "seconds", "compared with the file")]
    for name, capture in sorted(fresh.items()):
        how, meant = capture.ending, job.scripts[name].exit_status
        if capture.status != meant:
            how += f" (meant: {meant})"
        rows.append((name, how, f"{capture.seconds:.2f}", verdicts[name]))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for name, how, seconds, verdict in rows:
        row = f"{name:<{widths[0]}}  {how:<{widths[1]}}  {seconds:>{widths[2]}}  {verdict}"
        print(row)
