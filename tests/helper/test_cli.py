"""The command line, as a person at a terminal meets it."""

from __future__ import annotations

import dataclasses
import functools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest
from processes import wait_for

import poolcontext
from poolcontext import cli, list_start_methods, pools

FOLDER = str(Path(poolcontext.__file__).parent)
WAYS = {
    "module": ["-m", "poolcontext"],
    "folder": [FOLDER],
    "bare folder": ["-S", "-E", FOLDER],
}
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals and devices")


def run(
    *words: str, way: str = "module", redirection: str = "", **settings: Any
) -> subprocess.CompletedProcess[str]:
    """Call the command line in one of its ways."""
    shell = ["sh", "-c", f'"$@" {redirection}', "sh"] if redirection else []
    return subprocess.run(
        [*shell, sys.executable, *WAYS[way], *words],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **settings},
        text=True,
        timeout=60,
        check=False,
    )


class Fails:
    """Stands for a function that raises this."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __call__(self, *_: object, **__: object) -> Any:
        raise self.error


@pytest.mark.parametrize("way", WAYS)
def test_ways(way: str) -> None:
    """As a module, and as a folder with nothing installed, it tells what the functions tell."""
    found = list_start_methods()
    default = multiprocessing.get_all_start_methods()[0]
    done = run("list", "--json", way=way)
    assert (done.stderr, done.returncode) == ("", 0)
    expected = {**dataclasses.asdict(found), "chosen": None}
    assert json.loads(done.stdout) == json.loads(json.dumps(expected))
    assert run("list", way=way).stdout.splitlines() == [
        f"available  {', '.join(found.available)}",
        f"default    {default}",
        "chosen     nothing yet",
    ]
    done = run("check", "--json", way=way)
    assert (done.stderr, done.returncode) == ("", 0)
    told = json.loads(done.stdout)
    context = type(multiprocessing.get_context(default)).__name__
    name = told["worker"]["name"]
    worker = {"name": name, "start_method": default}
    assert told == {"start_method": default, "context": context, "worker": worker}
    assert run("check", way=way).stdout.splitlines() == [
        f"start method  {default}",
        f"context       {context}",
        f"worker        {name} was started by {default}",
    ]


@pytest.mark.usefixtures("measured_subprocesses")
@pytest.mark.parametrize("way", WAYS)
def test_run(tmp_path: Path, way: str, method: str) -> None:
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


@pytest.mark.parametrize("command", ["", "list", "check", "run", "capture", "verify"])
def test_help(command: str) -> None:
    """Every help ends with an example, which is accepted."""
    done = run(*command.split(), "--help")
    assert done.returncode == 0
    example = done.stdout.strip().splitlines()[-1]
    assert example.startswith(f"example: poolcontext {command}")
    cli.parser().parse_args(example.split()[2:])


SECONDS = "is no number of seconds above zero and below a million; try poolcontext capture --help"
MISSING = "Invalid argument" if os.name == "nt" else "No such file or directory"  # of a newline
COUNT = "is no number from 1 to 999; try poolcontext capture --help"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "the following arguments are required: COMMAND; try poolcontext --help"),
        (["lst"], "invalid choice: 'lst'"),
        (["list", "more"], "unrecognized arguments: more"),
        (["check", "--yaml"], "unrecognized arguments: --yaml"),
        (["run", "script.py"], "the following arguments are required: --method"),
        (["run", "--method", "spawn"], "are required: SCRIPT; try poolcontext run --help"),
        (["run", "--method", "spawn", "-x", __file__], "arguments"),
        (["run", "--method", "spwn", __file__], "did you mean 'spawn'?"),
        (["run", "--method", "", __file__], "there is no start method ''"),
        (["run", "--method", "spawn", "no\nfile"], f"cannot read 'no\\nfile': {MISSING}"),
        (["run", "--method", "spawn", os.path.dirname(__file__)], "cannot read "),
        (["capture", "more"], "unrecognized arguments: more"),
        (["capture", "--only", "no\nsuch"], "there is no example 'no\\nsuch'"),
        (["capture", "--timeout", "x"], f"argument --timeout: 'x' {SECONDS}"),
        (["capture", "--timeout", "-0.0"], f"argument --timeout: '-0.0' {SECONDS}"),
        (["capture", "--timeout", "1e6"], f"argument --timeout: '1e6' {SECONDS}"),
        (["capture", "--jobs", "0"], f"argument --jobs: '0' {COUNT}"),
        (["capture", "--jobs", "1000"], f"argument --jobs: '1000' {COUNT}"),
        (["capture", "--jobs", "one"], f"argument --jobs: 'one' {COUNT}"),
        (["verify"], "are required: FILE"),
        (["verify", "no\nfile"], MISSING),
    ],
    ids=repr,
)
def test_wrong(words: list[str], reason: str) -> None:
    """What means nothing ends with status 2, and one plain line that says what is wrong."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("poolcontext: ")
    assert done.stderr.count("\n") == 1
    assert reason in done.stderr


def test_numbers() -> None:
    """Numbers are taken as they are written."""
    options = cli.parser().parse_args(["capture", "--timeout", "1.5", "--jobs", "999"])
    assert (options.timeout, options.jobs) == (1.5, 999)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("a\x1b[2J\u202eb\udcff é", "a\\x1b[2J\\u202eb\\udcff é"),
        ("a\nb\r\nc\r", "a\\nb\\r\\nc\\r"),
    ],
)
def test_say(message: str, line: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What is said is one line, in which all is written out that a terminal would act on."""
    cli.say(message)
    assert capfd.readouterr() == ("", f"poolcontext: {line}\n")


def test_say_nowhere(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A line that cannot be written is left out; nothing is written to a closed standard error."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", Fails(OSError(28, "No space left on device")))
        cli.say("hello")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "__stderr__", None)
        cli.say("hello")
    assert capfd.readouterr() == ("", "")


class TestInside:
    """What cannot be seen from outside, or not on this platform."""

    def test_nothing_works(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where no pool works `list` says none, and is no error."""
        nothing = dataclasses.replace(
            list_start_methods(), available=(), default=None, chosen="spawn"
        )
        monkeypatch.setattr(cli, "list_start_methods", lambda: nothing)
        assert cli.main(["list"]) == 0
        assert capsys.readouterr().out.split()[1::2] == ["none", "none", "spawn"]

    @pytest.mark.parametrize(
        ("words", "what", "error", "status", "line"),
        [
            (["check"], "pools.process_pool", error, 1, f"no process pool works here: {error}")
            for error in (NotImplementedError("no"), OSError(38, "none"), BrokenProcessPool())
        ]
        + [
            (
                ["run", "--method", "spawn", __file__],
                "run_with_method.set_default",
                RuntimeError("it is elsewhere"),
                1,
                "it is elsewhere",
            )
        ],
    )
    def test_impossible(
        self,
        words: list[str],
        what: str,
        error: Exception,
        status: int,
        line: str,
        capfd: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What a platform or another Python cannot do is told in one line."""
        monkeypatch.setattr(f"poolcontext.{what}", Fails(error))
        assert cli.main(words) == status
        assert capfd.readouterr() == ("", f"poolcontext: {line}\n")

    def test_worker(self) -> None:
        """A worker's word is its process's name and method; here it is the main process's."""
        found = list_start_methods()
        method = found.chosen or found.listed[0]
        assert cli.describe_worker() == {"name": "MainProcess", "start_method": method}

    def test_interrupted_worker(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An interrupt at any moment ends the worker, for which the pool would wait."""
        children = []

        def interrupted(pool: object) -> None:
            children.extend(multiprocessing.active_children())
            raise KeyboardInterrupt

        monkeypatch.setattr(cli, "describe_worker", functools.partial(time.sleep, 60))
        monkeypatch.setattr(pools, "start_method_of", interrupted)
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        with pytest.raises(KeyboardInterrupt):
            cli.main(["check"])
        assert children
        for child in children:
            # The pool's thread waits for it too, and the one that comes second learns it later.
            wait_for(lambda child=child: child.exitcode is not None)
        assert sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None) is None  # type: ignore[func-returns-value]

    def test_no_signal_masks(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """On a simulated Windows, which has no masks, check works all the same."""
        monkeypatch.delattr(signal, "pthread_sigmask", raising=False)
        assert cli.main(["check"]) == 0
        assert "was started by" in capsys.readouterr().out

    @pytest.mark.parametrize("system", ["nt", pytest.param("posix", marks=posix)])
    def test_own_signal(
        self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], system: str
    ) -> None:
        """On a closed pipe it sends itself SIGPIPE, where there is one, and writes no more."""
        sent: list[int] = []
        monkeypatch.setattr(cli, "list_start_methods", Fails(BrokenPipeError()))
        monkeypatch.setattr(cli, "_discard_output", lambda: None)
        with monkeypatch.context() as patch:
            patch.setattr(os, "name", system)
            patch.setattr(os, "kill", lambda pid, number: sent.append(number))
            assert cli.main(["list"]) == 1
        if system == "posix":
            assert sent == [signal.SIGPIPE]
            assert signal.signal(signal.SIGPIPE, signal.SIG_IGN) == signal.SIG_DFL
        assert len(sent) == (system == "posix")
        assert capfd.readouterr() == ("", "")


@posix
@pytest.mark.usefixtures("measured_subprocesses")
class TestUnix:
    """Ends that others bring about."""

    @pytest.mark.parametrize("command", ["list", "check"])
    def test_closed_pipe(self, command: str) -> None:
        """Where nobody reads any more it dies by SIGPIPE, without a word."""
        reader, writer = os.pipe()
        os.close(reader)
        done = run(command, stdout=writer)
        os.close(writer)
        assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")

    @pytest.mark.parametrize(
        ("redirection", "words", "status", "line"),
        [
            (">&-", ["list"], 1, "cannot write: standard output is closed"),
            (">&-", ["check"], 1, "cannot write: standard output is closed"),
            (">&-", ["capture"], 2, "cannot write: standard output is closed"),
            (">&-", ["verify", __file__], 2, "cannot write: standard output is closed"),
            (">/dev/full", ["list"], 1, "cannot write: No space left on device"),
            (">/dev/full", ["check"], 1, "cannot write: No space left on device"),
            (
                ">&-",
                ["run", "--method", "spawn", os.devnull],
                0,
                "",
            ),  # which is the script's affair
            ("2>&-", ["run", "--method", "spwn", "x.py"], 2, ""),
        ],
    )
    def test_nowhere_to_write(
        self, redirection: str, words: list[str], status: int, line: str
    ) -> None:
        """Where output is closed, or a disk is full, one line says so, if it can be written."""
        if "full" in redirection and not os.path.exists("/dev/full"):
            pytest.skip("there is no /dev/full")
        done = run(*words, redirection=redirection)
        assert (done.stdout, done.returncode) == ("", status)
        assert done.stderr == (f"poolcontext: {line}\n" if line else "")

    def test_interrupt(self, tmp_path: Path) -> None:
        """An interrupt of the whole group ends it by SIGINT, without a word, and its worker."""
        ready = tmp_path / "ready"
        script = tmp_path / "waits.py"
        script.write_text(
            "import signal, sys\n"
            "from poolcontext import cli\n"
            "def wait():\n"
            f"    open({str(ready)!r}, 'w').close()\n"
            "    signal.pause()\n"
            "cli.describe_worker = wait\n"
            "if __name__ == '__main__':\n"
            "    sys.exit(cli.main(['check']))\n"
        )
        process = subprocess.Popen(
            [sys.executable, str(script)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        try:
            output = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output = process.communicate()
        assert (process.returncode, *output) == (-signal.SIGINT, b"", b"")


def test_old_python() -> None:
    """A Python that is too old for the code says so in one line, with a status of its own."""
    main = str(Path(FOLDER) / "__main__.py")
    old = "import runpy, sys; sys.version_info = (3, 8, 18); "
    code = f"{old}runpy.run_path({main!r}, None, '__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("poolcontext: Python 3.9 or newer is needed, and this is ")
    assert done.stderr.count("\n") == 1
