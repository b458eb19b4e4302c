"""What `worker_start_method` hears from a pool's workers, and how it fails."""

from __future__ import annotations

import inspect
import multiprocessing
import operator
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.pool import Pool, ThreadPool
from typing import Any, Union

import pytest

from poolcontext import start_method_of, worker_start_method, workers

pytestmark = pytest.mark.usefixtures("published")
AnyPool = Union[ProcessPoolExecutor, Pool]
SEE = "See https://x.example/examples/check/ask_worker.html"


@pytest.fixture(params=["executor", "pool"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both classes of pools that Python has."""
    name: str = request.param
    return name


class OwnPool(ProcessPoolExecutor):
    """A class of one's own."""


@contextmanager
def made(kind: str, method: str) -> Iterator[AnyPool]:
    """A pool with one worker."""
    context = multiprocessing.get_context(method)
    if kind == "executor":
        with OwnPool(1, mp_context=context) as executor:
            yield executor
    else:
        with context.Pool(1) as pool:
            yield pool
        pool.join()


def submit(pool: AnyPool, function: Callable[[Any], Any], argument: object) -> Callable[[], Any]:
    """Have a task done; what is returned gives the result."""
    if isinstance(pool, ProcessPoolExecutor):
        return pool.submit(function, argument).result
    return pool.apply_async(function, [argument]).get


class TestAnswer:
    """Which method a worker names."""

    def test_method(self, kind: str, method: str) -> None:
        """A worker of either pool, started if there is none, names the method, and still works."""
        with made(kind, method) as pool:
            if isinstance(pool, ProcessPoolExecutor):
                assert not pool._processes
            assert worker_start_method(pool) == method
            if isinstance(pool, ProcessPoolExecutor):
                assert len(pool._processes) == 1
            assert submit(pool, abs, -2)() == 2
            assert worker_start_method(pool) == method == start_method_of(pool)

    def test_plain_question_goes_wrong(self, method: str) -> None:
        """CPython's function, submitted as it is, names the parent's default and not the method."""
        default = multiprocessing.get_start_method()
        with made("executor", method) as pool:
            told = submit(pool, multiprocessing.get_start_method, False)()
            assert told == default == workers.ask()
            assert worker_start_method(pool) == method

    def test_global_choice(self, fresh: Callable[[str], None]) -> None:
        """Only a pool that follows the global choice is changed by it."""
        fresh("""
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor
            from poolcontext import process_pool, worker_start_method

            methods = multiprocessing.get_all_start_methods()
            for chosen in methods:
                multiprocessing.set_start_method(chosen, force=True)
                with ProcessPoolExecutor(1, mp_context=multiprocessing) as pool:
                    assert worker_start_method(pool) == chosen
                with multiprocessing.Pool(1) as pool:
                    assert worker_start_method(pool) == chosen
                for method in methods:
                    with process_pool(method, max_workers=1) as pool:
                        assert worker_start_method(pool) == method, (chosen, method)
        """)


class TestTimeout:
    """What happens if no worker has time to answer."""

    def test_busy_worker(self, kind: str) -> None:
        """The error is Python's own TimeoutError, and the pool works on afterwards."""
        with made(kind, "spawn") as pool:
            submit(pool, abs, -2)()  # there is a worker from now on
            submit(pool, time.sleep, 1)
            with pytest.raises(TimeoutError) as caught:
                worker_start_method(pool, timeout=0.05)
            assert type(caught.value) is TimeoutError
            late = "no worker of the pool has answered within 0.05 s"
            assert str(caught.value) == f"{late}. {SEE}"
            assert type(caught.value.__cause__).__name__ == "TimeoutError"
            assert worker_start_method(pool) == "spawn"
        assert inspect.signature(worker_start_method).parameters["timeout"].default == 30.0

    def test_question_is_taken_back(self) -> None:
        """A question that came too late to be answered is not left in the pool's queue."""
        asked: list[Future[str]] = []

        class Queue(ProcessPoolExecutor):
            def submit(self, *_: Any) -> Future[Any]:  # type: ignore[override]
                asked.append(Future())
                return asked[-1]

        with Queue(1) as pool, pytest.raises(TimeoutError):
            worker_start_method(pool, 0)
        assert [future.cancelled() for future in asked] == [True]


class TestErrors:
    """What is refused, and what a pool itself says."""

    def test_type_error(self) -> None:
        """Of all else, pools of threads included, the message says what it takes and got."""
        takes = "takes a ProcessPoolExecutor or a multiprocessing.pool.Pool"
        context = multiprocessing.get_context("spawn")
        with ThreadPoolExecutor() as executor, ThreadPool(1) as pool:
            for other, named in [
                ("spawn", "the str 'spawn'"),
                (multiprocessing, "an object of the type builtins.module"),
                (ProcessPoolExecutor, "an object of the type builtins.type"),
                (context, "an object of the type multiprocessing.context.SpawnContext"),
                (pool, "an object of the type multiprocessing.pool.ThreadPool"),
                (executor, "an object of the type concurrent.futures.thread.ThreadPoolExecutor"),
            ]:
                with pytest.raises(TypeError) as caught:
                    worker_start_method(other)  # type: ignore[arg-type]
                assert str(caught.value) == f"worker_start_method() {takes}, not {named}. {SEE}"
        pool.join()

    def test_shutdown(self, kind: str) -> None:
        """A pool that is shut down has nobody to ask, even before its workers have ended."""
        with made(kind, "spawn") as pool:
            submit(pool, abs, -2)()
            if isinstance(pool, ProcessPoolExecutor):
                pool.shutdown()
            else:
                pool.close()
            with pytest.raises(RuntimeError, match=r"shut ?down") as caught:
                worker_start_method(pool)
            assert type(caught.value) is RuntimeError
            if kind == "pool":
                assert str(caught.value) == f"the pool is shut down. {SEE}"
                assert isinstance(caught.value.__cause__, ValueError)
                pool.join()
        with pytest.raises(RuntimeError, match=r"shut ?down"):
            worker_start_method(pool)

    def test_broken(self, method: str) -> None:
        """A pool whose worker has died, or cannot start, says so as CPython does."""
        context = multiprocessing.get_context(method)
        for initializer, initargs in [(None, ()), (operator.truediv, (1, 0))]:
            with ProcessPoolExecutor(
                1, mp_context=context, initializer=initializer, initargs=initargs
            ) as pool:
                if initializer is None:
                    with pytest.raises(BrokenProcessPool):
                        pool.submit(os._exit, 1).result(30)
                with pytest.raises(BrokenProcessPool):
                    worker_start_method(pool)
