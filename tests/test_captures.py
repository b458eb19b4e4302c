"""What a capture says, and the file that keeps captures."""

from __future__ import annotations

import json
import os
import re
import shutil
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from poolcontext import captures
from poolcontext.captures import Capture, Captures, known_places, load, save
from poolcontext.redaction import redact
from poolcontext.running import Run
from poolcontext.scripts import Script, read_script

posix = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


FOUND = {"python": ["/py"], "temp": ["/tmp"], "home": ["/h"], "user": ["ann"], "host": ["box"]}


class TestKnownPlaces:
    """Which places a script's output may hold."""

    def test_all_kinds(self, tmp_path: Path) -> None:
        """The script's folder, its libraries and every place of the interpreter have a word."""
        script = Script(tmp_path / "x.py", "x", libraries=(tmp_path / "lib",))
        assert dict(known_places(script, FOUND)) == {
            str(tmp_path): "<folder>",
            os.path.realpath(tmp_path): "<folder>",
            str(tmp_path / "lib"): "<library>",
            os.path.realpath(tmp_path / "lib"): "<library>",
            "/py": "<python>",
            "/tmp": "<temp>",
            "/h": "<home>",
            "ann": "<user>",
            "box": "<host>",
        }

    @posix
    def test_links(self, tmp_path: Path) -> None:
        """A folder that is reached by a link is known under both names."""
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        script = Script(tmp_path / "link" / "x.py", "x", libraries=(tmp_path / "link",))
        both = {str(tmp_path / "link"), os.path.realpath(tmp_path / "real")}
        found = known_places(script, FOUND)
        for shown in ("<folder>", "<library>"):
            assert {place for place, word in found if word == shown} == both

    def test_relative_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The folder of a script that was named from within it is a path, not a dot or a word."""
        (tmp_path / "pools").mkdir()
        monkeypatch.chdir(tmp_path)
        for path, folder in (("x.py", tmp_path), ("pools/x.py", tmp_path / "pools")):
            places = known_places(Script(Path(path), "x"), FOUND)
            assert redact("two pools ...", "", places) == "two pools ..."
            assert redact(f"{folder}/x.py", "", places) == "<folder>/x.py"


class TestCapture:
    """What a capture says."""

    def test_provenance(self, tmp_path: Path) -> None:
        """It has what to type, the script's digest, today's date, and the output, redacted."""
        path = tmp_path / "some_example.py"
        path.write_bytes(b"print('box')  # \xe9t\xe9\n")
        script = Script(path, "some_example")
        places = known_places(script, FOUND)
        output = f"{path} of ann on box\n"
        made = captures.capture(script, script.digest(), Run(output, 3, 0.123456, "exit"), places)
        today = datetime.now(timezone.utc).date()
        assert date.fromisoformat(made.date) in (today, today - timedelta(days=1))
        assert made == Capture(
            command="python some_example.py",
            source=script.digest(),
            date=made.date,
            ended="exit",
            status=3,
            seconds=0.123,
            output=os.path.join("<folder>", "some_example.py") + " of <user> on box\n",
        )

    def test_no_status(self, tmp_path: Path) -> None:
        """A run that was ended has no status."""
        (tmp_path / "x.py").touch()
        run = Run("", None, 60.0, "timeout")
        made = captures.capture(read_script(tmp_path / "x.py"), "0" * 64, run, [])
        assert (made.status, made.ended, made.output) == (None, "timeout", "")


GOOD: dict[str, Any] = {
    "command": "python a.py",
    "source": "0" * 64,
    "date": "2026-11-22",
    "ended": "exit",
    "status": 0,
    "seconds": 0.5,
    "output": "é → 𝄞\ttab\ffeed\rreturn\x1b[0m\u2028\0 <b>'\"\\\n",
}
PLATFORM = {"id": "cpython-3.14.0-linux-x86_64-glibc", "title": "CPython 3.14.0 on Linux x86_64"}


def some_captures() -> Captures:
    """Captures as they could be, in no order."""
    examples = {
        "b": Capture(**GOOD)._replace(status=None, ended="timeout"),
        "c": Capture(**GOOD)._replace(status=-9, ended="signal", output=""),
        "a": Capture(**GOOD),
    }
    return Captures(dict(PLATFORM), "1" * 64, examples)


def as_json(*drop: str, **change: Any) -> str:
    """A file's text with something wrong in it."""
    data = {"schema": 1, "platform": PLATFORM, "runner": "1" * 64, "examples": {"a": GOOD}}
    data.update(change)
    return json.dumps({key: value for key, value in data.items() if key not in drop})


def example(*drop: str, **change: Any) -> str:
    """A file's text with something wrong in its example."""
    fields = {**GOOD, **change}
    return as_json(examples={"a": {key: fields[key] for key in fields if key not in drop}})


RUBBISH = {
    "nothing": "",
    "no JSON": "{'schema': 1}",
    "half": as_json()[:-20],
    "more": as_json() + "}",
    "list": "[]",
    "null": "null",
    "number": "1",
    "string": '"schema"',
    "deep": "[" * 100_000,
    "long number": "9" * 100_000,
    "no UTF-8": b'{"schema": "\xff"}',
    "UTF-16": as_json().encode("utf-16"),
    "no schema": as_json("schema"),
    "later schema": as_json(schema=2),
    "schema as text": as_json(schema="1"),
    "no platform": as_json("platform"),
    "platform as a list": as_json(platform=["id", "title"]),
    "platform without an id": as_json(platform={"title": "x"}),
    "platform without a title": as_json(platform={"id": "x"}),
    "no runner": as_json("runner"),
    "no examples": as_json("examples"),
    "examples as a list": as_json(examples=[GOOD]),
    "example as a list": as_json(examples={"a": list(GOOD.values())}),
    "example as null": as_json(examples={"a": None}),
    "field missing": example("output"),
    "field too many": example(colour="red"),
    "output as a number": example(output=5),
    "output as null": example(output=None),
    "output as a list": example(output=["x"]),
    "output with half a character": example(output="\ud800"),
    "command as a list": example(command=["python", "a.py"]),
    "source as a number": example(source=3),
    "date in words": example(date="yesterday"),
    "date as a number": example(date=20261122),
    "date without dashes": example(date="20261122"),
    "date of no day": example(date="2026-02-30"),
    "date in another form": example(date="20261122"),
    "ended unknown": example(ended="exploded"),
    "ended as null": example(ended=None),
    "status as text": example(status="0"),
    "status as a fraction": example(status=0.5),
    "status as a truth": example(status=True),
    "status of none": example(status=None),
    "status of one that was ended": example(ended="timeout"),
    "seconds as text": example(seconds="1"),
    "seconds as a truth": example(seconds=True),
    "seconds without end": example(seconds=float("inf")),
    "seconds not a number": example(seconds=float("nan")),
    "seconds below zero": example(seconds=-1),
}


class TestFile:
    """The file that keeps captures."""

    def test_round_trip(self, tmp_path: Path) -> None:
        """What was saved is loaded, character by character, also into a folder yet to make."""
        file = tmp_path / "new" / "folder" / "captures.json"
        save(some_captures(), file)
        assert load(file) == some_captures()
        assert list(file.parent.iterdir()) == [file]

    def test_same_captures_make_the_same_file(self, tmp_path: Path) -> None:
        """The order in which scripts ended does not show, and a file can be read as text."""
        first, second = tmp_path / "1.json", tmp_path / "2.json"
        made = some_captures()
        save(made, first)
        save(made._replace(examples=dict(sorted(made.examples.items()))), second)
        assert first.read_bytes() == second.read_bytes()
        assert first.read_bytes().endswith(b"}\n")
        assert b"\r" not in first.read_bytes()
        assert '"é → 𝄞\\ttab' in first.read_text(encoding="utf-8")

    @pytest.mark.parametrize("content", RUBBISH.values(), ids=RUBBISH.keys())
    def test_rubbish(self, tmp_path: Path, content: str | bytes) -> None:
        """A file that holds something else is refused with one error, which names it."""
        file = tmp_path / "captures.json"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(ValueError, match="is no file of captures: ") as caught:
            load(file)
        assert type(caught.value) is ValueError
        assert str(caught.value).startswith(str(file))

    def test_what_rubbish_is_made_from_is_good(self, tmp_path: Path) -> None:
        """The files above are refused for what is wrong in them, for the rest is right."""
        file = tmp_path / "captures.json"
        file.write_text(as_json(), encoding="utf-8")
        assert load(file) == Captures(PLATFORM, "1" * 64, {"a": Capture(**GOOD)})

    def test_missing(self, tmp_path: Path) -> None:
        """A file that is not there is an OSError."""
        with pytest.raises(FileNotFoundError):
            load(tmp_path / "captures.json")

    @pytest.mark.parametrize("step", ["json.dump", "os.fsync", "os.replace"])
    @pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()], ids=repr)
    def test_failure(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
    ) -> None:
        """Where saving fails, the old file is whole, and no draft lies beside it."""
        file = tmp_path / "captures.json"
        save(some_captures(), file)
        before = file.read_bytes()

        def fail(data: object, target: Any = None, **settings: object) -> None:
            if step == "json.dump":
                target.write('{"schema": ')
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(step, fail)
            with pytest.raises(type(error)):
                save(some_captures()._replace(runner="other"), file)
        assert file.read_bytes() == before
        assert list(tmp_path.iterdir()) == [file]

    def test_what_cannot_be_written(self, tmp_path: Path) -> None:
        """Captures that hold what JSON or UTF-8 cannot leave the old file as it was."""
        file = tmp_path / "captures.json"
        save(some_captures(), file)
        bad = {"a": Capture(**GOOD)._replace(output="\ud800")}
        with pytest.raises(UnicodeEncodeError):
            save(some_captures()._replace(examples=bad), file)
        assert load(file) == some_captures()
        assert list(tmp_path.iterdir()) == [file]

    @posix
    def test_rights(self, tmp_path: Path) -> None:
        """A saved file can be read by whom any other new file can be read by."""
        (tmp_path / "other").touch()
        save(some_captures(), tmp_path / "captures.json")
        modes = {file.stat().st_mode for file in tmp_path.iterdir()}
        assert len(modes) == 1


class TestRunner:
    """The hash of the code that an output depends on."""

    def test_stable(self) -> None:
        """It is a SHA-256, the same each time."""
        assert re.fullmatch("[0-9a-f]{64}", captures.runner())
        assert captures.runner() == captures.runner()

    def test_follows_the_code(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It changes with each module that runs or redacts, and with no other."""
        source = Path(captures.__file__).parent
        copy = tmp_path / "poolcontext"
        copy.mkdir()
        for module in source.glob("*.py"):
            shutil.copy(module, copy)
        before = captures.runner()
        monkeypatch.setattr(captures, "__file__", str(copy / "captures.py"))
        assert captures.runner() == before
        changing = set()
        for module in sorted(copy.glob("*.py")):
            content = module.read_bytes()
            module.write_bytes(content + b"# changed\n")
            if captures.runner() != before:
                changing.add(module.stem)
            module.write_bytes(content)
        modules = {"captures", "platforms", "redaction", "running", "scripts", "streams"}
        assert changing == modules
