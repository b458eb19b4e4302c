"""A script that is run with a start method as its default, beside the same run by Python alone."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from poolcontext import StartMethodError, run_with_method

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such redirections")
PACKAGE = Path(run_with_method.__file__).parent
OURS = ("-m", "poolcontext", "run", "--method")
LISTED = multiprocessing.get_all_start_methods()


def call(
    *words: str, cwd: Path, text: str = "", redirection: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run Python with these words, in a folder, with something to read."""
    shell = ["sh", "-c", f'"$@" {redirection}', "sh"] if redirection else []
    return subprocess.run(
        [*shell, sys.executable, *words],
        cwd=cwd,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def write(folder: Path, source: str) -> str:
    """Make a script of an indented text, and return its name."""
    encoding = "latin-1" if "latin" in source else "utf-8"
    (folder / "some_script.py").write_text(textwrap.dedent(source), encoding=encoding)
    return "some_script.py"


SCRIPTS = {
    "nothing": "",
    "streams": """
        import sys

        print(sys.stdin.read())
        print("err", file=sys.stderr)
        raise SystemExit(3)
        """,
    "message": "raise SystemExit('sorry')",
    "exception": """
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
    "syntax": "x = 1\ny = = 2\n",
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
    "missing module": "import x_missing as x\n",
    "future": "def f(a: int): pass\nprint(f.__annotations__)",
    "left default": "import multiprocessing as m; print(m.get_start_method(allow_none=True))",
    "second choice": "import multiprocessing as m\nfor _ in '12': m.set_start_method('spawn')",
    "interrupt": "import signal\nsignal.raise_signal(signal.SIGINT)",
    "termination": "import signal\nsignal.raise_signal(signal.SIGTERM)",
}


@pytest.mark.usefixtures("measured_subprocesses")
class TestLikePython:
    """run_as_main(), seen from outside."""

    @pytest.mark.parametrize(
        ("name", "absolute"),
        [
            *[(name, False) for name in SCRIPTS],
            ("exception", True),
            ("syntax", True),
            ("names", True),
        ],
    )
    def test_same(self, tmp_path: Path, name: str, absolute: bool) -> None:
        """Output, errors, status and signals are those of `python SCRIPT`, tracebacks included."""
        (tmp_path / "scripts").mkdir()
        script = f"scripts/{write(tmp_path / 'scripts', SCRIPTS[name])}"
        script = str(tmp_path / script) if absolute else script
        words = (script, "-x", "--help", "--method", "two words", "--")
        plain = call(*words, cwd=tmp_path, text="read this")
        ours = call(*OURS, "spawn", *words, cwd=tmp_path, text="read this")
        assert ours.stdout == plain.stdout
        assert ours.stderr == plain.stderr
        assert ours.returncode == plain.returncode

    def test_not_source(self, tmp_path: Path) -> None:
        """What is an archive or compiled code is refused in one line."""
        (tmp_path / "script.pyz").write_bytes(b"PK\0\0")
        done = call(*OURS, "spawn", "script.pyz", cwd=tmp_path)
        assert done.stderr == "poolcontext: 'script.pyz' is not a file of Python source\n"
        assert done.returncode == 2

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="-P came with Python 3.11")
    @pytest.mark.parametrize("variable", [None, str(PACKAGE.parent)])
    def test_safe_path(
        self, tmp_path: Path, variable: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With -P, the search path for modules is what Python alone has it, too."""
        if variable:
            monkeypatch.setenv("PYTHONPATH", variable)
        script = write(tmp_path, "import sys; print(sys.path)")
        plain = call("-P", script, cwd=tmp_path)
        for words in (OURS, (str(PACKAGE), *OURS[2:])):
            assert call("-P", *words, "spawn", script, cwd=tmp_path).stdout == plain.stdout


POOL = """
import dataclasses, multiprocessing
from concurrent.futures import ProcessPoolExecutor
from poolcontext import start_method_of, list_start_methods

@dataclasses.dataclass
class Result:
    number: int

def report(result):
    return multiprocessing.get_start_method(), Result(result.number + 1)

def nested():
    with ProcessPoolExecutor(1) as pool:
        return pool.submit(report, Result(1)).result()[0]

if __name__ == "__main__":
    %s
    with ProcessPoolExecutor(1%s) as pool:
        method, result = pool.submit(report, Result(1)).result()
        print(method, result, type(result) is Result)
"""
MORE = """
        print(pool.submit(nested).result())
    with multiprocessing.Pool(1) as pool:
        print(pool.apply(multiprocessing.get_start_method))
    print(type(multiprocessing.get_context()).__name__)
"""
HELPER = (
    "found = list_start_methods(); "
    "print(found.default, found.listed[0], found.chosen, start_method_of(multiprocessing))"
)


class TestDefault:
    """Which start method the script's pools get."""

    def test_method(self, tmp_path: Path, method: str) -> None:
        """All pools without a context use it, nested ones too; the helper agrees; all is silent."""
        script = write(tmp_path, POOL % (HELPER, "") + MORE)
        done = call(*OURS, method, script, cwd=tmp_path)
        name = {"fork": "Fork", "spawn": "Spawn", "forkserver": "ForkServer"}[method]
        assert done.stdout.splitlines() == [
            f"{method} {method} None {method}",
            f"{method} Result(number=2) True",
            method,
            method,
            f"{name}Context",
        ]
        assert (done.stderr, done.returncode) == ("", 0)

    @pytest.mark.usefixtures("measured_subprocesses")
    @pytest.mark.skipif(len(LISTED) < 2, reason="there is no choice on this platform")
    @pytest.mark.parametrize(
        ("before", "arguments"),
        [
            ("multiprocessing.set_start_method('{}')", ""),
            ("multiprocessing.set_start_method('{}', force=True)", ""),
            ("pass", ", mp_context=multiprocessing.get_context('{}')"),
            ("multiprocessing.get_context('{}').Process().start()", ""),
            ("multiprocessing.set_start_method('{}'); raise SystemExit", ""),
        ],
        ids=["set", "forced", "context", "process", "nothing started"],
    )
    def test_own_choice_stands(self, tmp_path: Path, before: str, arguments: str) -> None:
        """What the script chooses itself is used, and a single line on stderr says so."""
        ours, own = LISTED[:2]
        script = write(tmp_path, POOL % (before.format(own), arguments.format(own)))
        done = call(*OURS, ours, script, cwd=tmp_path)
        used = ours if "Process" in before else own
        assert done.stdout == ("" if "Exit" in before else f"{used} Result(number=2) True\n")
        note = f"{script} asks for {own!r} itself, which stands; {ours!r} is only the default"
        assert done.stderr == f"poolcontext: {note}\n"
        assert done.returncode == 0

    @posix
    @pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
    def test_note_that_cannot_be_written(self, tmp_path: Path, redirection: str) -> None:
        """Where standard error is full or closed, the script goes on, and its output is its own."""
        default, own = LISTED[:2]
        script = write(tmp_path, POOL % (f"multiprocessing.set_start_method({own!r})", ""))
        done = call(*OURS, default, script, cwd=tmp_path, redirection=redirection)
        assert (done.stdout, done.returncode) == (f"{own} Result(number=2) True\n", 0)

    @pytest.mark.parametrize("name", ["list/list_start_methods", "check/check_pool_context"])
    def test_examples(self, name: str, method: str) -> None:
        """The project's examples, which look at the default in several ways, find it the same."""
        folder = Path(__file__).parents[2] / "examples"
        done = call(*OURS, method, f"{name}.py", cwd=folder)
        assert done.returncode == 0, done.stderr
        assert f": {method}\n" in done.stdout

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
        done = call(*OURS, "spawn", write(tmp_path, source), cwd=tmp_path)
        assert "lambda" in done.stderr
        assert "poolcontext" not in done.stderr


class TestInside:
    """What other platforms and coming Pythons may bring."""

    def test_unknown(self) -> None:
        """A method that is not there is refused as it is elsewhere."""
        with pytest.raises(StartMethodError, match="did you mean 'spawn'"):
            run_with_method.set_default("spwn")

    def test_renamed_attribute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a coming Python has renamed the attribute, the message says what to do."""
        monkeypatch.setattr("multiprocessing.context._default_context", object())
        with pytest.raises(RuntimeError, match="no attribute _default_context any more"):
            run_with_method.set_default("spawn")

    def test_method_that_is_listed_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A method without a context is no obstacle to the watch over the others."""

        def refuse(name: str) -> None:
            raise ValueError(f"cannot find context for {name!r}")

        monkeypatch.setattr(multiprocessing, "get_context", refuse)
        run_with_method._watch(pytest.fail)
