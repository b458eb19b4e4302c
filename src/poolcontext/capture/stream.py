"""What a process writes: where it comes from, and the bounded part of it that is kept."""

from __future__ import annotations

import codecs
import contextlib
import math
import os
import queue
import select
import struct
import subprocess
import sys
import threading
import time
from typing import Protocol

TYPING = 0.2
"""Seconds between two ends of input."""

END_OF_INPUT = b"\x04"
"""What a terminal takes for it: Ctrl+D."""


class Source(Protocol):
    """Where a script's output comes from."""

    stdin: int
    """What the script reads from."""

    child: int
    """The descriptor that the script writes to; -1 once it is the script's alone."""

    ended: bool
    """Whether nobody is left who could write."""

    def started(self) -> None:
        """Leave `child` to the script: once it has no writer, reading ends."""

    def read(self, seconds: float) -> bytes:
        """Return what was written, or nothing if nothing was in that time."""

    def close(self) -> None:
        """Give the descriptors back."""


class Terminal:
    """A pseudo-terminal: one stream, written line by line, as for a person.

    A pipe would be filled block by block, so that what the parent wrote
    first would come out after what its children wrote.
    """

    def __init__(self) -> None:
        import fcntl
        import termios

        self.parent, self.child = os.openpty()
        self.stdin = self.child
        self.ended = False
        size = struct.pack("HHHH", 24, 80, 0, 0)
        fcntl.ioctl(self.child, termios.TIOCSWINSZ, size)
        if sys.platform != "linux":  # others show the ends of input that are typed
            attributes = termios.tcgetattr(self.child)
            attributes[3] &= ~termios.ECHO
            termios.tcsetattr(self.child, termios.TCSANOW, attributes)
        os.set_blocking(self.parent, False)  # once nobody reads, there is no room for what is typed
        self.typed = -math.inf

    def started(self) -> None:
        os.close(self.child)
        self.child = -1

    def read(self, seconds: float) -> bytes:
        self._type_end()
        if not select.select([self.parent], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.parent, 65536)
        except OSError:  # Linux says EIO once no writer is left, others return nothing
            data = b""
        self.ended = not data
        return data

    def _type_end(self) -> None:
        """Say again and again that no input comes: what takes the terminal over drops what was."""
        if time.monotonic() - self.typed > TYPING:
            self.typed = time.monotonic()
            with contextlib.suppress(OSError):
                os.write(self.parent, END_OF_INPUT)

    def close(self) -> None:
        for descriptor in (self.parent, self.child):
            if descriptor >= 0:
                os.close(descriptor)


class Pipe:
    """A pipe, read by a thread: for where there is no pseudo-terminal."""

    def __init__(self) -> None:
        self.parent, self.child = os.pipe()
        self.stdin = subprocess.DEVNULL
        self.ended = False
        self.closed = False
        self.chunks: queue.Queue[bytes] = queue.Queue(maxsize=16)
        self.thread = threading.Thread(target=self._pump, daemon=True)

    def started(self) -> None:
        os.close(self.child)
        self.child = -1
        self.thread.start()

    def _pump(self) -> None:
        """Hand on what arrives, and keep the descriptor until its end: only here is it used."""
        data = b" "
        while data:
            data = os.read(self.parent, 65536)
            if not self.closed:
                self.chunks.put(data)
        os.close(self.parent)

    def read(self, seconds: float) -> bytes:
        try:
            data = self.chunks.get(timeout=seconds)
        except queue.Empty:
            return b""
        self.ended = not data
        return data

    def close(self) -> None:
        self.closed = True
        with contextlib.suppress(queue.Empty):
            while True:  # the thread may wait for room
                self.chunks.get_nowait()
        if self.child >= 0:  # the command could not be started
            os.close(self.child)
            os.close(self.parent)


class Bounded:
    """The beginning and the end of a stream of bytes, of which the middle may go."""

    def __init__(self, limit: int) -> None:
        self.half = max(limit - 64, 2) // 2
        self.head = bytearray()
        self.tail = bytearray()
        self.left_out = 0

    def add(self, data: bytes) -> None:
        room = self.half - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        if len(self.tail) > 4 * self.half:
            self._shorten()

    def _shorten(self) -> None:
        extra = max(len(self.tail) - self.half, 0)
        self.left_out += extra
        del self.tail[:extra]

    def text(self) -> str:
        """Decode whatever there is; bytes that are no UTF-8 are shown as escapes."""
        self._shorten()
        if not self.left_out:
            return _decoded(self.head + self.tail)[0]
        # Cut between lines where there are any near, else at least between characters.
        head = self.head[: self.head.rfind(b"\n", self.half // 2) + 1] or self.head
        tail = self.tail[self.tail.find(b"\n", 0, self.half // 2) + 1 :]
        tail = tail.lstrip(bytes(range(0x80, 0xC0)))
        before, torn = _decoded(head, final=False)
        kept = len(head) - torn + len(tail)
        left_out = self.left_out + len(self.head) + len(self.tail) - kept
        newline = "" if before.endswith("\n") else "\n"
        return f"{before}{newline}[... {left_out} bytes left out ...]\n{_decoded(tail)[0]}"


def _decoded(data: bytes | bytearray, final: bool = True) -> tuple[str, int]:
    """The text, and how many bytes at its end are the beginning of a character only."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    *lines, last = decoder.decode(bytes(data), final).split("\n")
    # A terminal ends lines with CR LF, and adds the CR to one that a script wrote as well.
    text = "\n".join([*(line.rstrip("\r") for line in lines), last])
    return text, len(decoder.getstate()[0])
