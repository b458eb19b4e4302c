"""A script that is run with a start method as its default, beside the same run by Python alone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from multiprocessing import context as contexts
from pathlib import Path

import pytest

from poolcontext import StartMethodError, run_with_method

pytestmark = pytest.mark.usefixtures("measured_subprocesses")
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def write(folder: Path, source: str) -> Path:
    """Make a script of an indented text."""
    path = folder / "some_script.py"
    path.write_text(textwrap.dedent(source), encoding="utf-8")
    return path


def call(*words: str, cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run Python with these words, in a folder, with something to read."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def launched(*words: str, cwd: Path, text: str = "") -> subprocess.CompletedProcess[str]:
    """The same with a start method as the default, which these scripts take no notice of."""
    return call("-m", "poolcontext", "run", "--method", "spawn", *words, cwd=cwd, text=text)


SCRIPTS = {
    "nothing": "",
    "output": "import sys; print('out'); print('err', file=sys.stderr)",
    "input": "import sys; print(sys.stdin.read())",
    "status": "raise SystemExit(3)",
    "message": "raise SystemExit('sorry')",
    "exception": """
        def fail():
            raise ValueError("sorry")

        fail()
        """,
    "chain": """
        def fail():
            try:
                1 / 0
            except ZeroDivisionError as error:
                raise ValueError("sorry") from error

        try:
            fail()
        except ValueError:
            {}["x"]
        """,
    "syntax": "x = )",
    "later syntax": "x = 1\ny = = 2\n",
    "no UTF-8": "# coding: latin-1\nprint('\xe9'.encode())",
    "hard exit": "import os; os._exit(5)",
    "at exit": """
        import atexit, sys

        x = 3
        atexit.register(lambda: print(sys.modules["__main__"].x))
        """,
    "own hook": """
        import sys, traceback

        def hook(kind, error, trace):
            print(kind.__name__, len(traceback.extract_tb(trace)))
            print(len(traceback.extract_tb(error.__traceback__)))

        sys.excepthook = hook
        raise ValueError
        """,
    "own annotations": "x: int = 3\n__annotations__['y'] = str\nprint(__annotations__)",
    "thread": """
        import threading

        def fail():
            raise ValueError

        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        """,
    "names": """
        import sys

        print(__name__, __file__, __package__, __spec__, __doc__, __loader__.name)
        print(sys.argv, sys.path[0], sorted(set(globals()) - {"__annotations__", "__cached__"}))
        print(sys.modules["__main__"].__dict__ is globals())
        """,
    "annotations": "import x_missing as x\n",
    "future": "def f(a: int): pass\nprint(f.__annotations__)",
    "left default": "import multiprocessing as m; print(m.get_start_method(allow_none=True))",
}


class TestLikePython:
    """run_as_main(), seen from outside."""

    @pytest.mark.parametrize("name", SCRIPTS)
    def test_same(self, tmp_path: Path, name: str) -> None:
        """Output, errors and status are those of `python SCRIPT`, tracebacks included."""
        folder = tmp_path / "scripts"
        folder.mkdir()
        path = folder / "some_script.py"
        encoding = "latin-1" if "latin" in SCRIPTS[name] else "utf-8"
        path.write_text(textwrap.dedent(SCRIPTS[name]), encoding=encoding)
        for script in ("scripts/some_script.py", str(path)):
            words = (script, "-x", "--help", "--method", "two words", "--")
            plain = call(*words, cwd=tmp_path, text="read this")
            ours = launched(*words, cwd=tmp_path, text="read this")
            assert ours.stdout == plain.stdout
            assert ours.stderr == plain.stderr
            assert ours.returncode == plain.returncode

    @posix
    def test_signal(self, tmp_path: Path) -> None:
        """A script that dies by a signal dies by it here too."""
        script = write(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
        assert launched(script.name, cwd=tmp_path).returncode == -signal.SIGTERM

    @posix
    def test_interrupt(self, tmp_path: Path) -> None:
        """An interrupt is the script's: its traceback is printed, and the process dies by it."""
        source = """
            import time
            open("ready", "w").close()
            time.sleep(60)
        """
        script = write(tmp_path, source)
        results = []
        for words in ([], ["-m", "poolcontext", "run", "--method", "spawn"]):
            (tmp_path / "ready").unlink(missing_ok=True)
            command = [sys.executable, *words, script.name]
            with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:
                deadline = time.monotonic() + 30
                while not (tmp_path / "ready").exists() and time.monotonic() < deadline:
                    time.sleep(0.02)
                process.send_signal(signal.SIGINT)
                results.append((process.communicate(timeout=30)[1], process.returncode))
        assert results[0] == results[1]
        assert results[1][1] == -signal.SIGINT

    def test_not_source(self, tmp_path: Path) -> None:
        """What is an archive or compiled code is refused in one line."""
        script = tmp_path / "script.pyz"
        script.write_bytes(b"PK\0\0")
        done = launched(script.name, cwd=tmp_path)
        assert done.stderr == "poolcontext: 'script.pyz' is not a file of Python source\n"
        assert done.returncode == 2

    def test_safe_path(self, tmp_path: Path) -> None:
        """With -P, the script's folder is not searched for modules."""
        if sys.version_info < (3, 11):
            pytest.skip("-P came with Python 3.11")
        script = write(tmp_path, "import sys; print(sys.path)")
        plain = call("-P", script.name, cwd=tmp_path)
        ours = call(
            "-P", "-m", "poolcontext", "run", "--method", "spawn", script.name, cwd=tmp_path
        )
        assert ours.stdout == plain.stdout
        folder = str(Path(run_with_method.__file__).parent)
        bare = call("-P", folder, "run", "--method", "spawn", script.name, cwd=tmp_path)
        assert bare.stdout == plain.stdout


REPORT = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

def report():
    return multiprocessing.get_start_method()

if __name__ == "__main__":
    {before}
    with ProcessPoolExecutor(1{arguments}) as pool:
        print(pool.submit(report).result())
"""


class TestDefault:
    """Which start method the script's pools get."""

    def run(
        self, folder: Path, method: str, before: str = "pass", arguments: str = ""
    ) -> subprocess.CompletedProcess[str]:
        write(folder, REPORT.format(before=before, arguments=arguments))
        words = ("-m", "poolcontext", "run", "--method", method, "some_script.py")
        return call(*words, cwd=folder)

    def test_method(self, tmp_path: Path, method: str) -> None:
        """A pool without a context uses the method; nothing is said about that."""
        done = self.run(tmp_path, method)
        assert (done.stdout, done.stderr, done.returncode) == (f"{method}\n", "", 0)

    def test_process_and_pool(self, tmp_path: Path, method: str) -> None:
        """So do multiprocessing's own processes and pools, and a pool within a worker."""
        source = """
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            def nested():
                with ProcessPoolExecutor(1) as pool:
                    return pool.submit(multiprocessing.current_process).result().name

            def show(queue):
                queue.put(type(multiprocessing.current_process()).__name__)

            if __name__ == "__main__":
                with ProcessPoolExecutor(1) as pool:
                    print(pool.submit(nested).result() is not None)
                with multiprocessing.Pool(1) as pool:
                    print(pool.apply(multiprocessing.get_start_method))
                print(type(multiprocessing.get_context()).__name__)
        """
        source = source.replace("current_process).result().name", "get_start_method).result()")
        script = write(tmp_path, source)
        words = ("-m", "poolcontext", "run", "--method", method, script.name)
        done = call(*words, cwd=tmp_path)
        name = {"fork": "Fork", "spawn": "Spawn", "forkserver": "ForkServer"}[method]
        assert done.stdout == f"True\n{method}\n{name}Context\n"
        assert done.stderr == ""

    @pytest.mark.parametrize(
        ("before", "arguments"),
        [
            ("multiprocessing.set_start_method('{}')", ""),
            ("multiprocessing.set_start_method('{}', force=True)", ""),
            ("pass", ", mp_context=multiprocessing.get_context('{}')"),
            ("multiprocessing.get_context('{}').Process().start()", ""),
        ],
        ids=["set", "forced", "context", "process"],
    )
    def test_own_choice_stands(self, tmp_path: Path, before: str, arguments: str) -> None:
        """What the script chooses itself is used, and a single line on stderr says so."""
        listed = multiprocessing.get_all_start_methods()
        if len(listed) < 2:
            pytest.skip("there is no choice on this platform")
        ours, own = listed[0], listed[1]
        done = self.run(tmp_path, ours, before.format(own), arguments.format(own))
        assert done.stdout == (f"{ours}\n" if "Process" in before else f"{own}\n")
        note = f"some_script.py asks for {own!r} itself, which stands; {ours!r} is only the default"
        assert done.stderr == f"poolcontext: {note}\n"

    def test_choice_without_a_process(self, tmp_path: Path) -> None:
        """The note comes also where the choice is made and nothing is started."""
        script = write(tmp_path, "import multiprocessing as m; m.set_start_method('spawn')")
        other = multiprocessing.get_all_start_methods()[0]
        if other == "spawn":
            other = multiprocessing.get_all_start_methods()[-1]
        words = ("-m", "poolcontext", "run", "--method", other, script.name)
        done = call(*words, cwd=tmp_path)
        assert "some_script.py asks for 'spawn' itself" in done.stderr or other == "spawn"
        assert done.returncode == 0

    def test_classes_of_the_script(self, tmp_path: Path, method: str) -> None:
        """A worker takes and returns instances of the script's own classes."""
        source = """
            import dataclasses
            from concurrent.futures import ProcessPoolExecutor

            @dataclasses.dataclass
            class Result:
                number: int

            def work(result):
                return Result(result.number + 1)

            if __name__ == "__main__":
                with ProcessPoolExecutor(1) as pool:
                    result = pool.submit(work, Result(1)).result()
                print(result, type(result) is Result)
        """
        script = write(tmp_path, source)
        done = call("-m", "poolcontext", "run", "--method", method, script.name, cwd=tmp_path)
        assert done.stdout.strip().endswith("Result(number=2) True")
        assert done.stderr == ""

    @pytest.mark.parametrize("name", ["list/list_start_methods", "check/check_pool_context"])
    def test_examples(self, name: str, method: str) -> None:
        """The project's examples, which look at the default in several ways, find it the same."""
        folder = Path(__file__).parents[2] / "examples"
        words = ("-m", "poolcontext", "run", "--method", method, f"{name}.py")
        done = call(*words, cwd=folder)
        assert done.returncode == 0, done.stderr
        assert f": {method}\n" in done.stdout

    def test_helper_agrees(self, tmp_path: Path, method: str) -> None:
        """start_methods() and start_method() name the default that was set, and choose nothing."""
        source = """
            import multiprocessing
            from poolcontext import start_method, start_methods

            found = start_methods()
            print(found.default, found.listed[0], found.chosen, start_method(multiprocessing))
        """
        script = write(tmp_path, source)
        done = call("-m", "poolcontext", "run", "--method", method, script.name, cwd=tmp_path)
        assert done.stdout.split() == [method, method, "None", method]

    @posix
    @pytest.mark.parametrize("error", ["full", "closed"])
    def test_note_that_cannot_be_written(self, tmp_path: Path, error: str) -> None:
        """Where standard error is full or closed, the script goes on, and its output is its own."""
        default, own = multiprocessing.get_all_start_methods()[:2]
        before = f"multiprocessing.set_start_method({own!r})"
        script = write(tmp_path, REPORT.format(before=before, arguments=""))
        words = [sys.executable, "-m", "poolcontext", "run", "--method", default, script.name]
        redirection = "2>/dev/full" if error == "full" else "2>&-"
        done = subprocess.run(
            ["sh", "-c", f'"$@" {redirection}', "sh", *words],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.stdout, done.returncode) == (f"{own}\n", 0)

    def test_second_choice_is_an_error_as_ever(self, tmp_path: Path) -> None:
        """The script can set a method once, and not twice."""
        source = "import multiprocessing as m\nfor _ in '12': m.set_start_method('spawn')"
        done = launched(write(tmp_path, source).name, cwd=tmp_path)
        assert "RuntimeError: context has already been set" in done.stderr
        assert done.returncode == 1

    def test_errors_of_starting(self, tmp_path: Path) -> None:
        """An error while a process is started has no frame of ours in its traceback."""
        source = """
            import multiprocessing, traceback

            if __name__ == "__main__":
                try:
                    multiprocessing.Process(target=lambda: None).start()
                except Exception:
                    traceback.print_exc()
        """
        done = launched(write(tmp_path, source).name, cwd=tmp_path)
        assert "lambda" in done.stderr
        assert "poolcontext" not in done.stderr


class TestSetDefault:
    """set_default(method)."""

    def test_unknown(self) -> None:
        """A method that is not there is refused as it is elsewhere."""
        with pytest.raises(StartMethodError, match="did you mean 'spawn'"):
            run_with_method.set_default("spwn")

    def test_renamed_attribute_is_explained(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a coming Python has renamed the attribute, the message says what to do."""
        monkeypatch.setattr(contexts, "_default_context", object())
        with pytest.raises(RuntimeError, match="no attribute _default_context any more"):
            run_with_method.set_default("spawn")


def test_method_that_is_listed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method without a context is no obstacle to the watch over the others."""

    def refuse(name: str) -> None:
        raise ValueError(f"cannot find context for {name!r}")

    monkeypatch.setattr(multiprocessing, "get_context", refuse)
    assert run_with_method._Watch("script.py", "spawn", print).noted is False
