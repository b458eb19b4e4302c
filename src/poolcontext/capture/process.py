"""Run one script as its own process, as `python SCRIPT` in a terminal would run it.

It writes to a pseudo-terminal, or to a pipe where there is none; of its output a bounded part is
kept; at its time limit, and whenever it ends, its whole process group, or job, is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from .job import Job
from .stream import Bounded, Pipe, Source, Terminal

WINDOWS = sys.platform == "win32"
CREATION_FLAGS = 0x200 | 0x4
"""CREATE_NEW_PROCESS_GROUP and CREATE_SUSPENDED, which are Windows' alone."""

TICK = 0.02
"""Seconds between two looks at the clock, the process and a request to stop."""

GRACE = 1.0
"""Seconds that children have to end after their parent, and again after a SIGTERM."""


Look = Callable[["subprocess.Popen[bytes]", str, Callable[[float], bytes]], None]
"""What has a look at the processes of a run before they are ended."""


class Run(NamedTuple):
    """What came out of a script."""

    output: str
    """What the script and its children wrote, in the order in which they did."""

    status: int | None
    """The exit status, negative for a signal as in `subprocess`; None if it was ended."""

    seconds: float
    """From its start to its end."""

    ended: str
    """What ended it: ``exit``, ``signal``, ``timeout`` or ``interrupt``."""


def run_script(
    script: Path,
    python: Sequence[str] = (sys.executable,),
    *,
    timeout: float = 60.0,
    limit: int = 65536,
    environ: Mapping[str, str] | None = None,
    stop: threading.Event | None = None,
) -> Run:
    """Run a script in its own folder, process and session, and say what came out.

    On POSIX it has a pseudo-terminal of 80 columns, so that it writes as it
    would write for you; on Windows a pipe. What it started ends with it, save
    what has left its process group to live on its own, which Windows' jobs do not allow.

    Args:
        script: The file; its folder is the working directory.
        python: The command that takes the script's name as its last argument.
        timeout: Seconds until it is ended.
        limit: Bytes of output to keep; the middle of what is more is left out.
        environ: Variables beside those that are inherited.
        stop: Ends the run when it is set, from another thread.

    Returns:
        A `Run`.

    Raises:
        OSError: The command cannot be started.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     script = pathlib.Path(folder, "hello.py")
        ...     size = script.write_text("print('hello')")
        ...     run = run_script(script)
        >>> run.status, run.ended, run.output.split()
        (0, 'exit', ['hello'])
    """
    return run(
        [*python, script.name],
        folder=script.parent,
        environ={**terminal_environ(), **(environ or {})},
        timeout=timeout,
        limit=limit,
        stop=stop,
    )


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environ: Mapping[str, str],
    timeout: float = 60.0,
    limit: int = 65536,
    stop: threading.Event | None = None,
    look: Look | None = None,
) -> Run:
    """Run a command as `run_script` does a script.

    Args:
        command: What to run.
        folder: The working directory.
        environ: All variables that it has.
        timeout: Seconds until it is ended.
        limit: Bytes of output to keep.
        stop: Ends the run when it is set, from another thread.
        look: Is called once the command has ended or has to be ended, before what is left of its
            group is ended: with the leader's process, which is not reaped yet, what ended it as in
            `Run.ended`, or nothing, and a function that reads what is written meanwhile.

    Raises:
        OSError: The command cannot be started.
    """
    output = Bounded(limit)
    started = time.monotonic()
    source: Source = Pipe() if WINDOWS else Terminal()
    job = Job() if WINDOWS else None
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=source.stdin,
            stdout=source.child,
            stderr=source.child,
            # The leader of a group that can be ended as a whole.
            start_new_session=not WINDOWS,
            creationflags=CREATION_FLAGS if WINDOWS else 0,
        )
        try:
            source.started()
            if job:
                job.begin(process)
            ended = _follow(process, source, output, started + timeout, stop)
            seconds = time.monotonic() - started
            if not ended:
                _drain(source, output, GRACE)
            if look:
                look(process, ended, source.read)
        finally:
            _end_group(process, source, job)
        if job:  # a pipe holds more than a terminal, and nobody is left to write to it
            _drain(source, output, GRACE)
    finally:
        source.close()
        if job:
            job.close()
    status = None if ended else process.returncode
    if status is not None:
        ended = "signal" if status < 0 else "exit"
    return Run(output.text(), status, seconds, ended)


def terminal_environ() -> dict[str, str]:
    """The inherited environment, less what would change what a script prints."""
    dropped = ("PYTHON", "FORCE_COLOR", "COLUMNS", "LINES")
    environ = {
        name: value for name, value in os.environ.items() if not name.upper().startswith(dropped)
    }
    environ.update(PYTHON_COLORS="0", NO_COLOR="1", TERM="dumb")
    if WINDOWS:  # as a console has it there: https://peps.python.org/pep-0528/
        environ["PYTHONIOENCODING"] = "utf-8"
    return environ


def _follow(
    process: subprocess.Popen[bytes],
    source: Source,
    output: Bounded,
    deadline: float,
    stop: threading.Event | None,
) -> str:
    """Collect output until the script ends by itself (nothing) or has to be ended (why)."""
    pause = TICK / 32
    while not _has_ended(process):
        if stop is not None and stop.is_set():
            return "interrupt"
        if time.monotonic() >= deadline:
            return "timeout"
        if source.ended:  # its end of the terminal is closed: it is about to end, or a daemon
            time.sleep(pause)
            pause = min(2 * pause, TICK)
        else:
            output.add(source.read(TICK))
    return ""


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the leader is dead, without reaping it where that can be avoided.

    As long as it is not reaped, its number, which is its group's, cannot be
    given to somebody else. https://docs.python.org/3/library/os.html#os.waitid
    """
    if hasattr(os, "waitid"):
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, process.pid, flags) is not None
    return process.poll() is not None


def _drain(source: Source, output: Bounded, seconds: float) -> None:
    """Collect what children still write, until none of them can or the time is over."""
    deadline = time.monotonic() + seconds
    while not source.ended and time.monotonic() < deadline:
        output.add(source.read(TICK))


def _end_group(process: subprocess.Popen[bytes], source: Source, job: Job | None) -> None:
    """End the script and all that it started, then reap it.

    SIGTERM comes first where somebody could still write: multiprocessing's
    resource tracker ignores it, and unlinks what the others left behind.
    """
    if job:
        job.close()
        process.kill()  # should it not have come into the job
        process.wait()
        return
    try:
        if not source.ended:
            _signal_group(process.pid, signal.SIGTERM)
            _drain(source, Bounded(0), GRACE)
    finally:  # also after a second interrupt from the keyboard
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _signal_group(group: int, number: int) -> None:
    # macOS says EPERM of a group of zombies.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Turn a request to terminate into an exception, so that no script outlives this process.

    A request that is ignored, as under nohup, stays so; but scripts do not
    inherit that, as a program does whose signal is ignored when it is started.
    """

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    def pass_over(number: int, frame: FrameType | None) -> None:
        pass

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"):
        number = getattr(signal, name, None)  # Windows has not all
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            before[number] = signal.signal(number, pass_over)
        elif number is not None and name in ("SIGHUP", "SIGTERM"):
            before[number] = signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
