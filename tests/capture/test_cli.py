"""The command `capture`, in a small checkout that is made for each test."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import poolcontext
from poolcontext import cli as poolcontext_cli
from poolcontext.capture import cli, platform, script, storage
from poolcontext.capture.snapshot import Snapshot

PACKAGE = Path(poolcontext.__file__).parent
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and devices")

OLDER = {"implementation": "cpython", "flags": "", "system": "linux", "machine": "x86_64"}
"""A platform that is made up, less its version."""

OTHER = """
    import json, os, runpy, sys
    name = sys.argv[1]
    if os.path.basename(name) == "platform.py":
        print("a wrapper may speak first")
        print(ANSWER)
    else:
        sys.argv = [name]
        runpy.run_path(name, run_name="__main__")
"""
"""Stands for another interpreter: says so when it is asked, and runs scripts with this one."""

SLEEPS = """
    import os, time
    draft = os.path.join(MARKS, "draft-" + os.path.basename(__file__))
    with open(draft, "w") as file:
        file.write(str(os.getpid()))
    os.replace(draft, draft.replace("draft-", "pid-"))
    time.sleep(60)
"""
"""Says which process it is, and does not end."""

IGNORES = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + textwrap.dedent(SLEEPS)
"""Does not end when it is asked to, either."""

WAITS = """
    import os, time
    open(os.path.join(MARKS, "runs"), "w").close()
    while not os.path.exists(os.path.join(MARKS, "go")):
        time.sleep(0.02)
    print("gone on")
"""
"""Says that it runs, and ends when it may."""


class Done(NamedTuple):
    """What came of a command."""

    status: int
    out: str
    err: str


class Checkout:
    """A checkout with scripts of a test's own, and the command in it."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root, self.capfd = root, capfd
        self.captures = root / "docs" / "captures"
        self.file = self.captures / f"{platform.describe().id}.json"
        self.marks = root.parent / "marks"
        (root / "docs").mkdir(parents=True)
        (root / "examples").mkdir()
        (root / "src" / "poolcontext").mkdir(parents=True)
        self.marks.mkdir()

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
            status = poolcontext_cli.main(["capture", *words])
        except SystemExit as stop:
            status = int(stop.code or 0)
        return Done(status, *self.capfd.readouterr())

    def copy_code(self) -> None:
        """Give it a copy of the code, which then takes this checkout and no other."""
        code = self.root / "src" / "poolcontext"
        code.mkdir(parents=True, exist_ok=True)
        (code / "capture").mkdir(exist_ok=True)
        for module in [*PACKAGE.glob("*.py"), *PACKAGE.glob("capture/*.py")]:
            draft = shutil.copy(module, code / "draft")
            # Whole, as another process may be importing it.
            os.replace(draft, code / module.relative_to(PACKAGE))

    def start(self, *words: str, **settings: Any) -> subprocess.Popen[str]:
        """Start the command as a process of its own."""
        self.copy_code()
        given: dict[str, Any] = {"cwd": self.root, "stdin": subprocess.DEVNULL}
        given.update(stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        command = [sys.executable, str(self.root / "src" / "poolcontext"), "capture", *words]
        return subprocess.Popen(command, **{**given, **settings})

    def run(self, *words: str, **settings: Any) -> Done:
        """Run the command as a process of its own."""
        return finished(self.start(*words, **settings))

    def examples(self, file: Path | None = None) -> dict[str, Snapshot]:
        """What a file holds, which is checked by the look."""
        return storage.load(file or self.file).examples

    def change(self, name: str, **fields: Any) -> bytes:
        """Change a capture in the file, and return its new content."""
        found = storage.load(self.file)
        found.examples[name] = found.examples[name]._replace(**fields)
        storage.save(found, self.file)
        return self.file.read_bytes()

    def other(self, version: str, name: str = "other.py", **fields: str) -> str:
        """The command of an interpreter of another version, and of a platform made up."""
        libc = fields.pop("libc", "glibc")
        fields_ = {**OLDER, "version": version, "python": version, "libc": libc, **fields}
        found: dict[str, list[str]] = {kind: [] for kind in platform.places()}
        answer = json.dumps({"platform": fields_, "places": found})
        path = self.root.parent / name
        source = textwrap.dedent(OTHER).replace("ANSWER", repr(answer))
        path.write_text(source, encoding="utf-8")
        return python(path)

    def other_file(self, version: str) -> Path:
        return self.captures / f"cpython-{version}-linux-x86_64-glibc.json"

    def other_files(self) -> list[str]:
        """The versions of which there are files."""
        return sorted(path.name.split("-")[1] for path in self.captures.iterdir())

    def pid(self, name: str) -> int:
        """The process of a script that sleeps, once it does."""
        path = self.marks / f"pid-{name}.py"
        wait_for(path.exists)
        return int(path.read_text(encoding="utf-8"))


def python(*words: object) -> str:
    """A command that runs a script of this interpreter's."""
    quote = (lambda word: f'"{word}"') if os.name == "nt" else shlex.quote
    return " ".join(quote(str(word)) for word in (sys.executable, *words))


def finished(process: subprocess.Popen[str]) -> Done:
    """Wait for a process, and end it if it does not come to its end."""
    try:
        out, err = process.communicate(timeout=60)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return Done(process.returncode, out or "", err or "")


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until something is so, or for very long."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether there is no such process any more."""
    try:
        os.kill(pid, 0)
    except OSError:
        return True
    return False


def assert_gone(*pids: int) -> None:
    """Check that there are no such processes any more, and leave none."""
    left = [pid for pid in pids if not is_gone(pid)]
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    assert not left


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


def state(file: Path) -> tuple[bytes, int, int]:
    """What would change if a file were written, even with what it holds already."""
    found = file.stat()
    return file.read_bytes(), found.st_mtime_ns, found.st_ino


def rows(done: Done) -> dict[str, str]:
    """The closing table's rows by their first word, with single spaces."""
    table = done.out.split("\n\n")[0]
    return {line.split()[0]: " ".join(line.split()[1:]) for line in table.splitlines()}


def verdicts(done: Done) -> dict[str, str]:
    """The last column of the table, by the example."""
    return {
        name: re.split(r" \d+\.\d\d ", row)[1]
        for name, row in rows(done).items()
        if name != "example"
    }


def one_line(done: Done) -> str:
    """The refusal, which is all that was said."""
    assert done.status == 2
    assert done.out == ""
    *before, line = done.err.splitlines()
    assert all(one.startswith("poolcontext: capturing ") or "/" in one for one in before)
    assert line.startswith("poolcontext: ")
    return line


@pytest.fixture
def checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Checkout:
    """A checkout without scripts; the command in this process takes it too."""
    made = Checkout(tmp_path / "checkout", capfd)
    monkeypatch.setattr(cli, "checkout", lambda: made.root)
    return made


@pytest.fixture
def two(checkout: Checkout) -> Checkout:
    """A checkout with two scripts, both captured."""
    checkout.add("a", "print('hello')\n")
    checkout.add("b", "print('good day')\n")
    assert checkout.call().status == 0
    return checkout


class TestFirst:
    """The first capture of a platform."""

    def test_all(self, checkout: Checkout) -> None:
        """All examples are run and kept in the platform's file, and the table has each of them."""
        checkout.add("a", "print('hello')\n")
        checkout.add("b", "print('good day')\n", "examples/other")
        checkout.add("a_with_helper", "import poolcontext; print('help')\n", "docs/with_helper")
        checkout.add("deep", "print('not one')\n", "examples/some/deeper")
        checkout.add("hidden", "print('not one')\n", "docs")
        done = checkout.call()
        assert done.status == 0
        assert names(checkout.captures) == [checkout.file.name]
        found = checkout.examples()
        assert {name: one.output for name, one in found.items()} == {
            "a": "hello\n",
            "a_with_helper": "help\n",
            "b": "good day\n",
        }
        assert {one.status for one in found.values()} == {0}
        assert storage.load(checkout.file).platform == platform.describe()
        assert set(rows(done)) == {"example", "a", "a_with_helper", "b"}
        assert f"{checkout.file} is written.\n" in done.out
        assert f"git add {checkout.captures} && git diff --staged\n" in done.out
        assert done.out.endswith("docs/capture.md says how to propose it.\n")

    @pytest.mark.parametrize("flags", [[], ["-S", "-E"], ["-I"]], ids=" ".join)
    def test_bare_checkout(self, checkout: Checkout, flags: list[str], tmp_path: Path) -> None:
        """With nothing installed, the checkout that holds the code is taken, from wherever."""
        checkout.add("a", "print('hello')\n")
        checkout.copy_code()
        (tmp_path / "elsewhere" / "docs").mkdir(parents=True)
        (tmp_path / "elsewhere" / "examples").mkdir()
        (tmp_path / "elsewhere" / "src" / "poolcontext").mkdir(parents=True)
        command = [sys.executable, *flags, str(checkout.root / "src" / "poolcontext"), "capture"]
        for folder in (checkout.root, tmp_path / "elsewhere", checkout.root / "examples" / "some"):
            shutil.rmtree(checkout.captures, ignore_errors=True)
            subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=True)
            assert checkout.examples()["a"].output == "hello\n"

    def test_module(self, checkout: Checkout) -> None:
        """`python -m poolcontext` does the same."""
        checkout.add("a", "print('hello')\n")
        checkout.copy_code()
        command = [sys.executable, "-m", "poolcontext", "capture"]
        folder = checkout.root / "src"
        subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=True)
        assert checkout.examples()["a"].output == "hello\n"


class TestOutcomes:
    """How scripts end."""

    def test_kinds(self, checkout: Checkout) -> None:
        """Each kind of end is captured, and the table says where it was not the one meant."""
        checkout.add("good", "print('hello')\n")
        checkout.add("meant", "# sphinx_gallery_exit_status = 3\nimport sys; sys.exit(3)\n")
        checkout.add("not_meant", "import sys; sys.exit(3)\n")
        checkout.add("missing", "# sphinx_gallery_exit_status = 3\n")
        checkout.add("endless", "import time; print('on', flush=True); time.sleep(60)\n")
        checkout.add("silent", "")
        done = checkout.call("--timeout", "2.5", "--jobs", "6")
        assert done.status == 0
        found = {name: one[2:4] for name, one in checkout.examples().items()}
        assert found == {
            "good": ("exit", 0),
            "meant": ("exit", 3),
            "not_meant": ("exit", 3),
            "missing": ("exit", 0),
            "endless": ("timeout", None),
            "silent": ("exit", 0),
        }
        endings = {name: re.split(r" \d+\.\d\d ", row)[0] for name, row in rows(done).items()}
        del endings["example"]
        assert endings == {
            "good": "exit status 0",
            "meant": "exit status 3",
            "not_meant": "exit status 3 (meant: 0)",
            "missing": "exit status 0 (meant: 3)",
            "endless": "ended at its time limit (meant: 0)",
            "silent": "exit status 0",
        }
        assert checkout.examples()["silent"].output == ""
        assert checkout.examples()["endless"].output == "on\n"
        unmeant = "Look at endless, missing, not_meant: not ended as it was meant to."
        assert unmeant in done.out.splitlines()

    def test_all_as_meant(self, checkout: Checkout) -> None:
        """Where all ended as they were meant to, none is to be looked at for that."""
        checkout.add("good", "print('hello')\n")
        checkout.add("meant", "# sphinx_gallery_exit_status = 3\nimport sys; sys.exit(3)\n")
        assert "meant to" not in checkout.call().out

    @posix
    def test_signal(self, checkout: Checkout) -> None:
        """A script that a signal ends is captured with its number, and may be meant to."""
        source = "import os; os.kill(os.getpid(), 9)\n"
        checkout.add("killed", source)
        checkout.add("meant", "# sphinx_gallery_exit_status = -9\n" + source)
        done = checkout.call()
        assert {one[2:4] for one in checkout.examples().values()} == {("signal", -9)}
        assert rows(done)["killed"].startswith("ended by signal 9 (meant: 0) ")
        assert not rows(done)["meant"].startswith("ended by signal 9 (")

    def test_outputs(self, checkout: Checkout) -> None:
        """Bytes that are no text, and megabytes, make a file that can be read."""
        checkout.add("bytes", "import sys; sys.stdout.buffer.write(b'a\\xff\\x1b[2Jb\\0\\n')\n")
        checkout.add("long", "for number in range(50_000): print('line', number)\n")
        checkout.add("one_line", "print('x' * 200_000)\n")
        checkout.add("controls", "import sys; sys.stdout.buffer.write(bytes(range(256)) * 500)\n")
        assert checkout.call().status == 0
        found = checkout.examples()
        assert found["bytes"].output == "a\\xff\x1b[2Jb\0\n"
        for name in ("long", "one_line"):
            assert "bytes left out" in found[name].output
            assert len(found[name].output) <= 65536
        assert "bytes left out" in found["controls"].output
        assert set(verdicts(checkout.call()).values()) == {"the same"}


class TestSame:
    """What says the same leaves the file as it is."""

    def test_equal(self, two: Checkout) -> None:
        """The file is not even opened for writing where all is equal."""
        before = state(two.file)
        done = two.call()
        assert (done.status, set(verdicts(done).values())) == (0, {"the same"})
        assert state(two.file) == before
        assert "stays as it was" in done.out

    def test_day_and_duration(self, two: Checkout) -> None:
        """Another day and another duration change nothing."""
        two.change("a", date="2020-01-01", seconds=55.5)
        two.change("b", date="2020-02-02", seconds=44.4)
        before = state(two.file)
        assert two.call().status == 0
        assert state(two.file) == before

    def test_what_differs_from_run_to_run(self, checkout: Checkout) -> None:
        """Addresses, processes' numbers and durations are no change."""
        checkout.add(
            "a",
            """
            import os, time
            print(object(), "of process", os.getpid())
            print(f"pid={os.getpid()} took {time.perf_counter()} s")
            """,
        )
        checkout.call()
        before, output = state(checkout.file), checkout.examples()["a"].output
        assert verdicts(checkout.call()) == {"a": "the same"}
        assert state(checkout.file) == before
        checkout.call("--refresh")
        assert checkout.examples()["a"].output != output

    def test_any_order(self, checkout: Checkout) -> None:
        """Lines that were declared to come in any order may do so, and others may not."""
        turn = checkout.marks / "turn"
        source = f"""
            # sphinx_gallery_any_order = "^worker "
            import os
            lines = ["worker 1", "worker 2", "end"]
            if os.path.exists({str(turn)!r}):
                lines = LATER
            print(*lines, sep="\\n")
        """
        checkout.add("a", source.replace("LATER", '["worker 2", "end", "worker 1"]'))
        checkout.add("b", source.replace("LATER", '["end", "worker 1", "worker 3"]'))
        checkout.call()
        output = checkout.examples()["a"].output
        turn.touch()
        assert verdicts(checkout.call()) == {"a": "the same", "b": "changed"}
        assert checkout.examples()["a"].output == output
        turn.unlink()
        done = checkout.call("--check")
        assert done.status == 1
        assert "+worker 2" in done.out
        assert "--- a" not in done.out

    def test_refresh(self, two: Checkout) -> None:
        """With --refresh what says the same is written too, with today's date."""
        two.change("a", date="2020-01-01", seconds=55.5)
        done = two.call("--refresh", "--only", "a")
        assert (done.status, verdicts(done)) == (0, {"a": "the same"})
        capture = two.examples()["a"]
        assert capture.date != "2020-01-01"
        assert capture.seconds != 55.5
        assert "is written" in done.out


class TestChanges:
    """What is written, and what the table says of it."""

    def test_new_and_changed(self, two: Checkout) -> None:
        """New, changed and equal ones are told apart, and only those that differ are replaced."""
        two.change("a", date="2020-01-01")
        two.change("b", date="2020-01-01")
        two.add("b", "print('good night')\n")
        two.add("c", "print('new')\n")
        done = two.call()
        assert verdicts(done) == {"a": "the same", "b": "changed", "c": "new"}
        found = two.examples()
        assert found["a"].date == "2020-01-01"
        assert found["b"].date != "2020-01-01"
        assert (found["b"].output, found["c"].output) == ("good night\n", "new\n")

    def test_newer_script(self, two: Checkout) -> None:
        """A script that was edited and prints the same is captured anew, for its digest."""
        path = two.add("a", "# A comment.\nprint('hello')\n")
        done = two.call()
        assert verdicts(done) == {"a": "same output, newer script", "b": "the same"}
        assert two.examples()["a"].output == "hello\n"
        assert verdicts(two.call())["a"] == "the same"
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
        assert verdicts(two.call())["a"] == "the same"

    def test_newer_package(self, checkout: Checkout) -> None:
        """A script that is given the package is newer where the package's code is."""
        checkout.add("a_with_helper", "import poolcontext\n", "docs/with_helper")
        checkout.run()
        module = checkout.root / "src" / "poolcontext" / "pools.py"
        command = [sys.executable, "src/poolcontext", "capture"]
        for added, verdict in (
            (b"# A comment.\n", "the same"),
            (b"x = 1\n", "same output, newer script"),
        ):
            module.write_bytes(module.read_bytes() + added)
            done = subprocess.run(
                command, cwd=checkout.root, capture_output=True, text=True, timeout=60, check=True
            )
            assert verdict in done.stdout.splitlines()[1]

    @pytest.mark.parametrize("ending", ["import sys; sys.exit(1)", "import time; time.sleep(60)"])
    def test_other_end(self, two: Checkout, ending: str) -> None:
        """The same output with another end is a change."""
        two.add("a", f"print('hello', flush=True)\n{ending}\n")
        assert verdicts(two.call("--only", "a", "--timeout", "2.5")) == {"a": "changed"}

    def test_removed_script(self, two: Checkout) -> None:
        """A script that is no more is dropped from the file."""
        two.change("a", date="2020-01-01")
        (two.root / "examples" / "some" / "b.py").unlink()
        done = two.call()
        assert verdicts(done) == {"a": "the same"}
        assert {name: one.date for name, one in two.examples().items()} == {"a": "2020-01-01"}
        assert "There is no script b any more: its capture is dropped.\n" in done.out
        assert f"{two.file} is written.\n" in done.out


class TestOnly:
    """--only."""

    def test_others_are_kept(self, two: Checkout) -> None:
        """Only those that were named are run, and what the file holds of others stays."""
        two.change("b", output="from another day\n", date="2020-01-01")
        two.add("a", "print('changed')\n")
        two.add("c", "print('new')\n")
        done = two.call("--only", "a", "--only", "a")
        assert verdicts(done) == {"a": "changed"}
        assert "1/1 a" in done.err
        found = two.examples()
        assert (found["a"].output, found["b"].output) == ("changed\n", "from another day\n")
        assert set(found) == {"a", "b"}
        assert set(verdicts(two.call("--only", "c", "--only", "a"))) == {"a", "c"}

    def test_removed_script(self, two: Checkout) -> None:
        """What the file holds of a script that is no more stays, too."""
        (two.root / "examples" / "some" / "b.py").unlink()
        before = state(two.file)
        done = two.call("--only", "a")
        assert verdicts(done) == {"a": "the same"}
        assert "dropped" not in done.out
        assert state(two.file) == before
        two.add("a", "print('changed')\n")
        assert verdicts(two.call("--only", "a")) == {"a": "changed"}
        outputs = {name: one.output for name, one in two.examples().items()}
        assert outputs == {"a": "changed\n", "b": "good day\n"}

    @pytest.mark.parametrize(
        "name", ["a", "a.py", os.path.join("examples", "some", "a.py"), "no/such/folder/a.py"]
    )
    def test_file(self, two: Checkout, name: str) -> None:
        """An example may be named by its file, as a shell completes it."""
        assert verdicts(two.call("--only", name)) == {"a": "the same"}

    def test_with_its_helper_version(self, two: Checkout) -> None:
        """What does the same with the helper is run too, but not the other way round."""
        two.add("a_with_helper", "print('help')\n", "docs/with_helper")
        assert set(verdicts(two.call("--only", "a"))) == {"a", "a_with_helper"}
        assert set(verdicts(two.call("--only", "a_with_helper"))) == {"a_with_helper"}
        assert set(verdicts(two.call("--only", "b"))) == {"b"}

    def test_unknown(self, two: Checkout) -> None:
        """An unknown name is refused with the one that was meant, else with all there are."""
        two.add("start_methods", "")
        before = state(two.file)
        line = one_line(two.call("--only", "a", "--only", "start_method"))
        assert "no example 'start_method'; did you mean start_methods?" in line
        assert "there are a, b, start_methods" in one_line(two.call("--only", "zzz"))
        assert "no example 'zzz': " in one_line(two.call("--only", "examples/some/zzz.py"))
        assert "a\\x1b" in one_line(two.call("--only", "a\x1b[2J"))
        assert state(two.file) == before


class TestRefused:
    """What is not possible: one line, status 2, and the file as it was."""

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (["more"], "more"),
            (["--python"], "--python"),
            (["--python", "no-such-python"], "'no-such-python' is no usable Python"),
            (["--python", "'not closed"], "No closing quotation"),
            (["--python", " "], "it is empty"),
            (["--python", ""], "'' is no usable Python: it is empty"),
            (["--python", python("-c", "print(1)")], "run a script as python does, it printed '1'"),
            (["--python", python("-c", "import os; os._exit(3)")], "exit status 3"),
            (["--python", python("-c", "raise OSError('no room')")], "no room"),
            (["--only"], "--only"),
            (["--only", ""], "no example ''"),
            (
                ["--timeout", "soon"],
                "--timeout: 'soon' is no number of seconds above zero and below a million",
            ),
            (
                ["--timeout", "0"],
                "--timeout: '0' is no number of seconds above zero and below a million",
            ),
            (
                ["--timeout", "-1"],
                "--timeout: '-1' is no number of seconds above zero and below a million",
            ),
            (["--timeout", "nan"], "--timeout: 'nan' is no number of seconds"),
            (["--timeout", "inf"], "--timeout: 'inf' is no number of seconds"),
            (["--jobs", "many"], "--jobs: 'many' is no number from 1 to 999"),
            (["--jobs", "0"], "--jobs: '0' is no number from 1 to 999"),
            (["--jobs", "1.5"], "--jobs: '1.5' is no number from 1 to 999"),
            (["--jobs", "1000"], "--jobs: '1000' is no number from 1 to 999"),
            (["--output"], "--output"),
            (["--output", ""], "--output is no folder"),
            (["--output", "", "--check"], "--output is no folder"),
            (["--output", __file__], f"{os.path.basename(__file__)} is no folder"),
            (["--output", __file__, "--refresh"], f"{os.path.basename(__file__)} is no folder"),
            (["--check", "--refresh"], "--check"),
            (["--format", "json"], "--format"),
        ],
        ids=repr,
    )
    def test_options(self, two: Checkout, words: list[str], reason: str) -> None:
        """An option that means nothing is named, and nothing is run."""
        before = state(two.file)
        done = two.call(*words)
        assert reason in one_line(done)
        assert "1/2" not in done.err
        assert not re.search(r"_count|_seconds|invalid", done.err)  # as argparse would say it
        assert state(two.file) == before
        assert names(two.captures) == [two.file.name]

    @pytest.mark.parametrize(
        ("content", "place"),
        [
            (b"", "line 1"),
            (b"{", "line 1"),
            (b"[]", "it is no object"),
            (b'{"schema": 9}', "schema"),
            (b"\xff", "utf-8"),
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("words", [[], ["--check"], ["--refresh"]], ids=repr)
    def test_broken_file(self, two: Checkout, content: bytes, place: str, words: list[str]) -> None:
        """A file that holds something else is named, with the place, and left as it was."""
        two.file.write_bytes(content)
        before = state(two.file)
        done = two.call(*words)
        assert str(two.file) in one_line(done)
        assert place in done.err
        assert "1/2" not in done.err
        assert state(two.file) == before

    def test_broken_capture(self, two: Checkout) -> None:
        """The place in a file is the example and its field."""
        text = two.file.read_text(encoding="utf-8")
        two.file.write_text(text.replace('"exit"', '"explosion"', 1), encoding="utf-8")
        assert "examples: a: ended: 'explosion'" in one_line(two.call())

    @posix
    def test_link(self, two: Checkout, tmp_path: Path) -> None:
        """A link in the file's place is not followed, and neither is a pipe opened."""
        victim = tmp_path / "victim"
        victim.write_text("precious")
        two.file.unlink()
        two.file.symlink_to(victim)
        assert "no regular file" in one_line(two.call())
        two.file.unlink()
        os.mkfifo(two.file)
        assert "no regular file" in one_line(two.call())
        assert victim.read_text() == "precious"

    @pytest.mark.parametrize(
        ("name", "source"),
        [
            ("bad", "print('\n"),
            ("bad", "# sphinx_gallery_timeout = soon\n"),
            ("bad name", ""),
        ],
    )
    def test_scripts(self, two: Checkout, name: str, source: str) -> None:
        """A script that cannot be read is named, and nothing is run."""
        two.add(name, source)
        before = state(two.file)
        assert f"{name}.py" in one_line(two.call())
        assert state(two.file) == before

    @pytest.mark.parametrize("words", [[], ["--check"], ["--refresh"], ["--only", "a"]], ids=repr)
    @pytest.mark.parametrize("new", [False, True], ids=["old file", "no file"])
    def test_no_scripts(self, two: Checkout, words: list[str], new: bool) -> None:
        """Where there are no examples, one line says so, and nothing is written."""
        shutil.rmtree(two.root / "examples" / "some")
        if new:
            shutil.rmtree(two.captures)
        before = new or state(two.file)
        done = two.call(*words)
        assert one_line(done) == f"poolcontext: there are no examples in {two.root}"
        assert done.err.count("\n") == 1
        assert new or state(two.file) == before
        assert two.captures.exists() != new

    @posix
    def test_newline(self, two: Checkout) -> None:
        """A newline in a path is written out, so that it is one line all the same."""
        folder = two.root / "one\nmore\rother"
        folder.mkdir()
        (folder / two.file.name).write_bytes(b"{")
        done = two.call("--output", str(folder))
        assert f"{two.root}/one\\nmore\\rother/{two.file.name}: " in one_line(done)
        assert done.err.count("\n") == 1
        two.add("a", "", "examples/one\nmore")
        done = two.call()
        assert "one\\nmore/a.py" in one_line(done)
        assert done.err.count("\n") == 1

    def test_two_of_one_name(self, two: Checkout) -> None:
        """Two scripts of one name are both named."""
        two.add("a", "", "examples/other")
        assert "have one name" in one_line(two.call())

    def test_script_goes_meanwhile(self, two: Checkout) -> None:
        """A script that removes itself leaves the file as it was."""
        two.add("a", "import os; os.remove(__file__)\n")
        before = state(two.file)
        assert "a.py" in one_line(two.call())
        assert state(two.file) == before


class TestCheckout:
    """Where the scripts are looked for."""

    @pytest.fixture
    def real(self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Checkout:
        """A checkout, where it is not said which is taken."""
        monkeypatch.undo()
        monkeypatch.setattr(
            script, "__file__", str(checkout.root / "src" / "poolcontext" / "capture" / "script.py")
        )
        return checkout

    def test_own(self, real: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """It is the one that the code is in."""
        monkeypatch.chdir(tmp_path)
        assert script.checkout() == real.root.resolve()

    def test_above_here(
        self, real: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """For code that is installed it is the nearest one above the working directory."""
        monkeypatch.setattr(script, "__file__", str(tmp_path / "lib" / "x" / "y" / "script.py"))
        (real.root / "examples" / "some" / "src" / "poolcontext").mkdir(parents=True)
        monkeypatch.chdir(real.root / "examples" / "some")
        assert os.path.samefile(script.checkout(), real.root)

    def test_none(self, real: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """Where there is none, one line says so."""
        monkeypatch.setattr(script, "__file__", str(tmp_path / "lib" / "x" / "y" / "script.py"))
        monkeypatch.chdir(tmp_path)
        assert "there is no checkout of Pool Context" in one_line(real.call())

    def test_no_folder(
        self, real: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """Where nobody can say which the working directory is, the code's own is still taken."""

        def fail() -> Path:
            raise FileNotFoundError(2, "No such file or directory")

        monkeypatch.setattr(Path, "cwd", fail)
        assert script.checkout() == real.root.resolve()
        shutil.rmtree(real.root / "examples")
        assert "there is no checkout of Pool Context" in one_line(real.call())

    @posix
    def test_deleted_folder(self, checkout: Checkout, tmp_path: Path) -> None:
        """In a working directory that is deleted it works, and names whole paths."""
        checkout.add("a", "print('hello')\n")
        checkout.copy_code()
        (tmp_path / "gone").mkdir()
        command = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", sys.executable]
        command += [str(checkout.root / "src" / "poolcontext"), "capture"]
        for words in ([], ["--check"]):
            (tmp_path / "gone").mkdir(exist_ok=True)
            done = subprocess.run(
                [*command, *words],
                cwd=tmp_path / "gone",
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, "Traceback" in done.stderr) == (0, False)
            assert not (tmp_path / "gone").exists()
            assert f"{checkout.file}" in done.stdout
        assert checkout.examples()["a"].output == "hello\n"

    def test_other_project(self, checkout: Checkout, tmp_path: Path) -> None:
        """Installed code runs nothing of a project that has folders of the same names."""
        other = tmp_path / "other"
        (other / "docs" / "captures").mkdir(parents=True)
        shutil.copytree(
            checkout.add("a", "open('ran', 'w').close()\n").parents[1], other / "examples"
        )
        shutil.copytree(PACKAGE, tmp_path / "lib" / "site" / "poolcontext")
        environ = {**os.environ, "PYTHONPATH": str(tmp_path / "lib" / "site")}
        for folder in (other, other / "examples" / "some"):
            done = subprocess.run(
                [sys.executable, "-m", "poolcontext", "capture"],
                cwd=folder,
                env=environ,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (done.returncode, done.stdout) == (2, "")
            assert done.stderr.startswith("poolcontext: there is no checkout of Pool Context here")
            assert done.stderr.count("\n") == 1
        assert names(other / "examples" / "some") == ["a.py"]
        assert names(other / "docs" / "captures") == []


class TestCheck:
    """--check."""

    @pytest.fixture(autouse=True)
    def nothing_is_written(self, two: Checkout) -> Iterator[None]:
        """After each test the file is as it was, and the only one."""
        yield
        assert names(two.captures) in ([two.file.name], [])
        if two.file.exists():
            assert state(two.file) == self.before

    def check(self, two: Checkout, *words: str) -> Done:
        if two.file.exists():
            self.before = state(two.file)
        return two.call("--check", *words)

    def test_same(self, two: Checkout) -> None:
        """Where all is equal it says so, with status 0."""
        two.change("a", date="2020-01-01", seconds=9.0)
        done = self.check(two)
        assert (done.status, done.out) == (0, f"All 2 say the same as {two.file}.\n")

    def test_different(self, two: Checkout) -> None:
        """A unified diff shows each difference, with status 1."""
        two.change("a", date="2020-01-01", output="good evening\n")
        done = self.check(two)
        assert done.status == 1
        lines = done.out.splitlines()
        assert lines[0] == "--- a\tcaptured on 2020-01-01"
        assert lines[1] == "+++ a\tnow"
        assert "-good evening" in lines
        assert "+hello" in lines
        assert f"1 of 2 differ from {two.file}." in lines

    def test_other_end(self, two: Checkout) -> None:
        """Another exit status is a difference."""
        two.change("a", status=5)
        done = self.check(two)
        assert done.status == 1
        assert "-[ended by exit, exit status 5]" in done.out.splitlines()

    def test_newer_script(self, two: Checkout) -> None:
        """A script that was edited and prints the same is a difference, since it is to be kept."""
        two.add("a", "# A comment.\nprint('hello')\n")
        two.change("a", date="2020-01-01")
        done = self.check(two)
        assert done.status == 1
        assert "a has changed since 2020-01-01, and prints the same.\n" in done.out

    def test_missing_in_the_file(self, two: Checkout) -> None:
        """An example that the file lacks is a difference."""
        two.add("c", "print('new')\n")
        done = self.check(two)
        assert done.status == 1
        assert "c is not in the file.\n" in done.out
        assert "1 of 3 differ" in done.out

    def test_gone(self, two: Checkout) -> None:
        """An example that is only in the file is a difference, unless others were asked for."""
        (two.root / "examples" / "some" / "b.py").unlink()
        done = self.check(two)
        assert done.status == 1
        assert "b is in the file, and there is no such script.\n" in done.out
        assert "1 of 2 differ" in done.out
        assert self.check(two, "--only", "a").status == 0

    def test_no_file(self, two: Checkout) -> None:
        """Where there is no capture of the platform it says which, and nothing is run."""
        two.file.unlink()
        done = self.check(two)
        assert platform.describe().title in one_line(done)
        assert "1/2" not in done.err

    def test_no_folder(self, two: Checkout, tmp_path: Path) -> None:
        """A folder that is not there is not made."""
        one_line(self.check(two, "--output", str(tmp_path / "none")))
        assert not (tmp_path / "none").exists()

    @pytest.mark.parametrize(
        ("old", "line"),
        [
            ("one\ntwo", "+"),
            ("one\ntwo\n\n", "-"),
            ("one\rtwo\n", r"-one\rtwo"),
            ("one\r\ntwo\n", r"-one\r"),
            ("one\x0btwo\n", r"-one\x0btwo"),
            ("one\x0ctwo\n", r"-one\x0ctwo"),
            ("one\x85two\n", r"-one\x85two"),
            ("one\u2028two\n", r"-one\u2028two"),
        ],
        ids=ascii,
    )
    def test_ends_of_lines(self, two: Checkout, old: str, line: str) -> None:
        """A character that ends a line elsewhere is a difference here, as it is for a capture."""
        two.add("a", "print('one'); print('two')\n")
        two.call()
        two.change("a", output=old)
        done = self.check(two)
        assert done.status == 1
        assert "1 of 2 differ" in done.out
        head, _, *diff = done.out.split("\n")
        assert head.startswith("--- a\t")
        assert line in [ascii(one)[1:-1].replace("\\\\", "\\") for one in diff]
        assert verdicts(two.call()) == {"a": "changed", "b": "the same"}
        assert two.examples()["a"].output == "one\ntwo\n"
        self.before = state(two.file)
        assert self.check(two).status == 0

    def test_terminal_controls(self, two: Checkout) -> None:
        """What a terminal would act on is written out in a diff."""
        two.change("a", output="\x1b[2J\u202ehello\n")
        done = self.check(two)
        assert "-\\x1b[2J\\u202ehello" in done.out.splitlines()


class TestPlaces:
    """Which files are meant by names."""

    def test_output(self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """--output counts from the working directory, and is made where it is not there."""
        checkout.add("a", "print('hello')\n")
        monkeypatch.chdir(checkout.root.parent)
        assert checkout.call("--output", os.path.join("new", "folder")).status == 0
        file = checkout.root.parent / "new" / "folder" / checkout.file.name
        assert checkout.examples(file)["a"].output == "hello\n"
        assert not checkout.captures.exists()
        before = state(file)
        assert verdicts(checkout.call("--output", os.path.join("new", "folder")))["a"] == "the same"
        assert state(file) == before

    def test_shown(self, two: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """A file below the working directory is named from there, others by their whole path."""
        monkeypatch.chdir(two.root)
        name = os.path.join("docs", "captures", two.file.name)
        assert f"\n{name} says the same, and stays" in two.call().out
        assert two.call("--check").out == f"All 2 say the same as {name}.\n"
        folder = os.path.dirname(name)
        assert f"git add {folder} && git diff --staged\n" in two.call("--refresh").out
        two.add("a", "print('changed')\n")
        assert f" differ from {name}.\n" in two.call("--check").out
        monkeypatch.chdir(two.root / "examples")
        assert f"\n{two.file} is written.\n" in two.call().out

    def test_advice(self, two: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """How a capture is proposed is said of docs/captures only, however that is named."""
        done = two.call("--output", str(two.root / "docs" / "mine"))
        assert f"{two.root / 'docs' / 'mine' / two.file.name} is written.\n" in done.out
        assert "git" not in done.out
        assert "propose" not in done.out
        monkeypatch.chdir(two.root)
        done = two.call("--refresh", "--output", os.path.join("docs", "captures"))
        assert "git add" in done.out
        assert "propose" in done.out

    def test_python(self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """Files named by --python count from the working directory, not from the scripts'."""
        checkout.add("a", "print('hello')\n")
        checkout.other("3.14.1", "other.py")
        monkeypatch.chdir(checkout.root.parent)
        assert checkout.call("--python", f"{python()} other.py").status == 0
        assert checkout.examples(checkout.other_file("3.14.1"))["a"].output == "hello\n"

    @posix
    def test_relative_program(self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """So does the program itself."""
        checkout.add("a", "print('hello')\n")
        monkeypatch.chdir(checkout.root.parent)
        Path("mine").write_text(f'#!/bin/sh\nexec {python()} "$@"\n')
        os.chmod("mine", 0o755)
        assert checkout.call("--python", "./mine").status == 0
        assert checkout.examples()["a"].output == "hello\n"


class TestReleases:
    """Patch releases of one platform."""

    @pytest.fixture
    def capture(self, checkout: Checkout) -> Callable[..., Done]:
        """Capture with an interpreter of some version, which must be possible."""
        checkout.add("a", "print('hello')\n")
        checkout.add("b", "import os; print('good day', os.environ.get('DAY'))\n")

        def capture(version: str, *words: str, **fields: str) -> Done:
            done = checkout.call("--python", checkout.other(version, **fields), *words)
            assert (done.status, "Traceback" in done.err) == (0, False)
            return done

        return capture

    def test_its_own_word(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """The file is of the platform that the interpreter says it is."""
        done = capture("3.14.1")
        assert "capturing CPython 3.14.1 on Linux x86_64 (glibc)" in done.err
        assert names(checkout.captures) == [checkout.other_file("3.14.1").name]
        assert storage.load(checkout.other_file("3.14.1")).platform.version == "3.14.1"

    def test_older_is_replaced(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """A newer release that says the same takes the older ones' place."""
        capture("3.14.1")
        capture("3.14.10")
        assert checkout.other_files() == ["3.14.10"]
        done = capture("3.14.11")
        assert checkout.other_files() == ["3.14.11"]
        older = checkout.other_file("3.14.10")
        assert f"{older} is of an older patch release, said the same, and is removed.\n" in done.out

    def test_different_is_kept(
        self,
        checkout: Checkout,
        capture: Callable[..., Done],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A release that says something else stays beside the newer one."""
        capture("3.14.1")
        before = state(checkout.other_file("3.14.1"))
        monkeypatch.setenv("DAY", "Sunday")
        capture("3.14.2")
        assert checkout.other_files() == ["3.14.1", "3.14.2"]
        assert state(checkout.other_file("3.14.1")) == before
        capture("3.14.0")
        assert checkout.other_files() == ["3.14.1", "3.14.2"]

    def test_newer_says_the_same(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """Where a newer release has said the same, an older one is not written."""
        capture("3.14.2")
        before = state(checkout.other_file("3.14.2"))
        for words in ([], ["--only", "a"]):
            done = capture("3.14.1", *words)
            newer = checkout.other_file("3.14.2")
            assert f"{newer} is of a newer patch release and says the same.\n" in done.out
            assert "So nothing is written; --refresh would.\n" in done.out
            assert verdicts(done)["a"] == "new"
            assert checkout.other_files() == ["3.14.2"]
        capture("3.14.1", "--refresh")
        assert checkout.other_files() == ["3.14.1", "3.14.2"]
        assert state(checkout.other_file("3.14.2")) == before

    def test_own_file_is_kept(
        self,
        checkout: Checkout,
        capture: Callable[..., Done],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A file that is there goes on being written, also where a newer one says the same."""
        with monkeypatch.context() as patch:
            patch.setenv("DAY", "Sunday")
            capture("3.14.1")
        capture("3.14.2")
        assert verdicts(capture("3.14.1"))["b"] == "changed"
        assert checkout.examples(checkout.other_file("3.14.1"))["b"].output == "good day None\n"

    def test_part_of_an_older_one(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """An older file that has more examples stays."""
        capture("3.14.1")
        capture("3.14.2", "--only", "a")
        assert checkout.other_files() == ["3.14.1", "3.14.2"]
        capture("3.14.2")
        assert checkout.other_files() == ["3.14.2"]

    def test_scripts_that_are_gone(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """Examples that are no more do not keep an older file."""
        capture("3.14.1")
        (checkout.root / "examples" / "some" / "b.py").unlink()
        capture("3.14.2")
        assert checkout.other_files() == ["3.14.2"]

    def test_all_gone(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """A file all of whose examples are no more says nothing, and is left to its owner."""
        capture("3.14.1")
        for name in "ab":
            (checkout.root / "examples" / "some" / f"{name}.py").unlink()
        checkout.add("c", "print('new')\n")
        capture("3.14.2")
        assert checkout.other_files() == ["3.14.1", "3.14.2"]

    def test_prereleases(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """A prerelease is older than its release, and newer than the prerelease before it."""
        for version in ("3.15.0a7", "3.15.0b1", "3.15.0rc1", "3.15.0"):
            capture(version)
            assert checkout.other_files() == [version]
        capture("3.15.0rc2")
        assert checkout.other_files() == ["3.15.0"]

    def test_other_families(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """Another minor version, build, machine, system, C library or implementation stays."""
        capture("3.13.9")
        for fields in (
            {"flags": "free-threading"},
            {"machine": "aarch64"},
            {"system": "freebsd"},
            {"libc": "musl"},
            {"implementation": "pypy"},
        ):
            capture("3.14.1", **fields)
        before = {path: state(path) for path in checkout.captures.iterdir()}
        assert len(before) == 6
        capture("3.14.2")
        assert len(names(checkout.captures)) == 7
        assert {path: state(path) for path in before} == before

    def test_pypy(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """Of an implementation with versions of its own, it is the language's that counts."""
        capture("7.3.15", implementation="pypy", python="3.11.8")
        capture("7.3.16", implementation="pypy", python="3.11.9")
        assert checkout.other_files() == ["7.3.16"]
        capture("7.3.16", implementation="pypy", python="3.10.14")
        assert checkout.other_files() == ["7.3.16", "7.3.16"]

    def test_unreadable_neighbours(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """Files that hold something else are ignored, and left as they are."""
        capture("3.14.1")
        neighbour = checkout.other_file("3.14.0")
        neighbour.write_text("{}", encoding="utf-8")
        (checkout.captures / "notes.json").mkdir()
        (checkout.captures / "README.md").write_text("Capture.", encoding="utf-8")
        capture("3.14.2")
        assert not checkout.other_file("3.14.1").exists()
        assert neighbour.read_text(encoding="utf-8") == "{}"
        assert (checkout.captures / "notes.json").is_dir()

    def test_check(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """--check compares with the file of just this release, and removes none."""
        capture("3.14.1")
        capture("3.14.2", "--refresh")
        other = checkout.other("3.14.3")
        assert "CPython 3.14.3" in one_line(checkout.call("--check", "--python", other))
        assert checkout.other_files() == ["3.14.2"]

    def test_no_order_of_names(self, checkout: Checkout, capture: Callable[..., Done]) -> None:
        """Nine is before ten."""
        capture("3.14.10")
        capture("3.14.9")
        assert checkout.other_files() == ["3.14.10"]


class TestProgress:
    """What is said on standard error."""

    def test_lines(self, two: Checkout) -> None:
        """In a file each example has a line, which says how it ended."""
        done = two.call("--jobs", "1")
        first, *steps = done.err.splitlines()
        assert first == f"poolcontext: capturing {platform.describe().title}"
        assert sorted(re.sub(r"^\d/2 (.*)\d+\.\d\d s$", r"\1S", line) for line in steps) == [
            "a: exit status 0, S",
            "b: exit status 0, S",
        ]
        assert [line.split()[0] for line in steps] == ["1/2", "2/2"]

    @posix
    @pytest.mark.parametrize(
        ("columns", "width"), [(0, 79), (20, 19), (200, 199)], ids=["unknown", "small", "large"]
    )
    def test_terminal(self, two: Checkout, columns: int, width: int) -> None:
        """On a terminal it is one line that is written over, and empty at the end."""
        import fcntl
        import struct
        import termios

        two.add("c" * 40, "print('new')\n")
        parent, child = os.openpty()
        try:
            fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            done = two.run(stderr=child)
            os.close(child)
            text = b""
            with contextlib.suppress(OSError):  # Linux says so once there is no writer
                while data := os.read(parent, 65536):
                    text += data
        finally:
            os.close(parent)
        assert done.status == 0
        first, _, line = text.decode().partition("\r\n")
        assert first.startswith("poolcontext: capturing ")
        assert "\n" not in line
        before, *steps, blank, after = line.split("\r")
        assert (before, after) == ("", "")
        assert [step.split()[0] for step in steps] == ["0/3", "1/3", "2/3", "3/3"]
        assert blank == " " * width
        assert {len(step) for step in steps} == {width}
        assert any(f"/3 {'c' * 40}"[: width - 1] in step for step in steps)
        assert set(verdicts(done)) == {"a", "b", "c" * 40}


@posix
class TestInterrupted:
    """What ends the command before its time."""

    @pytest.fixture
    def busy(self, two: Checkout) -> Checkout:
        """A checkout with a capture; its scripts have changed, and one does not end."""
        two.add("a", SLEEPS)
        two.add("b", "print('changed')\n")
        return two

    @pytest.mark.parametrize(
        ("name", "status"),
        [("SIGINT", -signal.SIGINT), ("SIGTERM", 143), ("SIGHUP", 129)],
    )
    @pytest.mark.parametrize("new", [False, True], ids=["old file", "no file"])
    def test_signals(self, busy: Checkout, name: str, status: int, new: bool) -> None:
        """The file stays whole, no script goes on, no draft is left, and it says nothing."""
        if new:
            busy.file.unlink()
        before = new or state(busy.file)
        process = busy.start()
        pid = busy.pid("a")
        process.send_signal(getattr(signal, name))
        done = finished(process)
        assert (done.status, done.out) == (status, "")
        assert "Traceback" not in done.err
        assert is_gone(pid)
        assert new or state(busy.file) == before
        assert names(busy.captures) == ([] if new else [busy.file.name])

    @pytest.mark.parametrize("times", [3, 6])
    @pytest.mark.parametrize(
        ("name", "statuses"),
        [("SIGINT", {-signal.SIGINT}), ("SIGTERM", {143, -signal.SIGTERM})],
    )
    def test_impatience(self, two: Checkout, name: str, statuses: set[int], times: int) -> None:
        """Who asks again while stubborn scripts are being ended changes nothing of all that."""
        for name_ in "abc":
            two.add(name_, IGNORES)
        before = state(two.file)
        process = two.start("--jobs", "2")
        wait_for(lambda: len(list(two.marks.glob("pid-*"))) == 2)
        pids = [int(path.read_text(encoding="utf-8")) for path in two.marks.glob("pid-*")]
        for _ in range(times):
            process.send_signal(getattr(signal, name))
            time.sleep(0.3 / times)
        done = finished(process)
        assert_gone(*pids)
        assert done.status in statuses
        assert done.out == ""
        assert "Traceback" not in done.err
        assert len(list(two.marks.glob("pid-*"))) == 2
        assert state(two.file) == before
        assert names(two.captures) == [two.file.name]

    @pytest.mark.parametrize(
        ("name", "status"),
        [("SIGINT", -signal.SIGINT), ("SIGTERM", 143), ("SIGHUP", 129)],
    )
    def test_probe(self, two: Checkout, name: str, status: int) -> None:
        """An interpreter that is asked what it is, and says nothing, is ended."""
        hangs = two.root.parent / "hangs.py"
        hangs.write_text(two.add("b", SLEEPS).read_text(encoding="utf-8"), encoding="utf-8")
        before = state(two.file)
        process = two.start("--python", python(hangs))
        pid = two.pid("hangs")
        process.send_signal(getattr(signal, name))
        done = finished(process)
        assert_gone(pid)
        assert (done.status, done.out) == (status, "")
        assert "Traceback" not in done.err
        assert names(two.marks) == ["pid-hangs.py"]
        assert state(two.file) == before

    @pytest.mark.xfail(
        sys.implementation.name == "pypy",
        reason="PyPy says of a signal that its parent had ignored that it is not",
    )
    def test_ignored_hangup(self, two: Checkout) -> None:
        """Where a hangup is ignored, as under nohup, it goes on and comes to its end."""
        two.add("a", WAITS)

        def ignore() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        process = two.start(preexec_fn=ignore)
        wait_for((two.marks / "runs").exists)
        process.send_signal(signal.SIGHUP)
        (two.marks / "go").touch()
        done = finished(process)
        assert (done.status, verdicts(done)) == (0, {"a": "changed", "b": "the same"})
        assert two.examples()["a"].output == "gone on\n"

    def test_killed(self, busy: Checkout) -> None:
        """Killed while scripts run, the file stays whole."""
        before = state(busy.file)
        process = busy.start()
        pid = busy.pid("a")
        process.kill()
        assert finished(process).status == -signal.SIGKILL
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        assert state(busy.file) == before
        assert names(busy.captures) == [busy.file.name]

    @pytest.mark.parametrize("step", ["fsync", "replace"])
    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
    def test_killed_while_writing(self, two: Checkout, step: str, number: int) -> None:
        """Killed in the midst of writing, the file stays whole, and a draft is no capture."""
        two.add("a", "print('changed')\n")
        before = state(two.file)
        two.copy_code()
        code = (
            "import os, sys\n"
            "sys.path.insert(0, 'src')\n"
            "from poolcontext import cli\n"
            f"os.{step} = lambda *paths: os.kill(os.getpid(), {int(number)})\n"
            "cli.main(['capture'])\n"
        )
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=two.root, capture_output=True, timeout=60, check=False)
        assert done.returncode == -number
        assert state(two.file) == before
        assert [path.name for path in two.captures.glob("*.json")] == [two.file.name]
        assert verdicts(two.call()) == {"a": "changed", "b": "the same"}


@posix
class TestDisk:
    """Folders and disks that take nothing."""

    def test_out_of_disk(self, two: Checkout) -> None:
        """What cannot be written leaves the old file whole, and no draft."""
        import resource

        two.add("a", "for number in range(5000): print('line', number)\n")
        before = state(two.file)

        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = two.run(preexec_fn=limit, env=environ)
        assert done.status == 2
        name = two.file.relative_to(two.root)
        assert f"poolcontext: {name} cannot be written, and is as it was: " in done.err
        assert "Traceback" not in done.err
        assert "is written" not in done.out
        assert state(two.file) == before
        assert names(two.captures) == [two.file.name]

    def test_full_file_system(self, two: Checkout, tmp_path: Path) -> None:
        """On a file system without room it is the same."""
        small = tmp_path / "small"
        small.mkdir()
        options = ["-t", "tmpfs", "-o", "size=16k", "none", str(small)]
        if (
            not shutil.which("mount")
            or subprocess.run(["mount", *options], capture_output=True, check=False).returncode
        ):
            pytest.skip("nothing can be mounted here")
        try:
            assert two.call("--output", str(small)).status == 0
            file = small / two.file.name
            before = state(file)
            two.add("a", "for number in range(5000): print('line', number)\n")
            done = two.call("--output", str(small))
            assert done.status == 2
            assert "No space left on device" in done.err
            assert state(file) == before
            assert names(small) == [file.name]
        finally:
            subprocess.run(["umount", str(small)], check=True)

    @pytest.mark.skipif(
        os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere"
    )
    def test_read_only(self, two: Checkout) -> None:
        """In a folder that may not be written to, the old file stays and one line says why."""
        two.add("a", "print('changed')\n")
        before = state(two.file)
        two.captures.chmod(0o555)
        try:
            done = two.call()
        finally:
            two.captures.chmod(0o755)
        assert done.status == 2
        assert "cannot be written" in done.err
        assert state(two.file) == before

    def test_too_much(self, two: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """What would make a file that `load` refuses is not written."""
        two.add("a", "print('changed' * 100)\n")
        before = state(two.file)
        monkeypatch.setattr(storage, "MAX_BYTES", len(before[0]) + 100)
        done = two.call()
        assert done.status == 2
        assert f"{two.file} cannot be written, and is as it was: it has more than" in done.err
        assert state(two.file) == before


@posix
class TestStreams:
    """Streams that are closed, or lead nowhere."""

    @pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
    def test_closed_pipe(self, two: Checkout, unbuffered: str) -> None:
        """Where nobody reads any more it dies by SIGPIPE, with its work done."""
        two.add("a", "print('changed')\n")
        reader, writer = os.pipe()
        os.close(reader)
        done = two.run(stdout=writer, env={**os.environ, "PYTHONUNBUFFERED": unbuffered})
        os.close(writer)
        assert done.status == -signal.SIGPIPE
        assert "Traceback" not in done.err
        assert two.examples()["a"].output == "changed\n"

    @pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
    def test_full(self, two: Checkout, unbuffered: str) -> None:
        """Where the table cannot be written the file is, and the last line says what was not."""
        if not os.path.exists("/dev/full"):
            pytest.skip("there is no /dev/full")
        two.add("a", "print('changed')\n")
        for words, output in (
            (["--check"], "hello\n"),
            ([], "changed\n"),
            (["--check"], "changed\n"),
        ):
            with open("/dev/full", "w") as full:
                environ = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
                done = two.run(*words, stdout=full, env=environ)
            assert done.status == 2
            assert done.err.endswith("poolcontext: cannot write: No space left on device\n")
            assert "Traceback" not in done.err
            assert two.examples()["a"].output == output

    def test_closed_output(self, two: Checkout) -> None:
        """Where standard output is closed nothing is run."""
        two.copy_code()
        command = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "src/poolcontext", "capture"]
        done = subprocess.run(
            command, cwd=two.root, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
        assert done.returncode == 2
        assert done.stderr == "poolcontext: cannot write: standard output is closed\n"

    @pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
    def test_others_closed(self, two: Checkout, closed: str) -> None:
        """Without standard input and standard error it works, and mistakes none for them."""
        two.add("a", "import sys; print('changed', sys.stdin.isatty())\n")
        two.copy_code()
        command = ["sh", "-c", f'"$@" {closed}', "sh", sys.executable, "src/poolcontext", "capture"]
        done = subprocess.run(
            command, cwd=two.root, stdout=subprocess.PIPE, text=True, timeout=60, check=False
        )
        assert done.returncode == 0
        assert two.examples()["a"].output == "changed True\n"
        assert two.examples()["b"].output == "good day\n"


class TestEncodings:
    """What standard output cannot encode."""

    @pytest.mark.parametrize("encoding", ["ascii", "ascii:strict", "latin-1", "cp1252"])
    def test_diff(self, two: Checkout, encoding: str) -> None:
        """What a script printed is an escape in a diff, and a difference all the same."""
        two.add("a", "import sys; sys.stdout.buffer.write('1 \\u2192 2\\n'.encode())\n")
        environ = {**os.environ, "PYTHONIOENCODING": encoding}
        for words, status in ((["--check"], 1), ([], 0), (["--check"], 0)):
            done = two.run(*words, env=environ)
            assert done.status == status
            assert "Traceback" not in done.err
            assert (r"+1 \u2192 2" in done.out.splitlines()) == bool(status)
        assert two.examples()["a"].output == "1 \u2192 2\n"

    def test_path(self, two: Checkout) -> None:
        """So is a letter of the path to a file, which is written."""
        environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
        folder = two.root / "B\u00fccher"
        for end in ("is written.", "says the same, and stays as it was."):
            done = two.run("--output", folder.name, env=environ)
            assert done.status == 0
            assert os.path.join(r"B\xfccher", two.file.name) + f" {end}" in done.out.splitlines()
        assert set(two.examples(folder / two.file.name)) == {"a", "b"}

    def test_no_encoding(self, two: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
        """A standard output that somebody has replaced, and that has no encoding, does as well."""
        monkeypatch.setattr(sys, "stdout", io.StringIO())
        two.add("a", "import sys; sys.stdout.buffer.write('\\u2192\\n'.encode())\n")
        assert two.call("--check").status == 1
        assert "+\u2192" in sys.stdout.getvalue().splitlines()


class TestTogether:
    """Two at once."""

    def test_one_platform(self, two: Checkout) -> None:
        """Two captures of one platform leave one whole file, and no drafts."""
        two.add("a", "import os; print('changed', os.getppid() * 1.5)\n")
        two.file.unlink()
        for _ in range(3):
            both = [two.start("--refresh"), two.start("--refresh")]
            ends = [finished(process) for process in both]
            assert [done.status for done in ends] == [0, 0], [done.err for done in ends]
            assert names(two.captures) == [two.file.name]
            assert set(two.examples()) == {"a", "b"}
            assert two.examples()["a"].output.startswith("changed")


SHOWS = """
    import getpass, os, pathlib, platform, socket, sys, tempfile, traceback
    print(pathlib.Path.home(), os.environ["HOME"] + "/notes.txt")
    print(os.getcwd(), __file__)
    print(getpass.getuser(), "at", socket.gethostname(), platform.node().partition(".")[0])
    print(tempfile.gettempdir(), tempfile.mkstemp()[1], sys.executable)
    print([os.environ["HOME"]], repr(f"line\\n{getpass.getuser()}"))
    try:
        compile("x", os.environ["HOME"] + "/mine.py", "exec", int)
    except TypeError:
        traceback.print_exc()
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
class TestRedaction:
    """What is this machine's own."""

    def test_nothing_is_written(
        self, checkout: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
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
        done = checkout.call("--python", python(wrapper))
        assert done.status == 0
        found = checkout.examples()
        text = checkout.file.read_text(encoding="utf-8")
        assert str(home) not in text
        assert "private.example" not in text
        said = found["shows"].output
        assert "ZeroDivisionError" in said
        for word in ("olga", "zelda", "wotan"):
            assert not re.search(rf"\b{word}\b", said)
        for shown in ("<home>/notes.txt", "<user> at <host> <host>", "<folder>", "<temp>/"):
            assert shown in said
        assert "<python>" in said
        assert "['<home>']" in said
        own = found["words"].output
        assert own.startswith("olga has wotan and zelda\n<home> <home>/notes.txt\n")
        assert 'File "<home>/mine.py", line 1' in own
        assert "olga at" in own
        # It can be read again, and compares equal.
        assert verdicts(checkout.call("--python", python(wrapper))) == {
            "shows": "the same",
            "words": "the same",
        }

    def test_check(self, two: Checkout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """A comparison does not show them either."""
        monkeypatch.setenv("HOME", str(tmp_path / "people" / "zelda"))
        two.add("a", "import os; print(os.environ['HOME'])\n")
        done = two.call("--check")
        assert done.status == 1
        assert "+<home>" in done.out.splitlines()
