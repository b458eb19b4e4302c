"""Scripts side by side: in which order, how many at once, and that nothing of them is left."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import textwrap
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from processes import is_gone, posix, wait_for

from poolcontext.capture import process, runner
from poolcontext.capture.interpreter import Interpreter, own
from poolcontext.capture.process import Run
from poolcontext.capture.runner import code_digest, cores, run_scripts
from poolcontext.capture.script import Script, read_script
from poolcontext.capture.snapshot import Snapshot

SRC = Path(runner.__file__).parents[2]

COUNTS = """
    import os, time
    mine = os.path.join(MARKS, "runs-" + os.path.basename(__file__))
    open(mine, "w").close()
    for _ in range(5):
        at_once = sum(name.startswith("runs-") for name in os.listdir(MARKS))
        with open(os.path.join(MARKS, "log"), "a") as log:
            log.write(f"{os.path.basename(__file__)} {at_once}\\n")
        time.sleep(0.02)
    os.remove(mine)
"""
"""Notes how many scripts run at the same time as itself."""

MARK = """
    import os, signal, time
    def mark(kind):
        draft = os.path.join(MARKS, "draft-" + os.path.basename(__file__))
        with open(draft, "w") as file:
            file.write(str(os.getpid()))
        os.replace(draft, draft.replace("draft-", kind))
"""

SLEEPS = f"""
    {MARK}
    mark("pid-")
    time.sleep(60)
"""
"""Says which process it is, and does not end."""

STUBBORN = f"""
    {MARK}
    signal.signal(signal.SIGTERM, lambda number, frame: mark("asked-"))
    mark("pid-")
    while not os.path.exists(os.path.join(MARKS, "go")):
        time.sleep(0.02)
"""
"""Says when it is asked to end, and does so when it may."""

ALONE = "# sphinx_gallery_parallel = False\n"


class Group:
    """Scripts in a folder, and what they leave in another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.marks = folder / "scripts", folder / "marks"
        self.folder.mkdir()
        self.marks.mkdir()
        self.scripts: list[Script] = []
        self.interpreter = own()

    def add(self, source: str, *names: str, first: str = "", packages: Path | None = None) -> None:
        for name in names:
            path = self.folder / f"{name}.py"
            text = first + textwrap.dedent(source).replace("MARKS", repr(str(self.marks)))
            path.write_text(text, encoding="utf-8")
            self.scripts.append(read_script(path, packages))

    def run(self, *before: str, **settings: Any) -> Any:
        """Run them, those that have taken long before the others."""
        digests = {script.name: script.digest() for script in self.scripts}
        earlier: Mapping[str, Snapshot] = {
            name: Snapshot("0" * 64, "2026-11-22", "exit", 0, 99.0 - number, "")
            for number, name in enumerate(before)
        }
        return run_scripts(self.scripts, self.interpreter, digests, earlier=earlier, **settings)

    def all(self, *before: str, **settings: Any) -> dict[str, Snapshot]:
        return {script.name: one for script, one in self.run(*before, **settings)}

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


class TestOrder:
    """Which scripts run when."""

    @pytest.mark.parametrize("jobs", [1, 3])
    def test_bound(self, group: Group, jobs: int) -> None:
        """No more run at once than were asked for, and all come to their end."""
        assert group.all() == {}
        group.add(COUNTS, *"abcde")
        assert {(name, one.status) for name, one in group.all(jobs=jobs).items()} == {
            (name, 0) for name in "abcde"
        }
        assert max(count for _, count in group.log()) <= jobs

    def test_side_by_side(self, group: Group) -> None:
        """As many run at once as were asked for, one a core by default: each of two waits."""
        waits = """
            import os, time
            open(os.path.join(MARKS, os.path.basename(__file__)), "w").close()
            while len(os.listdir(MARKS)) < 2:
                time.sleep(0.02)
        """
        group.add(waits, "a", "b")
        assert {one.ended for one in group.all(jobs=2).values()} == {"exit"}

    def test_order(self, group: Group) -> None:
        """What wants to be alone comes first, then what took long before, then what is new."""
        group.add(COUNTS, *"abcd")
        group.add(COUNTS, *"yz", first=ALONE)
        group.all("d", "c", "gone", jobs=1)
        assert list(dict.fromkeys(name for name, _ in group.log())) == list("yzdcab")
        (group.marks / "log").unlink()
        group.all(jobs=4)
        assert {count for name, count in group.log() if name in "yz"} == {1}
        assert {name for name, _ in group.log()[:10]} == {"y", "z"}

    def test_cores(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As many as this process may use; where nobody knows, all that there are, else one."""
        monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 5, 6}, raising=False)
        assert cores() == 3
        monkeypatch.delattr(os, "sched_getaffinity")
        for count, expected in ((7, 7), (None, 1)):
            monkeypatch.setattr(os, "cpu_count", lambda: count)  # noqa: B023
            assert cores() == expected


class TestSnapshots:
    """What comes out."""

    def test_limits(self, group: Group) -> None:
        """Each has its own time limit, or the one that was asked for."""
        group.add("import time; time.sleep(60)", "own", first="# sphinx_gallery_timeout = 0.5\n")
        assert (group.all()["own"].ended, group.all(timeout=0.2)["own"].status) == ("timeout", None)
        group.add("import time; time.sleep(60)", "asked")
        assert group.all(timeout=0.5)["asked"].ended == "timeout"

    def test_redaction(self, group: Group) -> None:
        """A script that changes itself has the digest of what was begun; places are redacted."""
        group.add(
            """
            import os, sys
            open(__file__, "a").write("more = 1")
            print(os.getcwd(), sys.version_info[:2], os.environ["WORD"], sys.executable)
            """,
            "a",
        )
        before = group.scripts[0].digest()
        one = group.all(environ=lambda script: {"WORD": "hello"})["a"]
        assert one.output.startswith(f"<folder> {sys.version_info[:2]} hello <python>")
        assert before == one.script != group.scripts[0].digest()

    def test_modules(self, group: Group) -> None:
        """A script imports the copy beside it, whose folder is called as its own is."""
        source = "import os, poolcontext; print(poolcontext.__file__, sorted(os.listdir()))"
        group.add(source, "a", packages=SRC)
        file = os.path.join("<folder>", "poolcontext", "__init__.py")
        assert group.all()["a"].output == f"{file} ['a.py', 'poolcontext']\n"

    def test_launcher(self, group: Group) -> None:
        """A launcher starts the interpreter; one that is not there is named, with the script."""
        launcher = "# sphinx_gallery_launcher = 'no-such -n 2'\n"
        group.add("", "a", first=launcher)
        message = r"^a\.py wants 'no-such', and there is no such command$"
        with pytest.raises(OSError, match=message):
            group.all()
        group.scripts.clear()
        if os.name != "nt":
            group.add(
                "import os; print(os.environ['WORD'])",
                "b",
                first=launcher.replace("no-such -n 2", "env WORD=x"),
            )
            assert group.all()["b"].output == "x\n"


class TestEnd:
    """What is left when it ends before its time."""

    def test_close(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        """What runs is ended, and what waits is not begun; nor are the others after one alone."""
        real, begun = runner.run_script, []

        def run(path: Path, *arguments: Any, **settings: Any) -> Run:
            begun.append(path.stem)
            return real(path, *arguments, **settings)

        monkeypatch.setattr(runner, "run_script", run)
        group.add("", "quick")
        group.add(SLEEPS, *"abcd")
        results = group.run("quick", "a", "b", jobs=2)
        assert next(results)[0].name == "quick"
        pids = [group.pid("a"), group.pid("b")]
        results.close()
        assert all(map(is_gone, pids))
        assert sorted(begun) == ["a", "b", "quick"]
        group.add("", "alone", first=ALONE)
        results = group.run()
        assert next(results)[0].name == "alone"
        results.close()
        assert begun[3:] == ["alone"]

    def test_errors(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        """An error of one goes on to the caller, and leaves nothing of the others running."""
        real = runner.run_script

        def fail(path: Path, *arguments: Any, **settings: Any) -> Run:
            if path.stem == "bad":
                group.pid("a")
                raise OSError("it cannot be started")
            return real(path, *arguments, **settings)

        monkeypatch.setattr(runner, "run_script", fail)
        group.add(SLEEPS, *"az")
        group.add("", "bad")
        with pytest.raises(OSError, match="it cannot be started"):
            group.all("a", "bad", jobs=2)
        assert is_gone(group.pid("a"))
        # It may have been begun before the error was heard of.
        assert not (group.marks / "pid-z.py").exists() or is_gone(group.pid("z"))
        monkeypatch.setattr(runner, "run_script", real)
        group.interpreter = Interpreter(("/no/such/python",), *group.interpreter[1:])
        with pytest.raises(OSError, match=r"such|WinError 2"):
            group.all()

    def test_ending_is_heard_in(self, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is never waited long for what ends: an interrupt just before that is not heard."""
        real, pauses = runner.wait, []

        def wait(futures: Any, timeout: float = 999.0) -> Any:
            pauses.append(timeout)
            return real(futures, timeout)

        monkeypatch.setattr(runner, "wait", wait)
        monkeypatch.setattr(process, "GRACE", 0.5)
        group.add(STUBBORN, "a")
        group.add("", "quick")
        results = group.run("quick", jobs=1)
        assert next(results)[0].name == "quick"
        pid = group.pid("a")
        results.close()
        assert is_gone(pid)
        assert len(pauses) > 1
        assert max(pauses) < 0.5

    @posix
    @pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
    @pytest.mark.parametrize("names", ["a", "ab"])
    def test_impatience(
        self, group: Group, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException], names: str
    ) -> None:
        """Interrupts while stubborn scripts are being ended come to the caller once they are."""
        monkeypatch.setattr(process, "GRACE", 60.0)
        group.add(STUBBORN, *names)
        group.add("", "quick")
        results = group.run("quick", jobs=len(names))
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
        assert caught.value.args == (len(handled),) == (5,)


def test_code_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It changes with the code of each module of the room, and not with its prose."""
    copy = shutil.copytree(SRC / "poolcontext" / "capture", tmp_path / "capture")
    before = code_digest()
    assert re.fullmatch("[0-9a-f]{64}", before)
    monkeypatch.setattr(runner, "__file__", str(copy / "runner.py"))
    found = {before}
    modules = sorted(copy.glob("*.py"))
    for module in modules:
        content = module.read_bytes()
        module.write_bytes(b"# changed\n" + content + b'"changed"\n')
        assert code_digest() == before
        module.write_bytes(content + b"changed = 1\n")
        found.add(code_digest())
        module.write_bytes(content)
    assert len(found) == len(modules) + 1
