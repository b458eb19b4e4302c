"""How a script's output is read and how much of it is kept."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from typing import Union

import pytest

from poolcontext.capture.process import Bounded, Pipe, Terminal

MARKER = re.compile(r"\[\.\.\. (\d+) bytes left out \.\.\.\]\n")

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no terminal of this kind")


def kept(data: bytes, limit: int, chunk: int = 1000) -> str:
    """What is shown of a stream that arrives in chunks."""
    output = Bounded(limit)
    for start in range(0, len(data), chunk):
        output.add(data[start : start + chunk])
    return output.text()


class TestBounded:
    """How much of an output is kept."""

    @pytest.mark.parametrize("chunk", [1, 7, 100_000], ids=["bytes", "small", "whole"])
    def test_up_to_the_bound_all_is_kept(self, chunk: int) -> None:
        """An output that just fits is whole, and one byte more costs some of its middle."""
        lines = b"".join(b"%05d\n" % number for number in range(156))
        assert len(lines) == 1000 - 64
        assert kept(lines, 1000, chunk) == lines.decode()
        assert MARKER.search(kept(b"x" + lines, 1000, chunk))

    @pytest.mark.parametrize("chunk", [1, 7, 100_000], ids=["bytes", "small", "whole"])
    def test_cut_between_lines(self, chunk: int) -> None:
        """What is left are whole lines, the first ones and the last ones, in half a bound each."""
        lines = [f"line {number}\n" for number in range(5000)]
        before, count, after = MARKER.split(kept("".join(lines).encode(), 1000, chunk))
        shown = before.splitlines(keepends=True), after.splitlines(keepends=True)
        assert lines[: len(shown[0])] == shown[0]
        assert lines[-len(shown[1]) :] == shown[1]
        for part in (before, after):
            assert (1000 - 64) / 2 - len(lines[-1]) <= len(part) <= (1000 - 64) / 2
        assert len(before) + int(count) + len(after) == len("".join(lines))

    @pytest.mark.parametrize("limit", [0, 1, 64, 66, 67, 70, 100, 1000, 4096])
    @pytest.mark.parametrize(
        "unit", [b"x", b"y\n", b"\n", "é→𝄞".encode(), b"\x80", b"long line\r\n"]
    )
    def test_never_longer_than_the_bound(self, unit: bytes, limit: int) -> None:
        """The text, its marker included, is no longer than the limit, or than 64 bytes."""
        for size in (1, limit, 3 * limit + 1, 30_000):
            text = kept(unit * (size // len(unit) + 1), limit)
            raw = text.encode().replace(b"\\x80", b"\x80")
            assert len(raw) <= max(limit, 64)

    def test_memory_is_bounded(self) -> None:
        """Not more than a few times the limit is held, however much arrives."""
        output = Bounded(1000)
        for _ in range(1000):
            output.add(b"x" * 999 + b"\n")
            assert len(output.head) + len(output.tail) < 5 * 1000

    @pytest.mark.parametrize("shift", range(4))
    @pytest.mark.parametrize("character", ["é", "→", "𝄞"], ids=["2", "3", "4 bytes"])
    def test_cut_between_characters(self, character: str, shift: int) -> None:
        """Where there is no line to cut at, no character is torn, and no byte is uncounted."""
        data = b"x" * shift + character.encode() * 1000 + b"y"
        before, count, after = MARKER.split(kept(data, 300))
        assert before.rstrip("\n").strip("x").strip(character) == ""
        assert after.strip(character) == "y"
        assert len(before.rstrip("\n").encode()) > 100
        assert len(after.encode()) > 100
        assert len(before.rstrip("\n").encode()) + int(count) + len(after.encode()) == len(data)

    def test_one_long_line(self) -> None:
        """A line without end is cut inside, and the marker has a line of its own."""
        text = kept(b"a" * 5000 + b"b" * 5000, 1000)
        assert re.fullmatch(r"a{468}\n\[\.\.\. 9064 bytes left out \.\.\.\]\nb{468}", text)

    def test_long_last_line(self) -> None:
        """The end of a last line that is longer than what is kept is shown."""
        text = kept(b"first\n" * 1000 + b"x" * 5000 + b"\n", 1000)
        assert text.startswith("first\n")
        assert text.endswith("x" * 400 + "\n")

    def test_asked_twice(self) -> None:
        """The text can be asked for again, also after more has come."""
        output = Bounded(200)
        output.add(b"first\n" * 100)
        assert output.text() == output.text()
        output.add(b"last\n")
        assert output.text().endswith("first\nlast\n")

    def test_nothing(self) -> None:
        """Of nothing, nothing is shown."""
        assert Bounded(100).text() == ""


class TestText:
    """How bytes become text."""

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"a\r\nb\r\n", "a\nb\n"),
            (b"a\r\r\nb", "a\nb"),
            (b"a\r\r\r\r\n\r\n", "a\n\n"),
            (b"10 %\r20 %\r\n", "10 %\r20 %\n"),
            (b"\r", "\r"),
            (b"\r\r", "\r\r"),
            (b"a\n\rb", "a\n\rb"),
            (b"a\tb\fc\vd\0e\x1b[0m", "a\tb\fc\vd\0e\x1b[0m"),
            (b"a\xffb\xc3(\n", "a\\xffb\\xc3(\n"),
            ("é".encode()[:1], "\\xc3"),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
            ("\ufeffé → 𝄞\u2028\x85".encode(), "\ufeffé → 𝄞\u2028\x85"),
        ],
        ids=[
            "terminal's ends of lines",
            "a script's own on top",
            "many on top",
            "progress",
            "alone",
            "two alone",
            "after a newline",
            "control characters",
            "no UTF-8",
            "half a character",
            "surrogate",
            "all kinds of characters",
        ],
    )
    @pytest.mark.parametrize("chunk", [1, 1000], ids=["bytes", "whole"])
    def test_decoded(self, data: bytes, text: str, chunk: int) -> None:
        """A terminal's ends of lines become newlines; else every character stays as it is."""
        assert kept(data, 1000, chunk) == text

    def test_many_returns(self) -> None:
        """A line of nothing but carriage returns is decoded at once."""
        started = time.monotonic()
        assert kept(b"\r" * 65_000 + b"\n", 65_536, 4096) == "\n"
        assert time.monotonic() - started < 5


Source = Union[Terminal, Pipe]


@pytest.fixture(params=[pytest.param(Terminal, marks=posix), Pipe], ids=["terminal", "pipe"])
def source(request: pytest.FixtureRequest) -> Source:
    """Each source in turn; the test gives it back."""
    made: Source = request.param()
    return made


def collect(source: Source, enough: Callable[[bytes], bool]) -> bytes:
    """Read until there is enough, or no more."""
    data = b""
    deadline = time.monotonic() + 15
    while not enough(data) and not source.ended and time.monotonic() < deadline:
        data += source.read(0.1)
    return data


class TestSources:
    """Terminal and Pipe, which have the same methods."""

    def test_nothing_in_time(self, source: Source) -> None:
        """Reading returns nothing if nothing was written, and that is not the end."""
        writer = os.dup(source.child)
        source.started()
        assert source.read(0) == b""
        assert source.read(0.05) == b""
        assert not source.ended
        os.close(writer)
        source.close()

    def test_what_was_written_until_the_end(self, source: Source) -> None:
        """What is written can be read while there is a writer; with the last one it ends."""
        writer, other = os.dup(source.child), os.dup(source.child)
        source.started()
        assert source.child == -1
        os.write(writer, b"first\n")
        assert collect(source, lambda data: b"\n" in data).split() == [b"first"]
        os.write(writer, b"second\n")
        os.close(writer)
        assert collect(source, lambda data: b"\n" in data).split() == [b"second"]
        assert source.read(0.05) == b""
        assert not source.ended
        os.write(other, b"third\n")
        os.close(other)
        assert collect(source, lambda data: False).split() == [b"third"]
        assert source.ended
        source.close()

    def test_closed_before_it_started(self, source: Source) -> None:
        """A source that no command was started with gives both descriptors back."""
        source.close()
        for descriptor in (source.parent, source.child):
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(descriptor)


@posix
class TestTerminal:
    """What only a terminal has."""

    def test_size(self) -> None:
        """It is a terminal of 80 columns and 24 lines, for reading as for writing."""
        terminal = Terminal()
        assert os.isatty(terminal.child)
        assert terminal.stdin == terminal.child
        assert tuple(os.get_terminal_size(terminal.child)) == (80, 24)
        terminal.close()

    def test_end_without_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On systems that return nothing where Linux says EIO, it has ended as well."""
        terminal = Terminal()
        terminal.started()
        monkeypatch.setattr(os, "read", lambda descriptor, size: b"")
        assert terminal.read(5) == b""
        assert terminal.ended
        terminal.close()


class TestPipe:
    """What only a pipe has: a thread."""

    def test_closed_while_somebody_could_write(self) -> None:
        """Closing does not wait for a writer; the thread ends with the writer."""
        pipe = Pipe()
        writer = os.dup(pipe.child)
        pipe.started()
        pipe.close()
        assert pipe.thread.is_alive()
        os.close(writer)
        pipe.thread.join(15)
        assert not pipe.thread.is_alive()

    def test_closed_while_much_is_unread(self) -> None:
        """The thread ends as well if nobody has read what was written."""
        pipe = Pipe()
        writer = os.dup(pipe.child)
        pipe.started()

        def write() -> None:
            for _ in range(40):  # more chunks than the queue holds
                os.write(writer, b"x" * 65_536)
            os.close(writer)

        thread = threading.Thread(target=write)
        thread.start()
        pipe.read(15)
        time.sleep(0.2)
        pipe.close()
        pipe.thread.join(5)
        waits = pipe.thread.is_alive()
        while pipe.thread.is_alive():  # let it go, so that nothing stays
            pipe.read(0.1)
        thread.join()
        assert not waits
