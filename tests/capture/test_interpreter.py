"""Which interpreter a command runs: how it is split, found and asked, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any, Callable

import pytest
from processes import posix

from poolcontext.capture import interpreter
from poolcontext.capture.interpreter import Interpreter, InterpreterError, ask, own, resolve, split
from poolcontext.capture.platform import describe, places
from poolcontext.capture.process import run_script

PYTHON = f'"{sys.executable}"'


class TestCommand:
    """How a text becomes a command that can be run from anywhere."""

    @pytest.mark.parametrize(
        ("windows", "text", "words"),
        [
            (False, "  env  X=1\tpypy3 ", ["env", "X=1", "pypy3"]),
            (False, "'/opt/my python/python' -X dev", ["/opt/my python/python", "-X", "dev"]),
            (False, '"a b"c d\\ e', ["a bc", "d e"]),
            (False, "''", [""]),
            (True, "py -3.14", ["py", "-3.14"]),
            (True, "C:\\Python\\python.exe -X dev", ["C:\\Python\\python.exe", "-X", "dev"]),
            (True, '"C:\\My Python\\python.exe" -I', ["C:\\My Python\\python.exe", "-I"]),
            (True, 'C:\\"My Python"\\python.exe "" -I', ["C:\\My Python\\python.exe", "", "-I"]),
            (True, "C:\\Users\\O'Brien\\python -I", ["C:\\Users\\O'Brien\\python", "-I"]),
        ],
    )
    def test_split(
        self, monkeypatch: pytest.MonkeyPatch, windows: bool, text: str, words: list[str]
    ) -> None:
        """Words are parted as a shell does; on Windows a backslash is part of a path."""
        monkeypatch.setattr(interpreter, "WINDOWS", windows)
        assert split(text) == words
        with pytest.raises(ValueError, match="it is empty"):
            split(" \t\n")
        with pytest.raises(ValueError, match="No closing quotation"):
            split('python "x')

    @pytest.mark.parametrize("end", ["", " -X  dev", " 'as given'"])
    def test_blanks(self, tmp_path: Path, end: str) -> None:
        """A program's path that has blanks needs no quotes, and the longest one is meant."""
        folder = tmp_path / "my  python 3"
        folder.mkdir()
        program = str(folder / Path(sys.executable).name)
        for path in (tmp_path / "my", program):
            shutil.copy(sys.executable, path)
        assert split(f" {program}{end}\n") == [program, *split(f"x{end}")[1:]]

    @posix
    def test_resolve(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A program is looked for on the path; words that name files become absolute, no links."""
        (tmp_path / "real").touch(mode=0o755)
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python").symlink_to(tmp_path / "real")
        monkeypatch.chdir(tmp_path)
        link = str(tmp_path / "bin" / "python")
        assert resolve(["bin/python"]) == [link]
        assert resolve(["sh", "X=1", "./bin/python", "-I", "missing"]) == [
            *(shutil.which("sh"), "X=1", link, "-I", "missing")
        ]
        assert resolve(["no-such-python"]) == [str(tmp_path / "no-such-python")]
        (tmp_path / "script.py").write_text("print('runs')", encoding="utf-8")
        folder, name = os.path.split(sys.executable)
        monkeypatch.chdir(folder)
        assert run_script(tmp_path / "script.py", resolve([f"./{name}"])).output == "runs\n"


Fake = Callable[[str], str]


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Make a command that runs a text in place of the script that it is given."""

    def make(source: str) -> str:
        (tmp_path / "fake.py").write_text(source, encoding="utf-8")
        return f'{PYTHON} "{tmp_path / "fake.py"}"'

    return make


def printing(text: str) -> str:
    """The source of a fake that prints a text."""
    return f"import sys; sys.stdout.buffer.write({text.encode('utf-8', 'surrogatepass')!r})"


def telling(found: object = None, **change: Any) -> str:
    """What a fake says of this platform, and of its places."""
    answer = {"platform": {**describe()._asdict(), **change}, "places": places()}
    return json.dumps({**answer, **({} if found is None else {"places": found})})


class TestAsk:
    """What ask learns."""

    def test_this_python(self) -> None:
        """This interpreter, asked by a command, says what it says of itself."""
        found = ask(PYTHON)
        assert own() == Interpreter((sys.executable,), describe(), places())
        assert found.platform == describe()
        assert set(found.places) == set(places())
        assert found.places["python"] == places()["python"]
        assert found.command == (resolve([sys.executable])[0],)

    @posix
    def test_command(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It may set variables and pass options; a relative path counts from here."""
        found = ask(f"env POOLCONTEXT_X=1 {PYTHON} -X utf8")
        assert found.command[1:] == ("POOLCONTEXT_X=1", sys.executable, "-X", "utf8")
        wrapper = tmp_path / "bin" / "my python"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n', encoding="utf-8")
        wrapper.chmod(0o755)
        monkeypatch.chdir(tmp_path)
        assert ask("'bin/my python'")[:2] == ((str(wrapper),), describe())

    def test_wrapper(self, fake: Fake) -> None:
        """A wrapper may say something first; what is said last counts, not what runs it."""
        banner = "print('\\x1b[1mWelcome\\x1b[0m', '{}', '', sep='\\n', flush=True)\n"
        call = "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))"
        assert ask(fake(banner + call)).platform == describe()
        answer = telling(implementation="pypy", version="7.3.20", python="3.11.13", libc="")
        found = ask(fake(printing(answer)))
        assert (found.platform.name, found.platform.libc) == ("PyPy 7.3.20 (Python 3.11.13)", "")
        assert found.places == places()

    @posix
    def test_child_that_stays(self, fake: Fake) -> None:
        """A child that holds the output open is not waited for, and is ended."""
        child = "import time; time.sleep(60)"
        source = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}])\n"
        assert ask(fake(source + printing(telling()))).platform == describe()


def refused(command: str) -> str:
    """What the error says of a command, after it has named it: one line, for a terminal."""
    with pytest.raises(InterpreterError) as caught:
        ask(command)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert message.isprintable()
    before, _, reason = message.partition(" is no usable Python: ")
    assert before == repr(command)
    assert 0 < len(reason) < 150
    return reason


DIES = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
HOSTILE = (
    *("../../etc/passwd", "a\\b", "<script>", "\u202elinux", "linux\n", "\x1b[31m", "x" * 10_000),
    *("", " ", None, 3, ["linux"], {"\x1b": "\x1b"}, "\ud800", [[[["x"] * 100] * 100]]),
)


class TestRefused:
    """Which commands are refused, each with one line that names the command."""

    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            *((" \t", "it is empty"), ("", "it is empty"), ('python "3', "No closing quotation")),
            ("no-such-python -I", "there is no command 'no-such-python'"),
            *(("./no-such-python", ""), ("'no such python' -I", ""), ('""', ""), (".", "")),
            *((f"no{odd}such", "") for odd in ("\x1b[31m", "\u202e", "\udcff", "\0")),
            pytest.param("false", "it ended with exit status 1", marks=posix),
            pytest.param(
                "echo",
                "it does not run a script as python does, it printed 'platform.py'",
                marks=posix,
            ),
        ],
        ids=ascii,
    )
    def test_command(self, command: str, reason: str) -> None:
        """What is no command, is not there, or runs no Python."""
        assert refused(command).startswith(reason)

    @posix
    def test_no_program(self, tmp_path: Path) -> None:
        """A file that is no program."""
        (tmp_path / "python").write_text("no program", encoding="utf-8")
        assert "Permission denied" in refused(f"{tmp_path}/python")

    @pytest.mark.parametrize(
        ("source", "reason"),
        [
            ("raise SystemExit(3)", "it ended with exit status 3"),
            ("print('first'); print('the last  '); raise SystemExit(1)", "the last"),
            ("print('\\x1b[31m\\u202eb'); raise SystemExit(1)", "\\x1b[31m\\u202eb"),
            ("raise SystemExit('sorry')", "sorry"),
            pytest.param(DIES, "signal", marks=posix),
        ],
        ids=["silent", "words", "controls", "standard error", "signal"],
    )
    def test_status(self, fake: Fake, source: str, reason: str) -> None:
        """One that ends badly, with the last line that it wrote, or how it ended."""
        assert refused(fake(source)) == reason

    @pytest.mark.parametrize(
        ("text", "printed"),
        [
            *(("", "nothing"), ("\n \n", "nothing"), ("{}\nHello.\n", "'Hello.'")),
            *(("\x1b[31m{", "'\\x1b[31m{'"), ("\u202e", "'\\u202e'"), ("[]", "'[]'")),
            *(("[" * 30_000, "'[[["), ("9" * 30_000, "'999"), ("null", "'null'")),
        ],
        ids=lambda text: f"{text[:20]!a}",
    )
    def test_something_else(self, fake: Fake, text: str, printed: str) -> None:
        """One that runs something else than the script, with the last that it printed."""
        start = "it does not run a script as python does, it printed "
        assert refused(fake(printing(text))).startswith(start + printed)

    @pytest.mark.parametrize(
        "text",
        [
            *('{"platform": {"implementation": "cpy', "{", "{}", '{"platform": {}}'),
            *('{"platform": null}', '{"platform": []}', '{"platform": 3}', '{"platform": "x"}'),
            *('{"a":' * 10_000, '{"platform":' + "[" * 30_000),
            *(telling(id="x"), telling(**{"\x1b": 1})),
            *(telling(found) for found in ({}, [], "home", {**places(), "more": []})),
            *(telling({**places(), "home": found}) for found in ("/home/ann", [1], None, {"a": 1})),
            telling({kind: found for kind, found in places().items() if kind != "folder"}),
        ],
        ids=lambda text: f"{text[:15]!a}",
    )
    def test_no_platform(self, fake: Fake, text: str) -> None:
        """One that prints what could be an answer, and is none."""
        assert refused(fake(printing(text))).startswith("what it said is no platform: ")

    @pytest.mark.parametrize("value", HOSTILE, ids=lambda value: f"{value!a:.20}")
    def test_hostile_platform(self, fake: Fake, value: object) -> None:
        """A platform whose names could do harm in a file's name or on a page."""
        reason = refused(fake(printing(telling(system=value))))
        assert re.match("what it said is no platform: system: (not |it is no text)", reason)

    def test_hangs(self, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that does not answer in time; it is ended."""
        monkeypatch.setattr(interpreter, "PATIENCE", 0.5)
        assert refused(fake("import time; time.sleep(60)")) == "timeout"

    def test_too_old(self, fake: Fake) -> None:
        """One for which the examples are too new, by its version."""
        old = telling(python="3.8.18", version="3.8.18")
        assert refused(fake(printing(old))) == "it is 3.8.18, and 3.9 or newer is needed"
        assert ask(fake(printing(telling(python="3.9.0a1")))).platform.python == "3.9.0a1"
