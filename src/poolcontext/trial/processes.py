"""The processes of a run that hangs, or that are left: which they are, and where they are at work.

Of each the stacks are asked for by SIGABRT, at which an interpreter that was started with
``-X faulthandler`` writes them, as do the workers that it starts; and then it ends. So it needs
nothing of the program, but is the last that is asked of it. Windows has no such signal.
https://docs.python.org/3/library/faulthandler.html#faulthandler.enable
There, each says it by itself before the limit, in the program's own output: see `notes`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

SETTLED = 0.03
"""Seconds after which the threads of a process that goes on are at rest again."""

SILENCE = 0.3
"""Seconds without a word after which it is looked whether a process has ended."""

PATIENCE = 5.0
"""Seconds that a process has to say it."""


class Frame(NamedTuple):
    """A line that a thread is at."""

    file: str
    line: int
    function: str


class Stack(NamedTuple):
    """Where the main thread of a process is, and how many others there are beside it."""

    role: str
    """``main process``, ``worker``, ``fork server`` or ``resource tracker``."""

    frames: tuple[Frame, ...]
    """Those of its main thread, the innermost first."""

    others: tuple[tuple[Frame, ...], ...]
    """Those of its other threads."""


class Process(NamedTuple):
    """A process of the group of another one."""

    pid: int
    parent: int
    command: str


def members(group: int) -> list[Process]:
    """All processes of a group that have not ended, the youngest first."""
    found = _from_proc(group) if sys.platform == "linux" else _from_ps(group)
    return sorted(found, reverse=True)


def _from_proc(group: int) -> Iterator[Process]:
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError, ValueError):  # it has ended meanwhile
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                state, parent, its = file.read().rpartition(")")[2].split()[:3]
            if int(its) == group and state not in "ZX":
                with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                    command = file.read().replace("\0", " ").strip()
                yield Process(int(name), int(parent), command)


def _from_ps(group: int) -> Iterator[Process]:
    # Without -ww lines are cut as if for a terminal, of COLUMNS where that is set.
    words = ["ps", "-A", "-ww", "-o", "pid=,ppid=,pgid=,stat=,command="]
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(words, capture_output=True, timeout=10, check=True)
        for line in done.stdout.decode(errors="replace").splitlines():
            pid, parent, its, state, *command = line.split(None, 4)
            if int(its) == group and not state.startswith("Z"):
                yield Process(int(pid), int(parent), " ".join(command))


def left_behind(group: int) -> list[str]:
    """The commands of processes that do not end, some time after their leader did.

    The resource tracker ends after all others.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        # A process without a command is about to end.
        found = [one for one in members(group) if one.pid != group and one.command]
        found = [one for one in found if "resource_tracker" not in one.command]
        if not found or time.monotonic() > deadline:
            return [one.command for one in found]
        time.sleep(0.05)


def role(process: Process, leader: int, servers: set[int]) -> str:
    """What a process is for."""
    if process.pid == leader:
        return "main process"
    if "resource_tracker" in process.command:
        return "resource tracker"
    return "fork server" if process.pid in servers else "worker"


def stacks(leader: int, read: Callable[[float], bytes]) -> list[Stack]:
    """Have each process of a group say where it is, and end; the others stand still meanwhile.

    Args:
        leader: The number of the group, and of its first process.
        read: Returns what was written, or nothing if nothing was for so many seconds.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGSTOP)
    found = members(leader)
    servers = {
        one.pid for one in found if one.parent == leader and "forkserver import" in one.command
    }
    while read(0.0):  # what was written before
        pass
    said = []
    for process in found:
        kind = role(process, leader, servers)
        if kind != "resource tracker":
            text = _ask(process.pid, leader, read)
            if kind == "worker" or text:
                said.append(parse(kind, text))
    return said


def _ask(pid: int, group: int, read: Callable[[float], bytes]) -> str:
    """What a process says at SIGABRT: it has said all once it has ended, not at the first pause."""
    if sys.platform == "linux":  # elsewhere the limit is that of every process: mostly none is left
        import resource

        with contextlib.suppress(OSError, ValueError):
            limits = resource.prlimit(pid, resource.RLIMIT_CORE)
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, limits[1]))  # no file is to be left
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGCONT)
        # What has slept past its time goes on now; a thread that runs while its stack is read
        # can end the process: https://docs.python.org/3/library/faulthandler.html
        time.sleep(SETTLED)
        os.kill(pid, signal.SIGABRT)
    text, deadline = b"", time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        more = read(SILENCE)
        text += more
        if not more and all(one.pid != pid for one in members(group)):
            break
    return text.decode(errors="replace").replace("\r\n", "\n")


_THREAD = re.compile(r"(Current thread|Thread|Stack)\b.{0,99} \(most recent call first")
_FRAME = re.compile(r'^  File "([^"\n]+)", line (\d+) in (\S+)')


def parse(kind: str, text: str) -> Stack:
    r"""Read what `faulthandler` has written.

    Example:
        >>> from poolcontext.trial.processes import parse
        >>> text = 'Current thread 0x7f (most recent call first):\n  File "a.py", line 3 in f'
        >>> parse("worker", text).frames
        (Frame(file='a.py', line=3, function='f'),)
    """
    threads: list[list[Frame]] = []
    _, *said = text.split("Fatal Python error: ")
    if len(said) > 1:  # it crashed as it read the stack of a thread that ran, and said no more
        return Stack(kind, (), ())
    for line in text.splitlines():
        if "C stack trace" in line or line.startswith("Extension modules:"):
            break
        if _THREAD.match(line):
            threads.append([])
        elif threads and (found := _FRAME.match(line)):
            threads[-1].append(Frame(found[1], int(found[2]), found[3]))
    if not threads:
        return Stack(kind, (), ())
    # The youngest comes first; the main thread has been there from the start.
    return Stack(kind, tuple(threads.pop()), tuple(map(tuple, threads)))


def told(output: str) -> list[Stack]:
    """The stacks that processes have written by themselves into the output of a program."""
    said = []
    for text in re.split(r"^Timeout \(", output, flags=re.M)[1:]:
        stack = parse("worker", text)
        if any(
            frame.file.endswith(("/trial/notes.py", "\\trial\\notes.py")) for frame in stack.frames
        ):
            stack = stack._replace(role="main process")  # there runs what has started the program
        said.append(stack)
    return said
