"""What `worker_start_method` hears from a pool's workers, and how it fails."""

from __future__ import annotations

import inspect
import multiprocessing
import multiprocessing.pool
import operator
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, Union

import pytest

from poolcontext import start_method, worker_start_method, workers

AnyPool = Union[ProcessPoolExecutor, multiprocessing.pool.Pool]
SEE = "See https://x.example/examples/check/ask_worker.html"


@pytest.fixture(params=["executor", "pool"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both classes of pools that Python has."""
    name: str = request.param
    return name


@contextmanager
def made(kind: str, method: str) -> Iterator[AnyPool]:
    """A pool with one worker."""
    context = multiprocessing.get_context(method)
    if kind == "executor":
        with ProcessPoolExecutor(1, mp_context=context) as executor:
            yield executor
    else:
        with context.Pool(1) as pool:
            yield pool
        pool.join()


def keep_busy(pool: AnyPool, seconds: float) -> None:
    """Give the worker something to do, and do not wait for it."""
    if isinstance(pool, ProcessPoolExecutor):
        pool.submit(time.sleep, seconds)
    else:
        pool.apply_async(time.sleep, [seconds])


def worked_out(pool: AnyPool) -> int:
    """What comes of a task."""
    if isinstance(pool, ProcessPoolExecutor):
        return pool.submit(abs, -2).result(30)
    done: int = pool.apply_async(abs, [-2]).get(30)
    return done


def in_fresh_process(code: str) -> str:
    """Run code in a process in which nothing has touched multiprocessing yet."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class TestAnswer:
    """Which method a worker names."""

    def test_method(self, kind: str, method: str) -> None:
        """A worker of either pool names the method, as often as it is asked, and still works."""
        with made(kind, method) as pool:
            assert worker_start_method(pool) == method
            assert worked_out(pool) == 2
            assert worker_start_method(pool) == method == start_method(pool)

    def test_worker_is_started(self, method: str) -> None:
        """An executor that has no worker yet starts one to ask it."""
        with made("executor", method) as pool:
            assert isinstance(pool, ProcessPoolExecutor)
            assert not pool._processes
            worker_start_method(pool)
            assert len(pool._processes) == 1

    def test_subclass(self) -> None:
        """A class of one's own that extends the executor is asked like it."""

        class Pool(ProcessPoolExecutor):
            pass

        with Pool(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            assert worker_start_method(pool) == "spawn"

    def test_plain_question_goes_wrong(self, method: str) -> None:
        """CPython's function, submitted as it is, names the parent's default and not the method."""
        with made("executor", method) as pool:
            assert isinstance(pool, ProcessPoolExecutor)
            told = pool.submit(multiprocessing.get_start_method).result(30)
            assert told == multiprocessing.get_start_method()
            assert (told == method) == (method == multiprocessing.get_start_method())
            assert worker_start_method(pool) == method

    def test_question_asked_here(self) -> None:
        """What a worker is asked, the parent answers with its own default."""
        assert workers.ask() == multiprocessing.get_start_method()

    def test_module_as_context(self) -> None:
        """A worker of a pool that follows the global choice names that choice."""
        code = (
            "import multiprocessing, sys\n"
            "from concurrent.futures import ProcessPoolExecutor\n"
            "from poolcontext import worker_start_method\n"
            "for method in multiprocessing.get_all_start_methods():\n"
            "    multiprocessing.set_start_method(method, force=True)\n"
            "    with ProcessPoolExecutor(1, mp_context=multiprocessing) as pool:\n"
            "        assert worker_start_method(pool) == method, method\n"
            "    with multiprocessing.Pool(1) as pool:\n"
            "        assert worker_start_method(pool) == method, method\n"
            "print('done')\n"
        )
        assert in_fresh_process(code) == "done"

    def test_global_choice_does_not_matter(self) -> None:
        """Whatever was chosen for the program, a pool's own method is what its worker names."""
        code = (
            "import multiprocessing\n"
            "from poolcontext import process_pool, worker_start_method\n"
            "methods = multiprocessing.get_all_start_methods()\n"
            "for chosen in methods:\n"
            "    multiprocessing.set_start_method(chosen, force=True)\n"
            "    for method in methods:\n"
            "        with process_pool(method, max_workers=1) as pool:\n"
            "            assert worker_start_method(pool) == method, (chosen, method)\n"
            "print('done')\n"
        )
        assert in_fresh_process(code) == "done"


@pytest.fixture(autouse=True, scope="module")
def _published() -> Iterator[None]:
    """Errors end with a page's address, as they do where the package has one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("poolcontext.errors._site", lambda: "https://x.example/")
        yield


class TestTimeout:
    """What happens if no worker has time to answer."""

    def test_busy_worker(self, kind: str, method: str) -> None:
        """The error is Python's own TimeoutError, and the pool works on afterwards."""
        with made(kind, method) as pool:
            worked_out(pool)  # there is a worker from now on
            keep_busy(pool, 1)
            with pytest.raises(TimeoutError) as caught:
                worker_start_method(pool, timeout=0.05)
            assert type(caught.value) is TimeoutError
            late = "no worker of the pool has answered within 0.05 s"
            assert str(caught.value) == f"{late}. {SEE}"
            assert type(caught.value.__cause__).__name__ == "TimeoutError"
            assert worked_out(pool) == 2
            assert worker_start_method(pool) == method

    def test_question_is_taken_back(self) -> None:
        """A question that came too late to be answered is not left in the pool's queue."""
        asked: list[Future[str]] = []

        class Pool(ProcessPoolExecutor):
            def submit(self, *_: Any) -> Future[Any]:  # type: ignore[override]
                asked.append(Future())
                return asked[-1]

        with Pool(1) as pool, pytest.raises(TimeoutError):
            worker_start_method(pool, 0)
        assert [future.cancelled() for future in asked] == [True]

    def test_default(self) -> None:
        """Without a timeout it waits for half a minute."""
        assert inspect.signature(worker_start_method).parameters["timeout"].default == 30.0


class TestErrors:
    """What is refused, and what a pool itself says."""

    @pytest.mark.parametrize(
        ("other", "named"),
        [
            ("spawn", "the str 'spawn'"),
            (None, "an object of the type builtins.NoneType"),
            (multiprocessing, "an object of the type builtins.module"),
            (ProcessPoolExecutor, "an object of the type builtins.type"),
            (
                multiprocessing.get_context("spawn"),
                "an object of the type multiprocessing.context.SpawnContext",
            ),
        ],
        ids=["string", "none", "module", "class", "context"],
    )
    def test_anything_else_is_a_type_error(self, other: Any, named: str) -> None:
        """The message says what it takes, what it got, and which page explains it."""
        with pytest.raises(TypeError) as caught:
            worker_start_method(other)
        takes = "takes a ProcessPoolExecutor or a multiprocessing.pool.Pool"
        assert str(caught.value) == f"worker_start_method() {takes}, not {named}. {SEE}"

    def test_pools_of_threads_are_a_type_error(self) -> None:
        """Threads have no start method, though ThreadPool is a kind of multiprocessing's Pool."""
        with ThreadPoolExecutor() as executor, pytest.raises(TypeError, match="ThreadPoolExecutor"):
            worker_start_method(executor)  # type: ignore[arg-type]
        with (
            multiprocessing.pool.ThreadPool(1) as pool,
            pytest.raises(TypeError, match=r"pool\.ThreadPool"),
        ):
            worker_start_method(pool)
        pool.join()

    def test_after_shutdown(self, kind: str, method: str) -> None:
        """A pool that is shut down has nobody to ask, and no worker is started for it."""
        with made(kind, method) as pool:
            pass
        with pytest.raises(RuntimeError, match=r"shut ?down") as caught:
            worker_start_method(pool)
        assert type(caught.value) is RuntimeError

    def test_closed_pool(self) -> None:
        """A pool of multiprocessing that takes no more tasks says so before it has ended."""
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.close()
            with pytest.raises(RuntimeError) as caught:
                worker_start_method(pool)
            assert str(caught.value) == f"the pool is shut down. {SEE}"
            assert isinstance(caught.value.__cause__, ValueError)
            pool.join()

    def test_worker_has_died(self, method: str) -> None:
        """A pool whose worker has died is broken, and says so as CPython does."""
        with made("executor", method) as pool:
            assert isinstance(pool, ProcessPoolExecutor)
            with pytest.raises(BrokenProcessPool):
                pool.submit(os._exit, 1).result(30)
            with pytest.raises(BrokenProcessPool):
                worker_start_method(pool)

    def test_worker_cannot_start(self, method: str) -> None:
        """A worker whose initializer fails does not answer, and the pool is broken."""
        context = multiprocessing.get_context(method)
        arguments = {"initializer": operator.truediv, "initargs": (1, 0)}
        with (
            ProcessPoolExecutor(1, mp_context=context, **arguments) as pool,  # type: ignore[arg-type]
            pytest.raises(BrokenProcessPool),
        ):
            worker_start_method(pool)
