"""What `start_method` reads from pools, and which pools `process_pool` makes."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest

from poolcontext import StartMethodError, process_pool, start_method, start_methods

pytestmark = pytest.mark.usefixtures("published")
METHOD_PAGE = "https://x.example/examples/set/set_missing_method.html"


class OwnPool(ProcessPoolExecutor):
    """A class of one's own."""


def pretend(monkeypatch: pytest.MonkeyPatch, *available: str) -> None:
    """Make the helper see a platform that has these methods only."""
    found = start_methods()._replace(available=available, listed=available or ("fork",))
    monkeypatch.setattr("poolcontext.pools.start_methods", lambda: found)


class TestStartMethod:
    """What start_method(pool) answers."""

    def test_pools(self, method: str) -> None:
        """It names the method of a context, and of each kind of pool, live and shut down."""
        context = multiprocessing.get_context(method)
        assert start_method(context) == method
        with OwnPool(1, mp_context=context) as executor, context.Pool(1) as pool:
            assert start_method(executor) == method
            assert executor.submit(abs, -1).result() == 1
            for one in (executor, pool):
                assert start_method(one) == method
        pool.join()
        for one in (executor, pool):
            assert start_method(one) == method

    def test_module_follows_the_global_default(self, fresh: Callable[[str], None]) -> None:
        """The module, its default context, and a pool made with it answer the global choice."""
        fresh("""
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor
            from poolcontext import start_method
            listed = multiprocessing.get_all_start_methods()
            assert start_method(multiprocessing) == listed[0]
            assert start_method(multiprocessing.context._default_context) == listed[0]
            assert multiprocessing.get_start_method(allow_none=True) is None
            multiprocessing.set_start_method(listed[-1])
            assert start_method(multiprocessing) == listed[-1]
            pool = ProcessPoolExecutor(1, mp_context=multiprocessing)
            assert start_method(pool) == listed[-1]
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
                    start_method(other)  # type: ignore[arg-type]
                assert str(caught.value).endswith(f", not {named}. See {page}")
        pool.join()

    def test_renamed_attribute(self) -> None:
        """Where a coming Python has renamed the attribute, the message says what to do."""
        pool = ProcessPoolExecutor(1)
        del pool._mp_context
        with pytest.raises(RuntimeError, match="no attribute _mp_context: it was") as caught:
            start_method(pool)
        assert isinstance(caught.value.__cause__, AttributeError)


class TestProcessPool:
    """What process_pool(method, **kwargs) makes."""

    def test_method(self, method: str) -> None:
        """A name or a context gives an executor of that method; the rest is passed on."""
        context = multiprocessing.get_context(method)
        assert process_pool(context)._mp_context is context
        with process_pool(method, max_workers=1) as pool:
            assert type(pool) is ProcessPoolExecutor
            assert start_method(pool) == method
            assert pool._max_workers == 1

    def test_default(self) -> None:
        """Without a method, or with the module, the pool is as CPython makes it."""
        assert start_method(process_pool()) == start_method(ProcessPoolExecutor())
        for context in (multiprocessing.get_context("spawn"), multiprocessing):
            assert process_pool(mp_context=context)._mp_context is context
        assert process_pool(multiprocessing)._mp_context is multiprocessing  # type: ignore[comparison-overlap]

    def test_first_available_name_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Names are an order of preference; one that the platform lacks is passed over."""
        assert start_method(process_pool(["spawn", "fork"])) == "spawn"
        pretend(monkeypatch, "spawn")
        assert start_method(process_pool(("fork", "spawn"))) == "spawn"

    @pytest.mark.parametrize(
        ("method", "words"),
        [
            *[(other, "takes a start method's name") for other in ([], 3, ["spawn", 3], {"spawn"})],
            ([3] * 10_000, "not the list "),
            ([10**10_000], "takes a start method's name"),
        ],
        ids=["empty", "number", "mixed", "set", "long", "endless number"],
    )
    def test_type_error(self, method: Any, words: str) -> None:
        """What is no name, no context and no sequence of names is refused, in a short message."""
        with pytest.raises(TypeError, match=words) as caught:
            process_pool(method)
        assert len(str(caught.value)) < 300

    def test_method_and_mp_context(self) -> None:
        """Two choices at once are refused."""
        with pytest.raises(TypeError, match="not both"):
            process_pool("spawn", mp_context=multiprocessing.get_context("spawn"))

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

    def test_max_tasks_per_child(self) -> None:
        """Fork is refused or passed over; before 3.11 the argument is refused, as Python says."""
        error, said = StartMethodError, "max_tasks_per_child does not work with"
        if sys.version_info < (3, 11):
            error, said = TypeError, "unexpected keyword argument 'max_tasks_per_child'"
        if "fork" not in start_methods().available:
            pytest.skip("fork is not there on this platform")
        for fork in ("fork", ["fork"], multiprocessing.get_context("fork")):
            with pytest.raises(error, match=said):
                process_pool(fork, max_tasks_per_child=1)
        if sys.version_info >= (3, 11):
            for other in (["fork", "spawn"], multiprocessing.get_context("spawn")):
                assert start_method(process_pool(other, max_tasks_per_child=1)) == "spawn"
