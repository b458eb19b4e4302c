"""The suite of the page "Testing code that uses pools", run as its readers run it."""

from __future__ import annotations

import ast
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SHOWN = Path(__file__).parents[2] / "docs" / "testing"
METHODS = ("fork", "spawn", "forkserver")
TESTS = (
    "test_totals",
    "test_default",
    "test_read",
    "test_mock_in_parent",
    "test_mock_in_worker",
    "test_log",
    "test_time_limit",
)
WARNS = sys.implementation.name == "cpython" and sys.version_info >= (3, 12)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the suite's files and nothing else."""
    copy = tmp_path / "suite"
    shutil.copytree(SHOWN, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    return copy


def call(folder: Path, *words: str, statuses: tuple[int, ...] = (0,)) -> str:
    """Run Python in the folder, with nothing of the tests that go on here; give its output."""
    here = ("COV", "PYTEST")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(here)}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    print(done.stdout)
    assert done.returncode in statuses
    return done.stdout


def suite(folder: Path, *words: str, status: int = 0, by: tuple[str, ...] = ("-m",)) -> str:
    """Run the suite, which writes outside of its folder and names each outcome."""
    temporary = f"--basetemp={folder.parent / 'temporary'}"
    plugin = ("-p", "poolcontext.pytest_plugin")
    options = (*plugin, "-p", "no:cacheprovider", temporary, "--color=no", "-v")
    return call(folder, *by, "pytest", *options, *words, statuses=(status,))


def outcomes(output: str) -> set[tuple[str, str]]:
    """Each test's name with how it ended; what fails after a test is an outcome more."""
    return set(re.findall(r"^test_totals\.py::(\S+) ([A-Z]+)", output, re.MULTILINE))


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in the file once."""
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1
    path.write_text(source.replace(old, new), encoding="utf-8")


class TestSuite:
    """The suite, and faults that it has to find."""

    def test_passes(self, folder: Path) -> None:
        """Each test passes under each start method, and is skipped where there is none."""
        listed = multiprocessing.get_all_start_methods()
        output = suite(folder)
        assert outcomes(output) == {
            (f"{test}[{method}]", "PASSED" if method in listed else "SKIPPED")
            for test in TESTS
            for method in METHODS
        }

    @pytest.mark.parametrize(
        ("old", "new", "test"),
        [
            ("sum(numbers)", "max(numbers)", "test_totals"),
            ("**options) as", "initializer=print) as", "test_mock_in_worker"),
            ("added %d", "read %d", "test_log"),
        ],
    )
    def test_fault(self, folder: Path, old: str, new: str, test: str) -> None:
        """A fault is found; under which start methods, the option says."""
        change(folder / "totals.py", old, new)
        words = ("--start-method=spawn", f"test_totals.py::{test}")
        assert outcomes(suite(folder, *words, status=1)) == {(f"{test}[spawn]", "FAILED")}

    def test_context_that_is_ignored(self, folder: Path) -> None:
        """Code that makes its pool with a context of its own fails where that is another one."""
        own = "__import__('multiprocessing').get_context('spawn')"
        change(folder / "totals.py", "mp_context=context, ", f"mp_context={own}, ")
        listed = multiprocessing.get_all_start_methods()
        output = suite(folder, "test_totals.py::test_mock_in_parent", status="fork" in listed)
        ends = {"fork": "FAILED", "spawn": "PASSED", "forkserver": "PASSED"}
        assert outcomes(output) == {
            (f"test_mock_in_parent[{method}]", end if method in listed else "SKIPPED")
            for method, end in ends.items()
        }

    @pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
    def test_thread_beside_fork(self, folder: Path) -> None:
        """Where a thread runs beside fork, pytest shows the warning of Python 3.12 and later."""
        thread = "__import__('threading').Thread(target=time.sleep, args=(30,), daemon=True)"
        asserted = "    assert totals.totals(paths, mp_context) =="
        change(folder / "test_totals.py", asserted, f"    {thread}.start()\n{asserted}")
        output = suite(folder, "test_totals.py::test_totals")
        _, _, summary = output.partition("warnings summary")
        assert ("test_totals.py::test_totals[fork]" in summary) == WARNS
        assert ("is multi-threaded, use of fork() may lead to deadlocks" in summary) == WARNS

    @pytest.mark.skipif(os.name == "nt", reason="pytest-timeout ends the process there")
    def test_limit_of_the_whole_test(self, folder: Path) -> None:
        """A limit by pytest-timeout fails a test whose pool is not ended, and ends no worker."""
        pytest.importorskip("pytest_timeout")
        change(folder / "totals.py", "            end(pool)  #", "            pass  #")
        change(folder / "test_totals.py", "time.sleep(60)", "(time.sleep(2), open('ended', 'x'))")
        words = ("-p", "pytest_timeout", "--timeout=1", "test_totals.py::test_time_limit[spawn]")
        output = suite(folder, *words, status=1)
        assert (folder / "ended").exists()
        # The line of the outcome may be torn by what pytest-timeout says of other threads.
        assert "\nFAILED test_totals.py::test_time_limit[spawn] - Failed: Timeout (>1" in output


def lines_of(path: Path, *names: str) -> set[int]:
    """The numbers of the lines within these functions, but for their docstrings."""
    return {
        statement.lineno
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name in names
        for statement in node.body[1:]
    }


def missing(folder: Path, name: str, *tests: str) -> set[int]:
    """The numbers of a file's lines that no process ran in these tests, says coverage."""
    named = [f"test_totals.py::{test}" for test in tests]
    suite(folder, *named, by=("-m", "coverage", "run", "-m"))
    code = "from coverage.cmdline import main; main(['combine']); main(['json'])"
    call(folder, "-c", code)
    report = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
    return set(report["files"][name]["missing_lines"])


class TestCoverage:
    """What is measured of the lines that only workers run."""

    SETTING = 'concurrency = ["multiprocessing", "thread"]\n'

    @pytest.fixture(autouse=True)
    def _coverage(self) -> None:
        pytest.importorskip("coverage")

    @pytest.fixture
    def in_workers(self, folder: Path) -> set[int]:
        """The lines that no test calls in its own process."""
        return lines_of(folder / "totals.py", "read", "total")

    def test_settings(self, folder: Path, in_workers: set[int], method: str) -> None:
        """With the suite's settings they are measured under each start method."""
        assert not missing(folder, "totals.py", f"test_totals[{method}]") & in_workers

    def test_no_setting(self, folder: Path, in_workers: set[int]) -> None:
        """Without the setting they count as not run under any start method."""
        change(folder / "pyproject.toml", self.SETTING, "")
        assert missing(folder, "totals.py", "test_totals") >= in_workers

    def test_patch_alone(self, folder: Path, in_workers: set[int]) -> None:
        """With `patch = ["subprocess"]` instead, they are measured under spawn only."""
        change(folder / "pyproject.toml", self.SETTING, 'patch = ["subprocess"]\n')
        assert not missing(folder, "totals.py", "test_totals[spawn]") & in_workers
        others = [f"test_totals[{method}]" for method in METHODS if method != "spawn"]
        assert missing(folder, "totals.py", *others) >= in_workers

    @pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork")
    @pytest.mark.parametrize("sigterm", [True, False])
    def test_sigterm(self, folder: Path, sigterm: bool) -> None:
        """What a worker ran that was terminated is measured with `sigterm`, and not without."""
        if sigterm:  # time enough for the worker to come to that line
            change(folder / "test_totals.py", "timeout=0.5", "timeout=1.5")
        else:
            change(folder / "pyproject.toml", "sigterm = true\n", "")
        line = lines_of(folder / "test_totals.py", "hang_in_worker")
        left = missing(folder, "test_totals.py", "test_time_limit[fork]") & line
        assert left == (set() if sigterm else line)
