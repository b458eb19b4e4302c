"""Run a program once, with a start method as its default."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from ..capture.process import WINDOWS, Run, run
from . import probe, processes

FORK_WARNING = "This process"
"""How the warning about a fork beside threads begins: https://docs.python.org/3/library/os.html#os.fork"""

LIMIT = 1_000_000
"""Bytes of output that are kept."""

BEFORE = 2.0
"""Seconds before the limit at which processes say where they are, where no signal asks them."""


class Start(NamedTuple):
    """That the program has started a process."""

    method: str
    file: str
    line: int


class Trial(NamedTuple):
    """What a program did with one start method as its default."""

    method: str
    run: Run
    starts: tuple[Start, ...]
    """The first process that it started by each method."""

    stacks: tuple[processes.Stack, ...]
    """Where its processes were at the time limit."""

    left: tuple[str, ...]
    """The commands of processes that it left behind."""


def attempt(
    words: Sequence[str],
    method: str,
    python: Sequence[str],
    *,
    folder: Path,
    timeout: float,
    seed: int | None = None,
) -> Trial:
    """Run a program as a process of its own, from which nothing is left.

    Args:
        words: What stands behind ``python`` when it is called by hand: a script, or ``-m`` and a
            module, and its arguments.
        method: The start method.
        python: The interpreter's command.
        folder: The working directory.
        timeout: Seconds until it is ended.
        seed: What the order of sets depends on, where that is to be the same in several runs:
            https://docs.python.org/3/using/cmdline.html#envvar-PYTHONHASHSEED

    Raises:
        OSError: The interpreter cannot be started.
    """
    stacks: list[processes.Stack] = []
    # Before the limit, as there is nothing else that asks a process there.
    seconds = max(timeout - BEFORE, timeout / 2) if WINDOWS else 0
    left: list[str] = []

    def look(process: subprocess.Popen[bytes], ended: str, read: Callable[[float], bytes]) -> None:
        if WINDOWS:
            return
        if ended == "timeout":
            stacks.extend(processes.stacks(process.pid, read))
        elif not ended:
            left.extend(processes.left_behind(process.pid))

    with tempfile.TemporaryDirectory(prefix="poolcontext-") as place:
        notes = Path(place, "notes")
        # They reach every process that it starts; the program's own filters stand before them.
        options = ["-X", "faulthandler", "-W", f"always:{FORK_WARNING}:DeprecationWarning"]
        done = run(
            [*python, *options, probe.__file__, str(notes), method, str(seconds), *words],
            folder=folder,
            environ={
                **os.environ,
                "PYTHON_COLORS": "0",
                "NO_COLOR": "1",
                **({} if seed is None else {"PYTHONHASHSEED": str(seed)}),
            },
            timeout=timeout,
            limit=LIMIT,
            look=look,
        )
        starts = []
        with contextlib.suppress(OSError, ValueError):  # it has started none, or was killed
            for line in notes.read_text(encoding="utf-8").splitlines():
                starts.append(Start(**json.loads(line)))
    if seconds and done.ended == "timeout":
        stacks.extend(processes.told(done.output))
    return Trial(method, done, tuple(starts), tuple(stacks), tuple(left))
