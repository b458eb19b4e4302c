"""What `run_script` shows of a script, and that nothing of a script outlives its run."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from poolcontext.capture import process as process_module
from poolcontext.capture.process import Run, Terminal, run_script

psutil = pytest.importorskip("psutil", reason="there is no psutil for this Python")

MARK = "POOLCONTEXT_TEST_RUN"
"""A variable that every process of a test's script inherits, and is known by."""

SOON = 15.0
"""Seconds after which something that should be at once has failed, on a busy machine too."""

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no terminal, fork or signal")


class Runner:
    """Writes scripts into one folder and runs them; knows what is left of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, source: str, name: str = "script.py", **settings: Any) -> Run:
        environ = {MARK: str(self.folder), **settings.pop("environ", {})}
        return run_script(self.write(source, name), environ=environ, **settings)

    def write(self, source: str, name: str = "script.py") -> Path:
        script = self.folder / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(textwrap.dedent(source), encoding="utf-8")
        return script

    def left(self) -> list[psutil.Process]:
        """The processes that live and were started by a script of this folder."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                ours = process.environ().get(MARK) == str(self.folder)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Runner]:
    """A function that runs a script's text; afterwards none of its processes may live."""
    runner = Runner(tmp_path)
    yield runner
    wait_for(lambda: not runner.left())
    left = runner.left()
    for process in left:
        process.kill()
    assert not left, f"the run left processes behind: {left}"


def wait_for(happened: Callable[[], object]) -> None:
    """Wait until something is so, or long enough."""
    deadline = time.monotonic() + SOON
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Whether a process is dead, or is within a moment."""

    def dead() -> bool:
        try:
            return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    wait_for(dead)
    return dead()


class TestOutput:
    """What is shown is what `python NAME.py` prints."""

    @posix
    def test_parent_and_workers_in_the_order_written(self, run: Runner, method: str) -> None:
        """What workers print and write is there, between what their parent prints."""
        source = """
            import multiprocessing, os
            from concurrent.futures import ProcessPoolExecutor

            def work(number):
                print("worker prints", number)
                os.write(2, b"worker writes\\n")
                return number

            if __name__ == "__main__":
                print("before")
                context = multiprocessing.get_context(os.environ["METHOD"])
                with ProcessPoolExecutor(2, mp_context=context) as pool:
                    for number in range(3):
                        print("parent got", pool.submit(work, number).result())
                print("after")
        """
        expected = ["before"]
        for number in range(3):
            expected += [f"worker prints {number}", "worker writes", f"parent got {number}"]
        result = run(source, environ={"METHOD": method})
        assert result.output.split("\n") == [*expected, "after", ""]
        assert (result.status, result.ended) == (0, "exit")

    def test_file_arguments_and_folder(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """A script is the main module, a real file, and works in its own folder."""
        script = run.write(
            """
            import json, os, sys
            print(json.dumps([__name__, __file__, sys.argv, os.getcwd(), sys.path[0]]))
            """,
            "inner/facts.py",
        )
        monkeypatch.chdir(run.folder)
        for path in (script, script.relative_to(run.folder)):
            name, file, argv, folder, first = json.loads(run_script(path).output)
            assert name == "__main__"
            assert os.path.isabs(file)
            assert os.path.samefile(file, script)
            assert argv == ["facts.py"]
            assert os.path.samefile(folder, script.parent)
            assert os.path.samefile(first, script.parent)

    @posix
    def test_terminal(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has a session of its own and a terminal of 80 columns, whatever the caller has."""
        monkeypatch.setenv("COLUMNS", "123")
        monkeypatch.setenv("LINES", "45")
        result = run(
            """
            import os, shutil
            print(os.getsid(0) == os.getpid() == os.getpgrp())
            print([os.isatty(descriptor) for descriptor in range(3)])
            print(*shutil.get_terminal_size())
            print("x" * 100)
            """
        )
        facts = ["True", "[True, True, True]", "80 24", "x" * 100, ""]
        assert result.output.split("\n") == facts

    def test_environment(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """No inherited variable of Python's or for colours reaches it; others and ours do."""
        for name in ("PYTHONHASHSEED", "PYTHONSTARTUP", "PYTHONUNBUFFERED", "PYTHON_JIT"):
            monkeypatch.setenv(name, "1")
        monkeypatch.setenv("PYTHON_COLORS", "1")
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("INHERITED", "yes")
        monkeypatch.delenv("NO_COLOR", raising=False)
        source = "import json, os; print(json.dumps(dict(os.environ)))"
        found = json.loads(run(source, environ={"PYTHONPATH": "ours"}).output)
        found.pop("PYTHONIOENCODING", None)  # Windows has it, in place of a console
        python = {name: value for name, value in found.items() if name.startswith("PYTHON")}
        assert python == {"PYTHON_COLORS": "0", "PYTHONPATH": "ours"}
        assert (found["NO_COLOR"], found["TERM"], found["INHERITED"]) == ("1", "dumb", "yes")
        assert "FORCE_COLOR" not in found
        assert "COLUMNS" not in found

    def test_invalid_utf_8(self, run: Runner) -> None:
        """Bytes that are no UTF-8 are shown as escapes."""
        result = run("import sys; sys.stdout.buffer.write('é'.encode() + b' a\\xffb\\n')")
        assert result.output == "é a\\xffb\n"

    def test_bound(self, run: Runner) -> None:
        """A script that prints for ever is ended, and the middle of its output is left out."""
        source = """
            number = 0
            while True:
                print("line", number)
                number += 1
        """
        result = run(source, timeout=2, limit=2000)
        assert (result.status, result.ended) == (None, "timeout")
        assert len(result.output.encode()) <= 2000
        before, count, after = re.split(r"\[\.\.\. (\d+) bytes left out \.\.\.\]\n", result.output)
        assert before.startswith("line 0\nline 1\n")
        assert before.endswith("\n")
        assert int(count) > 2000
        numbers = [int(line.split()[1]) for line in after.splitlines()[:-1]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))

    @posix
    def test_child_that_writes_late(self, run: Runner) -> None:
        """What a child writes soon after its parent's end is shown as well."""
        result = run(
            """
            import os, time
            parent = os.getpid()
            if os.fork() == 0:
                while os.getppid() == parent:
                    time.sleep(0.01)
                print("late", flush=True)
                os._exit(0)
            print("parent", flush=True)
            os._exit(0)
            """
        )
        assert result.output == "parent\nlate\n"

    def test_two_at_once(self, run: Runner) -> None:
        """Two runs in threads, each waiting for the other, keep their outputs apart."""
        source = """
            import os, sys, time
            own, other = os.environ["OWN"], os.environ["OTHER"]
            open(own, "w").close()
            while not os.path.exists(other):
                time.sleep(0.01)
            for _ in range(500):
                print(own)
            sys.exit(len(own))
        """
        results: dict[str, Run] = {}

        def one(own: str, other: str) -> None:
            environ = {"OWN": own, "OTHER": other}
            results[own] = run(source, f"{own}.py", environ=environ, timeout=2 * SOON)

        pairs = [("a", "other"), ("other", "a")]
        threads = [threading.Thread(target=one, args=pair) for pair in pairs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for own, _ in pairs:
            assert results[own].output == f"{own}\n" * 500
            assert results[own].status == len(own)


class TestEnd:
    """How a script ended."""

    def test_exit_status(self, run: Runner) -> None:
        """An exit status is kept, as is how long it took."""
        result = run("import sys, time; time.sleep(0.2); print('no'); sys.exit(3)")
        assert (result.output, result.status, result.ended) == ("no\n", 3, "exit")
        assert 0.2 <= result.seconds < SOON

    @posix
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["term", "kill"])
    def test_signal(self, run: Runner, number: int) -> None:
        """A script that a signal ends has its number, negative, for a status."""
        source = f"import os; print('dying', flush=True); os.kill(os.getpid(), {int(number)})"
        assert run(source)[:2] == ("dying\n", -number)
        assert run(source).ended == "signal"

    def test_time_limit(self, run: Runner) -> None:
        """A script that hangs is ended, and has no status; what it wrote before is there."""
        result = run("import time; print('hangs', flush=True); time.sleep(60)", timeout=2)
        assert (result.output, result.status, result.ended) == ("hangs\n", None, "timeout")
        assert 2 <= result.seconds < SOON

    @posix
    def test_script_that_ignores_sigterm(self, run: Runner) -> None:
        """At its time limit a script ends that does not let itself be asked to."""
        source = """
            import os, signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            print(os.getpid(), flush=True)
            time.sleep(60)
        """
        result = run(source, timeout=2)
        assert result.ended == "timeout"
        assert is_gone(int(result.output))

    @posix
    def test_closed_outputs_are_no_end(self, run: Runner) -> None:
        """A script that closes its outputs runs on, and its status is waited for."""
        source = """
            import os, time
            print("closing", flush=True)
            os.closerange(0, 3)
            time.sleep(0.5)
            os._exit(7)
        """
        result = run(source)
        assert (result.output, result.status, result.ended) == ("closing\n", 7, "exit")
        assert result.seconds >= 0.5

    @posix
    def test_time_limit_with_closed_outputs(
        self, run: Runner, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The time limit holds for such a script, too, whose terminal is not asked in vain."""
        ended = []

        class Counting(Terminal):
            def read(self, seconds: float) -> bytes:
                ended.append(self.ended)
                return super().read(seconds)

        monkeypatch.setattr(process_module, "Terminal", Counting)
        source = "import os, time; os.closerange(0, 3); time.sleep(60)"
        assert run(source, timeout=1).ended == "timeout"
        assert ended
        assert not any(ended)

    def test_stop_from_another_thread(self, run: Runner) -> None:
        """Setting the event ends a run that has begun."""
        stop = threading.Event()

        def end_it_once_it_runs() -> None:
            wait_for((run.folder / "runs").exists)
            stop.set()

        thread = threading.Thread(target=end_it_once_it_runs)
        thread.start()
        result = run("import time; open('runs', 'w').close(); time.sleep(60)", stop=stop)
        thread.join()
        assert (run.folder / "runs").exists()
        assert (result.status, result.ended) == (None, "interrupt")
        assert result.seconds < 2 * SOON

    def test_stop_that_is_set_already(self, run: Runner) -> None:
        """Nothing is waited for when the event was set before."""
        stop = threading.Event()
        stop.set()
        assert run("import time; time.sleep(60)", stop=stop).ended == "interrupt"

    @posix
    def test_interrupt_from_the_keyboard(self, run: Runner) -> None:
        """A KeyboardInterrupt ends the script before it leaves run_script."""
        script = run.write(
            """
            import os, time
            with open("draft", "w") as file:
                file.write(str(os.getpid()))
            os.rename("draft", "pid")
            time.sleep(60)
            """
        )
        driver = (
            "import pathlib, signal, sys\n"
            "from poolcontext.capture.process import run_script\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "try:\n"
            "    run_script(pathlib.Path(sys.argv[1]))\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted')\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", driver, str(script)],
            env={**os.environ, MARK: str(run.folder)},
            stdout=subprocess.PIPE,
        )
        try:
            wait_for((run.folder / "pid").exists)
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=SOON)[0] == b"interrupted\n"
        finally:
            process.kill()
            process.communicate()
        assert is_gone(int((run.folder / "pid").read_text()))

    @posix
    def test_second_interrupt(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """An interrupt while a script is being ended does not save it, and leaves no zombie."""

        def interrupted(*args: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(process_module, "_drain", interrupted)
        source = """
            import signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            time.sleep(60)
        """
        with pytest.raises(KeyboardInterrupt):
            run(source, timeout=1)
        wait_for(lambda: not run.left())
        assert not run.left()
        # A dead child that nobody has waited for stays as a zombie.
        children = psutil.Process().children()
        assert psutil.STATUS_ZOMBIE not in [child.status() for child in children]

    @posix
    def test_without_waitid(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where there is no waitid, as on macOS before Python 3.13, it ends the same ways."""
        monkeypatch.delattr(os, "waitid", raising=False)
        assert run("import sys; print('no'); sys.exit(3)")[:2] == ("no\n", 3)
        result = run("import os, time; print(os.getpid(), flush=True); time.sleep(60)", timeout=2)
        assert result.ended == "timeout"
        assert is_gone(int(result.output))


class TestNothingStays:
    """Whatever a script started ends with it."""

    @posix
    @pytest.mark.parametrize("quiet", ["", "yes"], ids=["holds terminal", "holds nothing"])
    @pytest.mark.parametrize("stubborn", ["", "yes"], ids=["ends", "ignores SIGTERM"])
    def test_child_left_behind(self, run: Runner, quiet: str, stubborn: str) -> None:
        """A child that outlives its parent is ended, and the parent's status is kept."""
        child = (
            "import os, signal, time\n"
            "if os.environ['STUBBORN']:\n"
            "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "open('alive', 'w').close()\n"
            "time.sleep(60)\n"
        )
        source = f"""
            import os, subprocess, sys, time
            null = subprocess.DEVNULL if os.environ["QUIET"] else None
            command = [sys.executable, "-c", {child!r}]
            child = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
            while not os.path.exists("alive"):
                time.sleep(0.01)
            print(child.pid)
            sys.exit(4)
        """
        result = run(source, environ={"QUIET": quiet, "STUBBORN": stubborn})
        assert (result.status, result.ended) == (4, "exit")
        assert (run.folder / "alive").exists()
        assert is_gone(int(result.output))

    @posix
    def test_child_that_escapes(self, run: Runner) -> None:
        """A child in a session of its own cannot be ended, and is not waited for."""
        source = """
            import os, time
            if os.fork() == 0:
                os.setsid()
                open("alive", "w").close()
                time.sleep(60)
                os._exit(0)
            while not os.path.exists("alive"):
                time.sleep(0.01)
            print("parent")
        """
        started = time.monotonic()
        result = run(source)
        seconds = time.monotonic() - started
        escaped = run.left()
        for process in escaped:
            process.kill()
        assert result[:2] == ("parent\n", 0)
        assert len(escaped) == 1
        assert seconds < SOON

    def test_executor_without_guard(self, run: Runner) -> None:
        """Under spawn, an executor that a module makes when imported breaks and ends itself."""
        source = """
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
            print(pool.submit(abs, -1).result())
        """
        result = run(source)
        assert (result.status, result.ended) == (1, "exit")
        assert "bootstrapping phase" in result.output
        assert "concurrent.futures.process.BrokenProcessPool: " in result.output

    def test_pool_without_guard(self, run: Runner) -> None:
        """Under spawn, such a Pool starts workers for ever, and ends at the time limit."""
        source = """
            import multiprocessing

            pool = multiprocessing.get_context("spawn").Pool(2)
            print(pool.map(abs, [-1]))
        """
        result = run(source, timeout=3)
        assert (result.status, result.ended) == (None, "timeout")
        assert result.output.count("bootstrapping phase") > 2  # more than the two it was to have

    @pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="semaphores are no files here")
    def test_semaphores(self, run: Runner) -> None:
        """A pool that is ended at the time limit leaves none of its semaphores in the system."""
        source = """
            import gc, multiprocessing, os, time
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing.synchronize import SemLock

            if __name__ == "__main__":
                context = multiprocessing.get_context("spawn")
                with ProcessPoolExecutor(1, mp_context=context) as pool:
                    waiting = pool.submit(time.sleep, 60)
                    for lock in gc.get_objects():
                        if isinstance(lock, SemLock):
                            file = "/dev/shm/sem." + lock._semlock.name.lstrip("/")
                            assert os.path.exists(file)
                            print(file, flush=True)
                    waiting.result()
        """
        result = run(source, timeout=3)
        assert result.ended == "timeout", result.output
        files = [Path(line) for line in result.output.splitlines()]
        leaked = [file for file in files if file.exists()]
        for file in leaked:
            file.unlink()
        assert len(files) > 1
        assert not leaked


def descriptors() -> int:
    """How many descriptors, or handles, this process has open."""
    process = psutil.Process()
    return int(getattr(process, "num_handles" if os.name == "nt" else "num_fds")())


class TestDescriptors:
    """No descriptor is left open in the process that runs scripts."""

    def test_ordinary_run(self, run: Runner) -> None:
        """A run that ends by itself gives everything back, and so does one that is ended."""
        run("print('warm')")
        before = descriptors()
        run("print('again')")
        run("import time; time.sleep(60)", timeout=0.5)
        wait_for(lambda: descriptors() <= before)
        assert descriptors() <= before

    def test_command_that_does_not_exist(self, run: Runner) -> None:
        """A command that cannot be started is an OSError, and leaves nothing open."""
        before = descriptors()
        with pytest.raises(OSError, match="no-such-python"):
            run("", python=["no-such-python-anywhere"])
        assert descriptors() == before


@posix
class TestWindows:
    """The way without terminal and process groups, on a simulated Windows."""

    @pytest.fixture(autouse=True)
    def _windows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(process_module, "WINDOWS", True)
        monkeypatch.setattr(process_module, "NEW_GROUP", 0)  # POSIX refuses any other
        self.taskkill(monkeypatch, kill_tree)

    def taskkill(
        self, monkeypatch: pytest.MonkeyPatch, action: Callable[[psutil.Process], None]
    ) -> None:
        """Put a function in the place of the program taskkill."""

        def run(
            command: list[str], capture_output: bool, check: bool
        ) -> subprocess.CompletedProcess[bytes]:
            assert command[:-1] == ["taskkill", "/T", "/F", "/PID"]
            assert capture_output
            assert not check
            action(psutil.Process(int(command[-1])))
            return subprocess.CompletedProcess(command, 0)

        monkeypatch.setattr(subprocess, "run", run)

    def test_pipe(self, run: Runner) -> None:
        """Output comes through a pipe, as UTF-8; there is nothing to read."""
        source = """
            import os, sys
            sys.stdout.buffer.write(b"Windows ends lines so\\r\\n")
            print("é →", os.environ["PYTHONIOENCODING"], [os.isatty(n) for n in range(3)])
            print(repr(sys.stdin.read()), file=sys.stderr)
        """
        result = run(source)
        lines = ["Windows ends lines so", "é → utf-8 [False, False, False]", "''"]
        assert sorted(result.output.splitlines()) == sorted(lines)
        assert (result.status, result.ended) == (0, "exit")

    def test_time_limit(self, run: Runner) -> None:
        """At the time limit the whole tree is ended."""
        source = """
            import os, time
            pid = os.fork()
            if pid:
                print(os.getpid(), pid, flush=True)
            time.sleep(60)
        """
        result = run(source, timeout=2)
        assert (result.status, result.ended) == (None, "timeout")
        pids = [int(pid) for pid in result.output.split()]
        assert len(pids) == 2
        assert all(map(is_gone, pids))

    def test_descriptors(self, run: Runner) -> None:
        """No descriptor and no thread stays, be the command found or not."""
        before = descriptors(), threading.active_count()
        run("print('ends')")
        with pytest.raises(OSError, match="no-such-python"):
            run("", python=["no-such-python-anywhere"])
        wait_for(lambda: (descriptors(), threading.active_count()) == before)
        assert (descriptors(), threading.active_count()) == before

    def test_output_without_end(self, run: Runner) -> None:
        """A script that writes faster than it is read leaves no thread and no descriptor."""
        before = descriptors(), threading.active_count()
        result = run("while True: print('x' * 1000)", timeout=1, limit=1000)
        assert result.ended == "timeout"
        wait_for(lambda: (descriptors(), threading.active_count()) == before)
        assert (descriptors(), threading.active_count()) == before

    @pytest.mark.parametrize("missing", [False, True], ids=["does nothing", "is missing"])
    def test_taskkill_fails(
        self, run: Runner, monkeypatch: pytest.MonkeyPatch, missing: bool
    ) -> None:
        """Where taskkill is of no use, the script itself is still ended."""

        def useless(process: psutil.Process) -> None:
            if missing:
                raise FileNotFoundError("taskkill")

        self.taskkill(monkeypatch, useless)
        source = "import time; time.sleep(4); open('done', 'w').close()"
        assert run(source, timeout=1).ended == "timeout"
        wait_for(lambda: not run.left())
        assert not (run.folder / "done").exists()


def kill_tree(process: psutil.Process) -> None:
    """Do what `taskkill /T /F` does."""
    for one in [*process.children(recursive=True), process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
