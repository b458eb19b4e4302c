"""The plugin for pytest: what it runs, what it finds, and that it is not there if nobody asks."""

from __future__ import annotations

import importlib.metadata
import multiprocessing
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from poolcontext import methods, pytest_plugin

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("measured_subprocesses")

SOURCE = Path(pytest_plugin.__file__).parents[1]
METHODS = ("fork", "spawn", "forkserver")
LISTED = multiprocessing.get_all_start_methods()
HERE = [one for one in METHODS if one in LISTED]

SUITE = """
import multiprocessing
import pathlib
import time

import pytest


def ask():
    return multiprocessing.get_start_method()


seen = []

def test_plain():
    default = multiprocessing.get_all_start_methods()[0]
    assert multiprocessing.get_start_method(allow_none=True) is None
    pathlib.Path("default").write_text(default)

@pytest.mark.start_method
def test_marked():
    with multiprocessing.Pool(1) as pool:
        seen.append(pool.apply(ask))
        pool.close()
        pool.join()
    assert seen[-1] == ask()
    assert len({*seen}) == len(seen)

@pytest.mark.start_method("spawn")
def test_one():
    assert ask() == "spawn"

def test_context(mp_context, start_method):
    assert ask() == start_method == mp_context.get_start_method()

def test_chosen(start_method):
    multiprocessing.set_start_method("spawn")

def test_pool(process_pool, start_method):
    pool = process_pool(1, initializer=time.sleep, initargs=(0,))
    assert pool.submit(ask).result() == start_method
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for tests, which are run with this plugin and none that is installed."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCE), prepend=os.pathsep)  # pytest may be on it, too
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name in [one for one in os.environ if one.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)
    pytester.makeini("[pytest]\nfilterwarnings = ignore:This process:DeprecationWarning")
    return pytester


def test_methods() -> None:
    """The plugin, which is to import nothing early, knows the methods that the helper knows."""
    assert {*pytest_plugin.METHODS} == {*methods.KNOWN}


def run(suite: pytest.Pytester, *words: str, plugin: bool = True) -> pytest.RunResult:
    """Run the tests that are in the folder."""
    ours = ("-p", "poolcontext.pytest_plugin") if plugin else ()
    result = suite.runpytest_subprocess(*ours, "-rs", "-v", "-p", "no:cacheprovider", *words)
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    return result


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """How each test has ended."""
    return dict(re.findall(r"::(test_\S+) ([A-Z]+)", result.stdout.str()))


def once_each(name: str, methods: list[str]) -> dict[str, str]:
    """What is expected of a test that runs once under each of these methods."""
    return {f"{name}[{one}]": "PASSED" if one in LISTED else "SKIPPED" for one in methods}


class TestMethods:
    """Under which start methods a test runs."""

    @pytest.mark.parametrize(
        ("words", "ini", "methods"),
        [
            ([], "", [*METHODS]),
            (["--start-method=spawn"], "", ["spawn"]),
            (["--start-method=spawn,fork", "--start-method=fork"], "", ["spawn", "fork"]),
            ([], "spawn", ["spawn"]),
            (["--start-method=all"], "spawn", [*METHODS]),
        ],
    )
    def test_option(
        self, suite: pytest.Pytester, words: list[str], ini: str, methods: list[str]
    ) -> None:
        """Tests that ask for it run once under each; one method alone is the default of all."""
        suite.makepyfile(SUITE)
        if ini:
            with (suite.path / "tox.ini").open("a") as file:
                file.write(f"\nstart_method = {ini}\n")
        result = run(suite, *words)
        assert outcomes(result) == {
            "test_plain": "PASSED",
            **once_each("test_marked", methods),
            **once_each("test_one", ["spawn"]),
            **once_each("test_context", methods),
            **once_each("test_chosen", methods),
            **once_each("test_pool", methods),
        }
        default = methods[0] if len(methods) == 1 else LISTED[0]
        assert (suite.path / "default").read_text() == default
        given = words or ini
        header = f"start method: {', '.join(methods)}"
        assert (header in result.stdout.lines) == bool(given)

    def test_missing(self, suite: pytest.Pytester) -> None:
        """A method that a platform lacks, here Windows, is skipped, and what there is is told."""
        suite.makeconftest(
            "import multiprocessing, platform\n"
            "platform.system = lambda: 'Windows'\n"
            "kind = type(multiprocessing.context._default_context)\n"
            "kind.get_all_start_methods = lambda self: ['spawn']\n"
            "multiprocessing.get_all_start_methods = lambda: ['spawn']\n"
        )
        suite.makepyfile("def test_one(mp_context): pass")
        result = run(suite)
        assert result.parseoutcomes() == {"passed": 1, "skipped": 2}
        result.stdout.fnmatch_lines(["SKIPPED*'fork' cannot be used: * has 'spawn'; the nearest*"])

    @pytest.mark.parametrize(
        ("words", "line"),
        [
            (
                "--start-method=spwn",
                "--start-method takes fork, spawn, forkserver or all, not 'spwn'",
            ),
            (
                "--start-method=spawn,",
                "--start-method takes fork, spawn, forkserver or all, not ''",
            ),
        ],
    )
    def test_wrong(self, suite: pytest.Pytester, words: str, line: str) -> None:
        """A name that no Python knows is an error of use."""
        result = run(suite, words)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert f"ERROR: {line}" in result.stderr.str()

    def test_wrong_marker(self, suite: pytest.Pytester) -> None:
        """Such a name in a marker is one too, and says where."""
        suite.makepyfile("import pytest\n@pytest.mark.start_method('spwn')\ndef test_one(): pass")
        result = run(suite)
        assert "the marker start_method has no method 'spwn'" in result.stdout.str()
        assert result.ret != pytest.ExitCode.OK

    def test_after_a_choice(self, suite: pytest.Pytester) -> None:
        """A suite that has chosen a method already has its choice again after each such test."""
        suite.makepyfile(
            "import multiprocessing\n"
            f"multiprocessing.set_start_method({LISTED[-1]!r})\n"
            "def test_one(start_method):\n"
            "    assert multiprocessing.get_start_method() == start_method\n"
            "def test_two():\n"
            f"    assert multiprocessing.get_start_method() == {LISTED[-1]!r}\n"
        )
        assert run(suite).parseoutcomes()["passed"] == len(HERE) + 1

    def test_xdist(self, suite: pytest.Pytester) -> None:
        """In the processes of pytest-xdist it is the same."""
        pytest.importorskip("xdist")
        suite.makepyfile(SUITE)
        words = ("-p", "xdist.plugin", "-n", "2", "--start-method=spawn")
        assert run(suite, *words).parseoutcomes() == {"passed": 6}


class TestLeft:
    """What a test leaves behind."""

    def test_hangs(self, suite: pytest.Pytester) -> None:
        """Workers of the fixture's pools that hang are ended, and the tests pass."""
        suite.makepyfile(
            "import time\ndef test_one(process_pool):\n"
            "    pool = process_pool(1)\n    pool.submit(time.sleep, 600)\n"
        )
        assert run(suite, "--start-method=spawn").parseoutcomes() == {"passed": 1}

    def test_process(self, suite: pytest.Pytester) -> None:
        """Another process that is alive is an error that names it, and is ended."""
        suite.makepyfile(
            "import pathlib, time\n"
            "def test_one(mp_context):\n"
            "    process = mp_context.Process(target=time.sleep, args=(600,), name='Forgotten')\n"
            "    process.start()\n"
            "    pathlib.Path('pid').write_text(str(process.pid))\n"
        )
        result = run(suite, "--start-method=spawn")
        assert result.parseoutcomes() == {"passed": 1, "errors": 1}
        result.stdout.fnmatch_lines(["the test has left processes, which were ended: Forgotten"])
        if os.name == "posix":
            with pytest.raises(ProcessLookupError):
                os.kill(int((suite.path / "pid").read_text()), 0)

    def test_from_before(self, suite: pytest.Pytester) -> None:
        """A process that was there before, such as of a fixture for all tests, is left alone."""
        suite.makepyfile(
            "import multiprocessing, pytest\n"
            "@pytest.fixture(scope='session')\n"
            "def pool():\n"
            "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
            "        yield pool\n"
            "def test_one(pool, mp_context): assert pool.apply(abs, [-1]) == 1\n"
            "def test_two(pool, mp_context): assert pool.apply(abs, [-1]) == 1\n"
        )
        assert run(suite, "--start-method=spawn").parseoutcomes() == {"passed": 2}

    def test_threads(self, suite: pytest.Pytester) -> None:
        """A pool's thread that goes on for a moment is waited for, before a next test forks."""
        suite.makepyfile(
            "import threading, time\n"
            "def test_one(start_method):\n"
            "    threading.Thread(target=time.sleep, args=(0.5,)).start()\n"
            "def test_two(): assert threading.active_count() == 1\n"
        )
        assert run(suite, "--start-method=spawn").parseoutcomes() == {"passed": 2}


FAILING = """
def test_lambda(process_pool):
    process_pool(1).submit(lambda: 1).result()

def test_other(mp_context):
    assert 1 == 2

seen = []

def test_plain():
    raise TypeError("cannot pickle '_thread.lock' object")
"""


class TestSection:
    """What the report of a failure says."""

    def test_known(self, suite: pytest.Pytester) -> None:
        """A message that is known has its cause, its cure and its page below the failure."""
        suite.makepyfile(FAILING)
        result = run(suite, "--start-method=spawn")
        assert result.parseoutcomes() == {"failed": 3}
        result.stdout.fnmatch_lines(
            [
                "*- poolcontext -*",
                "  Can't pickle local object, or a lambda",
                "  | *",
                "  Cause: A function that you submit travels by its name*",
                "  Cure: Move it to the top level*",
                "  Page: *symptoms.html#local-function",
                "*- poolcontext -*",
                "  Page: *symptoms.html#cannot-pickle-lock",
            ]
        )
        assert result.stdout.str().count("- poolcontext -") == 2

    def test_only_where_it_is_asked_for(self, suite: pytest.Pytester) -> None:
        """Without the option, a test that uses none of the fixtures has no such section."""
        suite.makepyfile(FAILING)
        result = run(suite, "-k", "plain")
        assert result.parseoutcomes() == {"failed": 1, "deselected": 2 * len(METHODS)}
        assert "- poolcontext -" not in result.stdout.str()


class TestNothing:
    """Where nobody asks for anything."""

    def test_same_output(self, suite: pytest.Pytester) -> None:
        """A suite runs and reports as it does without the plugin."""
        suite.makepyfile("import sys\ndef test_one(): print(*sorted(sys.modules)); assert 0")
        ours = re.compile(r"\d+\.\d\ds|poolcontext(\.pytest_plugin)? ?")
        with_it, without = (
            ours.sub("", run(suite, plugin=one).stdout.str()) for one in (True, False)
        )
        assert with_it == without

    def test_entry_point(self, tmp_path: Path) -> None:
        """Installed, it is there by itself."""
        words = [sys.executable, "-m", "pytest", "--help"]
        environ = {name: text for name, text in os.environ.items() if name[:6] != "PYTEST"}
        done = subprocess.run(
            words, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, timeout=100, check=True
        )
        found = importlib.metadata.entry_points()
        ours = found.select(group="pytest11") if hasattr(found, "select") else found["pytest11"]
        installed = any(one.value == "poolcontext.pytest_plugin" for one in ours)
        assert ("--start-method=METHOD" in done.stdout.decode()) == installed
