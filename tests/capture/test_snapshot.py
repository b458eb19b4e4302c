"""What one run of a script leaves, and what all of a platform say together."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from poolcontext.capture.platform import Platform
from poolcontext.capture.process import Run
from poolcontext.capture.script import Script
from poolcontext.capture.snapshot import Capture, Snapshot, take

PLACES = [("/home/ann", "<home>"), ("box", "<host>")]


def test_take(tmp_path: Path) -> None:
    """It has the digest, today's date, how the script ended, and its output, redacted."""
    path = tmp_path / "some_example.py"
    path.write_bytes(b"print('box')  # \xe9t\xe9\n")
    run = Run("/home/ann/x on box\n", 3, 0.123456, "exit")
    made = take(Script(path, "some_example"), "7" * 64, run, PLACES)
    today = datetime.now(timezone.utc).date()
    assert date.fromisoformat(made.date) in (today, today - timedelta(days=1))
    assert made == Snapshot("7" * 64, made.date, "exit", 3, 0.123, "<home>/x on box\n")
    made = take(Script(path, "some_example"), "7" * 64, Run("", None, 60.0, "timeout"), [])
    assert (made.ended, made.status, made.output) == ("timeout", None, "")


def test_words_of_modules(tmp_path: Path) -> None:
    """A name that is a word of the modules that come with the script stays."""
    for name, source in (("x.py", ""), ("module.py", "raise ValueError('it is in a box')")):
        (tmp_path / name).write_text(source)
    run = Run("in a box", 0, 0.1, "exit")
    for modules, host in (((), "<host>"), ((tmp_path / "module.py",), "box")):
        script = Script(tmp_path / "x.py", "x", modules=modules)
        assert take(script, "7" * 64, run, PLACES).output == f"in a {host}"


@pytest.mark.parametrize(
    ("ended", "status", "words"),
    [
        ("exit", 3, "exit status 3"),
        ("signal", -9, "ended by signal 9"),
        ("timeout", None, "ended at its time limit"),
    ],
)
def test_ending(ended: str, status: int | None, words: str) -> None:
    """What ended a script is said in few words."""
    assert Snapshot("0" * 64, "2026-11-22", ended, status, 0.5, "").ending == words


def test_date() -> None:
    """The day of a capture is that of its latest snapshot."""
    platform = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
    one = Snapshot("0" * 64, "2026-11-22", "exit", 0, 0.5, "")
    examples = {"a": one, "b": one._replace(date="2026-12-01"), "c": one}
    assert Capture(platform, examples).date == "2026-12-01"
