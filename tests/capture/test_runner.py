"""Scripts side by side: in which order, how many at once, and that nothing of them is left."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from poolcontext.capture import process, runner
from poolcontext.capture.interpreter import Interpreter, own
from poolcontext.capture.process import Run, ending_on_signals, run_script
from poolcontext.capture.runner import cores, run_scripts
from poolcontext.capture.script import Script, read_script
from poolcontext.capture.snapshot import Snapshot

SRC = Path(runner.__file__).parents[2]

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")

COUNTS = """
    import os, time
    mine = os.path.join(MARKS, "runs-" + os.path.basename(__file__))
    open(mine, "w").close()
    for _ in range(10):
        at_once = sum(name.startswith("runs-") for name in os.listdir(MARKS))
        with open(os.path.join(MARKS, "log"), "a") as log:
            log.write(f"{os.path.basename(__file__)} {at_once}\\n")
        time.sleep(0.02)
    os.remove(mine)
"""
"""Notes how many scripts run at the same time as itself."""

SLEEPS = """
    import os, time
    draft = os.path.join(MARKS, "draft-" + os.path.basename(__file__))
    with open(draft, "w") as file:
        file.write(str(os.getpid()))
    os.replace(draft, draft.replace("draft-", "pid-"))
    time.sleep(60)
"""
"""Says which process it is, and does not end."""

STUBBORN = """
    import os, signal, time
    def mark(kind):
        draft = os.path.join(MARKS, "draft-" + os.path.basename(__file__))
        with open(draft, "w") as file:
            file.write(str(os.getpid()))
        os.replace(draft, draft.replace("draft-", kind))
    signal.signal(signal.SIGTERM, lambda number, frame: mark("asked-"))
    mark("pid-")
    while not os.path.exists(os.path.join(MARKS, "go")):
        time.sleep(0.02)
"""
"""Says when it is asked to end, and does so when it may."""


class Group:
    """Scripts in a folder, and what they leave in another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.marks = folder / "scripts", folder / "marks"
        self.folder.mkdir()
        self.marks.mkdir()
        self.scripts: list[Script] = []
        self.interpreter = own()

    def add(self, name: str, source: str, packages: Path | None = None) -> None:
        path = self.folder / f"{name}.py"
        text = textwrap.dedent(source).replace("MARKS", repr(str(self.marks)))
        path.write_text(text, encoding="utf-8")
        self.scripts.append(read_script(path, packages))

    def gather(self, **settings: Any) -> Any:
        digests = {script.name: script.digest() for script in self.scripts}
        return run_scripts(self.scripts, self.interpreter, digests, **settings)

    def all(self, **settings: Any) -> dict[str, Snapshot]:
        return {script.name: capture for script, capture in self.gather(**settings)}

    def log(self) -> list[tuple[str, int]]:
        lines = (self.marks / "log").read_text(encoding="utf-8").splitlines()
        return [(line.split()[0][:-3], int(line.split()[1])) for line in lines]

    def pid(self, name: str) -> int:
        """The process of a script that sleeps."""
        wait_for((self.marks / f"pid-{name}.py").exists)
        return int((self.marks / f"pid-{name}.py").read_text(encoding="utf-8"))


@pytest.fixture
def group(tmp_path: Path) -> Group:
    """No scripts yet."""
    return Group(tmp_path)


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until something is so, or for very long."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether there is no such process any more, nor a trace of it."""
    try:
        os.kill(pid, 0)
    except OSError:
        return True
    return False


def past(**seconds: float) -> Mapping[str, Snapshot]:
    """Capture of scripts that have taken so long."""
    return {
        name: Snapshot("0" * 64, "2026-11-22", "exit", 0, number, "")
        for name, number in seconds.items()
    }


class TestOrder:
    """Which scripts run when."""

    @pytest.mark.parametrize("jobs", [1, 2, 3])
    def test_bound(self, group: Group, jobs: int) -> None:
        """No more run at once than were asked for, and all come to their end."""
        for name in "abcde":
            group.add(name, COUNTS)
        found = group.all(jobs=jobs)
        assert sorted(found) == list("abcde")
        assert {one.status for one in found.values()} == {0}
        assert max(count for _, count in group.log()) <= jobs
        assert {name for name, _ in group.log()} == set("abcde")

    def test_side_by_side(self, group: Group) -> None:
        """As many run at once as were asked for: each of two waits for the other."""
        source = """
            import os, time
            open(os.path.join(MARKS, os.path.basename(__file__)), "w").close()
            while len(os.listdir(MARKS)) < 2:
                time.sleep(0.02)
        """
        group.add("a", source)
        group.add("b", source)
        assert {one.ended for one in group.all(jobs=2, timeout=60).values()} == {"exit"}

    def test_alone(self, group: Group) -> None:
        """What wants to be alone runs before the others, with nothing beside it."""
        group.add("a", COUNTS)
        group.add("b", COUNTS)
        for name in "yz":
            group.add(name, "# sphinx_gallery_parallel = False\n" + textwrap.dedent(COUNTS))
        assert len(group.all(jobs=4)) == 4
        log = group.log()
        assert all(count == 1 for name, count in log if name in "yz")
        names = list(dict.fromkeys(name for name, _ in log))
        assert names[:2] == ["y", "z"]

    def test_longest_first(self, group: Group) -> None:
        """What took long before begins first; what is new begins last, in its order."""
        for name in "abcde":
            group.add(name, COUNTS)
        group.all(jobs=1, earlier=past(b=1.0, d=3.0, c=2.0, gone=9.0))
        assert list(dict.fromkeys(name for name, _ in group.log())) == ["d", "c", "b", "a", "e"]

    def test_nothing(self, group: Group) -> None:
        """Of no scripts nothing comes."""
        assert group.all() == {}

    def test_cores(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As many as this process may use; where nobody knows, all that there are, else one."""
        assert cores() >= 1
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 5, 6}, raising=False)
        assert cores() == 3
        monkeypatch.delattr(os, "sched_getaffinity")
        monkeypatch.setattr(os, "cpu_count", lambda: 7)
        assert cores() == 7
        monkeypatch.setattr(os, "cpu_count", lambda: None)
        assert cores() == 1


class TestTime:
    """How long a script has."""

    def test_limits(self, group: Group) -> None:
        """Each has its own limit, or the one that was asked for."""
        group.add("own", "# sphinx_gallery_timeout = 0.5\nimport time; time.sleep(60)\n")
        found = group.all()
        assert (found["own"].ended, found["own"].status) == ("timeout", None)
        group.scripts.clear()
        group.add("asked", "import time; time.sleep(60)\n")
        assert group.all(timeout=0.5)["asked"].ended == "timeout"


class TestCapture:
    """What comes out."""

    def test_digest_from_before(self, group: Group) -> None:
        """A script that changes itself keeps the digest of what was begun."""
        group.add("a", "open(__file__, 'a').write('more = 1')\nprint('hello')\n")
        before = group.scripts[0].digest()
        capture = group.all()["a"]
        assert capture.output.strip() == "hello"
        assert capture.script == before
        assert capture.script != group.scripts[0].digest()

    def test_redaction(self, group: Group) -> None:
        """A script's folder is taken out of its output, and what the interpreter names."""
        group.add("a", "import os, sys; print(os.getcwd()); print(sys.executable)\n")
        lines = group.all()["a"].output.splitlines()
        assert lines[0] == "<folder>"
        assert lines[1].startswith("<python>")


class TestHelper:
    """Scripts that have a package beside them."""

    @pytest.fixture
    def temporary(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder for temporary files that is this test's own."""
        folder = tmp_path / "temporary"
        folder.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        return folder

    def test_found(self, group: Group, temporary: Path) -> None:
        """It imports the copy beside it, and both are gone afterwards."""
        source = """
            import os, poolcontext
            from poolcontext import process_pool
            print(os.path.dirname(poolcontext.__file__))
            print(sorted(os.listdir(".")))
        """
        group.add("a", source, SRC)
        capture = group.all()["a"]
        assert capture.status == 0
        lines = capture.output.splitlines()
        assert lines[0] == os.path.join("<folder>", "poolcontext")
        assert lines[1] == "['a.py', 'poolcontext']"
        assert list(temporary.iterdir()) == []
        assert [path.name for path in group.folder.iterdir()] == ["a.py"]

    def test_closed(self, group: Group, temporary: Path) -> None:
        """Its folder is gone also if it was ended early."""
        group.add("a", f"import poolcontext\n{textwrap.dedent(SLEEPS)}", SRC)
        group.add("b", "")
        results = group.gather(jobs=2)
        assert next(results)[0].name == "b"
        pid = group.pid("a")
        assert len(list(temporary.iterdir())) == 1
        results.close()
        assert is_gone(pid)
        assert list(temporary.iterdir()) == []

    def test_no_room(self, group: Group, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What cannot be copied is an error, and leaves no folder."""

        def fail(source: object, target: object) -> None:
            raise OSError(28, "No space left on device")

        group.add("a", "import poolcontext\n", SRC)
        monkeypatch.setattr("shutil.copy", fail)
        with pytest.raises(OSError, match="No space left on device"):
            group.all()
        assert list(temporary.iterdir()) == []


class TestEnd:
    """What is left when it ends before its time."""

    def test_close(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        """What runs is ended, and what waits is not begun."""
        real, begun = runner.run_script, []

        def run(path: Path, *arguments: Any, **settings: Any) -> Run:
            begun.append(path.stem)
            return real(path, *arguments, **settings)

        monkeypatch.setattr(runner, "run_script", run)
        group.add("quick", "")
        for name in ("a", "b", "c", "d"):
            group.add(name, SLEEPS)
        results = group.gather(jobs=2, earlier=past(quick=9.0, a=8.0, b=7.0, c=6.0))
        assert next(results)[0].name == "quick"
        pids = [group.pid("a"), group.pid("b")]
        results.close()
        assert all(map(is_gone, pids))
        assert sorted(begun) == ["a", "b", "quick"]

    def test_close_while_one_is_alone(self, group: Group) -> None:
        """After one that was alone, the others are not begun."""
        group.add("alone", "# sphinx_gallery_parallel = False\n")
        group.add("other", SLEEPS)
        results = group.gather()
        assert next(results)[0].name == "alone"
        results.close()
        assert not (group.marks / "pid-other.py").exists()

    def test_ending_is_heard_in(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is never waited long for what ends: an interrupt just before that is not heard."""
        real, pauses = runner.wait, []

        def wait(futures: Any, timeout: float = 999.0) -> Any:
            pauses.append(timeout)
            return real(futures, timeout)

        monkeypatch.setattr(runner, "wait", wait)
        monkeypatch.setattr(process, "GRACE", 0.5)
        group.add("a", STUBBORN)
        group.add("quick", "")
        results = group.gather(jobs=1, earlier=past(quick=9.0))
        assert next(results)[0].name == "quick"
        pid = group.pid("a")
        results.close()
        assert is_gone(pid)
        assert len(pauses) > 1
        assert max(pauses) < 0.5

    def test_error(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        """An error of one goes on to the caller, and leaves nothing of the others running."""
        real = runner.run_script

        def fail(path: Path, *arguments: Any, **settings: Any) -> Run:
            if path.stem == "bad":
                group.pid("a")
                raise OSError("it cannot be started")
            return real(path, *arguments, **settings)

        monkeypatch.setattr(runner, "run_script", fail)
        group.add("a", SLEEPS)
        group.add("bad", "")
        group.add("z", SLEEPS)
        with pytest.raises(OSError, match="it cannot be started"):
            group.all(jobs=2, earlier=past(a=9.0, bad=8.0))
        assert is_gone(group.pid("a"))
        # It may have been begun before the error was heard of.
        begun = (group.marks / "pid-z.py").exists()
        assert not begun or is_gone(group.pid("z"))

    def test_no_interpreter(self, group: Group) -> None:
        """A command that is not there is an error."""
        group.interpreter = Interpreter(("/no/such/python",), *group.interpreter[1:])
        group.add("a", "")
        with pytest.raises(OSError, match="such"):
            group.all()

    def test_error_of_the_caller(self, group: Group) -> None:
        """An exception in the caller's own code leaves nothing running."""
        group.add("a", SLEEPS)
        group.add("quick", "")

        def use() -> None:
            with contextlib.closing(group.gather(jobs=2)) as results:
                assert next(results)[0].name == "quick"
                group.pid("a")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            use()
        assert is_gone(group.pid("a"))

    @posix
    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("jobs", [1, 2])
    def test_impatience(
        self,
        group: Group,
        monkeypatch: pytest.MonkeyPatch,
        kind: type[BaseException],
        jobs: int,
    ) -> None:
        """Interrupts while stubborn scripts are being ended come to the caller once they are."""
        monkeypatch.setattr(process, "GRACE", 60.0)
        names = ["a", "b"][:jobs]
        for name in names:
            group.add(name, STUBBORN)
        group.add("quick", "")
        results = group.gather(jobs=jobs, earlier=past(quick=9.0))
        assert next(results)[0].name == "quick"
        pids = [group.pid(name) for name in names]
        handled: list[int] = []
        armed = [True]

        def handle(number: int, frame: object) -> None:
            handled.append(number)
            if armed:
                raise kind(len(handled))

        def interrupt() -> None:
            for name in names:
                wait_for((group.marks / f"asked-{name}.py").exists)
            for count in range(1, 6):
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR1)
                wait_for(lambda: len(handled) >= count)  # noqa: B023
            (group.marks / "go").touch()

        before = signal.signal(signal.SIGUSR1, handle)
        thread = threading.Thread(target=interrupt)
        thread.start()
        try:
            with pytest.raises(kind) as caught:
                results.close()
            left = [pid for pid in pids if not is_gone(pid)]
        finally:
            armed.clear()
            thread.join()
            signal.signal(signal.SIGUSR1, before)
            for pid in pids:
                wait_for(lambda: is_gone(pid))  # noqa: B023
        assert left == []
        assert len(handled) == 5
        assert caught.value.args == (5,)


class TestEndingOnSignals:
    """Requests to terminate."""

    @posix
    @pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
    def test_exit(self, name: str) -> None:
        """A signal is an exit with the status that a shell would show, and handlers come back."""
        number = getattr(signal, name)
        before = signal.getsignal(number)

        def use() -> None:
            with ending_on_signals():
                assert signal.getsignal(number) != before
                os.kill(os.getpid(), number)
                wait_for(lambda: False)

        with pytest.raises(SystemExit) as caught:
            use()
        assert caught.value.code == 128 + number
        assert signal.getsignal(number) == before

    def test_restored(self) -> None:
        """Whatever handlers there were come back at the end."""

        def mine(number: int, frame: object) -> None:
            pass

        names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = [signal.signal(getattr(signal, name), mine) for name in names]
        try:
            with ending_on_signals():
                pass
            assert {signal.getsignal(getattr(signal, name)) for name in names} == {mine}
        finally:
            for name, handler in zip(names, before):
                signal.signal(getattr(signal, name), handler)

    @posix
    @pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"])
    def test_ignored(self, name: str, tmp_path: Path) -> None:
        """What is ignored, as a hangup is under nohup, stays so, and scripts do not inherit it."""
        script = tmp_path / "script.py"
        number = getattr(signal, name)
        script.write_text(f"import os\nos.kill(os.getpid(), {number})\nprint('not ended')\n")
        before = signal.signal(number, signal.SIG_IGN)
        try:
            inherited = run_script(script)
            with ending_on_signals():
                os.kill(os.getpid(), number)
                found = run_script(script)
            assert signal.getsignal(number) is signal.SIG_IGN
        finally:
            signal.signal(number, before)
        if name != "SIGINT" or sys.implementation.name != "pypy":  # which takes that one over
            assert (inherited.ended, inherited.output) == ("exit", "not ended\n")
        assert (found.ended, found.status) == ("signal", -number)

    def test_other_thread(self) -> None:
        """In another thread, which may not set handlers, none is set and nothing fails."""
        before = signal.getsignal(signal.SIGTERM)
        seen = []

        def work() -> None:
            with ending_on_signals():
                seen.append(signal.getsignal(signal.SIGTERM))

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert seen == [before]

    def test_without_hangups(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is no such signal, as on Windows, the other is enough."""
        monkeypatch.delattr(signal, "SIGHUP", raising=False)
        before = signal.getsignal(signal.SIGTERM)
        with ending_on_signals():
            assert signal.getsignal(signal.SIGTERM) != before
        assert signal.getsignal(signal.SIGTERM) == before


def test_python_of_these_tests(group: Group) -> None:
    """Scripts are run by the interpreter that was given, which is here the tests' own."""
    group.add("a", "import sys; print(sys.version_info[:2])\n")
    assert group.all()["a"].output.strip() == str(sys.version_info[:2])
