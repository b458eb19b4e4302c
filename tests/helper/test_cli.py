"""The command line, as a person at a terminal meets it."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

import poolcontext
from poolcontext import cli, start_methods

FOLDER = str(Path(poolcontext.__file__).parent)
WAYS = {
    "module": [sys.executable, "-m", "poolcontext"],
    "folder": [sys.executable, FOLDER],
    "bare folder": [sys.executable, "-S", "-E", FOLDER],
}
pytestmark = pytest.mark.usefixtures("measured_subprocesses")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and devices")


def run(*words: str, way: str = "module") -> subprocess.CompletedProcess[str]:
    """Call the command line in one of its ways."""
    return subprocess.run(
        [*WAYS[way], *words], capture_output=True, text=True, timeout=60, check=False
    )


def wait() -> None:
    """Stand for what a worker says of itself, and say nothing for long."""
    time.sleep(60)


class TestWays:
    """How it can be called."""

    @pytest.mark.parametrize("way", WAYS)
    def test_each_way(self, way: str) -> None:
        """It is a module, and the folder of a bare checkout, with nothing installed."""
        for words in (["list"], ["check"], ["list", "--json"], ["check", "--json"]):
            done = run(*words, way=way)
            assert (done.stderr, done.returncode) == ("", 0)
            assert done.stdout

    @pytest.mark.parametrize("way", WAYS)
    def test_run(self, tmp_path: Path, way: str, method: str) -> None:
        """A script's workers find its functions, in whichever way it is run."""
        script = tmp_path / "script.py"
        script.write_text(
            "import multiprocessing as m\n"
            "from concurrent.futures import ProcessPoolExecutor\n"
            "def report(): return m.get_start_method()\n"
            "if __name__ == '__main__':\n"
            "    with ProcessPoolExecutor(1) as pool: print(pool.submit(report).result())\n"
        )
        done = run("run", "--method", method, str(script), way=way)
        assert (done.stdout, done.stderr, done.returncode) == (f"{method}\n", "", 0)


class TestList:
    """poolcontext list."""

    def test_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        """It prints what start_methods() finds, one thing a line."""
        assert cli.main(["list"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[0] for line in lines] == ["available", "default", "chosen"]
        assert lines[0].split(None, 1)[1] == ", ".join(start_methods().available)
        assert lines[1].split()[1] == start_methods().default

    def test_nothing_works(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where no pool works it says none, and is no error."""
        nothing = start_methods()._replace(available=(), default=None, chosen=None)
        monkeypatch.setattr(cli, "start_methods", lambda: nothing)
        assert cli.main(["list"]) == 0
        assert capsys.readouterr().out.split()[1::2][:2] == ["none", "none"]

    def test_json(self) -> None:
        """With --json it is one object with the record's fields."""
        found = json.loads(run("list", "--json").stdout)
        record = start_methods()
        assert found["available"] == list(record.available)
        assert found["listed"] == list(record.listed)
        assert found["default"] == record.default
        assert found["chosen"] is None
        assert len(found) == 4


class TestCheck:
    """poolcontext check."""

    def test_text_and_json(self) -> None:
        """A default pool, its context's class and its worker agree."""
        default = multiprocessing.get_all_start_methods()[0]
        found = json.loads(run("check", "--json").stdout)
        assert found["start_method"] == default
        assert found["context"] == type(multiprocessing.get_context(default)).__name__
        assert found["worker"]["start_method"] == default
        text = run("check").stdout
        for word in (default, found["context"], found["worker"]["name"]):
            assert word in text

    @pytest.mark.parametrize(
        "error", [NotImplementedError("no semaphores"), OSError(38, "none"), BrokenProcessPool()]
    )
    def test_nothing_works(
        self,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        error: Exception,
    ) -> None:
        """Where no pool works, one line says so, and the status is 1."""

        def fail(**settings: object) -> None:
            raise error

        monkeypatch.setattr(cli, "process_pool", fail)
        assert cli.main(["check"]) == 1
        text = capfd.readouterr().err
        assert text.startswith("poolcontext: no process pool works here: ")
        assert text.count("\n") == 1


class TestHelp:
    """--help."""

    @pytest.mark.parametrize("words", [[], ["list"], ["check"], ["run"], ["capture"]], ids=" ".join)
    def test_example(self, words: list[str]) -> None:
        """Every help ends with an example, which is accepted."""
        done = run(*words, "--help")
        assert done.returncode == 0
        example = done.stdout.strip().splitlines()[-1]
        assert example.startswith("example: poolcontext ")
        cli.parser().parse_args(example.split()[2:])


class TestWrong:
    """Input that means nothing."""

    @pytest.mark.parametrize(
        "words",
        [
            [],
            ["lst"],
            ["list", "more"],
            ["check", "--yaml"],
            ["run", "script.py"],
            ["run", "--method", "spawn"],
            ["run", "--method", "spawn", "-x", __file__],
            ["run", "--method", "spwn", __file__],
            ["run", "--method", "", __file__],
            ["run", "--method", "spawn", "no such file.py"],
            ["run", "--method", "spawn", "no\nsuch\nfile.py"],
            ["run", "--method", "spawn", os.path.dirname(__file__)],
            ["capture", "more"],
            ["capture", "--timeout", "x"],
            ["capture", "--jobs", "0"],
            ["capture", "--only", "no\nsuch\nname"],
        ],
        ids=repr,
    )
    def test_one_line(self, words: list[str]) -> None:
        """It ends with status 2, and one plain line says what is wrong."""
        done = run(*words)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("poolcontext: ")
        assert done.stderr.count("\n") == 1

    @pytest.mark.parametrize(
        ("words", "reason"),
        [
            (
                ["--timeout", "x"],
                "argument --timeout: 'x' is no number of seconds above zero and below a million",
            ),
            (
                ["--timeout", "-0.0"],
                "argument --timeout: '-0.0' is no number of seconds above zero and below a million",
            ),
            (["--jobs", "0"], "argument --jobs: '0' is no number from 1 to 999"),
            (["--jobs", "one"], "argument --jobs: 'one' is no number from 1 to 999"),
            (["--jobs", ""], "argument --jobs: '' is no number from 1 to 999"),
        ],
        ids=repr,
    )
    def test_numbers(
        self, words: list[str], reason: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """The option is named, what was given and what is wanted, and nothing else."""
        with pytest.raises(SystemExit) as caught:
            cli.main(["capture", *words])
        assert caught.value.code == 2
        expected = f"poolcontext: {reason}; try poolcontext capture --help\n"
        assert capfd.readouterr() == ("", expected)

    def test_numbers_of_use(self) -> None:
        """Numbers are taken as they are written."""
        options = cli.parser().parse_args(["capture", "--timeout", "1.5", "--jobs", "999"])
        assert (options.timeout, options.jobs) == (1.5, 999)


class TestSay:
    """One line on standard error."""

    def test_plain(self, capfd: pytest.CaptureFixture[str]) -> None:
        """What a terminal would act on is written out, and so is what cannot be encoded."""
        cli.say("a\x1b[2J\u202eb\udcff é")
        assert capfd.readouterr() == ("", "poolcontext: a\\x1b[2J\\u202eb\\udcff é\n")

    def test_newlines(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Whatever it holds, it is one line."""
        cli.say("a\nb\r\nc\r")
        assert capfd.readouterr() == ("", "poolcontext: a\\nb\\r\\nc\\r\n")

    def test_complaint(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A complaint is such a line, and its status is handed back."""
        assert cli._fail("it is raining", 2) == 2
        assert capfd.readouterr() == ("", "poolcontext: it is raining\n")

    def test_full_disk(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A line that cannot be written is left out."""
        tried = []

        def fail(descriptor: int, data: bytes) -> int:
            tried.append(data)
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", fail)
            cli.say("hello")
        assert len(tried) == 1

    def test_closed(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """Where standard error is closed nothing is written, whatever has its number now."""
        with monkeypatch.context() as patch:
            patch.setattr(sys, "__stderr__", None)
            cli.say("hello")
        assert capfd.readouterr() == ("", "")


class TestInside:
    """What cannot be seen from outside, or not on this platform."""

    def test_worker(self) -> None:
        """A worker's word is its process's name and method; here it is the main process's."""
        default = start_methods()
        assert cli.describe_worker() == {
            "name": "MainProcess",
            "start_method": default.chosen or default.listed[0],
        }

    def test_interrupted_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An interrupt at any moment ends the worker, for which the pool would wait."""
        children = []

        def interrupted(pool: object) -> None:
            children.extend(multiprocessing.active_children())
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "describe_worker", wait)
        monkeypatch.setattr(cli, "start_method", interrupted)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        with pytest.raises(KeyboardInterrupt):
            cli.main(["check"])
        assert children
        for child in children:
            child.join(20)
            assert child.exitcode

    def test_no_signal_masks(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """On a simulated Windows, which has no masks, check works all the same."""
        monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
        assert cli.main(["check"]) == 0
        assert "was started by" in capsys.readouterr().out

    def test_no_signals(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a simulated Windows a command whose pipe is closed ends with status 1."""

        def fail() -> None:
            raise BrokenPipeError

        monkeypatch.setattr(os, "name", "nt")
        monkeypatch.setattr(cli, "start_methods", fail)
        monkeypatch.setattr(cli, "_discard_output", lambda: None)
        assert cli.main(["list"]) == 1

    def test_default_that_cannot_be_set(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """A Python that keeps its default elsewhere is told of in one line, with status 1."""

        def fail(method: str) -> None:
            raise RuntimeError("it is kept elsewhere")

        monkeypatch.setattr("poolcontext.run_with_method.set_default", fail)
        assert cli.main(["run", "--method", "spawn", __file__]) == 1
        assert capfd.readouterr().err == "poolcontext: it is kept elsewhere\n"


@posix
class TestUnix:
    """Ends that others bring about."""

    @pytest.mark.parametrize("command", ["list", "check"])
    def test_closed_pipe(self, command: str) -> None:
        """Where nobody reads any more it dies by SIGPIPE, without a word."""
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [*WAYS["module"], command],
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        os.close(writer)
        assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")

    @pytest.mark.parametrize(("command", "status"), [("list", 1), ("check", 1), ("capture", 2)])
    def test_closed_output(self, command: str, status: int) -> None:
        """Where standard output is closed, one line says so, and nothing else is done."""
        done = subprocess.run(
            ["sh", "-c", '"$@" >&-', "sh", *WAYS["module"], command],
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        assert done.returncode == status
        assert done.stderr == b"poolcontext: cannot write: standard output is closed\n"

    def test_closed_errors(self) -> None:
        """Where standard error is closed, a complaint is not written elsewhere."""
        done = subprocess.run(
            ["sh", "-c", '"$@" 2>&-', "sh", *WAYS["module"], "run", "--method", "spwn", "x.py"],
            stdout=subprocess.PIPE,
            timeout=60,
            check=False,
        )
        assert (done.stdout, done.returncode) == (b"", 2)

    @pytest.mark.parametrize("command", ["list", "check"])
    def test_full_disk(self, command: str) -> None:
        """Where the disk is full, one line says so, and the status is 1."""
        if not os.path.exists("/dev/full"):
            pytest.skip("there is no /dev/full")
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [*WAYS["module"], command],
                stdout=full,
                stderr=subprocess.PIPE,
                timeout=60,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr == b"poolcontext: cannot write: No space left on device\n"

    def test_own_signal(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """It sends itself SIGPIPE with what the system does by default, and writes no more."""

        def fail() -> None:
            raise BrokenPipeError

        sent: list[int] = []
        monkeypatch.setattr(cli, "start_methods", fail)
        monkeypatch.setattr(os, "kill", lambda pid, one: sent.append(one))
        monkeypatch.setattr(cli, "_discard_output", lambda: None)
        before = signal.getsignal(signal.SIGPIPE)
        try:
            assert cli.main(["list"]) == 1
            assert signal.getsignal(signal.SIGPIPE) == signal.SIG_DFL
        finally:
            signal.signal(signal.SIGPIPE, before)
        assert sent == [signal.SIGPIPE]
        assert capfd.readouterr() == ("", "")

    def test_interrupt(self, tmp_path: Path) -> None:
        """An interrupt of the whole group ends it by SIGINT, without a word, and its worker."""
        # The worker is kept waiting by a stand-in that the example's caller puts in its way.
        code = (
            "import sys, time\n"
            "from poolcontext import cli\n"
            "def wait():\n"
            f"    open({str(tmp_path / 'ready')!r}, 'w').close()\n"
            "    time.sleep(60)\n"
            "cli.describe_worker = wait\n"
            "if __name__ == '__main__':\n"
            "    sys.exit(cli.main(['check']))\n"
        )
        script = tmp_path / "waits.py"
        script.write_text(code)
        process = subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        while not (tmp_path / "ready").exists():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        try:
            output = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()
        assert (process.returncode, *output) == (-signal.SIGINT, b"", b"")


def test_old_python() -> None:
    """A Python that is too old for the code says so in one line, with a status of its own."""
    main = Path(cli.__file__).with_name("__main__.py")
    code = (
        "import runpy, sys; sys.version_info = (3, 8, 18); "
        f"runpy.run_path({str(main)!r}, run_name='__main__')"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("poolcontext: Python 3.9 or newer is needed, and this is ")
    assert done.stderr.count("\n") == 1
