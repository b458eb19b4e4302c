"""What all tests share: start methods, no process left behind, and how long Hypothesis looks."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import struct
import sys
import time
from collections.abc import Generator, Iterator
from typing import Any

import hypothesis
import pytest

try:
    import psutil
except ImportError:  # where there is no wheel of it, as for PyPy
    psutil = None

hypothesis.settings.register_profile("default", deadline=None, database=None, derandomize=True)
hypothesis.settings.register_profile(
    "thorough",
    max_examples=10_000,
    deadline=None,
    database=None,
    derandomize=False,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("default")


def pytest_configure() -> None:
    """Have what tests start react to SIGINT and SIGHUP, which `&` and nohup have it ignore."""
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)  # Windows has no SIGHUP
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def method(request: pytest.FixtureRequest) -> str:
    """Each start method in turn; one that this platform lacks is skipped, and says so."""
    name: str = request.param
    if name not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{name} is not there on this platform")
    return name


@pytest.fixture
def measured_subprocesses(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Have coverage, where it measures, measure the processes too that a test starts.

    https://coverage.readthedocs.io/en/latest/subprocess.html
    """
    if "coverage" in sys.modules and sys.modules["coverage"].Coverage.current():
        monkeypatch.setenv("COVERAGE_PROCESS_START", str(request.config.inipath))
        monkeypatch.setenv("COVERAGE_FILE", str(request.config.rootpath / ".coverage"))


# Each is started once: by Python, for as long as the process lives, or for all tests that want a
# browser or nginx.
HELPERS = (
    "multiprocessing.resource_tracker",
    "multiprocessing.forkserver",
    "nginx: ",
    "playwright",
    "/chromium",
)


@pytest.fixture(autouse=True)
def _no_child_survives() -> Iterator[None]:
    """Fail a test that leaves a process behind, and end that process."""
    if psutil is None:
        _in_our_job()
    yield
    if psutil is None:
        # One that could not even be started may come to its end later, as it imports first.
        deadline = time.monotonic() + 20
        while _in_our_job() and time.monotonic() < deadline:
            time.sleep(0.1)
        left: list[Any] = _in_our_job()
        for pid in left:
            os.kill(pid, signal.SIGTERM)  # which ends it at once there
        left += multiprocessing.active_children()
        assert not left, f"the test left processes behind: {left}"
        return
    left = []
    for child in psutil.Process().children(recursive=True):
        try:
            commands = [" ".join(one.cmdline()) for one in (child, child.parent()) if one]
        except psutil.Error:  # it ended just now
            continue
        if child.is_running() and not any(name in one for name in HELPERS for one in commands):
            left.append(f"{child.pid} {commands[0]}")
            child.kill()
    assert not left, f"the test left processes behind: {left}"


@functools.lru_cache(maxsize=1)
def _our_job() -> Any:
    """A job that Windows has us in from now on, with all that we start."""
    from poolcontext.capture.job import Job

    job = Job()
    job._call("AssignProcessToJobObject", job.ctypes.c_void_p(-1))
    return job


def _in_our_job() -> list[int]:
    """The other processes in it: where there is no psutil, as under Wine, Windows tells of them."""
    if sys.platform != "win32":
        return []
    job = _our_job()
    found = job.ctypes.create_string_buffer(8 + 8 * 1000)  # a JOBOBJECT_BASIC_PROCESS_ID_LIST,
    job._call("QueryInformationJobObject", 3, found, len(found), None)  # whose number is 3
    (count,) = struct.unpack_from("4xL", found)
    return [pid for pid in struct.unpack_from(f"{count}N", found, 8) if pid != os.getpid()]


_fixtures_failed: list[BaseException] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Report once what a fixture of many tests fails with: the other tests are skipped."""
    report = yield
    error = call.excinfo.value if call.excinfo else None
    if call.when == "setup" and report.failed and error:
        if any(error is one for one in _fixtures_failed):  # pytest keeps it, and raises it again
            path, line, _ = item.location
            report.outcome = "skipped"
            report.longrepr = (path, line or 0, "its fixture has failed before: see the error")
        _fixtures_failed.append(error)
    return report
