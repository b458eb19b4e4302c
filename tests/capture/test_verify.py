"""The command `verify`: what it lets through, and what it finds in a file of a capture."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from poolcontext.capture import script, storage, verify
from poolcontext.capture.platform import Platform
from poolcontext.capture.redact import redact
from poolcontext.capture.snapshot import Capture, Snapshot

PLATFORM = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "captures"


class Checkout:
    """A checkout with one script, which names a path itself, and the command in it."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root, self.capfd = root, capfd
        self.script = root / "examples" / "some" / "one.py"
        self.script.parent.mkdir(parents=True)
        self.script.write_text('print("/tmp/its-own")\n')

    def write(self, output: str, name: str = "one") -> Path:
        """Write a file in which an example printed this."""
        digest = script.read_script(self.script).digest()
        one = Snapshot(digest, "2026-11-22", "exit", 0, 0.5, output)
        path = self.root / f"{PLATFORM.id}.json"
        storage.save(Capture(PLATFORM, {name: one}), path)
        return path

    def verify(self, *paths: Path) -> tuple[int, str, list[str]]:
        """The status, what was printed, and what was said of something wrong."""
        said: list[str] = []
        status = verify.verify(said.append, self.root, map(str, paths))
        printed, err = self.capfd.readouterr()
        assert not err
        return status, printed, said


@pytest.fixture
def checkout(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Checkout:
    return Checkout(tmp_path, capfd)


def test_committed(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is wrong with what is committed, so no pattern finds what scripts print anyway."""
    paths = sorted(map(str, COMMITTED.glob("*.json")))
    said: list[str] = []
    assert verify.verify(said.append, ROOT, paths) == 0
    assert said == []
    assert [
        line.split(": ")[0] for line in capfd.readouterr().out.splitlines() if ": " in line
    ] == paths


@pytest.mark.parametrize("around", ["{}", "File '{}/x.py'", "['\\n{}']", "cc -I{} -L/usr/lib"])
def test_telling(checkout: Checkout, around: str) -> None:
    """A path or name that redaction has missed is named in one line, and the status is 1."""
    for text in (
        *("/home/ann", "/Users/ann.b", "/root/x", "C:\\Users\\ANN~1", "c:\\\\users\\\\ann"),
        *("C:/Users/ann", "/c/Users/ann", "/tmp/pymp-x1", "/private/tmp/x", "/var/tmp/x"),
        *("/usr/tmp/x", "/var/folders/zz", "/private/var/folders/zz", "ann@box.lan", "<user>@box"),
    ):
        path = checkout.write("fine\n" + 2 * f"{around.format(text)}\n")
        status, out, (line,) = checkout.verify(path)
        assert (status, out) == (1, "")
        assert line.startswith(f"{path}: one, line 2: a ")
        kind = "a machine's name" if "@" in text else "a (home folder|temporary file)"
        assert re.search(f"line 2: {kind} is not redacted: .*{re.escape(text)}", line)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "/tmp/its-own",
            "['<temp>', '/var/tmp', '/usr/tmp', '/']",
            "/home/<user> C:\\Users\\<user>",
        ),
        *(
            "<home>/x <temp>/tmp/x <folder>/home/x",
            "<user>@<host> root@localhost @decorator f@0x7f",
        ),
        "https://example.org/home/x",
    ],
)
def test_not_telling(checkout: Checkout, text: str) -> None:
    """What is redacted, the same everywhere, or a word of the script, is let through."""
    assert checkout.verify(checkout.write(text))[::2] == (0, [])


@pytest.mark.parametrize("name", ["ann-7", "docs", "worker"])
@pytest.mark.parametrize(
    "text",
    [
        *("{}@{}.lan", "ssh://{}@{}:22 https://{}@{}/x", "['\\n{}@{}']", "/home/{}/x /Users/{}"),
        *("C:\\Users\\{} c:\\\\users\\\\{}\\\\x C:/Users/{}/x", "'/home/{}' cc -I/home/{}"),
        "https://{}.python.org/{}/ the {}: {}.",
    ],
)
def test_redacted(checkout: Checkout, text: str, name: str) -> None:
    """What redaction leaves of known names is let through, also where they are usual words."""
    printed = text.replace("{}", name)
    redacted = redact(printed, "", [(name, "<user>"), (name, "<host>")])
    assert (redacted == printed) == (text.startswith("https:") and name != "ann-7")
    assert checkout.verify(checkout.write(redacted))[::2] == (0, [])


def test_older(checkout: Checkout) -> None:
    """It says what is of an older script, or of none, and takes neither for wrong."""
    path = checkout.write("fine")
    nothing = f"{path}: 1 examples, nothing is wrong\n"
    assert checkout.verify(path) == (0, nothing, [])
    checkout.script.write_text("print()\n")
    assert checkout.verify(path) == (0, nothing + "  one is of an older script\n", [])
    path = checkout.write("fine", name="gone")
    assert checkout.verify(path) == (0, nothing + "  gone is of no script that is here\n", [])
    assert checkout.verify(checkout.write("/home/ann", name="gone"))[0] == 1


def test_files(checkout: Checkout) -> None:
    """All files are looked at, and the status is that of the worst: 2 for one that is missing."""
    path = checkout.write("fine")
    other = Path(str(path).replace("x86_64", "aarch64"))
    os.replace(path, other)
    status, _, (line,) = checkout.verify(other)
    assert (status, "has a file of that name" in line) == (1, True)
    path.write_text("{")
    status, _, lines = checkout.verify(checkout.root / "missing.json", path)
    assert (status, ["missing.json" in lines[0], str(path) in lines[1]]) == (2, [True, True])


def test_no_scripts(checkout: Checkout) -> None:
    """Without scripts that can be compared with, the status is 2."""
    checkout.script.write_text("x = = 1\n")
    assert checkout.verify(Path("x.json"))[0] == 2
