"""What `start_method` reads from pools, and which pools `process_pool` makes."""

from __future__ import annotations

import dataclasses
import multiprocessing
import multiprocessing.context
import pickle
import sys
import typing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest

import poolcontext
from poolcontext import (
    StartMethodError,
    TransferError,
    context_of,
    get_context,
    list_start_methods,
    process_pool,
    start_method_of,
)

pytestmark = pytest.mark.usefixtures("published")
METHOD_PAGE = "https://x.example/symptoms.html#cannot-find-context"


one = 0


def set_one(value: int) -> None:
    global one
    one = value


def get_one() -> int:
    return one


class OwnPool(ProcessPoolExecutor):
    """A class of one's own."""


def pretend(monkeypatch: pytest.MonkeyPatch, *available: str) -> None:
    """Make the helper see a platform that has these methods only."""
    listed = available or ("fork",)
    found = dataclasses.replace(list_start_methods(), available=available, listed=listed)
    monkeypatch.setattr("poolcontext.methods.list_start_methods", lambda: found)


class TestStartMethod:
    """What start_method_of(pool) answers."""

    def test_pools(self, method: str) -> None:
        """It names the method of a context, and of each kind of pool, live and shut down."""
        context = multiprocessing.get_context(method)
        assert start_method_of(context) == method
        with OwnPool(1, mp_context=context) as executor, context.Pool(1) as pool:
            assert start_method_of(executor) == method
            assert executor.submit(abs, -1).result() == 1
            for one in (executor, pool):
                assert start_method_of(one) == method
        pool.join()
        for one in (executor, pool):
            assert start_method_of(one) == method
            assert context_of(one) is context

    def test_module_follows_the_global_default(self, fresh: Callable[[str], None]) -> None:
        """The module, its default context, and a pool made with it answer the global choice."""
        fresh("""
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor
            from poolcontext import start_method_of
            listed = multiprocessing.get_all_start_methods()
            assert start_method_of(multiprocessing) == listed[0]
            assert start_method_of(multiprocessing.context._default_context) == listed[0]
            assert multiprocessing.get_start_method(allow_none=True) is None
            multiprocessing.set_start_method(listed[-1])
            assert start_method_of(multiprocessing) == listed[-1]
            pool = ProcessPoolExecutor(1, mp_context=multiprocessing)
            assert start_method_of(pool) == listed[-1]
        """)

    def test_type_error(self) -> None:
        """Of all else, pools of threads included, the message says what it got."""
        page = "https://x.example/examples/check/check_pool_context.html"
        with ThreadPoolExecutor() as executor, ThreadPool(1) as pool:
            for other, named in [
                ("spawn", "the str 'spawn'"),
                (None, "an object of the type builtins.NoneType"),
                (sys, "an object of the type builtins.module"),
                (ProcessPoolExecutor, "an object of the type builtins.type"),
                (pool, "an object of the type multiprocessing.pool.ThreadPool"),
                (executor, "an object of the type concurrent.futures.thread.ThreadPoolExecutor"),
            ]:
                with pytest.raises(TypeError, match="takes a ProcessPoolExecutor, ") as caught:
                    start_method_of(other)  # type: ignore[arg-type]
                assert str(caught.value).endswith(f", not {named}. See {page}")
                with pytest.raises(TypeError) as caught:
                    context_of(other)  # type: ignore[arg-type]
                takes = "context_of() takes a ProcessPoolExecutor, a multiprocessing.pool.Pool"
                assert str(caught.value) == f"{takes}, not {named}. See {page}"
        pool.join()

    def test_renamed_attribute(self) -> None:
        """Where a coming Python has renamed the attribute, the message says what to do."""
        pool = ProcessPoolExecutor(1)
        del pool._mp_context
        with pytest.raises(RuntimeError, match="no attribute _mp_context: it was") as caught:
            start_method_of(pool)
        assert isinstance(caught.value.__cause__, AttributeError)


class TestProcessPool:
    """What process_pool() makes, and which context get_context() gives it."""

    def test_method(self, method: str) -> None:
        """A name or a context gives an executor of that method; the rest is passed on."""
        context = multiprocessing.get_context(method)
        assert get_context(method) is context  # type: ignore[arg-type]
        assert process_pool(context)._mp_context is context
        with process_pool(method, 1, initializer=set_one, initargs=(3,)) as pool:  # type: ignore[arg-type]
            assert type(pool) is ProcessPoolExecutor
            assert start_method_of(pool) == method
            assert pool._max_workers == 1
            assert pool.submit(get_one).result() == 3

    def test_default(self) -> None:
        """Without a method, or with the module, the pool is as CPython makes it."""
        assert start_method_of(process_pool()) == start_method_of(ProcessPoolExecutor())
        assert process_pool(multiprocessing)._mp_context is multiprocessing  # type: ignore[comparison-overlap]

    def test_first_available_name_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Names are an order of preference; one that the platform lacks is passed over."""
        assert start_method_of(process_pool(["spawn", "fork"])) == "spawn"
        pretend(monkeypatch, "spawn")
        assert start_method_of(process_pool(("fork", "spawn"))) == "spawn"
        assert get_context("fork", "spawn").get_start_method() == "spawn"

    @pytest.mark.parametrize(
        ("method", "words"),
        [
            *[(other, "takes a start method's name") for other in (3, ["spawn", 3], {"spawn"})],
            ([3] * 10_000, "not the list "),
            ([10**10_000], "takes a start method's name"),
        ],
        ids=["number", "mixed", "set", "long", "endless number"],
    )
    def test_type_error(self, method: Any, words: str) -> None:
        """What is no name, no context and no sequence of names is refused, in a short message."""
        with pytest.raises(TypeError, match=words) as caught:
            process_pool(method)
        assert len(str(caught.value)) < 300

    def test_no_names(self) -> None:
        """At least one method is wanted, and each is a name by itself."""
        for none in (lambda: process_pool([]), lambda: process_pool(()), get_context):
            with pytest.raises(ValueError, match="the name of at least one start method, not none"):
                none()
        with pytest.raises(TypeError, match=r"each by itself, not the list \['spawn'\]"):
            get_context("fork", ["spawn"])  # type: ignore[arg-type]

    def test_unknown_argument(self) -> None:
        """An argument that it does not know is refused, mp_context too."""
        for wrong in ("max_wokers", "mp_context"):
            with pytest.raises(TypeError, match=f"unexpected keyword argument '{wrong}'"):
                process_pool("spawn", **{wrong: None})

    @pytest.mark.parametrize(
        ("available", "method", "words"),
        [
            *[
                (("spawn", "fork", "forkserver"), method, f"; did you mean '{meant}'? See ")
                for name, meant in [
                    ("fork-server", "forkserver"),
                    ("Spawn", "spawn"),
                    (" fork ", "fork"),
                    ("spawm", "spawn"),
                ]
                for method in (name, ["spawn", name])
            ],
            (("spawn",), "thread", "on Windows has 'spawn'; the nearest choice is 'spawn'. See "),
            (("spawn",), "forkk", "on Windows has 'spawn'; the nearest choice is 'spawn'. See "),
            (("fork", "spawn"), "x" * 10_000, "has 'fork', 'spawn'; the nearest choice is 'spawn'"),
            (("spawn",), "fork", "'fork' cannot be used: "),
            (("spawn",), "fork", "on Windows has 'spawn'; the nearest choice is 'spawn'. See "),
            (("spawn",), ["fork", "forkserver"], "neither 'fork' nor 'forkserver' can be used"),
            ((), "fork", "none that works; no process pool works here. See "),
            ((), "spwn", "none that works; no process pool works here. See "),
        ],
        ids=repr,
    )
    def test_start_method_error(
        self, monkeypatch: pytest.MonkeyPatch, available: tuple[str, ...], method: Any, words: str
    ) -> None:
        """On simulated systems, the error says what there is, what is meant, or is nearest."""
        pretend(monkeypatch, *available)
        monkeypatch.setattr("platform.system", lambda: "Windows")
        with pytest.raises(StartMethodError) as caught:
            process_pool(method)
        text = str(caught.value)
        assert words in text
        assert text.endswith(f" See {METHOD_PAGE}")
        assert len(text) < 300
        assert isinstance(caught.value, ValueError)
        assert caught.value.available == available
        assert caught.value.method in ([method] if isinstance(method, str) else method)

    def test_max_tasks_per_child(self) -> None:
        """Fork is refused or passed over; before 3.11 the argument is refused, as Python says."""
        error, said = StartMethodError, "max_tasks_per_child does not work with"
        if sys.version_info < (3, 11):
            error, said = TypeError, "unexpected keyword argument 'max_tasks_per_child'"
        if "fork" not in list_start_methods().available:
            pytest.skip("fork is not there on this platform")
        for fork in ("fork", ["fork"], multiprocessing.get_context("fork")):
            with pytest.raises(error, match=said):
                process_pool(fork, max_tasks_per_child=1)
        if sys.version_info >= (3, 11):
            for other in (["fork", "spawn"], multiprocessing.get_context("spawn")):
                assert start_method_of(process_pool(other, max_tasks_per_child=1)) == "spawn"


class TestPublic:
    """What holds for every public name."""

    @pytest.mark.parametrize("name", poolcontext.__all__)
    def test_name(self, name: str) -> None:
        """It is there, its types are known at run time, and its text says since when it is."""
        found = getattr(poolcontext, name)
        assert name in dir(poolcontext)
        if name == "StartMethod":
            assert set(typing.get_args(found)) == {"fork", "spawn", "forkserver"}
            return
        assert ".. versionadded:: 0.1" in found.__doc__
        hints = typing.get_type_hints(found)
        assert hints
        if not isinstance(found, type):
            assert hints.keys() == {*found.__annotations__}

    def test_no_such_name(self) -> None:
        """Another name is an AttributeError, as of every module."""
        with pytest.raises(AttributeError, match="'poolcontext' has no attribute 'start_methods'"):
            poolcontext.start_methods  # type: ignore[attr-defined]  # noqa: B018

    def test_record(self) -> None:
        """What is found cannot be changed."""
        with pytest.raises(dataclasses.FrozenInstanceError):
            list_start_methods().default = "spawn"  # type: ignore[misc]

    def test_errors_travel(self) -> None:
        """An error's data is still there when it has come back from a worker."""
        for error in (
            StartMethodError("it is not there", "fork", ("spawn",)),
            TransferError("it does not pass", "args[0]", "it is a lambda"),
        ):
            again = pickle.loads(pickle.dumps(error))
            assert type(again) is type(error)
            assert (str(again), vars(again)) == (str(error), vars(error))
