"""Try a program under every start method, and say in a sentence how it goes."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..capture.interpreter import Interpreter
from ..capture.process import run, terminal_environ
from ..symptoms import find
from . import diagnosis
from .diagnosis import Finding, comparable, differing, ending
from .program import Trial, attempt
from .syntax import Syntax, place

PACKAGE = Path(__file__).parents[1]
RUNS = 4
"""How often a program is run that prints something else."""

SLOW = 10.0
"""Seconds from which on it is run twice only."""

NEW_DEFAULT = "forkserver"
"""What Python 3.14 takes on Linux: https://docs.python.org/3/whatsnew/3.14.html#concurrent-futures"""


class Row(NamedTuple):
    """How a program did under one start method of one interpreter."""

    interpreter: Interpreter
    trial: Trial
    default: bool
    """Whether the interpreter takes this method if nobody chooses."""

    result: str
    """``works``, ``fails``, ``hangs``, ``differs``, ``chooses`` or ``untried``."""

    findings: tuple[Finding, ...]


class Report(NamedTuple):
    """What came of it all."""

    words: tuple[str, ...]
    rows: tuple[Row, ...]
    verdict: str
    """The sentence that comes first."""

    status: int
    """0 if it works the same under all; 1 if something differs; 2 if nothing was tried."""


class NotTriedError(Exception):
    """The program, or a method, is not there."""


def offered(interpreter: Interpreter) -> tuple[tuple[str, ...], str]:
    """The start methods that an interpreter has, and its default."""
    words = [*interpreter.command, str(PACKAGE), "list", "--json"]
    said = run(words, folder=Path.cwd(), environ=terminal_environ(), timeout=60).output
    found = json.loads(said) if said.startswith("{") else {}
    if not found.get("available"):
        raise NotTriedError(f"{' '.join(interpreter.command)} has no start method")
    return tuple(found["available"]), found["default"]


def check_program(words: Sequence[str]) -> None:
    """Refuse what cannot be run at all.

    Raises:
        NotTriedError: There is no such script, or no module is named.
    """
    if words[0] == "-m":
        if len(words) < 2:
            raise NotTriedError("-m wants the name of a module")
    elif not os.path.isfile(words[0]):
        raise NotTriedError(f"there is no script {words[0]!r}")


def files_of(words: Sequence[str]) -> list[str]:
    """The program's own files, as far as they can be told without running it."""
    if words[0] != "-m":
        return [words[0]]
    name = words[1]
    path = Path(*name.split("."))
    return [str(one) for one in (path.with_suffix(".py"), path / "__main__.py") if one.is_file()]


def try_program(
    words: Sequence[str],
    interpreters: Sequence[Interpreter],
    methods: Sequence[str],
    *,
    timeout: float,
    progress: Callable[[str], None],
) -> Report:
    """Run a program once under each method of each interpreter, and once more where that tells.

    Args:
        words: A script, or ``-m`` and a module, and its arguments.
        interpreters: What runs it.
        methods: Only these, if any are named.
        timeout: Seconds that each run has.
        progress: Hears what begins.

    Raises:
        NotTriedError: There is nothing to be tried.
        OSError: An interpreter cannot be started.
    """
    check_program(words)
    plan = []
    for interpreter in interpreters:
        known, usual = offered(interpreter)
        chosen = [one for one in known if not methods or one in methods]
        plan += [
            (interpreter, method, method == usual)
            for method in sorted(chosen, key=lambda one: one != usual)
        ]
    if not plan:
        raise NotTriedError(f"there is no {' or '.join(methods)} here")

    def once(number: int, seed: int | None = None) -> Trial:
        interpreter, method, _ = plan[number]
        progress(f"{interpreter.platform.title}: {method}" + (", again" if seed else ""))
        return attempt(
            words, method, interpreter.command, folder=Path.cwd(), timeout=timeout, seed=seed
        )

    trials = [once(number) for number in range(len(plan))]
    syntax = Syntax.of([*files_of(words), *_starters(trials)])
    if result := _not_tried(words, plan, trials, syntax):
        return result

    again = functools.cache(once)
    reference = _reference(trials)
    others = {ending(trial) for trial in trials} - {ending(trials[reference])}
    if (
        others and trials[reference].run.seconds < SLOW and ending(again(reference, 1)) in others
    ):  # such as one that makes a folder, and finds it there the next time
        text = f"does not end the same twice, not even under {trials[reference].method}, "
        text += "so nothing can be said of the others: undo what it leaves, and try one at a time"
        done = (Row(*row, "untried", ()) for row in _rows(plan, trials))
        return Report(tuple(words), tuple(done), text, 2)

    def lines_that_differ(number: int) -> tuple[list[str], list[str]]:
        """Those of all runs of one kind: what differs between them is nothing that a method does.

        A difference may be one of chance: the more runs have it, the less so.
        """
        lines: tuple[list[str], list[str]] = ([], [])
        for last in range(1, RUNS if trials[number].run.seconds < SLOW else 2):
            ours, theirs = (
                [trials[one], *(again(one, seed) for seed in range(1, last + 1))]
                for one in (reference, number)
            )
            lines = differing(ours, theirs)
            if not any(lines):
                break
        return lines

    rows = []
    finding: Finding | None
    for number, (interpreter, _, default) in enumerate(plan):
        trial, best = trials[number], trials[reference]
        kind, finding = "works", None
        if trial.run.ended == "timeout":
            kind, finding = "hangs", diagnosis.of_hang(trial)
        elif ending(trial) != ending(best) or (_broken(best) and trial.run.status):
            kind, finding = "fails", _of_failure(trial, None if _broken(best) else best, syntax)
        elif comparable(trial) != comparable(best):
            lines = lines_that_differ(number)
            if any(lines):
                kind = "differs"
                finding = diagnosis.of_difference(trial, best, lines, syntax)
        findings = (*([finding] if finding else []), *_left(trial))
        rows.append(Row(interpreter, trial, default, kind, findings))
    verdict, status = _sentence(rows)
    return Report(tuple(words), tuple(rows), verdict, status)


def _rows(
    plan: Sequence[tuple[Interpreter, str, bool]], trials: Sequence[Trial]
) -> list[tuple[Interpreter, Trial, bool]]:
    """What each run was, as the first parts of a row."""
    return [(interpreter, trial, default) for (interpreter, _, default), trial in zip(plan, trials)]


def _of_failure(trial: Trial, best: Trial | None, syntax: Syntax) -> Finding:
    """What is known of a run that has failed."""
    known = diagnosis.of_message(trial, best, syntax)
    if known is None or (known.symptom and known.symptom.follows):
        known = diagnosis.of_reset(trial, best, syntax) or known
    return known or Finding(f"it ends with {how(trial)}", None, _last_lines(trial))


def how(trial: Trial) -> str:
    """How a program has ended, in words."""
    if trial.run.ended == "exit":
        return f"exit status {trial.run.status}"
    if trial.run.ended == "signal":
        return f"signal {-(trial.run.status or 0)}"
    return "the time limit" if trial.run.ended == "timeout" else trial.run.ended


def _broken(trial: Trial) -> bool:
    """Whether even the best of all runs is none that went well."""
    traceback = "Traceback (most recent call last)" in trial.run.output
    return trial.run.ended != "exit" or (trial.run.status != 0 and traceback)


def _starters(trials: Sequence[Trial]) -> list[str]:
    """The files that have started processes."""
    return [start.file for trial in trials for start in trial.starts if start.file]


def _reference(trials: Sequence[Trial]) -> int:
    """The first that went well, else the first that came to an end, else the first."""
    ranks = [(one.run.status == 0, not _broken(one), one.run.ended == "exit") for one in trials]
    return ranks.index(max(ranks))


def _not_tried(
    words: Sequence[str],
    plan: Sequence[tuple[Interpreter, str, bool]],
    trials: Sequence[Trial],
    syntax: Syntax,
) -> Report | None:
    """What to say if the default had no say in how the program starts its processes."""
    asked = [frozenset(start.method for start in trial.starts) for trial in trials]
    wanted = {method for _, method, _ in plan}
    own = sorted(asked[0])
    if set(asked) != {asked[0]} or {*own} == wanted == {plan[0][1]}:
        return None
    if not own and any(_broken(trial) for trial in trials):
        return None
    if own:
        start = trials[0].starts[0]
        places = syntax.choices(start.method) or [place(start.file, start.line)]
        text = f"chooses {', '.join(own)} itself, at {places[0]}, so nothing else was tried"
    else:
        text = "starts no process by multiprocessing, so nothing was tried"
    broken = any(_broken(trial) for trial in trials)
    rows = []
    for interpreter, trial, default in _rows(plan, trials):
        findings: tuple[Finding, ...] = ()
        if trial.run.ended == "timeout":
            findings = (diagnosis.of_hang(trial),)
        elif _broken(trial):
            findings = (_of_failure(trial, None, syntax),)
        rows.append(Row(interpreter, trial, default, "chooses", findings))
    # It does not work by its own choice either.
    return Report(tuple(words), tuple(rows), text + "; it breaks" * broken, 1 if broken else 2)


def _left(trial: Trial) -> list[Finding]:
    """What is left behind, of which the program itself sees nothing."""
    found = [
        Finding("something is left behind", one, (diagnosis.line_of(one, trial.run.output),))
        for one in find(trial.run.output)
        if one.name in diagnosis.LEAKS
    ]
    if trial.left:
        text = f"{len(trial.left)} of its processes went on after its end, and were ended"
        symptom = diagnosis.NAMED["workers-outlive-their-parent"]
        found.append(Finding(text, symptom, tuple(one[:100] for one in trial.left[:2])))
    if diagnosis.warned(trial):
        text = "it forks beside a thread, which can hang"
        found.append(Finding(text, diagnosis.NAMED["fork-with-threads"]))
    return found


def _last_lines(trial: Trial) -> tuple[str, ...]:
    return tuple(line for line in trial.run.output.splitlines() if line.strip())[-2:]


_WORDS = {"fails": "fails", "hangs": "hangs", "differs": "prints something else"}


def _sentence(rows: Sequence[Row]) -> tuple[str, int]:
    """The verdict, and the exit status."""
    several = len({row.interpreter.command for row in rows}) > 1

    def named(found: Sequence[Row]) -> str:
        words = [
            f"{row.trial.method} of {row.interpreter.platform.name}"
            if several
            else row.trial.method
            for row in found
        ]
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

    well = [row for row in rows if row.result == "works"]
    if len(well) == len(rows):
        if len(rows) == 1:
            return f"works under {named(rows)}, the only one that was tried", 0
        return f"works under all {len(rows)}: {named(rows)}", 0
    kinds = {kind: [row for row in rows if row.result == kind] for kind in _WORDS}
    bad = " and ".join(
        f"{word} under {named(kinds[kind])}" for kind, word in _WORDS.items() if kinds[kind]
    )
    if not (kinds["fails"] or kinds["hangs"]):  # nobody can say which of them is right
        text = f"prints one thing under {named(well)}, and another under {named(kinds['differs'])}"
        return text, 1
    if not well:
        return f"{bad}: that is all that were tried", 1
    text = f"works under {named(well)}{' only' if len(well) == 1 else ''}, {bad}"
    linux = all(row.interpreter.platform.system == "linux" for row in rows)
    hit = [row for row in rows if row.trial.method == NEW_DEFAULT and row.result != "works"]
    if linux and hit and any(row.trial.method == "fork" for row in well):
        text += "; Python 3.14 takes forkserver on Linux"
    return text, 1
