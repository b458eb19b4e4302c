"""The command `verify`: what it lets through, and what it finds in a file of captures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from poolcontext import cli
from poolcontext.capture import script, storage, verify
from poolcontext.capture.platform import Platform
from poolcontext.capture.redact import redact
from poolcontext.capture.snapshot import Capture, Snapshot

PLATFORM = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
COMMITTED = Path(__file__).parents[2] / "docs" / "captures"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with one script, which names a path itself."""
    one = tmp_path / "examples" / "some" / "one.py"
    one.parent.mkdir(parents=True)
    one.write_text('print("/tmp/its-own")\n')
    monkeypatch.setattr(verify, "checkout", lambda: tmp_path)
    return tmp_path


def write(root: Path, output: str, name: str = "one") -> str:
    """Write a file in which an example printed this; return its name."""
    digest = script.find_scripts(root)[0].digest()
    captures = Capture(PLATFORM, {name: Snapshot(digest, "2026-11-22", "exit", 0, 0.5, output)})
    path = root / f"{PLATFORM.id}.json"
    storage.save(captures, path)
    return str(path)


def test_committed(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong with what is committed, so no pattern finds what scripts print anyway."""
    paths = sorted(map(str, COMMITTED.glob("*.json")))
    assert paths
    assert cli.main(["verify", *paths]) == 0
    printed = capfd.readouterr()
    assert printed.err == ""
    for path in paths:
        assert f"{path}: " in printed.out


@pytest.mark.parametrize(
    "text",
    [
        "/home/ann",
        "/Users/ann.b",
        "/root/x",
        "C:\\Users\\ANN~1",
        "c:\\\\users\\\\ann",
        "C:/Users/ann",
        "/c/Users/ann",
        "/tmp/pymp-x1",
        "/private/tmp/x",
        "/var/tmp/x",
        "/var/folders/zz",
        "/private/var/folders/zz",
        "ann@box.lan",
        "<user>@box",
    ],
)
@pytest.mark.parametrize("around", ["{}", "File '{}/x.py'", "['\\n{}']", "cc -I{} -L/usr/lib"])
def test_telling(checkout: Path, capfd: pytest.CaptureFixture[str], text: str, around: str) -> None:
    """A path or name that redaction has missed is named in one line, and the status is 1."""
    path = write(checkout, "fine\n" + around.format(text) + "\n")
    assert cli.main(["verify", path]) == 1
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(f"poolcontext: {path}: one, line 2: ")
    assert text in err.partition("is not redacted: ")[2]
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        "/tmp/its-own",
        "['<temp>', '/var/tmp', '/usr/tmp', '/']",
        "<home>/x <temp>/tmp/x <folder>/home/x",
        "<user>@<host> root@localhost @decorator f@0x7f",
        "/home/<user> C:\\Users\\<user>",
        "https://example.org/home/x",
    ],
)
def test_not_telling(checkout: Path, capfd: pytest.CaptureFixture[str], text: str) -> None:
    """What is redacted, the same everywhere, or a word of the script, is let through."""
    assert cli.main(["verify", write(checkout, text)]) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["ann-7", "docs", "runner", "python", "ubuntu", "worker"])
@pytest.mark.parametrize(
    "text",
    [
        "{}@{}.lan",
        "ssh://{}@{}:22 https://{}@{}/x",
        "['\\n{}@{}']",
        "/home/{}/x /Users/{}",
        "C:\\Users\\{} c:\\\\users\\\\{}\\\\x C:/Users/{}/x",
        "'/home/{}' cc -I/home/{}",
        "https://{}.python.org/{}/ the {}: {}.",
    ],
)
def test_redacted(checkout: Path, capfd: pytest.CaptureFixture[str], text: str, name: str) -> None:
    """What redaction leaves of known names is let through, also where they are usual words."""
    printed = text.replace("{}", name)
    redacted = redact(printed, "", [(name, "<user>"), (name, "<host>")])
    assert (redacted == printed) == (text.startswith("https:") and name != "ann-7")
    assert cli.main(["verify", write(checkout, redacted)]) == 0
    assert capfd.readouterr().err == ""


def test_older(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """It says what is of an older script, or of none, and takes neither for wrong."""
    path = write(checkout, "fine")
    assert cli.main(["verify", path]) == 0
    assert "of an older" not in capfd.readouterr().out
    (checkout / "examples" / "some" / "one.py").write_text("print()\n")
    assert cli.main(["verify", path]) == 0
    assert "  one is of an older script\n" in capfd.readouterr().out
    path = write(checkout, "fine", name="gone")
    assert cli.main(["verify", path]) == 0
    assert "  gone is of no script that is here\n" in capfd.readouterr().out
    path = write(checkout, "/home/ann", name="gone")
    assert cli.main(["verify", path]) == 1


def test_another_name(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file that is named for another platform, or holds something else, has the status 1."""
    path = write(checkout, "fine")
    other = path.replace("x86_64", "aarch64")
    os.replace(path, other)
    Path(path).write_text("{")
    for name, said in ((other, "has a file of that name"), (path, "Expecting")):
        assert cli.main(["verify", name]) == 1
        assert said in capfd.readouterr().err


def test_all_are_looked_at(checkout: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The status is that of the worst: 2 for a file that is not there."""
    path = write(checkout, "/home/ann")
    missing = str(checkout / "missing.json")
    assert cli.main(["verify", missing, path]) == 2
    assert capfd.readouterr().err.count("\n") == 2


def test_no_checkout(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Without scripts to compare with, the status is 2."""

    def nowhere() -> Path:
        raise ValueError("there is no checkout")

    monkeypatch.setattr(verify, "checkout", nowhere)
    assert cli.main(["verify", "x.json"]) == 2
    assert capfd.readouterr().err == "poolcontext: there is no checkout\n"
    assert script.checkout().is_dir()
