"""What a capture says, and which code it depends on."""

from __future__ import annotations

import os
import re
import shutil
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from poolcontext.capture import platform as platforms
from poolcontext.capture import runner
from poolcontext.capture.platform import Platform
from poolcontext.capture.process import Run
from poolcontext.capture.redact import known_places, redact
from poolcontext.capture.script import Script, read_script
from poolcontext.capture.snapshot import Capture, Snapshot, take

posix = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


FOUND = {
    "python": ["/py"],
    "temp": ["/tmp"],
    "home": ["/h"],
    "user": ["ann"],
    "host": ["box"],
    "folder": ["/mnt/checkout"],
}


class TestKnownPlaces:
    """Which places a script's output may hold."""

    def test_all_kinds(self, tmp_path: Path) -> None:
        """The script's folder, here and there, and every place of the interpreter have a word."""
        assert dict(known_places(tmp_path, FOUND)) == {
            str(tmp_path): "<folder>",
            os.path.realpath(tmp_path): "<folder>",
            "/mnt/checkout": "<folder>",
            "/py": "<python>",
            "/tmp": "<temp>",
            "/h": "<home>",
            "ann": "<user>",
            "box": "<host>",
            str(tmp_path.parent): "<folder>/..",
            str(tmp_path.parent.parent): "<folder>/../..",
        }

    def test_checkout(self, tmp_path: Path) -> None:
        """The checkout of an example is named by its way from there, but not what has a name."""
        folder = tmp_path / "home" / "checkout" / "examples" / "set"
        found = {**FOUND, "home": [str(tmp_path / "home")]}
        text = f"{folder}/x.py {folder.parents[0]}/y {folder.parents[1]}/src {folder.parents[2]}/z"
        shown = "<folder>/x.py <folder>/../y <folder>/../../src <home>/z"
        assert redact(text, "", known_places(folder, found)) == shown
        found = {**FOUND, "home": [str(tmp_path / "home" / "checkout")]}
        shown = "<folder>/x.py <folder>/../y <home>/src "
        assert redact(text, "", known_places(folder, found)).startswith(shown)

    def test_own(self, tmp_path: Path) -> None:
        """It takes what the running interpreter says."""
        found = platforms.places()
        known = known_places(tmp_path, found)
        assert {place for texts in found.values() for place in texts} <= {one for one, _ in known}

    @posix
    def test_links(self, tmp_path: Path) -> None:
        """A folder that is reached by a link is known under both names."""
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        both = {str(tmp_path / "link"), os.path.realpath(tmp_path / "real"), "/mnt/checkout"}
        found = known_places(tmp_path / "link", FOUND)
        assert {place for place, word in found if word == "<folder>"} == both

    def test_relative_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The folder of a script that was named from within it is a path, not a dot or a word."""
        (tmp_path / "pools").mkdir()
        monkeypatch.chdir(tmp_path)
        for path, folder in ((".", tmp_path), ("pools", tmp_path / "pools")):
            places = known_places(Path(path), FOUND)
            assert redact("two pools ...", "", places) == "two pools ..."
            assert redact(f"{folder}/x.py", "", places) == "<folder>/x.py"


class TestCapture:
    """What a capture says."""

    def test_provenance(self, tmp_path: Path) -> None:
        """It has the script's digest, today's date, how it ended, and the output, redacted."""
        path = tmp_path / "some_example.py"
        path.write_bytes(b"print('box')  # \xe9t\xe9\n")
        script = Script(path, "some_example")
        places = known_places(tmp_path, FOUND)
        output = f"{path} of ann on box\n"
        made = take(script, "7" * 64, Run(output, 3, 0.123456, "exit"), places)
        today = datetime.now(timezone.utc).date()
        assert date.fromisoformat(made.date) in (today, today - timedelta(days=1))
        assert made == Snapshot(
            script="7" * 64,
            date=made.date,
            ended="exit",
            status=3,
            seconds=0.123,
            output=os.path.join("<folder>", "some_example.py") + " of <user> on box\n",
        )

    def test_words_of_the_package(self, tmp_path: Path) -> None:
        """A name that is a word of the modules that come with the script stays."""
        (tmp_path / "x.py").touch()
        (tmp_path / "module.py").write_text("raise ValueError('it is in a box')")
        package = (tmp_path / "module.py",)
        for script, host in (
            (Script(tmp_path / "x.py", "x"), "<host>"),
            (Script(tmp_path / "x.py", "x", package=package), "box"),
        ):
            places = known_places(tmp_path, FOUND)
            made = take(script, "7" * 64, Run("in a box", 0, 0.1, "exit"), places)
            assert made.output == f"in a {host}"

    def test_no_status(self, tmp_path: Path) -> None:
        """A run that was ended has no status."""
        (tmp_path / "x.py").touch()
        run = Run("", None, 60.0, "timeout")
        made = take(read_script(tmp_path / "x.py"), "0" * 64, run, [])
        assert (made.status, made.ended, made.output) == (None, "timeout", "")


class TestCaptures:
    """What the captures of a platform say together."""

    def test_date(self) -> None:
        """Their day is that of the latest."""
        platform = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
        one = Snapshot("0" * 64, "2026-11-22", "exit", 0, 0.5, "")
        examples = {"a": one, "b": one._replace(date="2026-12-01"), "c": one}
        assert Capture(platform, examples).date == "2026-12-01"
        assert Capture(platform, {"a": one}).date == "2026-11-22"


class TestRunner:
    """The hash of the code that an output depends on."""

    def test_stable(self) -> None:
        """It is a SHA-256, the same each time."""
        assert re.fullmatch("[0-9a-f]{64}", runner.code_digest())
        assert runner.code_digest() == runner.code_digest()

    def test_follows_the_code(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It changes with the code of each module beside it, and not with its prose."""
        source = Path(runner.__file__).parent
        copy = tmp_path / "poolcontext"
        copy.mkdir()
        for module in source.glob("*.py"):
            shutil.copy(module, copy)
        before = runner.code_digest()
        monkeypatch.setattr(runner, "__file__", str(copy / "runner.py"))
        assert runner.code_digest() == before
        changing = set()
        for module in sorted(copy.glob("*.py")):
            content = module.read_bytes()
            module.write_bytes(b"# changed\n" + content + b'"changed"\n')
            assert runner.code_digest() == before
            module.write_bytes(content + b"changed = 1\n")
            if runner.code_digest() != before:
                changing.add(module.stem)
            module.write_bytes(content)
        assert changing == {module.stem for module in copy.glob("*.py")}
