"""Which interpreter a command runs: how it is split, found and asked, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from poolcontext.capture import interpreter as interpreters
from poolcontext.capture import platform as platforms
from poolcontext.capture.interpreter import Interpreter, InterpreterError, ask, own, resolve, split
from poolcontext.capture.process import run_script

posix = pytest.mark.skipif(os.name == "nt", reason="it is a program or a link of POSIX")

PYTHON = f'"{sys.executable}"'


class TestSplit:
    """How a command becomes words."""

    @posix
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("python3.14", ["python3.14"]),
            ("  env  X=1\tpypy3 ", ["env", "X=1", "pypy3"]),
            ("'/opt/my python/bin/python' -X dev", ["/opt/my python/bin/python", "-X", "dev"]),
            ('"a b"c d\\ e', ["a bc", "d e"]),
            ("''", [""]),
        ],
    )
    def test_posix(self, text: str, words: list[str]) -> None:
        """Words are parted and quotes taken off as a shell does."""
        assert split(text) == words

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("py -3.14", ["py", "-3.14"]),
            ("C:\\Python\\python.exe -X dev", ["C:\\Python\\python.exe", "-X", "dev"]),
            ('"C:\\My Python\\python.exe" -I', ["C:\\My Python\\python.exe", "-I"]),
        ],
    )
    def test_windows(self, monkeypatch: pytest.MonkeyPatch, text: str, words: list[str]) -> None:
        """On a simulated Windows a backslash is part of a path, and quotes are taken off."""
        monkeypatch.setattr(interpreters, "WINDOWS", True)
        assert split(text) == words

    @pytest.mark.parametrize("windows", [False, True], ids=["posix", "windows"])
    @pytest.mark.parametrize(
        ("text", "message"),
        [("", "it is empty"), (" \t\n", "it is empty"), ('python "x', "No closing quotation")],
        ids=["nothing", "space", "quote"],
    )
    def test_no_command(
        self, monkeypatch: pytest.MonkeyPatch, windows: bool, text: str, message: str
    ) -> None:
        """Nothing is no command, and neither is what has a quote that is not closed."""
        monkeypatch.setattr(interpreters, "WINDOWS", windows)
        with pytest.raises(ValueError, match=message):
            split(text)


class TestResolve:
    """What resolve makes of a command's words."""

    def test_program_on_the_path(self) -> None:
        """A program is looked for on the path; one that is nowhere is named as a file here."""
        program = resolve(["python3" if os.name != "nt" else "python", "-X", "dev"])
        assert os.path.isabs(program[0])
        assert os.path.exists(program[0])
        assert program[1:] == ["-X", "dev"]
        assert resolve(["no-such-python"]) == [os.path.abspath("no-such-python")]

    @posix
    def test_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Words that name files become absolute; links are not followed, other words stay."""
        real = tmp_path / "real"
        real.touch(mode=0o755)
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "python").symlink_to(real)
        monkeypatch.chdir(tmp_path)
        link = str(tmp_path / "bin" / "python")
        assert resolve(["bin/python"]) == [link]
        words = resolve([sys.executable, "X=1", "./bin/python", "-I", "missing"])
        assert words == [sys.executable, "X=1", link, "-I", "missing"]

    def test_holds_elsewhere(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative command that was resolved here starts scripts in other folders."""
        script = tmp_path / "inner" / "script.py"
        script.parent.mkdir()
        script.write_text("print('runs')", encoding="utf-8")
        folder, name = os.path.split(sys.executable)
        monkeypatch.chdir(folder)
        python = resolve([os.path.join(os.curdir, name)])
        monkeypatch.chdir(tmp_path)
        assert run_script(script, python).output == "runs\n"


def test_own() -> None:
    """The own interpreter is the one that runs this, with its platform and places."""
    assert own() == Interpreter((sys.executable,), platforms.describe(), platforms.places())


Fake = Callable[[str], str]


@pytest.fixture
def fake(tmp_path: Path) -> Fake:
    """Make a command that runs a text in place of the script that it is given."""

    def make(source: str) -> str:
        file = tmp_path / "fake.py"
        file.write_text(source, encoding="utf-8")
        return f'{PYTHON} "{file}"'

    return make


def refused(command: str) -> str:
    """What the error says of a command, after it has named it: one line, for a terminal."""
    with pytest.raises(InterpreterError) as caught:
        ask(command)
    message = str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert message.splitlines() == [message]
    assert message.isprintable()
    before, _, reason = message.partition(" is no usable Python: ")
    assert before == repr(command)
    assert reason
    return reason


def telling(**change: Any) -> str:
    """The source of a fake that says of this platform something else."""
    fields = {**platforms.describe()._asdict(), **change}
    return saying({"platform": fields, "places": platforms.places()})


def saying(answer: object) -> str:
    """The source of a fake that prints that as JSON."""
    return f"print({json.dumps(answer)!r})"


class TestAsk:
    """What ask learns."""

    def test_this_python(self) -> None:
        """This interpreter, asked by a command, says what it says of itself."""
        found = ask(PYTHON)
        assert found.platform == platforms.describe()
        assert set(found.places) == set(platforms.places())
        assert found.places["python"] == platforms.places()["python"]
        assert found.command == (resolve([sys.executable])[0],)

    @posix
    def test_variables(self) -> None:
        """A command may set variables before it runs an interpreter, and pass it options."""
        found = ask(f"env POOLCONTEXT_X=1 {PYTHON} -X utf8")
        assert found.platform == platforms.describe()
        assert os.path.basename(found.command[0]) == "env"
        assert found.command[1:] == ("POOLCONTEXT_X=1", sys.executable, "-X", "utf8")

    @posix
    def test_relative(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A relative path counts from here, and is kept as an absolute one."""
        wrapper = tmp_path / "bin" / "my python"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec {PYTHON} "$@"\n', encoding="utf-8")
        wrapper.chmod(0o755)
        monkeypatch.chdir(tmp_path)
        found = ask("'bin/my python'")
        assert found.command == (str(wrapper),)
        assert found.platform == platforms.describe()

    def test_banner(self, fake: Fake) -> None:
        """A wrapper may say something first, in whatever colours."""
        banner = "print('\\x1b[1mWelcome\\x1b[0m', '{}', '', sep='\\n', flush=True)\n"
        call = "import subprocess, sys\nsys.exit(subprocess.call([sys.executable, *sys.argv[1:]]))"
        found = ask(fake(banner + call))
        assert found.platform == platforms.describe()

    def test_another_platform(self, fake: Fake) -> None:
        """What it says counts, not what runs it."""
        source = telling(implementation="pypy", version="7.3.20", python="3.11.13", libc="")
        found = ask(fake(source))
        assert (found.platform.name, found.platform.libc) == ("PyPy 7.3.20 (Python 3.11.13)", "")
        assert found.places == platforms.places()

    @posix
    def test_child_that_stays(self, fake: Fake) -> None:
        """A child that holds the output open is not waited for, and is ended."""
        child = "import time; time.sleep(60)"
        source = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}])\n"
        assert ask(fake(source + telling())).platform == platforms.describe()


class TestRefused:
    """Which commands are refused, each with one line that names the command."""

    @pytest.mark.parametrize("command", ["", "  ", "\t"], ids=repr)
    def test_empty(self, command: str) -> None:
        """No command runs nothing."""
        assert refused(command) == "it is empty"

    def test_unclosed_quote(self) -> None:
        """A command whose quote is not closed is no command."""
        assert refused('python "3') == "No closing quotation"

    @pytest.mark.parametrize(
        "command",
        [
            "no-such-python",
            "./no-such-python",
            "'no such python' -I",
            "no\x1b[31msuch",
            "no\u202esuch",
            "no\udcffsuch",
            "no\0such",
            '""',
        ],
        ids=ascii,
    )
    def test_missing(self, command: str) -> None:
        """A program that is not there cannot be run, however it is called."""
        assert refused(command)

    def test_name_of_what_is_missing(self, tmp_path: Path) -> None:
        """The error has the word that names no program, or says what is wrong with one."""
        assert refused("no-such-python -I") == "there is no command 'no-such-python'"
        file = tmp_path / "python"
        file.write_text("no program", encoding="utf-8")
        assert refused(f'"{file}"')

    def test_folder(self, tmp_path: Path) -> None:
        """A folder is no program."""
        assert refused(f'"{tmp_path}"')

    @pytest.mark.parametrize(
        ("source", "reason"),
        [
            ("raise SystemExit(3)", "it ended with exit status 3"),
            ("print('first'); print('the last  '); raise SystemExit(1)", "the last"),
            ("print('\\x1b[31mred\\x1b[0m'); raise SystemExit(1)", "\\x1b[31mred\\x1b[0m"),
            ("print('a\\u202eb\\u2066'); raise SystemExit(1)", "a\\u202eb\\u2066"),
            ("raise SystemExit('sorry')", "sorry"),
        ],
        ids=["silent", "words", "colours", "directions", "standard error"],
    )
    def test_status(self, fake: Fake, source: str, reason: str) -> None:
        """One that ends badly is refused with the last line that it wrote, or its status."""
        assert refused(fake(source)) == reason

    @posix
    def test_signal(self, fake: Fake) -> None:
        """One that a signal ends is refused, too."""
        assert refused(fake("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")) == "signal"

    def test_no_python(self) -> None:
        """A program that runs no Python is refused with what it says."""
        if shutil.which("false") is None or shutil.which("echo") is None:
            pytest.skip("there are no such programs here")
        assert refused("false") == "it ended with exit status 1"
        assert (
            refused("echo") == "it does not run a script as python does, it printed 'platform.py'"
        )

    @pytest.mark.parametrize(
        ("text", "printed"),
        [
            ("", "nothing"),
            ("\n \n", "nothing"),
            ("Hello.", "'Hello.'"),
            ("{}\nHello.\n", "'Hello.'"),
            ("\x1b[31m{", "'\\x1b[31m{'"),
            ("\u202e", "'\\u202e'"),
            ("null", "'null'"),
            ("[]", "'[]'"),
            ("[" * 30_000, "'[[["),
            ("9" * 30_000, "'999"),
        ],
        ids=lambda text: ascii(text)[:30],
    )
    def test_something_else(self, fake: Fake, text: str, printed: str) -> None:
        """One that runs something else than the script is refused with the last that it printed."""
        source = f"import sys; sys.stdout.buffer.write({text.encode('utf-8')!r})"
        reason = refused(fake(source))
        assert reason.startswith(f"it does not run a script as python does, it printed {printed}")
        assert len(reason) < 150

    @pytest.mark.parametrize(
        "text",
        [
            '{"platform": {"implementation": "cpy',
            "{",
            "{}",
            '{"platform": {}}',
            '{"platform": null, "places": {}}',
            '{"platform": [], "places": {}}',
            '{"platform": 3, "places": {}}',
            '{"platform": "x", "places": {}}',
            '{"a":' * 10_000,
            '{"platform":' + "[" * 30_000,
        ],
        ids=lambda text: ascii(text)[:30],
    )
    def test_no_platform(self, fake: Fake, text: str) -> None:
        """One that prints what could be an answer, and is none, is refused as well."""
        source = f"import sys; sys.stdout.buffer.write({text.encode('utf-8')!r})"
        assert refused(fake(source)).startswith("what it said is no platform: ")

    @pytest.mark.parametrize(
        "value",
        [
            "../../etc/passwd",
            "a/b",
            "a\\b",
            "<script>",
            "\u202elinux",
            "linux\n",
            "\x1b[31m",
            "x" * 10_000,
            "",
            " ",
            None,
            3,
            ["linux"],
            {"\x1b": "\x1b"},
            "\ud800",
        ],
        ids=lambda value: ascii(value)[:20],
    )
    def test_hostile_platform(self, fake: Fake, value: object) -> None:
        """A platform whose names could do harm in a file's name or on a page is refused."""
        for field in ("implementation", "version", "system"):
            reason = refused(fake(telling(**{field: value})))
            assert re.match(f"what it said is no platform: {field}: (not |it is no text)", reason)
            assert len(reason) < 150

    @pytest.mark.parametrize(
        "change",
        [{"id": "x"}, {"title": "x"}, {"system": [[[["x"] * 100] * 100]]}],
        ids=["id", "title", "much"],
    )
    def test_other_fields(self, fake: Fake, change: dict[str, Any]) -> None:
        """So is one of other fields than this version knows."""
        assert refused(fake(telling(**change))).startswith("what it said is no platform: ")

    @pytest.mark.parametrize(
        "places",
        [
            {},
            None,
            [],
            "home",
            {**platforms.places(), "more": []},
            {key: found for key, found in platforms.places().items() if key != "folder"},
            {**platforms.places(), "home": "/home/ann"},
            {**platforms.places(), "home": [1]},
            {**platforms.places(), "home": None},
            {**platforms.places(), "home": {"a": "b"}},
        ],
        ids=["none", "null", "list", "text", "more", "less", "a text", "number", "nil", "object"],
    )
    def test_other_places(self, fake: Fake, places: object) -> None:
        """One that does not say what is to be taken out of its outputs is refused."""
        answer = {"platform": platforms.describe()._asdict(), "places": places}
        assert refused(fake(saying(answer))).startswith("what it said is no platform: ")

    def test_hangs(self, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
        """One that does not answer is ended, and refused."""
        monkeypatch.setattr(interpreters, "PATIENCE", 1.0)
        assert refused(fake("import time; time.sleep(60)")) == "timeout"
        slow = "import time; print('wait', flush=True); time.sleep(60)"
        assert refused(fake(slow)) in ("wait", "timeout")


def test_too_old(tmp_path: Path) -> None:
    """An interpreter for which the examples are too new is refused by its version."""
    probe = {"platform": platforms.describe()._asdict(), "places": platforms.places()}
    probe["platform"]["python"] = probe["platform"]["version"] = "3.8.18"
    script = tmp_path / "old.py"
    script.write_text(f"print({json.dumps(json.dumps(probe))})\n", encoding="utf-8")
    with pytest.raises(InterpreterError, match=r"it is 3\.8\.18, and 3\.9 or newer is needed$"):
        ask(shlex.join([sys.executable, str(script)]))
