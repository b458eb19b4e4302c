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
        *("/mnt/c/Users/ann", "/cygdrive/c/users/ann", "c%3A%5CUsers%5Cann"),
        *("C:\\Windows\\Temp\\xyz", "c:\\\\temp\\\\xyz", "C:/tmp/xyz"),
    ):
        path = checkout.write("fine\n" + 2 * f"{around.format(text)}\n")
        status, out, (line,) = checkout.verify(path)
        assert (status, out) == (1, "")
        assert line.startswith(f"{path}: one, line 2: a ")
        kind = "a machine's name" if "@" in text else "a (home folder|temporary file)"
        assert re.search(f"line 2: {kind} is not redacted: .*{re.escape(text)}", line)


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (
            "a crash dump",
            """
            wine: Unhandled page fault on read access to 0000000000000000 at address 000000017000
            Unhandled exception: page fault on read access to 0x00000000 in 64-bit code (0x017000).
            wine: Unhandled exception 0xc0000409 in thread 24 at address 000000017000
            Register dump:
            Stack dump:
            Backtrace:
            0024:err:virtual:NtRaiseException Unhandled exception code c0000005
            01a4:fixme:ntdll:NtQuerySystemInformation info_class SYSTEM_PERFORMANCE_INFORMATION
            Faulting application name: python.exe, version: 3.14.2150.1013, time stamp: 0x69332d9d
            Exception Type:        EXC_BAD_ACCESS (SIGSEGV)
            """,
        ),
        (
            "a system's version",
            """
                Wine build: wine-8.0 (Debian 8.0~repack-4)
                Host system: Linux
                Host version: 6.18.44-x
            Linux-6.1.0-13-amd64-x86_64-with-glibc2.36
            Linux version 6.1.0 (gcc)
            Linux <host> 6.1.0-13-amd64 x86_64
            <host> #1 SMP PREEMPT_DYNAMIC Debian 6.1.55-1
            ['macOS-14.5-arm64-arm-64bit', 'Darwin-23.5.0-arm64']
            Windows-10-10.0.19045-SP0
            release='5.15.0-1053-azure'
            """,
        ),
    ],
    ids=["crash", "system"],
)
def test_telling_of_the_system(checkout: Checkout, kind: str, lines: str) -> None:
    """What a system says of a crash, and which one it is, is named in the same way."""
    for text in lines.strip("\n ").split("\n"):
        status, _, (line,) = checkout.verify(checkout.write(text.strip()))
        assert (status, f": one, line 1: {kind} is not redacted: " in line) == (1, True)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Exception in thread started by",
            "Fatal Python error: Segmentation fault",
            "Backtrace: x",
        ),
        *(
            "Windows fatal exception: access violation",
            "core dumped",
            "cpython-3.14.2-linux-x86_64",
        ),
        *("Linux x86_64, Windows 11", "#1 is SMP", "1.2.3-4", "Unhandled exception in event loop"),
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


def test_pattern(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern that no shell has expanded is, unless a file has that name; one needs a match."""
    path = checkout.write("fine")
    path.with_name("[a].json").write_text("{")
    path.with_name("a.json").write_text("{")
    monkeypatch.chdir(checkout.root)
    status, out, lines = checkout.verify(Path("[a-c]*.json"))
    assert (status, out) == (1, f"{path.name}: 1 examples, nothing is wrong\n")
    assert [line.split(": ")[0] for line in lines] == ["a.json"]
    assert "[a].json" in checkout.verify(Path("[a].json"))[2][0]
    status, out, (line,) = checkout.verify(path, Path("x*.json"))
    assert (status, out, "x*.json" in line) == (2, f"{path}: 1 examples, nothing is wrong\n", True)


def test_no_scripts(checkout: Checkout) -> None:
    """Without scripts that can be compared with, the status is 2."""
    checkout.script.write_text("x = = 1\n")
    assert checkout.verify(Path("x.json"))[0] == 2
