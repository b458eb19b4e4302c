"""The command ``capture``: run the examples on a platform, and keep or compare what they print."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from . import interpreter, storage
from .interpreter import Interpreter
from .normalize import Normalized, differences, normalized
from .process import ending_on_signals
from .redact import printable
from .runner import run_scripts
from .script import WITH_HELPER, Script, find_scripts
from .snapshot import Capture, Snapshot

Say = Callable[[str], None]
"""Prints a line on standard error; it does not fail."""

DIFFERENT, IMPOSSIBLE = 1, 2
"""Exit statuses."""

SAME = "the same"


class Plan(NamedTuple):
    """What is to be run, by what, and the file that it is for."""

    scripts: Mapping[str, Script]
    """All of the checkout, by name."""

    chosen: list[Script]
    interpreter: Interpreter
    file: Path
    before: Mapping[str, Snapshot]
    """What the file holds, by name; nothing if it is not there."""

    gone: list[str]
    """What the file holds of scripts that are no more; nothing unless all are chosen."""

    def normalized(self, name: str, snapshot: Snapshot) -> Normalized:
        """What of a script's snapshot is compared."""
        return normalized(snapshot, self.scripts[name].any_order)


def capture(
    say: Say,
    root: Path,
    *,
    python: str | None = None,
    only: Sequence[str] = (),
    timeout: float | None = None,
    jobs: int | None = None,
    output: str | None = None,
    check: bool = False,
    refresh: bool = False,
) -> int:
    """Run the examples of a checkout on a platform, and keep or compare what they print.

    Args:
        say: Prints on standard error.
        root: The folder of the checkout.
        python: The command that runs them, instead of this very interpreter.
        only: Names of examples; all if there are none.
        timeout: Seconds that each has, instead of its own limit.
        jobs: How many run at once, one a core if None.
        output: The folder of the file, instead of the checkout's docs/captures.
        check: Whether to write nothing, and print what differs.
        refresh: Whether to write also what says the same.

    Returns:
        The exit status: 0; 1 if `check` has found a difference; 2 if something is
        not possible, after one line on standard error.
    """
    if hasattr(sys.stdout, "reconfigure"):  # scripts may print what this terminal cannot
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        plan = _planned(root, python, only, output, check)
        if not check:
            plan.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = _run(plan, say, jobs, timeout)
    except (OSError, SyntaxError, ValueError) as error:
        say(str(error))
        return IMPOSSIBLE
    return _compare(plan, fresh) if check else _keep(plan, fresh, refresh, say)


def _planned(
    root: Path, python: str | None, only: Sequence[str], output: str | None, check: bool
) -> Plan:
    scripts = {script.name: script for script in find_scripts(root)}
    if not scripts:
        raise ValueError(f"there are no examples in {root}")
    chosen = _chosen(scripts, only)
    folder = root / "docs" / "captures" if output is None else Path(output)
    if output == "" or (folder.exists() and not folder.is_dir()):
        raise ValueError(f"{_near(folder) if output else '--output'} is no folder")
    asked = interpreter.own() if python is None else interpreter.ask(python)
    file = Path(_near(folder / f"{asked.platform.id}.json"))
    try:
        before = storage.load(file).examples
    except FileNotFoundError:
        if check:
            title = asked.platform.title
            raise ValueError(f"there is no capture of {title} to compare with: {file}") from None
        before = {}
    gone = [] if only else sorted(before.keys() - scripts.keys())
    return Plan(scripts, chosen, asked, file, before, gone)


def _chosen(scripts: Mapping[str, Script], only: Sequence[str]) -> list[Script]:
    """The scripts of these names, each with the one that does the same with the helper."""
    chosen = []
    for name in only or scripts:
        name = Path(name).stem if name.endswith(".py") else name
        if name not in scripts:
            close = difflib.get_close_matches(name, scripts, n=1)
            hint = f"; did you mean {close[0]}?" if close else f": there are {', '.join(scripts)}"
            raise ValueError(f"there is no example {name!r}{hint}")
        chosen += [name, *({name + WITH_HELPER} & scripts.keys())]
    return [scripts[name] for name in dict.fromkeys(chosen)]


def _run(plan: Plan, say: Say, jobs: int | None, timeout: float | None) -> dict[str, Snapshot]:
    say(f"capturing {plan.interpreter.platform.title}")
    digests = {script.name: script.digest() for script in plan.chosen}
    progress = Progress(len(plan.chosen))
    fresh = {}
    running = run_scripts(
        plan.chosen, plan.interpreter, digests, jobs=jobs, timeout=timeout, earlier=plan.before
    )
    with ending_on_signals(), contextlib.closing(running), progress:
        for script, snapshot in running:
            fresh[script.name] = snapshot
            progress.step(script.name, f"{snapshot.ending}, {snapshot.seconds:.2f} s")
    return fresh


class Progress:
    """One line on a terminal that is written over, one line a step elsewhere: on standard error."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.width = 0
        """Of the terminal, less one column, in which some would begin a new line."""
        if sys.__stderr__ is not None and os.isatty(2):
            with contextlib.suppress(OSError):
                self.width = (os.get_terminal_size(2).columns or 80) - 1

    def __enter__(self) -> None:
        if self.width:
            self._write(f"\r{f'0/{self.total}'[: self.width]:<{self.width}}")

    def step(self, name: str, what: str) -> None:
        self.done += 1
        if self.width:
            text = f"{self.done}/{self.total} {name}"[: self.width]
            self._write(f"\r{text:<{self.width}}")
        else:
            self._write(f"{self.done}/{self.total} {name}: {what}\n")

    def __exit__(self, *error: object) -> None:
        """Leave a terminal's line empty."""
        if self.width:
            self._write(f"\r{'':{self.width}}\r")

    def _write(self, text: str) -> None:
        if sys.__stderr__ is not None:
            with contextlib.suppress(OSError):
                os.write(2, text.encode(errors="backslashreplace"))


def _keep(plan: Plan, fresh: Mapping[str, Snapshot], refresh: bool, say: Say) -> int:
    """Write what has changed into the platform's file, and say what to do with it."""
    verdicts = {name: _verdict(plan, name, snapshot) for name, snapshot in fresh.items()}
    kept = {name: snapshot for name, snapshot in plan.before.items() if name not in plan.gone}
    kept.update(
        (name, snapshot) for name, snapshot in fresh.items() if refresh or verdicts[name] != SAME
    )
    whole = Capture(plan.interpreter.platform, kept)
    newer, older = _other_releases(plan, whole)
    needless = bool(newer) and not plan.before and not refresh
    try:
        if kept != plan.before and not needless:
            storage.save(whole, plan.file)
    except (OSError, ValueError) as error:
        say(f"{_near(plan.file)} cannot be written, and is as it was: {error}")
        return IMPOSSIBLE
    # After the file is safe: whoever reads this may have gone away.
    _print_table(plan, fresh, verdicts)
    print()
    for name in plan.gone:
        print(f"There is no script {name} any more: its capture is dropped.")
    if needless:
        print(f"{_near(newer[0])} is of a newer patch release and says the same.")
        print("So nothing is written; --refresh would.")
        return 0
    status = _remove(older, say)
    if kept == plan.before:
        print(f"{_near(plan.file)} says the same, and stays as it was.")
    else:
        _advise(plan, fresh)
    return status


def _remove(older: list[Path], say: Say) -> int:
    """Remove the files of older patch releases that said the same, and return the exit status."""
    status = 0
    for file in older:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            say(f"{_near(file)}, of an older release, stays: {error}")
            status = IMPOSSIBLE
        else:
            print(f"{_near(file)} is of an older patch release, said the same, and is removed.")
    return status


def _advise(plan: Plan, fresh: Mapping[str, Snapshot]) -> None:
    print(f"{_near(plan.file)} is written.")
    unmeant = [name for name, one in fresh.items() if one.status != plan.scripts[name].exit_status]
    if unmeant:
        print(f"Look at {', '.join(sorted(unmeant))}: not ended as it was meant to.")
    if plan.file.resolve().parent.parts[-2:] == ("docs", "captures"):
        folder = _near(plan.file.parent)
        print(f"Look at what is new: git add {folder} && git diff --staged")
        print("docs/capture.md says how to propose it.")


def _near(path: Path) -> str:
    """A path as it is named from here, if it is below here."""
    try:
        near = os.path.relpath(path)
    except (OSError, ValueError):  # another disk, or here is gone
        return str(path)
    return str(path) if near.startswith(os.pardir) else near


def _other_releases(plan: Plan, capture: Capture) -> tuple[list[Path], list[Path]]:
    """The patch releases' files that make this one needless, and those that it makes needless."""
    newer: list[Path] = []
    older: list[Path] = []
    mine = capture.platform
    for other in storage.load_folder(plan.file.parent)[0]:
        theirs = other.platform
        if theirs.family != mine.family or theirs.id == mine.id:
            continue
        fewer = {name: one for name, one in other.examples.items() if name in plan.scripts}
        more, found = capture.examples, older
        if theirs.age > mine.age:
            more, fewer, found = fewer, more, newer
        if fewer and all(
            name in more and plan.normalized(name, one) == plan.normalized(name, more[name])
            for name, one in fewer.items()
        ):
            found.append(plan.file.with_name(f"{theirs.id}.json"))
    return newer, older


def _compare(plan: Plan, fresh: Mapping[str, Snapshot]) -> int:
    """Print what differs from the platform's file, and return the exit status."""
    different = 0
    for name, snapshot in sorted(fresh.items()):
        old = plan.before.get(name)
        if old is None:
            lines = [f"{name} is not in the file."]
        else:
            lines = differences(name, old, snapshot, plan.scripts[name].any_order)
            if old.script != snapshot.script and not lines:
                lines = [f"{name} has changed since {old.date}, and prints the same."]
        different += bool(lines)
        for line in lines:
            print(printable(line).replace("\r", r"\r"))
    for name in plan.gone:
        print(f"{name} is in the file, and there is no such script.")
    different += len(plan.gone)
    if different:
        print(f"\n{different} of {len(fresh) + len(plan.gone)} differ from {_near(plan.file)}.")
        print("If this is what they are to print, capture it: the same command without --check.")
        return DIFFERENT
    print(f"All {len(fresh)} say the same as {_near(plan.file)}.")
    return 0


def _verdict(plan: Plan, name: str, new: Snapshot) -> str:
    old = plan.before.get(name)
    if old is None:
        return "new"
    if plan.normalized(name, old) != plan.normalized(name, new):
        return "changed"
    return SAME if old.script == new.script else "same output, newer script"


def _print_table(plan: Plan, fresh: Mapping[str, Snapshot], verdicts: Mapping[str, str]) -> None:
    rows = [("example", "outcome", "seconds", "compared with the file")]
    for name, snapshot in sorted(fresh.items()):
        how, meant = snapshot.ending, plan.scripts[name].exit_status
        if snapshot.status != meant:
            how += f" (meant: {meant})"
        rows.append((name, how, f"{snapshot.seconds:.2f}", verdicts[name]))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for name, how, seconds, verdict in rows:
        row = f"{name:<{widths[0]}}  {how:<{widths[1]}}  {seconds:>{widths[2]}}  {verdict}"
        print(row)
