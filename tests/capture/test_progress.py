"""How far a run of many scripts has come, as a terminal or a file shows it."""

from __future__ import annotations

import os
import sys

import pytest

from poolcontext.capture.cli import Progress

STEPS = (("first", "exit status 0"), ("second", "time limit"))


def take_steps(progress: Progress) -> None:
    """Show all steps."""
    with progress:
        for name, what in STEPS:
            progress.step(name, what)


class TestProgress:
    """How far it has come."""

    def test_lines(self, capfd: pytest.CaptureFixture[str]) -> None:
        """In a file each step is a line that says how it ended."""
        take_steps(Progress(2))
        assert capfd.readouterr().err == "1/2 first: exit status 0\n2/2 second: time limit\n"

    @pytest.mark.parametrize(("columns", "width"), [(0, 79), (10, 9), (20, 19), (81, 80)])
    def test_terminal(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        columns: int,
        width: int,
    ) -> None:
        """On a terminal each step takes the place of the one before, and the last leaves none."""
        asked = []

        def size(descriptor: int) -> os.terminal_size:
            asked.append(descriptor)
            return os.terminal_size((columns, 24))

        with monkeypatch.context() as patch:
            patch.setattr(os, "isatty", lambda descriptor: descriptor == 2)
            patch.setattr(os, "get_terminal_size", size)
            progress = Progress(2)
        assert asked == [2]
        with progress:
            progress.step("first", "exit status 0")
            progress.step("n" * 200, "time limit")
        before, *lines, after = capfd.readouterr().err.split("\r")
        assert (before, after) == ("", "")
        shown = ["0/2", "1/2 first", f"2/2 {'n' * 200}", ""]
        assert lines == [text[:width].ljust(width) for text in shown]

    def test_begin(self, capfd: pytest.CaptureFixture[str]) -> None:
        """In a file nothing is said before the first step, and nothing after the last."""
        with Progress(2):
            assert capfd.readouterr().err == ""
        assert capfd.readouterr().err == ""

    def test_full_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A step that cannot be written is left out."""
        tried = []

        def fail(descriptor: int, data: bytes) -> int:
            tried.append(data)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fail)
            take_steps(Progress(2))
        assert len(tried) == 2

    def test_closed(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Where standard error is closed nothing is written, whatever has its number now."""
        with monkeypatch.context() as patch:
            patch.setattr(sys, "__stderr__", None)
            patch.setattr(os, "isatty", lambda descriptor: True)
            progress = Progress(2)
            assert progress.width == 0
            take_steps(progress)
            progress.width = 79
            take_steps(progress)
        assert capfd.readouterr() == ("", "")
