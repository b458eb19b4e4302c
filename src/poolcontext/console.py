"""What the commands share: how they speak, and how they end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator

from .redaction import one_line

POSIX = os.name == "posix"


def say(message: str) -> None:
    """Print a line on standard error if that is there; where it cannot be written, go on.

    It is written at once: what is left in a buffer would be tried again at the end.
    """
    if sys.__stderr__ is not None:
        with contextlib.suppress(OSError):
            os.write(2, f"poolcontext: {one_line(message)}\n".encode(errors="backslashreplace"))


def complain(message: str, status: int) -> int:
    """Say why something cannot be done, and return the exit status."""
    say(message)
    return status


@contextlib.contextmanager
def kept_from_children(name: str) -> Iterator[None]:
    """Block a signal in processes that are started meanwhile; it reaches us afterwards."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {getattr(signal, name)})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def forget_output() -> None:
    """Give up what is still to be written, which Python would try again at its end."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def silent(kind: object, error: object, trace: object) -> None:
    """Report nothing: an exception hook for what ends by a signal."""


def ended_by_a_closed_pipe() -> int:
    """End as a program that knows nothing of SIGPIPE ends by it."""
    forget_output()
    if POSIX:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    return 1


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
