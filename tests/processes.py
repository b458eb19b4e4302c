"""What tests of processes share: what POSIX alone has, waiting, and whether a process has ended."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WINDOWS = os.name == "nt"
posix = pytest.mark.skipif(WINDOWS, reason="Windows has no terminal, fork, link or signal")
windows = pytest.mark.skipif(not WINDOWS, reason="Windows alone has jobs")

SOON = 30.0
"""Seconds after which what should be at once has failed, on a busy machine too."""


def wait_for(happened: Callable[[], object], seconds: float = SOON) -> None:
    """Wait until something is so; fail if it is not in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.01)


def is_gone(*pids: int) -> bool:
    """Whether there are no such processes any more, nor zombies of them."""
    return bool(pids) and not any(map(_exists, pids))


def _exists(pid: int) -> bool:
    if WINDOWS:  # where os.kill(pid, 0) would be a Ctrl+C
        import ctypes

        kernel: Any = vars(ctypes)["WinDLL"]("kernel32")
        handle = kernel.OpenProcess(0x100000, False, pid)  # SYNCHRONIZE
        runs: bool = handle and kernel.WaitForSingleObject(handle, 0) == 0x102  # WAIT_TIMEOUT
        kernel.CloseHandle(handle)
        return runs
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        return True
    return False


def is_dead(*pids: int) -> bool:
    """Whether processes run no more, though nobody may have reaped them."""

    def zombie(pid: int) -> bool:
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        return False

    return all(zombie(pid) or is_gone(pid) for pid in pids)


def living(mark: str) -> list[int]:
    """The processes that have inherited a variable, such as ``NAME=value``, where /proc tells."""
    found = []
    for process in () if WINDOWS else Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # another user's, or it ended just now
            if mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
    return found
