"""A plugin for pytest: run tests under each start method, and see that they leave no process.

Without its option, its fixtures and its marker it changes nothing, and imports nothing: so what it
needs is imported where it is used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import BaseContext
    from multiprocessing.process import BaseProcess

METHODS = ("fork", "spawn", "forkserver")
GRACE = 3.0
"""Seconds that processes have to end by themselves when a test is done."""

CHOSEN = pytest.StashKey[tuple[str, ...]]()
"""The start methods that the command line, or the configuration, names."""

RESTORE = pytest.StashKey[Callable[[], None]]()
"""What undoes the choice of one method for all tests."""


def pytest_addoption(parser: pytest.Parser) -> None:
    text = (
        "run with this start method as the default: fork, spawn or forkserver; with several, with "
    )
    text += "commas between them, or all: the tests that ask for one once under each"
    group = parser.getgroup("poolcontext", "start methods of process pools")
    group.addoption("--start-method", action="append", metavar="METHOD", help=text)
    parser.addini("start_method", "as --start-method, where that is not given", "args")


def pytest_configure(config: pytest.Config) -> None:
    text = "start_method(*methods): run the test once under each start method, or each of these."
    config.addinivalue_line("markers", text)
    words = config.getoption("start_method") or config.getini("start_method")
    if not words:
        return
    from .methods import StartMethodError, list_start_methods
    from .run_with_method import set_default

    names = [name.strip() for word in words for name in word.split(",")]
    if "all" in names:
        names = list(METHODS)
    methods = config.stash[CHOSEN] = tuple(dict.fromkeys(names))
    if unknown := [name for name in methods if name not in METHODS]:
        known = ", ".join(METHODS)
        raise pytest.UsageError(f"--start-method takes {known} or all, not {unknown[0]!r}")
    if len(methods) == 1:
        try:
            config.stash[RESTORE] = set_default(methods[0])
        except StartMethodError as error:
            raise pytest.UsageError(str(error)) from None
    elif not {*methods} & {*list_start_methods().available}:
        raise pytest.UsageError("no process pool works here")


def pytest_unconfigure(config: pytest.Config) -> None:
    if restore := config.stash.get(RESTORE, None):
        restore()


def pytest_report_header(config: pytest.Config) -> list[str]:
    methods = config.stash.get(CHOSEN, ())
    return [f"start method: {', '.join(methods)}"] if methods else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("start_method")
    if marker and "start_method" not in metafunc.fixturenames:
        metafunc.fixturenames.append("start_method")
    if "start_method" in metafunc.fixturenames:
        methods = metafunc.config.stash.get(CHOSEN, METHODS)
        wanted = marker.args if marker and marker.args else METHODS
        if unknown := [name for name in wanted if name not in METHODS]:
            raise pytest.UsageError(f"the marker start_method has no method {unknown[0]!r}")
        taken = [name for name in wanted if name in methods]
        metafunc.parametrize("start_method", taken, indirect=True, scope="function")


def pytest_itemcollected(item: pytest.Item) -> None:
    # Pytest forgets what was added above, and keeps the parameter.
    names = getattr(item, "fixturenames", ["start_method"])
    if "start_method" not in names and item.get_closest_marker("start_method"):
        names.insert(0, "start_method")


@pytest.fixture
def start_method(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a start method, which is the default meanwhile; a test runs once under each.

    A method that this platform lacks is skipped. After the test, no process of its may be alive.
    """
    from multiprocessing import active_children

    from .methods import StartMethodError
    from .run_with_method import set_default

    before = active_children()
    try:
        restore = set_default(request.param, even_if_chosen=True)
    except StartMethodError as error:
        pytest.skip(str(error))
    threads = {*threading.enumerate()}
    yield request.param
    restore()
    left = _end(before)
    # A pool's thread goes on for a moment, and would run beside the next fork.
    for thread in {*threading.enumerate()} - threads:
        if not thread.daemon:
            thread.join(GRACE)
    if left:
        names = ", ".join(process.name for process in left)
        pytest.fail(f"the test has left processes, which were ended: {names}", pytrace=False)


@pytest.fixture
def mp_context(start_method: str) -> BaseContext:
    """The context of a start method; a test runs once under each."""
    from multiprocessing import get_context

    return get_context(start_method)


@pytest.fixture
def process_pool(mp_context: BaseContext) -> Iterator[Callable[..., ProcessPoolExecutor]]:
    """Makes executors of a start method's context, and takes what `poolcontext.process_pool` takes.

    They are shut down after the test, and workers that do not end then are ended.
    """
    from multiprocessing import active_children

    from .pools import process_pool as make

    before = active_children()
    pools: list[ProcessPoolExecutor] = []

    def process_pool(max_workers: int | None = None, **options: Any) -> ProcessPoolExecutor:
        pools.append(make(mp_context, max_workers, **options))
        return pools[-1]

    yield process_pool
    for pool in pools:
        pool.shutdown(wait=False, cancel_futures=True)
    _end(before)
    for pool in pools:  # so that no thread of its runs on
        pool.shutdown()


def _end(before: Sequence[BaseProcess]) -> list[BaseProcess]:
    """The processes that have come since and do not end by themselves, which are then ended."""
    from multiprocessing import active_children

    deadline = time.monotonic() + GRACE
    while True:
        left = [one for one in active_children() if one not in before]
        if not left or time.monotonic() > deadline:
            break
        left[0].join(0.05)
    for process in left:
        process.kill()
        process.join()
    return left


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    ours = CHOSEN in item.config.stash or "start_method" in getattr(item, "fixturenames", ())
    if report.failed and ours:
        from .symptoms import find
        from .trial.report import explained

        text = "\n".join([report.longreprtext, *(part for _, part in report.sections)])
        for symptom in find(text)[:1]:  # the others follow from it
            report.sections.append(("poolcontext", "\n".join(explained(symptom, text))))
    return report
