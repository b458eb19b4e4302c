"""Programs that are tried under each start method: what is said of them, and why."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from processes import wait_for
from programs import PROGRAMS, Program

from examples import EXAMPLES, THOROUGH
from poolcontext import cli
from poolcontext.capture.interpreter import own
from poolcontext.capture.process import Run
from poolcontext.symptoms import SYMPTOMS
from poolcontext.trial import diagnosis, processes, session
from poolcontext.trial.processes import Frame, Stack
from poolcontext.trial.program import Trial
from poolcontext.trial.session import Report, try_program
from poolcontext.trial.syntax import Syntax

METHODS = ("fork", "spawn", "forkserver")
HERE = [one for one in METHODS if one in multiprocessing.get_all_start_methods()]
THREE = pytest.mark.skipif(len(HERE) < 3, reason="this platform has not all start methods")
SHARES = sys.version_info >= (3, 14) or (3, 13, 8) <= sys.version_info < (3, 14)
"""The fork server imports the main script: https://github.com/python/cpython/issues/126631"""

OTHERWISE = {
    "same random numbers": SHARES,
    "long temporary folder": sys.version_info >= (3, 14),
    "tasks per child": sys.version_info < (3, 11),
    "lock of the context of fork": sys.version_info < (3, 11),
}
"""Programs that are of some versions only, and whether this one is another."""

SOME = {
    *("map", "prints its process", "no guard", "local task"),
    *("name below the guard", "global below the guard", "logging", "environment too late", "mock"),
    *("lock held at the fork", "killed worker of a Pool", "same random numbers", "fails alike"),
    *("top level prints", "process left behind", "chooses for all", "own context"),
    *("module made at run time", "order of a set", "global by a function"),
}
"""Those that are tried in every run; all are, with THOROUGH in the environment."""
TRIED = [one for one in PROGRAMS if one.name in SOME or THOROUGH]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one, to work in."""
    monkeypatch.chdir(tmp_path)
    if not THOROUGH:  # two runs are enough for what is tried here, and more for what chance does
        monkeypatch.setattr(session, "RUNS", 2)
    return tmp_path


def tried(source: str, *methods: str, timeout: float = 30) -> Report:
    Path("prog.py").write_text(source, encoding="utf-8")
    return try_program(
        ["prog.py"], [own()], methods, timeout=timeout, progress=lambda message: None
    )


def said(report: Report) -> dict[str, str]:
    """The word for each method, and the symptom that is named."""
    words = {}
    for row in report.rows:
        names = [one.symptom.name for one in row.findings if one.symptom]
        blamed = row.result not in ("works", "chooses") and names
        words[row.trial.method] = row.result + (f":{names[0]}" if blamed else "")
    return words


ALONE = {
    "arguments of the command line": "fails:remote-traceback",
    "cache that is filled": "fails:remote-traceback",
    "chooses for all": "works",
    "chooses, and breaks": "fails:local-function",
    "lock of the context of fork": "fails:cannot-find-context",
    "own context": "works",
    "parent is killed": "hangs",
}
"""What is said where spawn is all there is: there is no other method to compare with."""


@pytest.mark.skipif(HERE != ["spawn"], reason="spawn is not all there is")
@pytest.mark.parametrize("program", TRIED, ids=lambda one: one.name)
def test_verdict_alone(program: Program) -> None:
    """Where spawn is all there is, each program gets the right word under it."""
    if OTHERWISE.get(program.name):
        pytest.skip("it does something else with this version")
    spawned = program.verdicts[METHODS.index("spawn")]
    wanted = ALONE.get(program.name, "works" if spawned.startswith("differs") else spawned)
    assert said(tried(program.source, timeout=15)) == {"spawn": wanted}


@THREE
@pytest.mark.parametrize("program", TRIED, ids=lambda one: one.name)
def test_verdict(program: Program) -> None:
    """Each program gets the right word under each method, and the right cause.

    Where outputs differ and nothing has failed, those that say the same are together: which of
    them is right nobody can say, so the default of this Python is taken for it.
    """
    wanted = dict(zip(METHODS, program.verdicts))
    if OTHERWISE.get(program.name):
        pytest.skip("it does something else with this version")
    hangs = any("hangs" in one for one in program.verdicts)
    if hangs and not THOROUGH:  # to wait for the limit once is enough
        wanted = {"fork": wanted["fork"]}
        report = tried(program.source, "fork", timeout=8)
    else:
        report = tried(program.source, timeout=12 if hangs else 60)
    found = said(report)
    if any("differs" in one for one in program.verdicts):
        (cause,) = {one.partition(":")[2] for one in program.verdicts} - {""}
        assert {one for one in found.values() if one != "works"} == {f"differs:{cause}"}
        well, here = (
            {method for method in METHODS if words[method] == "works"} for words in (wanted, found)
        )
        assert here in (well, {*METHODS} - well)
    else:
        assert found == wanted
    assert report.status == (
        (1 if "breaks" in program.name else 2)
        if "chooses" in wanted.values()
        else any(one != "works" for one in wanted.values())
    )


UNTRIED = {
    "change_is_not_seen": "nothing of it is seen",
    "connection_is_shared": "whose bytes are torn is a matter of chance",
    "cuda_in_forked_worker": "it wants a card",
    "exceptions_vanish": "nothing of it is seen",
    "fork_with_threads": "a warning: test_warning",
    "frozen_by_pyinstaller": "no script is run",
    "frozen_program": "no script is run",
    "interrupted_by_ctrl_c": "it wants somebody who interrupts",
    "leaked_semaphores": "what is left: test_left",
    "leaked_shared_memory": "what is left: test_left",
    "max_tasks_stuck": "of a few versions only",
    "no_shared_memory": "of a few machines only",
    "ran_out_of_input": "what follows from another error",
    "script_from_stdin": "no file is run",
    "shared_memory_vanishes": "it takes two programs",
    "too_many_threads": "it takes longer, and that is all",
    "too_many_workers": "of Windows only",
}
"""Examples of which no program is tried, and why."""


def test_every_example() -> None:
    """Each example of what breaks has a program that is diagnosed as a symptom of its page."""
    named = {word.partition(":")[2] for one in PROGRAMS for word in one.verdicts}
    pages = {page for one in SYMPTOMS for page in one.examples if one.name in named}
    examples = {path.stem for path in EXAMPLES if path.parent.name == "break"}
    assert {one for one in examples if f"break/{one}" not in pages} == UNTRIED.keys()


SHARED = (
    "from multiprocessing.shared_memory import SharedMemory\nSharedMemory(create=True, size=9)\n"
)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no resource tracker")
@pytest.mark.parametrize(
    ("name", "end", "symptom"),
    [
        ("semaphore is leaked", "", "leaked-semaphores"),
        ("map", f"    {SHARED}".replace("\n", "\n    "), "leaked-shared-memory"),
    ],
)
def test_left(name: str, end: str, symptom: str) -> None:
    """What a program leaves behind is told, though it works."""
    (source,) = (one.source for one in PROGRAMS if one.name == name)
    report = tried(source + end, "spawn")
    (row,) = report.rows
    assert (row.result, report.status) == ("works", 0)
    assert symptom in [one.symptom.name for one in row.findings if one.symptom]


@THREE
def test_once_only() -> None:
    """A program that works only once is not blamed for a method that came second."""
    (source,) = (one.source for one in PROGRAMS if one.name == "map")
    report = tried(f"{source}    os.mkdir('out')\n")
    assert report.verdict.startswith("does not end the same twice, not even under ")
    assert (report.status, {row.result for row in report.rows}) == (2, {"untried"})


@THREE
def test_broken_by_choice() -> None:
    """A program that breaks with the method that it has chosen itself has its symptom, too."""
    (source,) = (one.source for one in PROGRAMS if one.name == "chooses, and breaks")
    report = tried(source)
    assert "chooses spawn itself, at prog.py:9, so nothing else was tried; it" in report.verdict
    assert report.status == 1
    assert {one.symptom.name for row in report.rows for one in row.findings if one.symptom} == {
        "local-function"
    }


class TestReport:
    """What `poolcontext try` prints."""

    @pytest.mark.usefixtures("measured_subprocesses")
    def test_broken(self, capfd: pytest.CaptureFixture[str]) -> None:
        """The verdict comes first, then a table, then the symptom with its cure and its page."""
        Path("prog.py").write_text("{}[1]\n", encoding="utf-8")
        assert cli.main(["try", "--method", "spawn", "prog.py"]) == 1
        out, progress = capfd.readouterr()
        assert out.startswith("prog.py fails under spawn: that is all that were tried.\n\nstart ")
        assert "\nspawn:\n  It ends with exit status 1.\n  | " in out
        assert out.endswith("\n  | KeyError: 1\n")
        assert progress.endswith(": spawn\n")

    @THREE
    def test_differs(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Where it prints something else, it says unlike which, with the lines and the place."""
        (source,) = (one.source for one in PROGRAMS if one.name == "global below the guard")
        Path("prog.py").write_text(source, encoding="utf-8")
        assert cli.main(["try", "--method", "fork", "--method", "spawn", "prog.py"]) == 1
        out, _ = capfd.readouterr()
        assert re.search(
            r"^(fork, unlike spawn|spawn, unlike fork):\n  A global variable has", out, re.M
        )
        assert re.search(r"^  \| - .+\n  \| \+ .+\n  \| at prog.py:\d+$", out, re.M)

    def test_json(self, capfd: pytest.CaptureFixture[str], folder: Path) -> None:
        """As JSON it has all of it; and the outputs are kept where that is asked for."""
        source = "import multiprocessing as m\nm.get_context('frok')\n"
        Path("prog.py").write_text(source, encoding="utf-8")
        words = ["try", "--json", "--method", "spawn", "--keep", "kept", "prog.py"]
        assert cli.main(words) == 1
        report = json.loads(capfd.readouterr().out)
        (row,) = report["rows"]
        (finding,) = row["findings"]
        assert (report["status"], row["result"]) == (1, "fails")
        assert finding["symptom"] == "cannot-find-context"
        assert finding["page"].endswith("symptoms.html#cannot-find-context")
        (file,) = (folder / "kept").iterdir()
        assert "cannot find context for 'frok'" in file.read_text(encoding="utf-8")

    @pytest.mark.usefixtures("measured_subprocesses")
    def test_module(self, capfd: pytest.CaptureFixture[str]) -> None:
        """A package is run as `python -m` runs it, and gets its arguments."""
        Path("package").mkdir()
        Path("package", "__init__.py").touch()
        Path("package", "work.py").write_text("def double(x):\n    return 2 * x\n")
        Path("package", "__main__.py").write_text(
            "import sys\nfrom concurrent.futures import ProcessPoolExecutor\n"
            "from .work import double\nif __name__ == '__main__':\n"
            "    with ProcessPoolExecutor(1) as pool:\n"
            "        print(pool.submit(double, sys.argv[1]).result(), sys.argv[0][-11:])\n"
        )
        assert cli.main(["try", "--json", "--method", "spawn", "-m", "package", "--x"]) == 0
        (row,) = json.loads(capfd.readouterr().out)["rows"]
        assert row["output"] == "--x--x __main__.py\n"

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ([], "name a script, or -m and a module"),
            (["none.py"], "there is no script 'none.py'"),
            (["-m"], "-m wants the name of a module"),
            (["--method", "spwn", "prog.py"], "there is no spwn here"),
            (["--python", "no-such-python", "prog.py"], "'no-such-python' is no usable Python"),
        ],
    )
    def test_nothing_to_try(
        self, words: list[str], message: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        """What cannot be tried is said in a line, with status 2."""
        Path("prog.py").touch()
        assert cli.main(["try", *words]) == 2
        assert message in capfd.readouterr().err

    def test_two_pythons(self, capfd: pytest.CaptureFixture[str]) -> None:
        """With two interpreters a row names its own."""
        Path("prog.py").write_text(PROGRAMS[0].source, encoding="utf-8")
        python = ["--python", sys.executable]
        other = ["--python", f"{sys.executable} -B"]
        assert cli.main(["try", *python, *other, "--method", "spawn", "prog.py"]) == 0
        assert capfd.readouterr().out.count("spawn of ") == 4


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_interrupted() -> None:
    """An interrupt ends the program that is tried, and all that it has started."""
    source = "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\n"
    Path("prog.py").write_text(f"{source}time.sleep(60)\n")
    words = [sys.executable, str(Path(cli.__file__).parent), "try", "prog.py"]
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for(lambda: Path("pid").exists() and Path("pid").read_text())
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    with pytest.raises(ProcessLookupError):
        os.kill(int(Path("pid").read_text()), 0)


class TestExplain:
    """What `poolcontext explain` says of a text."""

    def test_file(self, capfd: pytest.CaptureFixture[str]) -> None:
        """Each message is named with its line, cause, cure and page."""
        Path("log").write_text("Traceback\nValueError: cannot find context for 'frok'\n")
        assert cli.main(["explain", "log"]) == 0
        lines = capfd.readouterr().out.splitlines()
        assert lines[0] == "  cannot find context for …"
        assert lines[1] == "  | ValueError: cannot find context for 'frok'"
        assert [line.partition(":")[0] for line in lines if line[2:3].isupper()] == [
            "  Cause",
            "  Cure",
            "  Page",
        ]

    def test_nothing(
        self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where nothing is known it says so, with status 1; as where there is no file."""
        Path("log").write_bytes(b"all is well \xff\n")
        with Path("log").open(encoding="latin-1") as file:
            monkeypatch.setattr(sys, "stdin", file)
            assert cli.main(["explain"]) == 1
        assert "no message in it is known here" in capfd.readouterr().err
        assert cli.main(["explain", "none"]) == 1
        assert "cannot read 'none'" in capfd.readouterr().err

    @pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda one: one.name)
    def test_quoted(self, symptom: object, capfd: pytest.CaptureFixture[str]) -> None:
        """Every message that an entry quotes is explained by that entry."""
        for quote in symptom.quotes if symptom.messages else ():  # type: ignore[attr-defined]
            Path("log").write_text(f"{quote.text}\n", encoding="utf-8")
            assert cli.main(["explain", "log"]) == 0
            assert f"symptoms.html#{symptom.name}" in capfd.readouterr().out  # type: ignore[attr-defined]


DUMP = """Fatal Python error: Aborted

Thread 0x00007f (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 324 in wait
Current thread 0x00007e [python] (most recent call first):
  File "/home/ann/a b.py", line 5 in <module>

Current thread's C stack trace (most recent call first):
  Binary file "x"
"""


def test_crashed_dump() -> None:
    """Of a process that has crashed while it said where it is, nothing is known."""
    crashed = f"{DUMP.partition('Current')[0]}  File Fatal Python error: Segmentation fault\n"
    assert processes.parse("main process", crashed) == Stack("main process", (), ())


def test_parse() -> None:
    """Of a dump the main thread is the last one; C's own stack is left out."""
    stack = processes.parse("worker", DUMP)
    assert [(frame.file, frame.line) for frame in stack.frames] == [("/home/ann/a b.py", 5)]
    assert stack.others == ((("/usr/lib/python3.11/threading.py", 324, "wait"),),)
    assert processes.parse("worker", "nothing").frames == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups")
@pytest.mark.parametrize("source", ["proc", "ps"])
def test_members(source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes of a group are found by the files of the kernel, or by ps, however narrow."""
    if source == "proc" and not Path("/proc/self/stat").exists():
        pytest.skip("this system has no such files")
    if source == "ps" and not shutil.which("ps"):
        pytest.skip("this system has no ps")
    monkeypatch.setenv("COLUMNS", "40")
    listed = getattr(processes, f"_from_{source}")
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = subprocess.Popen(words, start_new_session=True)
    try:
        wait_for(lambda: any("time.sleep" in one.command for one in listed(process.pid)))
        (one,) = listed(process.pid)
        assert (one.pid, one.parent) == (process.pid, os.getpid())
    finally:
        process.kill()
        process.wait()
    assert list(listed(process.pid)) == []


PY = "/usr/lib/python3.11/"
IDLE = Stack("worker", (Frame(f"{PY}multiprocessing/queues.py", 102, "get"),), ())
IN_POOL = Frame(f"{PY}multiprocessing/pool.py", 774, "get")
IN_EXECUTOR = Frame(f"{PY}concurrent/futures/_base.py", 451, "result")
IMPORTS = Frame("<frozen importlib._bootstrap>", 1178, "_find_and_load")


def at(file: str, line: int) -> Frame:
    return Frame(file, line, "work")


@pytest.mark.parametrize(
    ("method", "main", "workers", "name"),
    [
        ("spawn", (IN_EXECUTOR, at("prog.py", 1), IMPORTS), [IDLE], "pool-at-import"),
        ("spawn", (IN_POOL, at("prog.py", 1)), [IDLE], "pool-waits-for-killed-worker"),
        ("fork", (IN_EXECUTOR,), [Stack("worker", (at("prog.py", 2),), ())], "waits-for-a-lock"),
        (
            "fork",
            (IN_EXECUTOR,),
            [Stack("worker", (Frame(f"{PY}logging/__init__.py", 9, "acquire"),), ())],
            "waits-for-a-lock",
        ),
        ("spawn", (IN_EXECUTOR,), [Stack("worker", (at("prog.py", 2),), ())], None),
        ("fork", (IN_EXECUTOR,), [Stack("worker", (at("prog.py", 1),), ())], None),
        ("fork", (IN_EXECUTOR,), [Stack("worker", (at("none.py", 7),), ())], None),
        ("fork", (), [], None),
        # PyPy tells where a function begins.
        ("fork", (IN_EXECUTOR,), [Stack("worker", (at("prog.py", 4),), ())], "waits-for-a-lock"),
        ("fork", (IN_EXECUTOR,), [Stack("worker", (at("prog.py", 7),), ())], None),
    ],
)
def test_hang(method: str, main: tuple[Frame, ...], workers: list[Stack], name: str | None) -> None:
    """The stacks of a hang tell what it waits for, where they can; else only where it waits."""
    takes = "sleep()\nwith the_lock:\n    pass\ndef take():\n    with the_lock:\n        pass\n"
    Path("prog.py").write_text(f"{takes}def rest():\n    sleep()\n", encoding="utf-8")
    stacks = (*workers, Stack("main process", main, ()))
    found = diagnosis.of_hang(Trial(method, Run("", None, 1.0, "timeout"), (), stacks, ()))
    assert (found.symptom.name if found.symptom else None) == name
    assert bool(found.shown) == bool(main)


SLOW = """
import os, signal, sys, time
def say(*_):
    os.write(1, b"Stack (most recent call first):\\n")
    time.sleep(1)
    os.write(1, b'  File "a.py", line 3 in f\\n')
    sys.exit()
signal.signal(signal.SIGABRT, say)
os.write(1, b"ready\\n")
for _ in range(6000):  # a signal that comes before a sleep begins is heard after it
    time.sleep(0.01)
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_slow_stacks() -> None:
    """A process that pauses while it says where it is, as on a busy machine, is heard out."""
    import select

    command = [sys.executable, "-c", SLOW]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        pipe = process.stdout.fileno()
        assert process.stdout.readline() == b"ready\n"

        def read(seconds: float) -> bytes:
            return os.read(pipe, 99) if select.select([pipe], [], [], seconds)[0] else b""

        (stack,) = processes.stacks(process.pid, read)
    assert stack == Stack("main process", (Frame("a.py", 3, "f"),), ())


@pytest.mark.parametrize(
    "name", ["killed worker of a Pool", *(["pool at import"] if THOROUGH else [])]
)
def test_hang_without_signals(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no signal asks them, as on Windows, processes say by themselves where they are."""
    monkeypatch.setattr("poolcontext.trial.program.WINDOWS", True)
    (program,) = (one for one in PROGRAMS if one.name == name)
    report = tried(program.source, "spawn", timeout=8)
    assert said(report) == {"spawn": program.verdicts[1]}
    (row,) = report.rows
    assert {one.role for one in row.trial.stacks} == {"main process", "worker"}
    assert any(re.search(r"(prog|imported)\.py:\d", line) for line in row.findings[0].shown)


def test_unknown_difference() -> None:
    """Where nothing in the files tells why outputs differ, the usual causes are named."""
    Path("broken.py").write_text("def (", encoding="utf-8")
    syntax = Syntax.of(["broken.py", "none.py"])
    one, other = (Trial("fork", Run(text, 0, 1.0, "exit"), (), (), ()) for text in "ab")
    found = diagnosis.of_difference(one, other, (["b"], ["a"]), syntax)
    assert found.symptom is None
    assert found.shown == ("- b", "+ a")


def test_warning() -> None:
    """The warning that was asked for is no part of an output, and is told of."""
    text = (
        "one\nx.py:3: DeprecationWarning: This process (pid=1) is multi-threaded, use of fork()\n"
    )
    trial = Trial("fork", Run(f"{text}  self.pid = os.fork()\ntwo\n", 0, 1.0, "exit"), (), (), ())
    assert diagnosis.without_warnings(trial.run.output) == "one\ntwo\n"
    (found,) = session._left(trial)
    assert found.symptom is not None
    assert found.symptom.name == "fork-with-threads"
    ended = {"signal": -9, "interrupt": None, "timeout": None}
    said = [session.how(trial._replace(run=Run("", code, 1.0, how))) for how, code in ended.items()]
    assert said == ["signal 9", "interrupt", "the time limit"]
