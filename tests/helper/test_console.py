"""How the commands speak, and where they stay silent."""

from __future__ import annotations

import os
import sys

import pytest

from poolcontext.cli import Progress, complain, say

STEPS = (("first", "exit status 0"), ("second", "time limit"))


def take_steps(progress: Progress) -> None:
    """Show all steps."""
    with progress:
        for name, what in STEPS:
            progress.step(name, what)


class TestSay:
    """One line on standard error."""

    def test_plain(self, capfd: pytest.CaptureFixture[str]) -> None:
        """What a terminal would act on is written out, and so is what cannot be encoded."""
        say("a\x1b[2J\u202eb\udcff é")
        assert capfd.readouterr() == ("", "poolcontext: a\\x1b[2J\\u202eb\\udcff é\n")

    def test_newlines(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Whatever it holds, it is one line."""
        say("a\nb\r\nc\r")
        assert capfd.readouterr() == ("", "poolcontext: a\\nb\\r\\nc\\r\n")

    def test_complaint(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A complaint is such a line, and its status is handed back."""
        assert complain("it is raining", 2) == 2
        assert capfd.readouterr() == ("", "poolcontext: it is raining\n")

    def test_full_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A line that cannot be written is left out, and so are steps."""
        tried = []

        def fail(descriptor: int, data: bytes) -> int:
            tried.append(data)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fail)
            say("hello")
            take_steps(Progress(2))
        assert len(tried) == 3

    def test_closed(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Where standard error is closed nothing is written, whatever has its number now."""
        with monkeypatch.context() as patch:
            patch.setattr(sys, "__stderr__", None)
            patch.setattr(os, "isatty", lambda descriptor: True)
            say("hello")
            progress = Progress(2)
            assert progress.width == 0
            take_steps(progress)
            progress.width = 79
            take_steps(progress)
        assert capfd.readouterr() == ("", "")


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
