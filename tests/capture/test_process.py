"""What `run_script` shows of a script, and that nothing of a script outlives its run."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import SOON, is_dead, is_gone, living, posix, wait_for, windows

from poolcontext.capture import process
from poolcontext.capture.process import Run, ending_on_signals, run_script
from poolcontext.capture.stream import Bounded, Pipe, Terminal

MARK = "POOLCONTEXT_TEST_RUN"
"""A variable that every process of a test's script inherits, and is known by."""

LEFT_OUT = re.compile(r"\[\.\.\. (\d+) bytes left out \.\.\.\]\n")


class Runner:
    """Writes scripts into one folder and runs them; knows what is left of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, source: str, **settings: Any) -> Run:
        environ = {MARK: str(self.folder), **settings.pop("environ", {})}
        return run_script(self.write(source), environ=environ, **settings)

    def until(self, count: int, source: str, **settings: Any) -> Run:
        """Run a script, and have it stopped once so many processes have left their numbers."""
        stop = threading.Event()

        def end_it_once_it_runs() -> None:
            wait_for(lambda: len(self.pids()) >= count)
            stop.set()

        thread = threading.Thread(target=end_it_once_it_runs)
        thread.start()
        try:
            return self(source, stop=stop, **settings)
        finally:
            thread.join()

    def pids(self) -> list[int]:
        """The processes that have left their numbers as names of files."""
        return [int(path.name[4:]) for path in self.folder.glob("pid-*")]

    def write(self, source: str, name: str = "script.py") -> Path:
        script = self.folder / name
        script.parent.mkdir(exist_ok=True)
        script.write_text(textwrap.dedent(source), encoding="utf-8")
        return script

    def left(self) -> list[int]:
        return living(f"{MARK}={self.folder}")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Runner]:
    """A function that runs a script's text; afterwards none of its processes may live."""
    runner = Runner(tmp_path)
    yield runner
    try:
        wait_for(lambda: not runner.left())
    finally:
        for pid in runner.left():
            os.kill(pid, signal.SIGKILL)


def descriptors() -> tuple[int, int]:
    """How many descriptors and threads this process has."""
    return len(os.listdir("/dev/fd")), threading.active_count()


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
        source = "import json, os, sys\n"
        source += "print(json.dumps([__name__, __file__, sys.argv, os.getcwd(), sys.path[0]]))\n"
        script = run.write(source, "inner/facts.py")
        monkeypatch.chdir(run.folder)
        for path in (script, script.relative_to(run.folder)):
            name, file, argv, folder, first = json.loads(run_script(path).output)
            assert (name, argv) == ("__main__", ["facts.py"])
            assert os.path.isabs(file)
            assert os.path.samefile(file, script)
            assert os.path.samefile(folder, script.parent)
            assert os.path.samefile(first, script.parent)

    @posix
    def test_terminal(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """It has a session of its own and a terminal of 80 columns, whatever the caller has."""
        monkeypatch.setenv("COLUMNS", "123")
        monkeypatch.setenv("LINES", "45")
        result = run(
            """
            import os
            print(os.getsid(0) == os.getpid() == os.getpgrp())
            print([os.isatty(descriptor) for descriptor in range(3)])
            print(*os.get_terminal_size())
            print("x" * 100)
            """
        )
        facts = ["True", "[True, True, True]", "80 24", "x" * 100, ""]
        assert result.output.split("\n") == facts

    def test_environment(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """No inherited variable of Python's or for colours reaches it; others and ours do."""
        dropped = ("PYTHONHASHSEED", "PYTHONSTARTUP", "PYTHONUNBUFFERED", "PYTHON_JIT")
        for name in (*dropped, "PYTHON_COLORS", "FORCE_COLOR", "COLUMNS", "INHERITED"):
            monkeypatch.setenv(name, "1")
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.delenv("NO_COLOR", raising=False)
        source = "import json, os; print(json.dumps(dict(os.environ)))"
        found = json.loads(run(source, environ={"PYTHONPATH": "ours"}).output)
        found.pop("PYTHONIOENCODING", None)  # Windows has it, in place of a console
        python = {name: value for name, value in found.items() if name.startswith("PYTHON")}
        assert python == {"PYTHON_COLORS": "0", "PYTHONPATH": "ours"}
        assert (found["NO_COLOR"], found["TERM"], found["INHERITED"]) == ("1", "dumb", "1")
        assert not {"FORCE_COLOR", "COLUMNS"} & set(found)

    def test_bound(self, run: Runner) -> None:
        """A script that prints for ever is ended, and the middle of its output is left out."""
        source = """
            import itertools
            for number in itertools.count():
                print("line", number, flush=number == 10_000)
                if number == 10_000:
                    open("pid-0", "w").close()
        """
        result = run.until(1, source, limit=2000)
        assert (result.status, result.ended) == (None, "interrupt")
        assert len(result.output.encode()) <= 2000
        before, count, after = LEFT_OUT.split(result.output)
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


MARKED = "import os, time; open(f'pid-{os.getpid()}', 'w').close()"

SLEEPS = f"print('hangs', flush=True); {MARKED}; time.sleep(60)"

STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"

MUTE = f"{MARKED}; os.closerange(0, 3); time.sleep(60)"


class TestEnd:
    """How a script ended."""

    @pytest.mark.parametrize("waitid", [True, False], ids=["", "without waitid"])
    @pytest.mark.parametrize(
        ("source", "expected"),
        [
            ("import sys; print('no'); sys.exit(3)", ("no\n", 3, "exit")),
            ("import sys; sys.stdout.buffer.write(b'a\\xff')", ("a\\xff", 0, "exit")),
            *(
                pytest.param(
                    f"import os; print('dying', flush=True); os.kill(os.getpid(), {number})",
                    ("dying\n", -number, "signal"),
                    marks=posix,
                )
                for number in (9, 15)
            ),
            pytest.param(
                "import os, time; os.closerange(0, 3); time.sleep(0.3); os._exit(7)",
                ("", 7, "exit"),
                marks=posix,
            ),
        ],
    )
    def test_status(
        self,
        run: Runner,
        monkeypatch: pytest.MonkeyPatch,
        source: str,
        expected: tuple[str, int, str],
        waitid: bool,
    ) -> None:
        """Its status is kept, also after it closed its outputs, and on macOS before Python 3.13."""
        if not waitid:
            monkeypatch.delattr(os, "waitid", raising=False)
        result = run(source)
        assert (result.output, result.status, result.ended) == expected
        assert 0 < result.seconds < SOON

    def test_time_limit(self, run: Runner) -> None:
        """A script that hangs is ended, and has no status; what it wrote before is there."""
        result = run(SLEEPS, timeout=3)
        assert (result.output, result.status, result.ended) == ("hangs\n", None, "timeout")
        assert 3 <= result.seconds < SOON

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

        monkeypatch.setattr(process, "Terminal", Counting)
        assert run(MUTE, timeout=1).ended == "timeout"
        assert ended
        assert not any(ended)

    @pytest.mark.parametrize("source", [SLEEPS, pytest.param(STUBBORN, marks=posix), MUTE])
    @pytest.mark.parametrize("waitid", [True, False], ids=["", "without waitid"])
    def test_stop_from_another_thread(
        self, run: Runner, monkeypatch: pytest.MonkeyPatch, source: str, waitid: bool
    ) -> None:
        """Setting the event ends a run, also of a script that does not let itself be asked to."""
        monkeypatch.setattr(process, "GRACE", 0.2)
        if not waitid:
            monkeypatch.delattr(os, "waitid", raising=False)
        result = run.until(1, source)
        assert (result.status, result.ended) == (None, "interrupt")
        assert is_gone(*run.pids())

    @posix
    def test_interrupt_from_the_keyboard(self, run: Runner) -> None:
        """A KeyboardInterrupt ends the script before it leaves run_script."""
        script = run.write(SLEEPS)
        driver = (
            "import pathlib, signal, sys\n"
            "from poolcontext.capture.process import run_script\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "try:\n"
            "    run_script(pathlib.Path(sys.argv[1]))\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted')\n"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", driver, str(script)],
            env={**os.environ, MARK: str(run.folder)},
            stdout=subprocess.PIPE,
        )
        try:
            wait_for(run.pids)
            child.send_signal(signal.SIGINT)
            assert child.communicate(timeout=SOON)[0] == b"interrupted\n"
            assert is_dead(*run.pids())
        finally:
            child.kill()
            child.communicate()

    @posix
    def test_second_interrupt(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """An interrupt while a script is being ended does not save it, and leaves no zombie."""

        def interrupted(*args: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(process, "_drain", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.until(1, STUBBORN)
        assert is_gone(*run.pids())


@pytest.mark.skipif(os.name == "nt", reason="what asks for input there reads no terminal")
@pytest.mark.parametrize(
    "code",
    [
        "import sys\nassert sys.stdin.isatty()\nassert sys.stdin.read() == sys.stdin.read() == ''",
        "input('name? ')",
        "import readline\ninput('name? ')",
        "import getpass\ngetpass.getpass()",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'input()'], check=True)",
        "breakpoint()\nprint(1)",
    ],
    ids=["read", "input", "readline", "getpass", "child", "debugger"],
)
def test_no_input(run: Runner, code: str) -> None:
    """Whatever asks for input is told at once that none comes, and does not wait for the limit."""
    done = run(code, timeout=60)
    assert done.ended == "exit"
    assert done.seconds < 30
    assert (done.status == 0) == ("isatty" in code)


class TestNothingStays:
    """Whatever a script started ends with it."""

    @posix
    @pytest.mark.parametrize("quiet", ["", "yes"], ids=["holds terminal", "holds nothing"])
    @pytest.mark.parametrize("stubborn", ["", "yes"], ids=["ends", "ignores SIGTERM"])
    def test_child_left_behind(
        self, run: Runner, monkeypatch: pytest.MonkeyPatch, quiet: str, stubborn: str
    ) -> None:
        """A child that outlives its parent is ended, and the parent's status is kept."""
        monkeypatch.setattr(process, "GRACE", 0.3)
        source = f"""
            import os, subprocess, sys, time
            null = subprocess.DEVNULL if os.environ["QUIET"] else None
            command = [sys.executable, "-c", {STUBBORN if stubborn else SLEEPS!r}]
            child = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
            while not os.path.exists(f"pid-{{child.pid}}"):
                time.sleep(0.01)
            sys.exit(4)
        """
        result = run(source, environ={"QUIET": quiet})
        assert (result.status, result.ended) == (4, "exit")
        wait_for(lambda: is_dead(*run.pids()))

    @posix
    def test_child_that_escapes(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """A child in a session of its own cannot be ended, and is not waited for."""
        monkeypatch.setattr(process, "GRACE", 0.2)
        source = """
            import os, time
            if os.fork() == 0:
                os.setsid()
                open(f"pid-{os.getpid()}", "w").close()
                time.sleep(60)
                os._exit(0)
            while len(os.listdir()) < 2:
                time.sleep(0.01)
            print("parent")
        """
        result = run(source)
        (pid,) = run.pids()
        alive = not is_dead(pid)
        os.kill(pid, signal.SIGKILL)
        assert result[:2] == ("parent\n", 0)
        assert alive

    def test_pool_without_guard(self, run: Runner) -> None:
        """Under spawn, such a Pool starts workers for ever, and ends at the time limit."""
        source = """
            import multiprocessing, os
            open(f"pid-{os.getpid()}", "w").close()
            pool = multiprocessing.get_context("spawn").Pool(2)
            print(pool.map(abs, [-1]))
        """
        result = run.until(5, source)  # more than the two that it was to have
        assert (result.status, result.ended) == (None, "interrupt")
        assert "bootstrapping phase" in result.output

    @posix
    @pytest.mark.skipif(not os.path.isdir("/dev/shm"), reason="semaphores are no files here")
    def test_semaphores(self, run: Runner) -> None:
        """A pool that is ended leaves none of its semaphores in the system."""
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
                            name = lock._semlock.name.lstrip("/")
                            ways = ["/dev/shm/sem." + name, "/dev/shm/" + name]  # glibc's, musl's
                            (file,) = filter(os.path.exists, ways)
                            with open("files", "a") as files:
                                print(file, file=files)
                    open("pid-0", "w").close()
                    waiting.result()
        """
        run.until(1, source)
        files = [Path(line) for line in (run.folder / "files").read_text().splitlines()]
        leaked = [file for file in files if file.exists()]
        for file in leaked:
            file.unlink()
        assert len(files) > 1
        assert not leaked

    @posix
    @pytest.mark.parametrize("windows", [False, True], ids=["", "simulated Windows"])
    def test_descriptors(self, run: Runner, monkeypatch: pytest.MonkeyPatch, windows: bool) -> None:
        """Every run gives all back: one that ends, is ended, writes without end or cannot start."""
        run("print('warm')")
        before = descriptors()
        if windows:
            simulate_windows(monkeypatch)
        run("print('again')")
        run.until(1, SLEEPS)
        run.until(2, f"{MARKED}\nwhile True: print('x' * 1000)", limit=1000)
        with pytest.raises(OSError, match="no-such-python"):
            run("", python=["no-such-python-anywhere"])
        wait_for(lambda: descriptors() == before)


def simulate_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no terminal, no process groups, and no jobs that would do anything."""

    class Job:
        begin = staticmethod(lambda process: None)
        close = staticmethod(lambda: None)

    monkeypatch.setattr(process, "WINDOWS", True)
    monkeypatch.setattr(process, "CREATION_FLAGS", 0)  # POSIX refuses any other
    monkeypatch.setattr(process, "Job", Job)


@posix
class TestSimulatedWindows:
    """The way without terminal and process groups, where there is no Windows."""

    def test_pipe(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """Output comes through a pipe, as UTF-8; there is nothing to read."""
        simulate_windows(monkeypatch)
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

    def test_not_in_the_job(self, run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
        """A script that has not come into its job is ended all the same."""
        simulate_windows(monkeypatch)
        monkeypatch.setattr(process.Job, "begin", staticmethod(lambda process: 1 / 0))
        ended = []
        monkeypatch.setattr(subprocess.Popen, "kill", lambda self: ended.append(self.pid))
        with pytest.raises(ZeroDivisionError):
            run("")
        assert len(ended) == 1


@windows
class TestJob:
    """How Windows ends what a script leaves behind."""

    def test_nothing_stays(self, run: Runner) -> None:
        """A child, a grandchild and one whose parent has ended all end with the script."""
        start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {SLEEPS!r}])"
        source = f"""
            import os, subprocess, sys, time
            subprocess.run([sys.executable, "-c", {start!r}])  # whose child has no parent any more
            subprocess.Popen([sys.executable, "-c", {start + ".wait()"!r}])
            subprocess.Popen([sys.executable, "-c", {SLEEPS!r}])
            {MARKED}
            while len([name for name in os.listdir() if name.startswith("pid-")]) < 4:
                time.sleep(0.01)
            sys.exit(4)
        """
        result = run(source)
        assert (result.status, result.ended) == (4, "exit")
        assert len(run.pids()) == 4
        wait_for(lambda: is_gone(*run.pids()))

    def test_ended_with_us(self, run: Runner) -> None:
        """A script ends, too, when the process that runs it is ended without a warning."""
        driver = "import pathlib, sys; from poolcontext.capture.process import run_script; "
        driver += "run_script(pathlib.Path(sys.argv[1]))"
        command = [sys.executable, "-c", driver, str(run.write(SLEEPS))]
        with subprocess.Popen(command) as child:
            wait_for(run.pids)
            child.kill()
        wait_for(lambda: is_gone(*run.pids()))

    def test_cannot_start(self, run: Runner) -> None:
        """What cannot be started leaves no job and no thread behind."""
        threads = threading.active_count()
        with pytest.raises(OSError, match=r"\[WinError 2\]"):
            run("", python=["no-such-python-anywhere"])
        assert threading.active_count() == threads

    def test_crash(self, run: Runner) -> None:
        """The status of a crash is the number that Windows says, and no signal."""
        result = run("import os; os._exit(-0x3FFFFFFB)")
        assert (result.status, result.ended) == (0xC0000005, "exit")


def kept(data: bytes, limit: int, chunk: int = 1000) -> str:
    """What is shown of a stream that arrives in chunks."""
    output = Bounded(limit)
    for start in range(0, len(data), chunk):
        output.add(data[start : start + chunk])
        assert len(output.head) + len(output.tail) < 5 * max(limit, 64) + chunk
    assert output.text() == output.text()
    return output.text()


class TestBounded:
    """How much of an output is kept."""

    @pytest.mark.parametrize("chunk", [1, 7, 100_000], ids=["bytes", "small", "whole"])
    def test_cut_between_lines(self, chunk: int) -> None:
        """What just fits is whole; else first and last lines are left, in half a bound each."""
        fits = b"".join(b"%05d\n" % number for number in range(156))
        assert len(fits) == 1000 - 64
        assert kept(fits, 1000, chunk) == fits.decode()
        assert LEFT_OUT.search(kept(b"x" + fits, 1000, chunk))
        lines = [f"line {number}\n" for number in range(5000)]
        before, count, after = LEFT_OUT.split(kept("".join(lines).encode(), 1000, chunk))
        shown = before.splitlines(keepends=True), after.splitlines(keepends=True)
        assert lines[: len(shown[0])] == shown[0]
        assert lines[-len(shown[1]) :] == shown[1]
        for part in (before, after):
            assert (1000 - 64) / 2 - len(lines[-1]) <= len(part) <= (1000 - 64) / 2
        assert len(before) + int(count) + len(after) == len("".join(lines))

    @pytest.mark.parametrize("limit", [0, 1, 64, 66, 67, 70, 100, 1000, 4096])
    @pytest.mark.parametrize(
        "unit", ["x", "y\n", "\n", "é→𝄞", "\udc80", "long line\r\n"], ids=ascii
    )
    def test_never_longer_than_the_bound(self, unit: str, limit: int) -> None:
        """The text, its marker included, is no longer than the limit, or than 64 bytes."""
        data = unit.encode(errors="surrogateescape")
        for size in (1, limit, 3 * limit + 1, 30_000):
            text = kept(data * (size // len(data) + 1), limit)
            assert len(text.encode().replace(b"\\x80", b"\x80")) <= max(limit, 64)

    @pytest.mark.parametrize("shift", range(4))
    @pytest.mark.parametrize("character", ["é", "→", "𝄞"], ids=["2", "3", "4 bytes"])
    def test_cut_between_characters(self, character: str, shift: int) -> None:
        """Where there is no line to cut at, no character is torn, and no byte is uncounted."""
        data = b"x" * shift + character.encode() * 1000 + b"y"
        before, count, after = LEFT_OUT.split(kept(data, 300))
        before = before.rstrip("\n")
        assert before.strip("x").strip(character) == ""
        assert after.strip(character) == "y"
        assert min(len(before.encode()), len(after.encode())) > 100
        assert len(before.encode()) + int(count) + len(after.encode()) == len(data)

    def test_long_lines(self) -> None:
        """A line without end is cut inside, and of a long last line the end is shown."""
        text = kept(b"a" * 5000 + b"b" * 5000, 1000)
        assert re.fullmatch(r"a{468}\n\[\.\.\. 9064 bytes left out \.\.\.\]\nb{468}", text)
        text = kept(b"first\n" * 1000 + b"x" * 5000 + b"\n", 1000)
        assert text.startswith("first\n")
        assert text.endswith("x" * 400 + "\n")
        assert kept(b"\r" * 1_000_000 + b"\n", 3_000_000, 100_000) == "\n"  # in linear time

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"", ""),
            (b"a\r\nb\r\n", "a\nb\n"),
            (b"a\r\r\r\r\n\r\n", "a\n\n"),
            (b"10 %\r20 %\r\n", "10 %\r20 %\n"),
            (b"\r\r", "\r\r"),
            (b"a\n\rb", "a\n\rb"),
            (b"a\tb\fc\vd\0e\x1b[0m", "a\tb\fc\vd\0e\x1b[0m"),
            (b"a\xffb\xc3(\n", "a\\xffb\\xc3(\n"),
            (b"\xc3", "\\xc3"),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
            ("\ufeffé → 𝄞\u2028\x85".encode(), "\ufeffé → 𝄞\u2028\x85"),
        ],
        ids=lambda value: f"{value[:20]!a}",
    )
    def test_text(self, data: bytes, text: str) -> None:
        """A terminal's ends of lines become newlines; else every character stays as it is."""
        for chunk in (1, 1000):
            assert kept(data, 1000, chunk) == text


class TestSources:
    """Terminal and Pipe."""

    @posix
    def test_end_without_an_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On systems that return nothing where Linux says EIO, it has ended as well."""
        terminal = Terminal()
        terminal.started()
        monkeypatch.setattr(os, "read", lambda descriptor, size: b"")
        assert terminal.read(5) == b""
        assert terminal.ended
        terminal.close()

    @pytest.mark.parametrize("chunks", [0, 40], ids=["nothing", "more than the queue holds"])
    def test_pipe_that_is_closed_early(self, chunks: int) -> None:
        """Closing waits for no writer, and the thread ends with the writer, read or not."""
        pipe = Pipe()
        writer = os.dup(pipe.child)
        pipe.started()

        def write() -> None:
            for _ in range(chunks):
                os.write(writer, b"x" * 65_536)
            done.wait(SOON)
            os.close(writer)

        done = threading.Event()
        thread = threading.Thread(target=write)
        thread.start()
        if chunks:
            wait_for(pipe.chunks.full)
        pipe.close()
        assert pipe.thread.is_alive()
        done.set()
        thread.join(SOON)
        pipe.thread.join(SOON)
        waits = pipe.thread.is_alive()
        while pipe.thread.is_alive():  # let it go, so that nothing stays
            pipe.read(0.1)
        assert not waits


class TestEndingOnSignals:
    """Requests to terminate."""

    @posix
    @pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
    def test_exit(self, name: str) -> None:
        """A signal is an exit with the status that a shell would show, and handlers come back."""
        number = getattr(signal, name)
        before = signal.getsignal(number)
        with pytest.raises(SystemExit) as caught, ending_on_signals():
            signal.raise_signal(number)
        assert (caught.value.code, signal.getsignal(number)) == (128 + number, before)

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
