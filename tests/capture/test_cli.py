"""The command `capture`, in a small checkout that is made for each test."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from processes import SOON, is_gone, posix, wait_for

from poolcontext.capture import cli, script, storage
from poolcontext.capture.cli import Progress, _near
from poolcontext.capture.interpreter import Interpreter
from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.script import Script
from poolcontext.capture.script import checkout as find_checkout
from poolcontext.capture.snapshot import Snapshot
from poolcontext.cli import main

LINUX = Platform("cpython", "3.14.0", "3.14.0", "", "linux", "x86_64", "glibc")
PACKAGE = Path(cli.__file__).parents[1]

SLEEPS = """
    import os, time
    draft = os.path.join(MARKS, "draft-" + os.path.basename(__file__))
    with open(draft, "w") as file:
        file.write(str(os.getpid()))
    os.replace(draft, draft.replace("draft-", "pid-"))
    time.sleep(60)
"""
"""Says which process it is, and does not end."""


class Done(NamedTuple):
    """What came of a command."""

    status: int
    out: str
    err: str

    def verdicts(self) -> dict[str, str]:
        """The last column of the closing table, by the example."""
        rows = self.out.split("\n\n")[0].splitlines()[1:]
        return {row.split()[0]: re.split(r" \d+\.\d\d  ", row)[1] for row in rows}

    def refusal(self) -> str:
        """The line that says why something is not possible, which is all that is said."""
        assert (self.status, self.out) == (2, "")
        *before, line = self.err.splitlines()
        assert all(one.startswith("poolcontext: capturing ") or "/" in one for one in before)
        assert line.startswith("poolcontext: ")
        return line[13:]


class Checkout:
    """A checkout with scripts of a test's own, and the command in it."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root, self.capfd = root, capfd
        self.captures = root / "docs" / "captures"
        self.file = self.captures / f"{describe().id}.json"
        self.marks = root.parent / "marks"
        for folder in (root / "docs", root / "examples", root / "src" / "poolcontext", self.marks):
            folder.mkdir(parents=True)

    def add(self, name: str, source: str, folder: str = "examples/some") -> Path:
        """Write a script, or write it anew."""
        path = self.root / folder / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        text = textwrap.dedent(source).replace("MARKS", repr(str(self.marks)))
        path.write_text(text, encoding="utf-8")
        return path

    def call(self, *words: str) -> Done:
        """Call the command within this process."""
        self.capfd.readouterr()
        try:
            status = main(["capture", *words])
        except SystemExit as stop:
            status = int(stop.code or 0)
        return Done(status, *self.capfd.readouterr())

    def start(self, *words: str, command: tuple[str, ...] = (), **given: Any) -> Any:
        """Start the command as a process of its own, with a copy of the code."""
        ignored = shutil.ignore_patterns("__pycache__", "sphinxext")
        code = self.root / "src" / "poolcontext"
        shutil.copytree(PACKAGE, code, ignore=ignored, dirs_exist_ok=True)
        program = command or (sys.executable, str(code), "capture")
        settings: dict[str, Any] = {"cwd": self.root, "stdin": subprocess.DEVNULL}
        settings.update(stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        return subprocess.Popen([*program, *words], **{**settings, **given})

    def run(self, *words: str, **given: Any) -> Done:
        """Run the command as a process of its own."""
        return finished(self.start(*words, **given))

    def examples(self, file: Path | None = None) -> dict[str, Snapshot]:
        """What a file holds, which is checked by the look."""
        return storage.load(file or self.file).examples

    def change(self, name: str, **fields: Any) -> None:
        """Change a snapshot in the file."""
        found = storage.load(self.file)
        found.examples[name] = found.examples[name]._replace(**fields)
        storage.save(found, self.file)

    def state(self, file: Path | None = None) -> tuple[bytes, int, int]:
        """What would change if a file were written, even with what it holds already."""
        file = file or self.file
        return file.read_bytes(), file.stat().st_mtime_ns, file.stat().st_ino

    def names(self) -> list[str]:
        """The files of captures, and all that lies beside them."""
        return sorted(path.name for path in self.captures.iterdir())

    def pid(self, name: str) -> int:
        """The process of a script that sleeps, once it does."""
        path = self.marks / f"pid-{name}.py"
        wait_for(path.exists)
        return int(path.read_text(encoding="utf-8"))


def python(*words: object) -> str:
    """A command that runs a script of this interpreter's."""
    quote = (lambda word: f'"{word}"') if os.name == "nt" else shlex.quote
    return " ".join(quote(str(word)) for word in (sys.executable, *words))


def finished(process: Any) -> Done:
    """Wait for a process, and end it if it does not come to its end."""
    try:
        out, err = process.communicate(timeout=2 * SOON)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return Done(process.returncode, out or "", err or "")


@pytest.fixture
def checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Checkout:
    """A checkout without scripts; the command in this process takes it too."""
    made = Checkout(tmp_path / "checkout", capfd)
    monkeypatch.setattr(script, "checkout", lambda: made.root)
    return made


@pytest.fixture
def two(checkout: Checkout) -> Checkout:
    """A checkout with two scripts, both captured long ago."""
    checkout.add("a", "print('hello')\n")
    checkout.add("b", "print('good day')\n")
    assert checkout.call().status == 0
    for name in "ab":
        checkout.change(name, date="2020-01-01", seconds=55.5)
    return checkout


class TestFirst:
    """The first capture of a platform."""

    def test_all(self, checkout: Checkout) -> None:
        """All examples are run and kept in the platform's file, and the table has each of them."""
        checkout.add("a", "print('hello')\n")
        checkout.add("b", "print('good day')\n", "examples/other")
        checkout.add("a_with_helper", "print('help')\n", "docs/with_helper")
        checkout.add("deep", "print('not one')\n", "examples/some/deeper")
        done = checkout.call("--jobs", "1")
        assert done.status == 0
        assert checkout.names() == [checkout.file.name]
        outputs = {name: one.output for name, one in checkout.examples().items()}
        assert outputs == {"a": "hello\n", "a_with_helper": "help\n", "b": "good day\n"}
        assert storage.load(checkout.file).platform == describe()
        table, _, words = done.out.partition("\n\n")
        assert [re.sub(r"\d\.\d\d", "S", line).split() for line in table.splitlines()] == [
            ["example", "outcome", "seconds", "compared", "with", "the", "file"],
            *([name, "exit", "status", "0", "S", "new"] for name in sorted(outputs)),
        ]
        assert words.splitlines() == [
            f"{checkout.file} is written.",
            f"Look at what is new: git add {checkout.captures} && git diff --staged",
            "docs/capture.md says how to propose it.",
        ]
        first, *steps = done.err.splitlines()
        assert first == f"poolcontext: capturing {describe().title}"
        assert [re.sub(r"\d\.\d\d", "S", line) for line in steps] == [
            f"{number}/3 {name}: exit status 0, S s"
            for number, name in enumerate(sorted(outputs), 1)
        ]

    @pytest.mark.parametrize(
        ("words", "cwd"),
        [
            *((["CODE"], "checkout"), (["-S", "-E", "CODE"], "elsewhere"), (["-I", "CODE"], "")),
            (["-m", "poolcontext"], "checkout/src"),
        ],
        ids=str,
    )
    def test_bare_checkout(self, checkout: Checkout, words: list[str], cwd: str) -> None:
        """With nothing installed, the checkout that holds the code is taken, from wherever."""
        checkout.add("a", "print('hello')\n")
        parent = checkout.root.parent
        for folder in ("docs", "examples", "src/poolcontext"):
            (parent / "elsewhere" / folder).mkdir(parents=True)
        code = str(checkout.root / "src" / "poolcontext")
        command = (sys.executable, *(code if word == "CODE" else word for word in words), "capture")
        assert checkout.run(command=command, cwd=parent / cwd).status == 0
        assert checkout.examples()["a"].output == "hello\n"

    @posix
    def test_endings(self, checkout: Checkout) -> None:
        """Each kind of end is captured, and the table says where it was not the one meant."""
        meant, kill = "# sphinx_gallery_exit_status = ", "import os; os.kill(os.getpid(), 9)"
        endless = "# sphinx_gallery_timeout = 0.5\nimport time; time.sleep(60)"
        scripts = {
            "good": ("", "exit status 0"),
            "meant": (f"{meant}3\nexit(3)", "exit status 3"),
            "other": ("exit(3)", "exit status 3 (meant: 0)"),
            "missing": (f"{meant}3\n", "exit status 0 (meant: 3)"),
            "killed": (kill, "ended by signal 9 (meant: 0)"),
            "killed_too": (f"{meant}-9\n{kill}", "ended by signal 9"),
            "endless": (endless, "ended at its time limit (meant: 0)"),
        }
        for name, (source, _) in scripts.items():
            checkout.add(name, source)
        done = checkout.call()
        table = done.out.partition("\n\n")[0]
        rows = dict(re.findall(r"^(\w+) +(e.*\S) +\d+\.\d\d  new$", table, flags=re.M))
        assert rows == {name: words for name, (_, words) in scripts.items()}
        for name, one in checkout.examples().items():
            assert one.ending == scripts[name][1].partition(" (")[0]
        unmeant = "Look at endless, killed, missing, other: not ended as it was meant to."
        assert unmeant in done.out.splitlines()
        done = checkout.call("--only", "meant", "--refresh")
        assert "meant to" not in done.out
        checkout.add("good", "import time; time.sleep(60)")
        assert checkout.call("--only", "good", "--timeout", "0.5").verdicts() == {"good": "changed"}


VOLATILE = """
    import os, time
    print(object(), "of process", os.getpid())
    print(f"pid={os.getpid()} took {time.perf_counter()} s")
"""
IN_ANY_ORDER = """
    # sphinx_gallery_any_order = "^worker "
    import os
    lines = ["worker 1", "worker 2", "end"]
    if os.path.exists(os.path.join(MARKS, "turn")):
        lines = LATER
    print(*lines, sep="\\n")
"""


class TestAgain:
    """A capture of a platform that has a file."""

    @pytest.mark.parametrize(
        ("source", "verdict", "difference"),
        [
            ("print('hello')\n", "the same", ""),
            ("print('hello')\r\n", "the same", ""),
            (
                "# A comment.\nprint('hello')\n",
                "same output, newer script",
                "a has changed since 2020-01-01, and prints the same.",
            ),
            ("print('good night')\n", "changed", "+good night"),
            ("print('hello'); exit(5)\n", "changed", "+[ended by exit, exit status 5]"),
        ],
    )
    def test_changes(self, two: Checkout, source: str, verdict: str, difference: str) -> None:
        """`--check` shows what would be written, and just that is written; the rest stays."""
        two.add("a", "").write_bytes(source.encode())
        before = two.state()
        done = two.call("--check")
        assert two.state() == before
        if difference:
            assert done.status == 1
            assert difference in done.out.splitlines()
            assert f"\n1 of 2 differ from {two.file}.\n" in done.out
        else:
            assert (done.status, done.out) == (0, f"All 2 say the same as {two.file}.\n")
        done = two.call()
        assert (done.status, done.verdicts()) == (0, {"a": verdict, "b": "the same"})
        assert (two.state() == before) == (not difference)
        became = "is written." if difference else "says the same, and stays as it was."
        assert f"\n{two.file} {became}\n" in done.out
        assert (two.examples()["a"].date == "2020-01-01") == (not difference)
        assert two.examples()["b"][1:5] == ("2020-01-01", "exit", 0, 55.5)
        assert two.call("--check").status == 0

    def test_diff(self, two: Checkout) -> None:
        """A difference is a unified diff, in which what a terminal would act on is written out."""
        two.change("a", output="\x1b[2J\u202egood\revening\x0b\x0c\x85\u2028\nhello\r\n")
        lines = two.call("--check").out.split("\n")
        assert lines[:2] == ["--- a\tcaptured on 2020-01-01", "+++ a\tnow"]
        odd = "-\\x1b[2J\\u202egood\\revening\\x0b\x0c\\x85\u2028"
        assert {odd, "-hello\\r", "+hello"} <= set(lines)

    def test_new_and_gone(self, two: Checkout) -> None:
        """Scripts that are new or no more are a difference; what the file holds of these goes."""
        (two.root / "examples" / "some" / "b.py").unlink()
        before = two.state()
        assert two.call("--check", "--only", "a").status == 0
        assert two.call("--only", "a").verdicts() == {"a": "the same"}
        assert two.state() == before
        two.add("c", "print('new')\n")
        done = two.call("--check")
        assert done.status == 1
        assert "c is not in the file.\nb is in the file, and there is no such script.\n" in done.out
        assert "2 of 3 differ" in done.out
        done = two.call()
        assert done.verdicts() == {"a": "the same", "c": "new"}
        assert "There is no script b any more: its capture is dropped.\n" in done.out
        assert set(two.examples()) == {"a", "c"}

    def test_what_differs_from_run_to_run(self, checkout: Checkout) -> None:
        """Addresses and durations are no change, nor are lines that may come in any order."""
        checkout.add("a", VOLATILE)
        checkout.add("b", IN_ANY_ORDER.replace("LATER", '["worker 2", "end", "worker 1"]'))
        checkout.add("c", IN_ANY_ORDER.replace("LATER", '["end", "worker 1", "worker 3"]'))
        checkout.call()
        (checkout.marks / "turn").touch()
        before = checkout.examples()
        assert checkout.call("--check").out.count("\n---") == 0
        assert checkout.call().verdicts() == {"a": "the same", "b": "the same", "c": "changed"}
        found = checkout.examples()
        assert [found[name] == before[name] for name in "abc"] == [True, True, False]
        done = checkout.call("--refresh", "--only", "a")
        assert (done.verdicts(), "is written" in done.out) == ({"a": "the same"}, True)
        assert checkout.examples()["a"] != before["a"]
        assert checkout.examples()["b"] == before["b"]

    def test_newer_module(self, checkout: Checkout) -> None:
        """A script that imports the package is newer where the package's code is."""
        module = checkout.add("__init__", "x = 1\n", "src/poolcontext")
        checkout.add("a_with_helper", "import poolcontext\n", "docs/with_helper")
        checkout.call()
        module.write_text("x = 1  # A comment.\n")
        assert checkout.call().verdicts() == {"a_with_helper": "the same"}
        module.write_text("x = 2\n")
        assert checkout.call().verdicts() == {"a_with_helper": "same output, newer script"}

    def test_only(self, two: Checkout) -> None:
        """Only what was named is run, by its name or file, with its version with the helper."""
        two.change("b", output="from another day\n")
        two.add("a_with_helper", "print('help')\n", "docs/with_helper")
        two.add("c", "print('new')\n")
        done = two.call("--only", "a", "--only", "a.py")
        assert done.verdicts() == {"a": "the same", "a_with_helper": "new"}
        assert "2/2 a" in done.err
        assert {name: one.output for name, one in two.examples().items()} == {
            **{"a": "hello\n", "a_with_helper": "help\n", "b": "from another day\n"},
        }
        for name in ("a_with_helper", os.path.join("examples", "some", "a_with_helper.py")):
            assert two.call("--only", name).verdicts() == {"a_with_helper": "the same"}


class TestRefused:
    """What is not possible: one line, status 2, and the file as it was."""

    @pytest.mark.parametrize("mode", [[], ["--check"], ["--refresh"]], ids=str)
    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (["--python", "no-such-python"], "'no-such-python' is no usable Python"),
            (["--python", ""], "'' is no usable Python: it is empty"),
            (["--python", python("-c", "print(1)")], "run a script as python does, it printed '1'"),
            (["--only", ""], "there is no example ''"),
            (["--only", "zzz.py"], "there is no example 'zzz': there are a, b, start_methods"),
            (["--only", "start_method"], "no example 'start_method'; did you mean start_methods?"),
            (["--only", "a\x1b[2J"], "a\\x1b[2J"),
            (["--output", ""], "--output is no folder"),
            (["--output", __file__], f"{os.path.basename(__file__)} is no folder"),
        ],
        ids=str,
    )
    def test_options(self, two: Checkout, mode: list[str], words: list[str], reason: str) -> None:
        """An option that means nothing is named, and nothing is run."""
        two.add("start_methods", "")
        before = two.state()
        done = two.call(*words, *mode)
        assert reason in done.refusal()
        assert "/3" not in done.err
        assert (two.state(), two.names()) == (before, [two.file.name])

    @posix
    @pytest.mark.parametrize("kind", ["broken", "link", "pipe", "script", "name", "twice", "none"])
    @pytest.mark.parametrize("words", [[], ["--check"], ["--refresh"]], ids=str)
    def test_files(self, two: Checkout, kind: str, words: list[str]) -> None:
        """A file or a script of no use is named, and left as it was; nothing is run."""
        reason = f"{two.file}: it is no regular file"
        if kind == "broken":
            text = two.file.read_text(encoding="utf-8")
            two.file.write_text(text.replace('"exit"', '"explosion"', 1), encoding="utf-8")
            reason = f"{two.file}: examples: a: ended: 'explosion'"
        elif kind == "link":
            two.file.replace(two.root / "victim")
            two.file.symlink_to(two.root / "victim")
        elif kind == "pipe":
            two.file.unlink()
            os.mkfifo(two.file)
        elif kind == "script":
            bad = two.add("bad", "# sphinx_gallery_timeout = soon")
            reason = f"{bad}:1: sphinx_gallery_timeout takes"
        elif kind == "name":
            reason = f"{two.add('a b', '')}: a script's name has letters"
        elif kind == "twice":
            two.add("a", "", "examples/other")
            reason = " have one name"
        else:
            shutil.rmtree(two.root / "examples" / "some")
            reason = f"there are no examples in {two.root}"
        before = None if kind == "pipe" else two.state()
        done = two.call(*words)
        assert reason in done.refusal()
        assert "1/2" not in done.err
        assert before is None or two.state() == before

    def test_nothing_to_compare(self, two: Checkout) -> None:
        """Where there is no capture to compare with, nothing is run and no folder is made."""
        done = two.call("--check", "--output", str(two.root / "none"))
        assert f"there is no capture of {describe().title} to compare with" in done.refusal()
        assert "1/2" not in done.err
        assert not (two.root / "none").exists()

    def test_script_goes_meanwhile(self, two: Checkout) -> None:
        """A script that removes itself leaves the file as it was."""
        two.add("a", "import os; os.remove(__file__)\n")
        before = two.state()
        assert "a.py" in two.call().refusal()
        assert two.state() == before


class TestPlaces:
    """Which checkout and which files are meant."""

    def test_checkout(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkout: Checkout
    ) -> None:
        """It is the one that the code is in, else the nearest one above the working directory."""
        code = checkout.root / "src" / "poolcontext" / "capture" / "script.py"
        monkeypatch.setattr(script, "__file__", str(code))
        inner = checkout.root / "examples" / "some" / "inner"
        (inner / "examples").mkdir(parents=True)
        (inner.parent / "src" / "poolcontext").mkdir(parents=True)
        monkeypatch.chdir(tmp_path)
        assert find_checkout() == checkout.root.resolve()

        def gone() -> Path:
            raise FileNotFoundError(2, "No such file or directory")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "cwd", gone)
            assert find_checkout() == checkout.root.resolve()
        monkeypatch.setattr(script, "__file__", str(tmp_path / "lib" / "x" / "y" / "script.py"))
        monkeypatch.chdir(inner)
        assert os.path.samefile(find_checkout(), checkout.root)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(script, "checkout", find_checkout)
        assert "there is no checkout of Pool Context here" in checkout.call().refusal()

    def test_output(self, two: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """Files are named from here if they are below; how to propose is said of docs/captures."""
        monkeypatch.chdir(two.root)
        name = os.path.join("docs", "captures", two.file.name)
        folder = os.path.dirname(name)
        assert two.call("--check").out == f"All 2 say the same as {name}.\n"
        done = two.call("--refresh", "--output", folder)
        assert f"\n{name} is written.\n" in done.out
        assert f"git add {folder} && git diff --staged\ndocs/capture.md says how" in done.out
        monkeypatch.chdir(two.marks)
        new = os.path.join("new", "folder")
        done = two.call("--output", new)
        assert f"{os.path.join(new, two.file.name)} is written.\n" in done.out
        assert not re.search("git|propose", done.out)
        assert set(two.examples(Path(new, two.file.name))) == {"a", "b"}
        done = two.call("--output", new)
        assert f"{os.path.join(new, two.file.name)} says the same, and stays" in done.out
        assert f"\n{two.file} says the same" in two.call().out

    @pytest.mark.parametrize("error", [FileNotFoundError(2, "gone"), ValueError("another disk")])
    def test_near(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception) -> None:
        """What is above, beside, or nowhere from here is named as it is."""
        (tmp_path / "here").mkdir()
        monkeypatch.chdir(tmp_path / "here")
        for path in (tmp_path, tmp_path / "a" / "b.json"):
            assert _near(path) == str(path)
        assert _near(tmp_path / "here" / "b.json") == "b.json"

        def fail(path: object) -> str:
            raise error

        monkeypatch.setattr(os.path, "relpath", fail)
        assert _near(Path("a", "b.json")) == os.path.join("a", "b.json")


class TestReleases:
    """Patch releases of one platform."""

    output = "hello\n"

    @pytest.fixture
    def capture(self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
        """Capture of three scripts, with interpreters that are made up, and run nothing."""

        def ask(text: str) -> Interpreter:
            version, *changes = text.split()
            fields = {"version": version, "python": version}
            fields.update(change.split("=") for change in changes)
            return Interpreter((), LINUX._replace(**fields), {})

        def run(scripts: list[Script], *given: Any, **settings: Any) -> Iterator[Any]:
            for one in scripts:
                yield one, Snapshot(one.digest(), "2026-11-22", "exit", 0, 0.5, self.output)

        monkeypatch.setattr(cli.interpreter, "ask", ask)
        monkeypatch.setattr(cli, "run_scripts", run)
        for name in "abc":
            checkout.add(name, "")
        return lambda text, *words: checkout.call("--python", text, *words)

    @pytest.mark.parametrize(
        ("captured", "left"),
        [
            ("3.14.1, 3.14.10, 3.14.11", "3.14.11"),
            ("3.14.10, 3.14.9", "3.14.10"),
            ("3.14.10, 3.14.9 --only a", "3.14.10"),
            ("3.14.2, 3.14.1 --refresh", "3.14.1 3.14.2"),
            ("3.15.0a7, 3.15.0b1, 3.15.0rc1, 3.15.0, 3.15.0rc2", "3.15.0"),
            # It says something else.
            ("3.14.1, Sunday, 3.14.2, 3.14.0", "3.14.1 3.14.2"),
            # The older one has more examples, or none that is there.
            ("3.14.1, 3.14.2 --only a", "3.14.1 3.14.2"),
            ("3.14.1, 3.14.2 --only a, 3.14.2", "3.14.2"),
            ("3.14.1, -bc, 3.14.2", "3.14.2"),
            ("3.14.1, -abc, 3.14.2", "3.14.1 3.14.2"),
            # Others are no releases of the same.
            ("3.13.9, 3.14.1 flags=debug, 3.14.2", "3.13.9 3.14.1 3.14.2"),
            ("3.14.0 machine=aarch64, 3.14.1 libc=musl, 3.14.2", "3.14.0 3.14.1 3.14.2"),
            ("3.14.0 system=freebsd, 3.14.1 implementation=pypy, 3.14.2", "3.14.0 3.14.1 3.14.2"),
            ("7.3.15 python=3.11.8, 7.3.16 python=3.11.9", "7.3.16"),
            ("7.3.16 python=3.11.9, 7.3.16 python=3.10.14", "7.3.16 7.3.16"),
        ],
    )
    def test_history(
        self, checkout: Checkout, capture: Callable[..., Done], captured: str, left: str
    ) -> None:
        """The newest release that says the same is left, with all that say something else."""
        for text in captured.split(", "):
            if text.endswith("day"):
                self.output = text
            elif text.startswith("-"):
                for name in text[1:]:
                    (checkout.root / "examples" / "some" / f"{name}.py").unlink()
                checkout.add("d", "")
            else:
                python, *words = text.split(" --")
                words = [word for option in words for word in f"--{option}".split()]
                assert capture(python, *words).status == 0
        assert sorted(name.split("-")[1] for name in checkout.names()) == left.split()

    def test_words(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """The file is of the platform that the interpreter says it is; what goes is named."""
        files = [checkout.captures / f"cpython-3.14.{n}-linux-x86_64-glibc.json" for n in range(4)]
        done = capture("3.14.1")
        assert "capturing CPython 3.14.1 on Linux x86_64 (glibc)" in done.err
        assert storage.load(files[1]).platform.version == "3.14.1"
        files[0].write_text("{}", encoding="utf-8")
        done = capture("3.14.2")
        removed = "is of an older patch release, said the same, and is removed.\n"
        assert f"{files[1]} {removed}" in done.out
        assert files[0].read_text(encoding="utf-8") == "{}"
        before = checkout.state(files[2])
        done = capture("3.14.1")
        assert f"{files[2]} is of a newer patch release and says the same.\n" in done.out
        assert "So nothing is written; --refresh would.\n" in done.out
        assert set(done.verdicts().values()) == {"new"}
        assert checkout.state(files[2]) == before
        assert "CPython 3.14.3" in capture("3.14.3", "--check").refusal()
        assert checkout.names() == [files[0].name, files[2].name]
        capture("3.14.1", "--refresh")
        for output in ("good day\n", "hello\n"):  # its own file goes on being written
            self.output = output
            assert set(capture("3.14.1").verdicts().values()) == {"changed"}
            assert checkout.examples(files[1])["a"].output == output

    def test_older_stays(
        self, checkout: Checkout, capture: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An older release's file that cannot be removed is named, and the new one is there."""
        capture("3.14.1")
        (name,) = checkout.names()

        def fail(path: Path, missing_ok: bool = False) -> None:
            raise PermissionError(13, "not allowed")

        with monkeypatch.context() as patch:
            patch.setattr(Path, "unlink", fail)
            done = capture("3.14.2")
        assert done.status == 2
        assert f"poolcontext: {checkout.captures / name}, of an older release, stays: " in done.err
        assert len(checkout.names()) == 2


class TestWriting:
    """Files and streams that take nothing."""

    def test_saved_before_it_is_said(self, two: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the first word is said the file is written, so that whoever reads may go away."""
        two.add("a", "print('changed')\n")
        seen = []

        def note(*arguments: object) -> None:
            seen.append(two.examples()["a"].output)

        monkeypatch.setattr("builtins.print", note)
        assert two.call().status == 0
        assert set(seen) == {"changed\n"}

    @pytest.mark.parametrize("way", ["full disk", "too much"])
    def test_not_written(self, two: Checkout, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
        """What cannot be written, or what `load` would refuse, leaves the file as it was."""
        two.add("a", "print('changed' * 100)\n")
        before = two.state()

        def fail(*arguments: object) -> None:
            raise OSError(28, "No space left on device")

        if way == "full disk":
            monkeypatch.setattr(os, "fsync", fail)
        else:
            monkeypatch.setattr(storage, "MAX_BYTES", len(before[0]) + 100)
        line = two.call().refusal()
        assert line.startswith(f"{two.file} cannot be written, and is as it was: ")
        assert line.endswith("No space left on device" if way == "full disk" else " bytes")
        assert (two.state(), two.names()) == (before, [two.file.name])

    @posix
    @pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
    @pytest.mark.parametrize("way", ["closed pipe", "/dev/full"])
    def test_nobody_reads(self, two: Checkout, unbuffered: str, way: str) -> None:
        """Where the table cannot be written the file is; the last line or the signal says so."""
        two.add("a", "print('changed')\n")
        reader, writer = os.pipe()
        if way == "/dev/full":
            if not os.path.exists(way):
                pytest.skip("there is no /dev/full")
            os.dup2(os.open(way, os.O_WRONLY), writer)
        os.close(reader)
        done = two.run(stdout=writer, env={**os.environ, "PYTHONUNBUFFERED": unbuffered})
        os.close(writer)
        assert "Traceback" not in done.err
        assert two.examples()["a"].output == "changed\n"
        if way == "/dev/full":
            assert done.status == 2
            assert done.err.endswith("poolcontext: cannot write: No space left on device\n")
        else:
            assert done.status == -signal.SIGPIPE

    @posix
    def test_closed_streams(self, two: Checkout) -> None:
        """Without standard input and standard error it works, and mistakes none for them."""
        two.add("a", "import sys; print('changed', sys.stdin.isatty())\n")
        command = ("sh", "-c", '"$@" <&- 2>&-', "sh", sys.executable, "src/poolcontext", "capture")
        assert two.run(command=command).status == 0
        outputs = {name: one.output for name, one in two.examples().items()}
        assert outputs == {"a": "changed True\n", "b": "good day\n"}

    @pytest.mark.parametrize("encoding", ["ascii:strict", "cp1252", "none"])
    def test_encoding(self, two: Checkout, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
        """What standard output cannot encode is an escape there, and a difference all the same."""
        two.add("a", "import sys; sys.stdout.buffer.write('1 \\u2192 2\\n'.encode())\n")
        if encoding == "none":  # somebody has replaced it
            monkeypatch.setattr(sys, "stdout", io.StringIO())
            assert two.call("--check").status == 1
            assert "+1 \u2192 2" in sys.stdout.getvalue().splitlines()
            return
        folder = two.root / "B\u0141cher"
        environ = {**os.environ, "PYTHONIOENCODING": encoding}
        for words, status in ((["--check"], 1), ([], 0), (["--check"], 0)):
            done = two.run(*words, "--output", str(two.captures), env=environ)
            assert (done.status, "Traceback" in done.err) == (status, False), done.err
            assert (r"+1 \u2192 2" in done.out.splitlines()) == bool(status)
        assert two.examples()["a"].output == "1 \u2192 2\n"
        done = two.run("--output", folder.name, env=environ)
        assert os.path.join(r"B\u0141cher", two.file.name) + " is written." in done.out.splitlines()
        assert set(two.examples(folder / two.file.name)) == {"a", "b"}


class TestProgress:
    """One line on a terminal that is written over, one line a step elsewhere."""

    @pytest.mark.parametrize(("columns", "width"), [(0, 79), (10, 9), (81, 80)])
    def test_terminal(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capfd: pytest.CaptureFixture[str],
        columns: int,
        width: int,
    ) -> None:
        """On a terminal each step takes the place of the one before, and the last leaves none."""
        sizes = {2: os.terminal_size((columns, 24))}
        with monkeypatch.context() as patch:
            patch.setattr(os, "isatty", lambda descriptor: descriptor == 2)
            patch.setattr(os, "get_terminal_size", sizes.__getitem__)
            progress = Progress(2)
        with progress:
            progress.step("first", "exit status 0")
            progress.step("n" * 200, "time limit")
        before, *lines, after = capfd.readouterr().err.split("\r")
        assert (before, after) == ("", "")
        shown = ["0/2", "1/2 first", f"2/2 {'n' * 200}", ""]
        assert lines == [text[:width].ljust(width) for text in shown]

    def test_that_cannot_be_written(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A step that cannot be written is left out, be it full or closed."""
        tried = []

        def fail(descriptor: int, data: bytes) -> int:
            tried.append(data)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fail)
            with Progress(1) as _:
                Progress(1).step("a", "exit status 0")
        assert len(tried) == 1
        with monkeypatch.context() as patch:
            patch.setattr(sys, "__stderr__", None)
            patch.setattr(os, "isatty", lambda descriptor: True)
            progress = Progress(1)
            assert progress.width == 0
            progress.step("a", "exit status 0")
        assert capfd.readouterr() == ("", "")


SIGNALS = [("SIGINT", -signal.SIGINT), ("SIGTERM", 143), ("SIGHUP", 129)]


@posix
class TestInterrupted:
    """What ends the command before its time."""

    @pytest.mark.parametrize(("name", "status"), SIGNALS)
    @pytest.mark.parametrize("asked", [False, True], ids=["scripts run", "an interpreter is asked"])
    def test_signals(self, two: Checkout, name: str, status: int, asked: bool) -> None:
        """The file stays whole, no script goes on, no draft is left, and it says nothing."""
        hangs = two.add("a", SLEEPS)
        two.add("b", "print('changed')\n")
        before = two.state()
        process = two.start(*(["--python", python(hangs)] if asked else []))
        pid = two.pid("a")
        process.send_signal(getattr(signal, name))
        done = finished(process)
        assert (done.status, done.out) == (status, "")
        assert "Traceback" not in done.err
        assert is_gone(pid)
        assert (two.state(), two.names()) == (before, [two.file.name])


SHOWS = """
    import getpass, os, pathlib, platform, socket, sys, tempfile, traceback
    print(pathlib.Path.home(), os.environ["HOME"] + "/notes.txt")
    print(os.getcwd(), __file__)
    print(getpass.getuser(), "at", socket.gethostname(), platform.node().partition(".")[0])
    print(tempfile.gettempdir(), tempfile.mkstemp()[1], sys.executable)
    print([os.environ["HOME"]], repr(f"line\\n{getpass.getuser()}"))
    exec(compile("1 / 0", os.environ["HOME"] + "/mine.py", "exec"))
"""

HIDES = """
    import runpy, socket, platform, sys
    socket.gethostname = lambda: "wotan.private.example"
    platform.node = lambda: "wotan.private.example"
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script on a machine that has another name."""


@posix
def test_redaction(checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No home, user or host is in the file, save where it is a script's own word."""
    home = tmp_path / "people" / "zelda"
    (home / "tmp").mkdir(parents=True)
    for name, value in {"HOME": home, "TMPDIR": home / "tmp"}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "olga")
    wrapper = home / "wrapper.py"
    wrapper.write_text(textwrap.dedent(HIDES))
    checkout.add("shows", SHOWS)
    checkout.add("words", "print('olga has wotan and zelda')\n" + textwrap.dedent(SHOWS))
    assert checkout.call("--python", python(wrapper)).status == 0
    text = checkout.file.read_text(encoding="utf-8")
    assert not re.search(f"{re.escape(str(home))}|private.example", text)
    said = checkout.examples()["shows"].output
    assert "ZeroDivisionError" in said
    assert not re.search(r"\b(olga|zelda|wotan)\b", said)
    for shown in ("<home>/notes.txt", "<user> at <host> <host>", "<folder>", "<temp>/", "<python>"):
        assert shown in said
    assert "['<home>']" in said
    own = checkout.examples()["words"].output
    assert own.startswith("olga has wotan and zelda\n<home> <home>/notes.txt\n")
    assert 'File "<home>/mine.py", line 1' in own
    assert "olga at" in own
    # It can be read again, and compares equal.
    verdicts = checkout.call("--python", python(wrapper)).verdicts()
    assert verdicts == {"shows": "the same", "words": "the same"}
