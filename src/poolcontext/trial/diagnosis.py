"""Compare what a program did under each start method, and name the cause of what differs."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from ..capture.normalize import normalize
from ..symptoms import SYMPTOMS, Symptom, find
from .processes import Frame, Stack
from .program import FORK_WARNING, Trial
from .syntax import Syntax, place

OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
NAMED = {one.name: one for one in SYMPTOMS}

_OF_A_METHOD = (
    (re.compile(r"\b(Fork|Spawn|ForkServer)(?=(Pool)?(Process|PoolWorker|Worker|Context)\b)"), "…"),
    (re.compile(r"\b(forkserver|spawn|fork)\b"), "…"),
    (re.compile(r"\b__mp_main__\b"), "__main__"),
)
"""What a program may say of the method itself, without working otherwise."""

_OF_TIME = re.compile(
    r"(?i)\b(took|takes|elapsed|time|times|timing|duration|latency|speed|speedup|throughput|"
    r"seconds?|secs?|minutes?|ms|µs|it/s|fps)\b"
)
_NUMBER = re.compile(r"\d+(\.\d+)?")
"""What a line that is about time measures, which a method changes for sure."""

_WARNING = f": DeprecationWarning: {FORK_WARNING} (pid="
LEAKS = ("leaked-semaphores", "leaked-shared-memory")
"""Symptoms of what is left behind, which the program itself does not see."""


class Finding(NamedTuple):
    """Something that is not as it should be, or as with another method."""

    text: str
    """What it is, in a sentence without a full stop."""

    symptom: Symptom | None = None
    shown: tuple[str, ...] = ()
    """Lines of the output, or places in files, that show it."""


def comparable(trial: Trial) -> Counter[str]:
    """The lines of an output, each with its number, less what no two runs share."""
    text = normalize(without_warnings(trial.run.output))
    for pattern, replacement in _OF_A_METHOD:
        text = pattern.sub(replacement, text)
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return Counter(_NUMBER.sub("…", line) if _OF_TIME.search(line) else line for line in lines)


def ending(trial: Trial) -> tuple[str, int | None]:
    """How a program has ended, to be compared."""
    return trial.run.ended, trial.run.status


def differing(one: Sequence[Trial], other: Sequence[Trial]) -> tuple[list[str], list[str]]:
    """The lines that every run of one prints more often than any run of the other; both ways.

    So lines that come in another order, or that are others in each run, do not count.
    """
    ours, theirs = [comparable(trial) for trial in one], [comparable(trial) for trial in other]

    def more(these: list[Counter[str]], those: list[Counter[str]]) -> list[str]:
        return [
            line
            for line in these[0]
            if min(each[line] for each in these) > max(each[line] for each in those)
        ]

    return more(ours, theirs), more(theirs, ours)


def of_message(trial: Trial, reference: Trial | None, syntax: Syntax) -> Finding | None:
    """The symptom whose message stands in the output, and not in that which is as it should be."""
    known = {one.name for one in find(reference.run.output)} if reference else set()
    text = without_warnings(trial.run.output)
    found = [one for one in find(text) if one.name not in known and one.name not in LEAKS]
    if not found:
        return None
    symptom = found[0]
    line = line_of(symptom, text)
    if symptom.name == "no-module-named" and syntax.calls("ModuleType", "module_from_spec"):
        symptom = NAMED["module-made-at-run-time"]
    # A worker's traceback comes first, and ends with the same line as that of the main process.
    at = _last_place(text[: text.find(line)]) or _last_place(text)
    shown = (line, *([f"at {at}"] if at else []))
    return Finding("its message is known", symptom, shown)


def of_reset(trial: Trial, reference: Trial | None, syntax: Syntax) -> Finding | None:
    """A global that is reset, where no message says so: it is set at run time, and fork works."""
    places = syntax.globals_set()
    if reference is None or reference.method != "fork" or trial.method == "fork" or not places:
        return None
    shown = (*trial.run.output.strip().splitlines()[-1:], f"at {places[0]}")
    return Finding("a global has its first value in the worker", NAMED["global-is-reset"], shown)


def line_of(symptom: Symptom, text: str) -> str:
    """The last line of a text that a symptom's message is in."""
    end = max(symptom.place(text)[0] - 1, 0)
    return text[text.rfind("\n", 0, end) + 1 : (text + "\n").find("\n", end)].strip()


def warned(trial: Trial) -> bool:
    """Whether the interpreter has warned of a fork beside threads."""
    return _WARNING in trial.run.output


def without_warnings(text: str) -> str:
    """An output less these warnings, which the program itself would not have shown."""
    kept: list[str] = []
    quoted = False  # the line of code below a warning
    for line in text.splitlines(keepends=True):
        if _WARNING in line:
            quoted = True
        elif not (quoted and line.startswith("  ")):
            quoted = False
            kept.append(line)
    return "".join(kept)


def _last_place(text: str) -> str:
    """Where the last traceback is in a file that is neither Python's nor a library's."""
    places = re.findall(r'File "([^"<>\n]+)", line (\d+)', text)
    own = [one for one in places if not _is_library(one[0])]
    return place(own[-1][0], int(own[-1][1])) if own else ""


def _is_library(file: str) -> bool:
    """Whether a file is Python's own, is installed, or is this package's."""
    return bool(_OF_PYTHON.search(file)) or file.startswith((OURS, "<"))


_OF_PYTHON = re.compile(
    r"[/\\]lib(?:64)?[/\\](?:python|pypy)[\d.]+[/\\]|[/\\]Lib[/\\]|site-packages"
)


def of_hang(trial: Trial) -> Finding:
    """What a program waits for that has come to its time limit."""
    main = next((one for one in trial.stacks if one.role == "main process"), None)
    workers = [one for one in trial.stacks if one.role == "worker" and one.frames]
    busy = [one for one in workers if not _idle(one)]
    shown = [*_waits(main), *_waits(busy[0] if busy else None)]
    if main and _imports(main.frames) and _waits_for_pool(main.frames):
        text = "a pool is used while a module is imported"
        return Finding(text, NAMED["pool-at-import"], tuple(shown))
    locked = [one for one in busy if _at_lock(one)]
    if locked and trial.method != "spawn":
        shown = [*_waits(main), *_waits(locked[0])]
        text = "a worker waits for a lock, which was held when it was forked"
        return Finding(text, NAMED["waits-for-a-lock"], tuple(shown))
    if main and not busy and any("pool.py" in frame.file for frame in main.frames):
        text = "the pool waits for a task whose worker is gone"
        return Finding(text, NAMED["pool-waits-for-killed-worker"], tuple(shown))
    return Finding("it waits", None, tuple(shown))


def _own(frames: Iterable[Frame]) -> Frame | None:
    return next((one for one in frames if not _is_library(one.file)), None)


def _waits(stack: Stack | None) -> list[str]:
    if stack is None or not stack.frames:
        return []
    own, at = _own(stack.frames), stack.frames[0]
    where = f"{place(own.file, own.line)}, in {own.function}" if own else "Python's own code"
    inner = "" if own is at else f" ({Path(at.file).name}, {at.function})"
    return [f"the {stack.role} waits at {where}{inner}"]


def _idle(stack: Stack) -> bool:
    """Whether a worker waits for a task: none of its frames is in the program's functions."""
    inner = stack.frames[0]
    in_queue = Path(inner.file).name in ("queues.py", "connection.py", "synchronize.py")
    own = [one for one in stack.frames if not _is_library(one.file) and one.function != "<module>"]
    return in_queue and not own


def _imports(frames: Iterable[Frame]) -> bool:
    return any("importlib._bootstrap" in one.file for one in frames)


def _waits_for_pool(frames: Iterable[Frame]) -> bool:
    return any(re.search(r"concurrent.futures|multiprocessing", one.file) for one in frames)


_TAKES = r"\.acquire\(|^\s*with .*\b\w*(lock|mutex|sem|cond)\w*\b"


def _at_lock(stack: Stack) -> bool:
    """Whether a process is at a line that takes a lock."""
    at = stack.frames[0]
    if at.function in ("acquire", "_acquireLock", "__enter__"):
        return True
    return any(re.search(_TAKES, line, re.I) for line in _lines_at(at))


def _lines_at(frame: Frame) -> list[str]:
    """The line that a frame is at; or of PyPy, which tells where a function begins, all of it."""
    try:
        lines = Path(frame.file).read_text(encoding="utf-8", errors="replace").splitlines()
        line = lines[frame.line - 1]
    except (OSError, IndexError):
        return []
    if not re.match(r"\s*(async )?def ", line):
        return [line]
    rest = lines[frame.line :]
    return [line, *takewhile(lambda one: not one.strip() or _depth(one) > _depth(line), rest)]


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def of_difference(
    trial: Trial,
    reference: Trial,
    lines: tuple[list[str], list[str]],
    syntax: Syntax,
) -> Finding:
    """Why an output is another one, though the program has ended as with another method.

    Args:
        trial: The run.
        reference: That with which it is compared.
        lines: Those that are missing, and those that are there in their place.
        syntax: That of the program's files.
    """
    missing, more = lines
    shown = (*(f"- {line}" for line in missing[:3]), *(f"+ {line}" for line in more[:3]))
    if known := of_message(trial, reference, syntax) or of_message(reference, trial, syntax):
        return known._replace(shown=(*known.shown, *shown))

    def named(name: str, text: str, places: Sequence[str] = ()) -> Finding:
        return Finding(text, NAMED[name], (*shown, *(f"at {one}" for one in places[:1])))

    twice = not (more and missing) and (more or missing)
    if twice and all(any(one in line for one in syntax.printed()) for line in twice):
        return named("starts-slowly", "each worker runs the top level of the program again")
    mocks = syntax.calls("patch", "object", "setattr", "Mock", "MagicMock")
    mocks = syntax.patched() or (mocks if syntax.imports("mock") else [])
    if mocks:
        return named("mock-not-seen", "what the parent has patched is not patched there", mocks)
    logging = syntax.calls("basicConfig", "dictConfig", "fileConfig", "addHandler", "setLevel")
    if logging and syntax.calls("info", "debug", "warning", "error", "critical", "log"):
        return named("log-records-vanish", "logging is not configured in the workers", logging)
    if places := syntax.environ():
        text = "what the parent has set in os.environ is not there when the worker starts"
        return named("environ-too-late", text, places)
    if places := syntax.globals_set():
        return named("global-is-reset", "a global has its first value in the worker", places)
    random = syntax.calls("random", "randint", "randrange", "choice", "shuffle", "uniform", "uuid4")
    if random:
        return named("same-random-numbers", "workers have the same generator", random)
    text = "what was set at run time, such as a global, logging, os.environ or a mock, is missing"
    return Finding(f"workers may lack something: {text}", None, shown)
