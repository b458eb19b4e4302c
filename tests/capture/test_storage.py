"""The file that keeps captures: what it may hold, and that it is whole at every moment."""

from __future__ import annotations

import copy
import itertools
import json
import math
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.capture import storage
from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.capture.storage import FileError, load, load_folder, parse, save, serialize

posix = pytest.mark.skipif(os.name == "nt", reason="links need a right there, and pipes are others")

ROOT = Path(__file__).parents[2]
SOON = 15.0
"""Seconds after which something that should be at once has failed, on a busy machine too."""

PLATFORM = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
NAME = f"{PLATFORM.id}.json"
OUTPUT = "é → 𝄞\ttab\ffeed\rreturn\x1b[0m\u2028\0 <b>'\"\\\n\n  two\nno end"
GOOD: dict[str, Any] = {
    "script": "0" * 64,
    "date": "2026-11-22",
    "ended": "exit",
    "status": 0,
    "seconds": 0.5,
    "output": ["one\n", "two"],
}
ONE = Snapshot("0" * 64, "2026-11-22", "exit", 0, 0.5, "one\ntwo")


def some_captures() -> Capture:
    """Capture as they could be, in no order."""
    examples = {
        "b": ONE._replace(status=None, ended="timeout", date="2026-11-20", output=OUTPUT),
        "c": ONE._replace(status=-9, ended="signal", output="", seconds=7),
        "a": ONE,
    }
    return Capture(PLATFORM, examples)


def document(*drop: str, **change: Any) -> dict[str, Any]:
    """What a file holds, changed."""
    platform = {"id": PLATFORM.id, **PLATFORM._asdict()}
    data: dict[str, Any] = {
        "schema": 1,
        "platform": platform,
        "date": "2026-11-22",
        "examples": {"a": copy.deepcopy(GOOD)},
    }
    data.update(change)
    return {key: value for key, value in data.items() if key not in drop}


def whole(*drop: str, **change: Any) -> str:
    """A file's text with something wrong in it."""
    return json.dumps(document(*drop, **change))


def platform(*drop: str, **change: Any) -> str:
    """A file's text with something wrong in what it says of the platform."""
    fields = {"id": PLATFORM.id, **PLATFORM._asdict(), **change}
    return whole(platform={key: value for key, value in fields.items() if key not in drop})


def example(*drop: str, **change: Any) -> str:
    """A file's text with something wrong in its example."""
    fields = {**GOOD, **change}
    return whole(examples={"a": {key: fields[key] for key in fields if key not in drop}})


def named(name: str) -> str:
    """A file's text whose example has that name."""
    return whole(examples={name: GOOD})


def inserted(before: str, text: str) -> str:
    """A file's text with something put before a part of it."""
    assert before in whole()
    return whole().replace(before, text + before, 1)


def replaced(old: str, new: str) -> str:
    """A file's text with one part in place of another."""
    assert old in whole()
    return whole().replace(old, new, 1)


RUBBISH: dict[str, tuple[str | bytes, str]] = {
    # What it is: the file's content, and what the message has after the file's path.
    "nothing": ("", ""),
    "a space": (" ", ""),
    "no JSON": ("{'schema': 1}", ""),
    "half": (whole()[:-20], ""),
    "all but the last brace": (whole()[:-1], ""),
    "half a character": (whole(date="é").encode("utf-8")[:-3], ""),
    "more": (whole() + "}", ""),
    "twice": (whole() + whole(), ""),
    "list": ("[]", "it is no object"),
    "list of one": (f"[{whole()}]", "it is no object"),
    "null": ("null", "it is no object"),
    "number": ("1", "it is no object"),
    "string": ('"schema"', "it is no object"),
    "nothing in it": ("{}", "date: it is missing"),
    "deep list": ("[" * 100_000, ""),
    "deep list that ends": ("[" * 100_000 + "]" * 100_000, ""),
    "deep object": ('{"a":' * 100_000, ""),
    "deep object that ends": ('{"a":' * 100_000 + "1" + "}" * 100_000, ""),
    "deep output": (replaced('["one\\n", "two"]', "[" * 100_000 + "]" * 100_000), ""),
    "deep schema": (replaced('"schema": 1', f'"schema": {"[" * 100_000}{"]" * 100_000}'), ""),
    "long number": ("9" * 100_000, "it is no object"),
    "number not a number": ("NaN", "it is no object"),
    "a control character": ('{"a\x1b[31m": 1}', ""),
    "a newline in a string": ('{"a\nb": 1}', ""),
    "a change of direction": ("\u202e{}", ""),
    "a change of direction for a key": ('{"\u202e": 1}', "date: it is missing"),
    "an unknown escape": ('{"\\x": 1}', ""),
    "no UTF-8": (b'{"schema": "\xff"}', "'utf-8' codec"),
    "UTF-8 of half a character": (b'{"schema": "\xed\xa0\x80"}', "'utf-8' codec"),
    "UTF-16": (whole().encode("utf-16"), ""),
    "UTF-16 without a mark": (whole().encode("utf-16-le"), ""),
    "UTF-32": (whole().encode("utf-32"), ""),
    "a mark of the order of bytes": (whole().encode("utf-8-sig"), ""),
    "zeros": (b"\0" * 1000, ""),
    "too large": (whole() + " " * (4 << 20), "it has more than 4194304 bytes"),
    "one byte too large": (
        whole() + " " * ((4 << 20) + 1 - len(whole())),
        "it has more than 4194304 bytes",
    ),
    "no schema": (whole("schema"), "schema: it is missing"),
    "schema 0": (whole(schema=0), "schema: 0 is not 1"),
    "later schema": (whole(schema=2), "schema: 2 is not 1"),
    "later schema, which is other in all": ('{"schema": 2, "runs": []}', "schema: 2 is not 1"),
    "schema as text": (whole(schema="1"), "schema: '1' is not 1"),
    "schema as null": (whole(schema=None), "schema: None is not 1"),
    "schema as a list": (whole(schema=[1]), "schema: a list is not 1"),
    "schema as a truth": (whole(schema=True), "schema: True is not 1"),
    "schema as a fraction": (whole(schema=1.0), "schema: 1.0 is not 1"),
    "schema with a control character": (whole(schema="\x1b\n\u202e"), "schema: '\\x1b\\n\\u202e'"),
    "something too many": (whole(runner="1"), "'runner': nothing is known of it"),
    "odd key": (whole(**{"\x1b\u202e\n": 1}), "'\\x1b\\u202e\\n': nothing is known of it"),
    "half a character for a key": (whole(**{"\ud800": 1}), "'\\ud800': nothing is known"),
    "long key": (whole(**{"x" * 100_000: 1}), "'xxx"),
    "schema twice": (inserted('"schema"', '"schema": 1, '), "'schema' is there twice"),
    "examples twice": (inserted('"examples"', '"examples": {}, '), "'examples' is there twice"),
    "one example twice": (inserted('"a"', '"a": {}, '), "examples: 'a' is there twice"),
    "platform's field twice": (
        inserted('"system"', '"system": "x", '),
        "platform: 'system' is there twice",
    ),
    "example's field twice": (
        inserted('"script"', '"script": "x", '),
        "examples: a: 'script' is there twice",
    ),
    "twice in a status": (
        replaced('"status": 0', '"status": {"q": 1, "q": 2}'),
        "examples: a: status: an object is no exit status",
    ),
    "system of many digits": (
        replaced('"linux"', "1" * 21),
        "platform: system: it is no text",
    ),
    "odd key twice": ('{"\\u001b": 1, "\\u001b": 1}', "'\\x1b' is there twice"),
    "no platform": (whole("platform"), "platform: it is missing"),
    "platform as a list": (whole(platform=["id", "title"]), "platform: it is no object"),
    "platform as null": (whole(platform=None), "platform: it is no object"),
    "platform without an id": (platform("id"), "platform: id: it is missing"),
    "platform without a system": (platform("system"), "platform: system: it is missing"),
    "platform with a title": (platform(title="x"), "platform: 'title': nothing is known of it"),
    "platform with an odd key": (
        platform(**{"\x1b[0m": 1}),
        "platform: '\\x1b[0m': nothing is known of it",
    ),
    "another id": (platform(id="cpython-3.14.1"), "platform: id: it is not cpython-3.14.0-linux-"),
    "id as a list": (platform(id=[PLATFORM.id]), "platform: id: it is not cpython-3.14.0-linux-"),
    "another platform": (
        platform(id=PLATFORM._replace(libc="musl").id, libc="musl"),
        "platform: cpython-3.14.0-linux-x86_64-musl has a file of that name, not this",
    ),
    "system with separators": (platform(system="../x"), "platform: system: not '../x'"),
    "system with capitals": (platform(system="Linux"), "platform: system: not 'Linux'"),
    "system with markup": (platform(system="<b>"), "platform: system: not '<b>'"),
    "system with a change of direction": (
        platform(system="x\u202e"),
        "platform: system: not 'x\\u202e'",
    ),
    "system with a newline": (platform(system="x\n"), "platform: system: not 'x\\n'"),
    "system of nothing": (platform(system=""), "platform: system: not ''"),
    "long system": (platform(system="x" * 32), "platform: system: not 'xxx"),
    "system as a list": (platform(system=["linux"]), "platform: system: it is no text"),
    "version in words": (platform(version="new"), "platform: version: not 'new'"),
    "version as a number": (platform(version=3.14), "platform: version: it is no text"),
    "version with other digits": (platform(python="٣.14.0"), "platform: python: not '\\u0663"),
    "no date": (whole("date"), "date: it is missing"),
    "date that is not the latest": (whole(date="2026-11-23"), "date: it is not 2026-11-22"),
    "date of the file as null": (whole(date=None), "date: it is not 2026-11-22"),
    "no examples": (whole("examples"), "examples: it is missing"),
    "examples as a list": (whole(examples=[GOOD]), "examples: it is no object"),
    "examples as null": (whole(examples=None), "examples: it is no object"),
    "none": (whole(examples={}), "examples: there are 0, and not 1 to 500"),
    "too many": (
        whole(examples={f"a{number}": GOOD for number in range(501)}),
        "examples: there are 501, and not 1 to 500",
    ),
    "name of a path upwards": (named("../x"), "examples: '../x' is no script's name"),
    "name of a path": (named("a/b"), "examples: 'a/b' is no script's name"),
    "name of a path on Windows": (named("a\\b"), "examples: 'a\\\\b' is no script's name"),
    "no name": (named(""), "examples: '' is no script's name"),
    "hidden name": (named(".a"), "examples: '.a' is no script's name"),
    "name like an option": (named("-a"), "examples: '-a' is no script's name"),
    "name with a newline": (named("a\nb"), "examples: 'a\\nb' is no script's name"),
    "name with a newline at its end": (named("a\n"), "examples: 'a\\n' is no script's name"),
    "name with a control character": (named("a\x1b"), "examples: 'a\\x1b' is no script's name"),
    "name with a change of direction": (named("a\u202e"), "examples: 'a\\u202e' is no"),
    "name with half a character": (named("a\ud800"), "examples: 'a\\ud800' is no"),
    "name with markup": (named("<script>"), "examples: '<script>' is no script's name"),
    "name with a letter that is none": (named("é"), "examples: '\\xe9' is no script's name"),
    "name with a space": (named("a b"), "examples: 'a b' is no script's name"),
    "long name": (named("a" * 101), "examples: 'aaa"),
    "example as a list": (
        whole(examples={"a": list(GOOD.values())}),
        "examples: a: it is no object",
    ),
    "example as null": (whole(examples={"a": None}), "examples: a: it is no object"),
    "second example as null": (
        whole(examples={"a": GOOD, "b": None}),
        "examples: b: it is no object",
    ),
    "no script": (example("script"), "examples: a: script: it is missing"),
    "no output": (example("output"), "examples: a: output: it is missing"),
    "field too many": (example(colour="red"), "examples: a: 'colour': nothing is known of it"),
    "script as a number": (example(script=3), "examples: a: script: 3 is no SHA-256"),
    "script of 63 digits": (example(script="0" * 63), "examples: a: script: '000"),
    "script of 65 digits": (example(script="0" * 65), "examples: a: script: '000"),
    "script with a newline": (example(script="0" * 64 + "\n"), "examples: a: script: '000"),
    "script with capitals": (example(script="A" * 64), "examples: a: script: 'AAA"),
    "script with other digits": (example(script="٠" * 64), "examples: a: script: '\\u0660"),
    "date in words": (example(date="yesterday"), "examples: a: date: 'yesterday' is no date"),
    "date as a number": (example(date=20261122), "examples: a: date: 20261122 is no date"),
    "date without dashes": (example(date="20261122"), "examples: a: date: '20261122' is no date"),
    "date by its week": (example(date="2026-W47-7"), "examples: a: date: '2026-W47-7' is no date"),
    "date with a time": (example(date="2026-11-22T10:00"), "examples: a: date: '2026-11-22T"),
    "date with other digits": (example(date="٢٠٢٦-11-22"), "examples: a: date: '\\u0662"),
    "date with a newline": (example(date="2026-11-22\n"), "examples: a: date: '2026-11-22\\n'"),
    "date of no day": (example(date="2026-02-30"), "examples: a: date: "),
    "date of no month": (example(date="2026-13-01"), "examples: a: date: "),
    "date of no year": (example(date="0000-01-01"), "examples: a: date: "),
    "ended unknown": (example(ended="exploded"), "examples: a: ended: 'exploded' is neither"),
    "ended by an interrupt": (example(ended="interrupt"), "examples: a: ended: 'interrupt' is"),
    "ended as null": (example(ended=None), "examples: a: ended: None is neither"),
    "ended as a list": (example(ended=["exit"]), "examples: a: ended: a list is neither"),
    "status as text": (example(status="0"), "examples: a: status: '0' is no exit status"),
    "status as a fraction": (example(status=0.0), "examples: a: status: 0.0 is no exit status"),
    "status as a truth": (example(status=True), "examples: a: status: True is no exit status"),
    "status as a list": (example(status=[0]), "examples: a: status: a list is no exit status"),
    "status too large": (example(status=2**32), "examples: a: status: 4294967296 is no exit"),
    "status too small": (example(status=-(2**31) - 1), "examples: a: status: -2147483649 is no"),
    "exit by a signal": (example(status=-9), "examples: a: status: not -9, since it ended by exit"),
    "signal of none": (
        example(status=0, ended="signal"),
        "examples: a: status: not 0, since it ended by signal",
    ),
    "status of many digits": (
        replaced('"status": 0', f'"status": {"9" * 5000}'),
        "examples: a: status: 99999999999999999999... is no",
    ),
    "status without end": (replaced('"status": 0', '"status": 1e999'), "examples: a: status: inf"),
    "status not a number": (
        replaced('"status": 0', '"status": NaN'),
        "examples: a: status: nan is no exit status",
    ),
    "exit without a status": (example(status=None), "examples: a: status: not None, since it"),
    "signal without a status": (
        example(status=None, ended="signal"),
        "examples: a: status: not None, since it ended by signal",
    ),
    "time limit with a status": (
        example(ended="timeout"),
        "examples: a: status: not 0, since it ended by timeout",
    ),
    "seconds as text": (example(seconds="1"), "examples: a: seconds: '1' is no number of seconds"),
    "seconds as a truth": (example(seconds=True), "examples: a: seconds: True is no number"),
    "seconds as null": (example(seconds=None), "examples: a: seconds: None is no number"),
    "seconds as a list": (example(seconds=[1]), "examples: a: seconds: a list is no number"),
    "endless seconds": (example(seconds=math.inf), "examples: a: seconds: inf is no number"),
    "endless seconds before": (
        example(seconds=-math.inf),
        "examples: a: seconds: -inf is no number",
    ),
    "no number of seconds": (example(seconds=math.nan), "examples: a: seconds: nan is no number"),
    "seconds past all numbers": (replaced("0.5", "1e999"), "examples: a: seconds: inf is no"),
    "seconds of many digits": (
        replaced("0.5", "1" * 21),
        "examples: a: seconds: 11111111111111111111... is no",
    ),
    "seconds below zero": (example(seconds=-0.001), "examples: a: seconds: -0.001 is no number"),
    "a million seconds": (example(seconds=10**6), "examples: a: seconds: 1000000 is no number"),
    "output as a number": (example(output=5), "examples: a: output: not a list of lines"),
    "output as null": (example(output=None), "examples: a: output: not a list of lines"),
    "output as text": (example(output="x\n"), "examples: a: output: not a list of lines"),
    "output as an object": (example(output={"0": "x"}), "examples: a: output: not a list of lines"),
    "line as a number": (example(output=["x\n", 5]), "examples: a: output: line 2: 5 is no line"),
    "line as null": (example(output=[None]), "examples: a: output: line 1: None is no line"),
    "line as a list": (example(output=[["x\n"]]), "examples: a: output: line 1: a list is no"),
    "line of nothing": (example(output=["x\n", ""]), "examples: a: output: line 2: '' is no line"),
    "two lines in one": (example(output=["x\ny\n"]), "examples: a: output: line 1: 'x\\ny\\n' is"),
    "two ends of a line": (example(output=["x\n\n"]), "examples: a: output: line 1: 'x\\n\\n' is"),
    "end before a line": (
        example(output=["\nx"]),
        "examples: a: output: line 1: '\\nx' is no line",
    ),
    "line without its end": (
        example(output=["x\n", "y", "z\n"]),
        "examples: a: output: line 2: 'y' has no end",
    ),
    "half a character in a line": (
        example(output=["x\n", "\ud800"]),
        "examples: a: output: line 2: it holds half a character",
    ),
    "the other half in a line": (
        example(output=["x \udfff y\n"]),
        "examples: a: output: line 1: it holds half a character",
    ),
    "two halves the wrong way round": (
        example(output=["\udc00\ud800\n"]),
        "examples: a: output: line 1: it holds half a character",
    ),
    "long output": (
        example(output=["x" * 300_001]),
        "examples: a: output: it has more than 300000 characters",
    ),
    "many lines": (
        example(output=["x\n"] * 150_001),
        "examples: a: output: it has more than 300000 characters",
    ),
}


FINE: dict[str, str] = {
    "as it is": whole(),
    "large": whole() + " " * ((4 << 20) - len(whole())),
    "many examples": whole(examples={f"a{number}": GOOD for number in range(500)}),
    "long output": example(output=["x" * 299_998 + "\n", "y"]),
    "many lines": example(output=["x\n"] * 150_000),
    "no output": example(output=[]),
    "long name": named("a" * 100),
    "odd name": named("0_.-"),
    "largest status": example(status=2**32 - 1),
    "smallest status": example(status=-(2**31), ended="signal"),
    "time limit": example(ended="timeout", status=None),
    "zero seconds": example(seconds=0),
    "many seconds": example(seconds=999_999.999),
    "leap day": whole(date="2024-02-29", examples={"a": {**GOOD, "date": "2024-02-29"}}),
    "pair of halves": replaced("one", "\\ud834\\udd1e"),
}


def check_message(message: str) -> None:
    """A message is one line without what a terminal would act on."""
    assert message
    assert message.splitlines() == [message]
    assert message.isprintable()


class TestLoad:
    """What load makes of a file."""

    @pytest.mark.parametrize(("content", "place"), RUBBISH.values(), ids=RUBBISH.keys())
    def test_rubbish(self, tmp_path: Path, content: str | bytes, place: str) -> None:
        """A file that holds something else is refused in one line: the file, the place, why."""
        file = tmp_path / NAME
        file.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        with pytest.raises(FileError) as caught:
            load(file)
        message = str(caught.value)
        assert isinstance(caught.value, ValueError)
        assert message.startswith(f"{file}: {place}")
        assert len(message) < len(str(file)) + 200
        check_message(message)

    @pytest.mark.parametrize("content", FINE.values(), ids=FINE.keys())
    def test_fine(self, tmp_path: Path, content: str) -> None:
        """What is within every bound is loaded, and comes back from a file of its own."""
        file = tmp_path / NAME
        file.write_text(content, encoding="utf-8")
        captures = load(file)
        data = json.loads(content)
        assert list(captures.examples) == list(data["examples"])
        for name, fields in data["examples"].items():
            assert captures.examples[name]._asdict() == {
                **fields,
                "output": "".join(fields["output"]),
            }
        save(captures, file)
        assert load(file) == captures

    def test_name_of_the_file(self, tmp_path: Path) -> None:
        """A file is called as its platform's id is, and is refused under any other name."""
        for name in ("captures.json", NAME.upper(), f"x{NAME}", NAME[:-5]):
            file = tmp_path / name
            file.write_text(whole(), encoding="utf-8")
            with pytest.raises(FileError, match="has a file of that name, not this"):
                load(file)
            file.unlink()

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is an OSError."""
        with pytest.raises(FileNotFoundError):
            load(tmp_path / NAME)

    def test_folder(self, tmp_path: Path) -> None:
        """A folder is no file of captures."""
        (tmp_path / NAME).mkdir()
        self.refused(tmp_path / NAME)

    @posix
    @pytest.mark.parametrize("target", ["good", "missing", "/dev/zero", "/dev/null", NAME])
    def test_link(self, tmp_path: Path, target: str) -> None:
        """A link is not followed, be it to a good file, to none, to a device or to itself."""
        (tmp_path / "good").write_text(whole(), encoding="utf-8")
        (tmp_path / NAME).symlink_to(target)
        self.refused(tmp_path / NAME)

    @posix
    def test_pipe(self, tmp_path: Path) -> None:
        """A pipe is not waited for."""
        os.mkfifo(tmp_path / NAME)
        self.refused(tmp_path / NAME)

    @posix
    def test_device(self) -> None:
        """A device is not read."""
        self.refused(Path("/dev/null"))

    def refused(self, path: Path) -> None:
        with pytest.raises(FileError) as caught:
            load(path)
        assert str(caught.value) == f"{path}: it is no regular file"

    @pytest.mark.parametrize("name", ["\u202eabc", "é", "\udcff", "\x1b[31m"], ids=ascii)
    def test_odd_name(self, tmp_path: Path, name: str) -> None:
        """A file's name is written out where a terminal would act on it or cannot show it."""
        file = tmp_path / name
        try:
            file.touch()
        except OSError:
            pytest.skip("a file cannot be called so here")
        with pytest.raises(FileError) as caught:
            load(file)
        check_message(str(caught.value))
        assert str(caught.value).startswith(os.path.join(tmp_path, ascii(name)[1:-1]) + ": ")


class TestLoadFolder:
    """What load_folder finds."""

    def test_all_kinds(self, tmp_path: Path) -> None:
        """It has the captures of the good files, and a message for each other one, in order."""
        other = Capture(PLATFORM._replace(libc="musl"), {"a": ONE})
        for captures in (some_captures(), other):
            save(captures, tmp_path / f"{captures.platform.id}.json")
        (tmp_path / "rubbish.json").write_text("{}", encoding="utf-8")
        (tmp_path / "folder.json").mkdir()
        for name in (f".{NAME[:-5]}-1-2.draft", "README.md", "x.json~", "json"):
            (tmp_path / name).write_text("{", encoding="utf-8")
        found, errors = load_folder(tmp_path)
        assert found == [some_captures(), other]
        assert errors == [
            f"{tmp_path / 'folder.json'}: it is no regular file",
            f"{tmp_path / 'rubbish.json'}: date: it is missing",
        ]

    def test_file_that_cannot_be_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One that cannot be read is an error among the others, and names the file."""
        save(some_captures(), tmp_path / NAME)

        def refuse(path: Path, mode: str) -> None:
            raise PermissionError(13, "Permission denied", str(path))

        monkeypatch.setattr(storage, "open", refuse, raising=False)
        found, (error,) = load_folder(tmp_path)
        assert not found
        assert NAME in error
        check_message(error)

    def test_nothing(self, tmp_path: Path) -> None:
        """An empty folder and one that is not there hold nothing."""
        assert load_folder(tmp_path) == load_folder(tmp_path / "missing") == ([], [])

    def test_own(self) -> None:
        """What this project shows is good, and each file is as it would be saved today."""
        found, errors = load_folder(ROOT / "docs" / "captures")
        assert not errors
        for captures in found:
            file = ROOT / "docs" / "captures" / f"{captures.platform.id}.json"
            content = file.read_bytes().replace(b"\r\n", b"\n")
            assert content == serialize(captures)


BAD: dict[str, Capture] = {
    "half a character": Capture(PLATFORM, {"a": ONE._replace(output="\ud800")}),
    "no number of seconds": Capture(PLATFORM, {"a": ONE._replace(seconds=math.nan)}),
    "seconds below zero": Capture(PLATFORM, {"a": ONE._replace(seconds=-1)}),
    "no status": Capture(PLATFORM, {"a": ONE._replace(status=None)}),
    "a truth for a status": Capture(PLATFORM, {"a": ONE._replace(status=True)}),
    "an interrupt": Capture(PLATFORM, {"a": ONE._replace(status=None, ended="interrupt")}),
    "a bad date": Capture(PLATFORM, {"a": ONE._replace(date="today")}),
    "a long output": Capture(PLATFORM, {"a": ONE._replace(output="x" * 300_001)}),
    "a bad script": Capture(PLATFORM, {"a": ONE._replace(script="")}),
    "a bad name": Capture(PLATFORM, {"../a": ONE}),
    "a number for a name": Capture(PLATFORM, {1: ONE}),  # type: ignore[dict-item]
    "a bad platform": Capture(PLATFORM._replace(system="../x"), {"a": ONE}),
    "an empty platform": Capture(PLATFORM._replace(machine=""), {"a": ONE}),
    "nothing": Capture(PLATFORM, {}),
    "too many": Capture(PLATFORM, {f"a{number}": ONE for number in range(501)}),
    "too much": Capture(
        PLATFORM,
        {f"a{number}": ONE._replace(output="x" * 300_000) for number in range(15)},
    ),
}


class TestSave:
    """What save leaves behind."""

    def test_round_trip(self, tmp_path: Path) -> None:
        """What was saved is loaded, character by character, also into a folder yet to make."""
        file = tmp_path / "new" / "folder" / NAME
        save(some_captures(), file)
        assert load(file) == some_captures()
        assert list(file.parent.iterdir()) == [file]

    def test_same_captures_make_the_same_file(self, tmp_path: Path) -> None:
        """The order in which scripts ended does not show."""
        made = some_captures()
        first, second = (tmp_path / name / f"{made.platform.id}.json" for name in "12")
        save(made, first)
        save(made._replace(examples=dict(sorted(made.examples.items()))), second)
        assert first.read_bytes() == second.read_bytes()
        assert list(load_order(first)) == ["a", "b", "c"]

    def test_readable(self) -> None:
        """A file is text with a line for each line of an output, and ends as a text does."""
        text = serialize(some_captures()).decode("utf-8")
        assert text.endswith("\n}\n")
        assert "\r" not in text
        assert '    "é → 𝄞\\ttab\\ffeed\\rreturn\\u001b[0m\u2028\\u0000 <b>\'\\"\\\\\\n",\n' in text
        assert '    "\\n",\n    "  two\\n",\n    "no end"\n   ]\n' in text
        other = some_captures()
        changed = ONE._replace(output="one\nthree\nfour")
        other = other._replace(examples={**other.examples, "a": changed})
        lines = set(serialize(other).decode("utf-8").splitlines()) - set(text.splitlines())
        assert lines == {'    "three\\n",', '    "four"'}

    def test_keys_in_order(self) -> None:
        """Keys come as they do in the types, whatever they were made from."""
        data = json.loads(serialize(some_captures()))
        assert list(data) == ["schema", "platform", "date", "examples"]
        assert list(data["platform"]) == ["id", *Platform._fields]
        assert list(data["examples"]["b"]) == list(Snapshot._fields)

    @pytest.mark.parametrize("captures", BAD.values(), ids=BAD.keys())
    def test_what_load_would_refuse(self, tmp_path: Path, captures: Capture) -> None:
        """It is not saved: the old file stays, and neither a draft nor a folder is made."""
        file = tmp_path / NAME
        save(some_captures(), file)
        for path in (file, tmp_path / "new" / NAME):
            with pytest.raises(ValueError, match=r"."):
                save(captures, path)
        assert load(file) == some_captures()
        assert list(tmp_path.iterdir()) == [file]

    @pytest.mark.parametrize("step", ["open", "write", "os.fsync", "os.replace"])
    @pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
    def test_failure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
    ) -> None:
        """Where saving fails, the old file is whole, and no draft lies beside it."""
        file = tmp_path / NAME
        save(some_captures(), file)
        before = file.read_bytes()

        def fail(*given: object) -> None:
            raise error

        class Full:
            """A file on a disk that has room for one byte."""

            def __init__(self, path: Path, mode: str) -> None:
                self.file = open(path, mode)  # noqa: SIM115

            def __enter__(self) -> Full:
                return self

            def __exit__(self, *given: object) -> None:
                self.file.close()

            def write(self, content: bytes) -> None:
                self.file.write(content[:1])
                raise error

        with monkeypatch.context() as patch:
            if step.startswith("os."):
                patch.setattr(step, fail)
            else:
                patch.setattr(storage, "open", fail if step == "open" else Full, raising=False)
            with pytest.raises(type(error)):
                save(Capture(PLATFORM, {"a": ONE}), file)
        assert file.read_bytes() == before
        assert list(tmp_path.iterdir()) == [file]

    @posix
    @pytest.mark.parametrize(
        "examples",
        [
            {f"e{number}": ONE for number in range(storage.MAX_EXAMPLES + 1)},
            {f"e{number}": ONE._replace(output="x" * 65_536) for number in range(70)},
        ],
        ids=["501 examples", "70 of 64 KiB"],
    )
    def test_own_may_be_of_any_size(self, tmp_path: Path, examples: dict[str, Snapshot]) -> None:
        """What a build keeps for itself has no bounds; a committed file is refused beyond them."""
        captures = Capture(PLATFORM, examples)
        save(captures, tmp_path / NAME, trusted=True)
        assert load(tmp_path / NAME, trusted=True) == captures
        with pytest.raises(FileError, match=r"more than|and not 1 to"):
            load(tmp_path / NAME)
        with pytest.raises(ValueError, match=r"more than|and not 1 to"):
            save(captures, tmp_path / NAME)

    def test_rights(self, tmp_path: Path) -> None:
        """A saved file can be read by whom any other new file can be read by."""
        (tmp_path / "other").touch()
        save(some_captures(), tmp_path / NAME)
        modes = {file.stat().st_mode for file in tmp_path.iterdir()}
        assert len(modes) == 1


def load_order(file: Path) -> Iterator[str]:
    """The names of a file's examples, in the order of the file."""
    yield from json.loads(file.read_bytes())["examples"]


SAVE = """
import itertools, sys
from pathlib import Path
from poolcontext.capture.storage import load, save

folder, times = Path(sys.argv[1]), int(sys.argv[2])
versions = [load(folder / str(number) / sys.argv[3]) for number in sys.argv[4:]]
for captures in itertools.islice(itertools.cycle(versions), times):
    save(captures, folder / sys.argv[3])
"""


class TestSaveAtOnce:
    """A file that others save, or that is being saved when all ends."""

    @pytest.fixture
    def versions(self, tmp_path: Path) -> list[Capture]:
        """Two captures that differ in every line, each in a file of a folder of its own."""
        made = []
        for number in range(2):
            one = ONE._replace(output=f"{number}\n" * 4_000, status=number)
            made.append(Capture(PLATFORM, {"a": one, "b": one}))
            save(made[-1], tmp_path / str(number) / NAME)
        return made

    def child(self, folder: Path, times: int, *versions: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", SAVE, str(folder), str(times), NAME, *versions]
        return subprocess.Popen(command)

    def test_killed(self, tmp_path: Path, versions: list[Capture]) -> None:
        """Whenever a process is killed that saves, the file is one of those that it saved."""
        file = tmp_path / NAME
        random.seed(file.name)
        for _ in range(10):
            file.unlink(missing_ok=True)
            process = self.child(tmp_path, 10**9, "0", "1")
            try:
                deadline = time.monotonic() + SOON
                while not file.exists() and time.monotonic() < deadline:
                    time.sleep(0.005)
                time.sleep(random.uniform(0, 0.03))
                assert process.poll() is None
            finally:
                process.kill()
                process.wait()
            assert load(file) in versions

    @posix
    def test_two(self, tmp_path: Path, versions: list[Capture]) -> None:
        """Two processes that save one file leave it whole, and no draft."""
        processes = [self.child(tmp_path, 20, version) for version in ("0", "1")]
        try:
            assert [process.wait(4 * SOON) for process in processes] == [0, 0]
        finally:
            for process in processes:
                process.kill()
                process.wait()
        assert load(tmp_path / NAME) in versions
        assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", NAME]

    @posix
    def test_full_disk(self, tmp_path: Path, versions: list[Capture]) -> None:
        """Where the new file does not fit, the old one stays, and no draft lies beside it."""
        save(some_captures(), tmp_path / NAME)
        limit = (
            "import resource, signal\n"
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        )
        command = [sys.executable, "-B", "-c", limit + SAVE, str(tmp_path), "1", NAME, "0"]
        done = subprocess.run(command, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == 1
        assert b"OSError: " in done.stderr
        assert load(tmp_path / NAME) == some_captures()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", NAME]


WORDS = "abcdefghijklmnopqrstuvwxyz0123456789._"
words = st.text(WORDS, min_size=1, max_size=31).map(lambda text: "x" + text.lstrip("._")[:30])
hyphened = st.lists(words, min_size=1, max_size=3).map("-".join)
suffixes = st.sampled_from(["", "", "a1", "b9999", "rc0"])
number = st.integers(0, 9999)
versions_ = st.builds("{}.{}.{}{}".format, number, number, number, suffixes)
platforms_ = st.builds(
    Platform,
    implementation=words,
    version=versions_,
    python=versions_,
    flags=st.lists(hyphened, max_size=5).map(" ".join),
    system=words,
    machine=words,
    libc=st.just("") | words,
)
ends = (
    st.tuples(st.just("exit"), st.integers(0, 2**32 - 1))
    | st.tuples(st.just("signal"), st.integers(-(2**31), -1))
    | st.tuples(st.just("timeout"), st.none())
)
captures_ = st.builds(
    lambda script, day, end, seconds, output: Snapshot(
        script.hex(), day.isoformat(), *end, seconds, output
    ),
    st.binary(min_size=32, max_size=32),
    st.dates(),
    ends,
    st.floats(0, 1e6, exclude_max=True) | st.integers(0, 10**6 - 1),
    st.text(max_size=100) | st.text("ab\r\n\f\u2028", max_size=20),
)
names = st.builds(
    "{}{}".format,
    st.sampled_from("aZ0_"),
    st.text("aZ0_.-", max_size=99),
)
files_ = st.builds(Capture, platforms_, st.dictionaries(names, captures_, min_size=1, max_size=3))

NEAR = (
    *(
        "exit",
        "signal",
        "timeout",
        "2026-11-22",
        "2026-11-21",
        "a",
        "b.c",
        "x\n",
        "",
        "\n",
        "\ud800",
    ),
    *("1" * 64, PLATFORM.id, "linux", "3.14.0", "free-threading debug", "\x1b[0m\u202e", "é"),
    *(0, 1, -1, 2, 2**31, 2**32, 10**30, 0.0, 1.0, 0.25, -0.0, 1e6, math.inf, math.nan),
    *(True, False, None),
)
plain = st.sampled_from(NEAR) | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(
    plain,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "output", "\x1b"]), inner, max_size=3)
    ),
    max_leaves=4,
)
keys = st.sampled_from(["a", "b", "../x", "schema", "status", "output", "id", "\x1b", "\ud800"])
edits = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.sampled_from(["drop", "replace", "replace", "replace", "add"]),
        keys,
        values,
    ),
    min_size=1,
    max_size=3,
)
cuts = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 8),
        st.binary(max_size=3)
        | st.sampled_from(
            [b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"1", b"null", b'"a":1,']
        ),
    ),
    min_size=1,
    max_size=3,
)


def slots(value: Any) -> Iterator[tuple[Any, Any]]:
    """Each container within a value, with each of its keys."""
    if isinstance(value, (dict, list)):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from slots(value[key])


def edited(changes: list[tuple[int, str, str, Any]]) -> bytes:
    """A file's content with a few of its values dropped, replaced or added to."""
    data = document(examples={"a": copy.deepcopy(GOOD), "b": copy.deepcopy(GOOD)})
    for place, action, key, value in changes:
        found = list(slots(data))
        if not found:
            break
        container, where = found[place % len(found)]
        if action == "drop":
            del container[where]
        elif action == "replace":
            container[where] = value
        elif isinstance(container, dict):
            container[key] = value
        else:
            container.insert(where, value)
    # Halves of characters become bytes that are no UTF-8, or their escapes.
    plain_text = changes[0][0] % 2 == 0
    return json.dumps(data, ensure_ascii=plain_text).encode("utf-8", "surrogatepass")


def parsed(content: bytes) -> Capture | None:
    """What a content holds: it comes back the same, or is refused in one line."""
    try:
        captures = parse(content)
    except ValueError as error:
        check_message(str(error))
        return None
    assert parse(serialize(captures)) == captures
    return captures


@pytest.mark.timeout(600)
class TestAnything:
    """Whatever a file holds, it is captures or it is refused."""

    @hypothesis.given(files_)
    def test_all_captures_come_back(self, captures: Capture) -> None:
        """Capture of every kind come back as they were, and their files are told apart."""
        content = serialize(captures)
        assert parse(content) == captures
        assert serialize(parse(content)) == content

    @hypothesis.given(edits)
    def test_changed_values(self, changes: list[tuple[int, str, str, Any]]) -> None:
        """A file in which somebody changed values is good or is refused, with one error."""
        parsed(edited(changes))

    @hypothesis.given(cuts)
    def test_changed_bytes(self, changes: list[tuple[int, int, bytes]]) -> None:
        """A file in which somebody changed bytes is good or is refused, with one error."""
        content = serialize(Capture(PLATFORM, {"a": ONE}))
        for place, count, new in changes:
            start = place % len(content)
            content = content[:start] + new + content[start + count :]
        parsed(content)

    @hypothesis.given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
    def test_bytes(self, content: bytes) -> None:
        """Bytes that nobody meant for a file are refused."""
        assert parsed(content) is None


def test_names_of_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft lies beside its file, is hidden, and is one process's and thread's own."""
    seen = []
    replace = os.replace

    def noting(draft: Path, path: Path) -> None:
        seen.append(Path(draft))
        replace(draft, path)

    monkeypatch.setattr(os, "replace", noting)
    save(some_captures(), tmp_path / NAME)
    assert seen[0].parent == tmp_path
    assert re.fullmatch(rf"\.{re.escape(PLATFORM.id)}-{os.getpid()}-\d+\.draft", seen[0].name)


def test_tables_are_of_distinct_files() -> None:
    """No two rows of the tables above are the same by a slip."""
    contents = [content for content, _ in RUBBISH.values()]
    assert all(one != other for one, other in itertools.combinations(contents, 2))
    assert not set(FINE.values()) & {text for text in contents if isinstance(text, str)}


@pytest.mark.parametrize("key", ["schema", "status", "seconds", "machine", "output"])
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"a":', "}")], ids=["list", "object"]
)
def test_depths(key: str, opening: str, closing: str) -> None:
    """Whatever the depth of a value, a file is refused with a ValueError of one line."""
    text = json.dumps(json.loads(serialize(some_captures())))
    start = text.index(f'"{key}": ') + len(f'"{key}": ')
    _, end = json.JSONDecoder().raw_decode(text, start)
    for depth in [*range(100, 5000, 200), *range(5000, 60_000, 5000)]:
        value = opening * depth + ("" if opening == "[" else "1") + closing * depth
        with pytest.raises(ValueError, match=r".") as caught:
            parse((text[:start] + value + text[end:]).encode())
        assert type(caught.value) is ValueError
        assert str(caught.value).isprintable()


@posix
@pytest.mark.parametrize("name", ["a\nb.json", "a\rb.json", "a\tb.json", "a\fb.json"], ids=ascii)
def test_end_of_a_line_in_a_name(tmp_path: Path, name: str) -> None:
    """A file's name does not make a second line of an error."""
    (tmp_path / name).touch()
    with pytest.raises(FileError) as caught:
        load(tmp_path / name)
    assert str(caught.value).isprintable()


def test_saved_under_another_name(tmp_path: Path) -> None:
    """What load would refuse for its name is not saved."""
    with pytest.raises(ValueError, match="would not hold"):
        save(some_captures(), tmp_path / "other.json")
    assert not list(tmp_path.iterdir())


def test_doubled_key_is_found_in_linear_time() -> None:
    """Of many keys the one that is there twice is named without comparing each with each."""

    class Key(str):
        compared = 0

        def __eq__(self, other: object) -> bool:
            Key.compared += 1
            return str.__eq__(self, other)  # type: ignore[arg-type]

        __hash__ = str.__hash__

    pairs: list[tuple[str, Any]] = [(Key(number), 0) for number in range(1000)]
    found = storage._without_duplicates([*pairs, (Key(999), 0)])
    assert "'999' is there twice" in found.reason
    assert Key.compared < 5000
