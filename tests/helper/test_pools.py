"""What `start_method` reads from pools, and which pools `process_pool` makes."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import multiprocessing.pool
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from poolcontext import StartMethodError, process_pool, start_method, start_methods


def report() -> str:
    """Run in a worker: how was this process started?"""
    return multiprocessing.get_start_method()


@pytest.fixture(autouse=True, scope="module")
def _published() -> Iterator[None]:
    """Errors end with a page's address, as they do where the package has one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("poolcontext.errors._site", lambda: "https://x.example/")
        yield


class TestStartMethod:
    """What start_method(pool) answers."""

    def test_executor(self, method: str) -> None:
        """It names an executor's method before its first task, after it, and after shutdown."""
        pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method))
        assert start_method(pool) == method
        assert pool.submit(report).result() == method
        assert start_method(pool) == method
        pool.shutdown()
        assert start_method(pool) == method

    def test_multiprocessing_pool(self, method: str) -> None:
        """It names the method of multiprocessing's own pool, live and closed."""
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert start_method(pool) == method
        pool.join()
        assert start_method(pool) == method

    def test_context(self, method: str) -> None:
        """It takes a context as well."""
        assert start_method(multiprocessing.get_context(method)) == method

    def test_module_follows_the_global_default(self) -> None:
        """The module, its default context, and a pool made with it answer the global choice."""
        code = (
            "import multiprocessing\n"
            "from concurrent.futures import ProcessPoolExecutor\n"
            "from poolcontext import start_method\n"
            "listed = multiprocessing.get_all_start_methods()\n"
            "assert start_method(multiprocessing) == listed[0]\n"
            "assert start_method(multiprocessing.context._default_context) == listed[0]\n"
            "assert multiprocessing.get_start_method(allow_none=True) is None\n"
            "multiprocessing.set_start_method(listed[-1])\n"
            "assert start_method(multiprocessing) == listed[-1]\n"
            "pool = ProcessPoolExecutor(1, mp_context=multiprocessing)\n"
            "assert start_method(pool) == listed[-1]\n"
        )
        subprocess.run([sys.executable, "-c", code], timeout=60, check=True)

    def test_subclass_of_an_executor(self) -> None:
        """A class of one's own that extends the executor is read like it."""

        class Pool(ProcessPoolExecutor):
            pass

        pool = Pool(1, mp_context=multiprocessing.get_context("spawn"))
        assert start_method(pool) == "spawn"

    @pytest.mark.parametrize(
        ("other", "named"),
        [
            ("spawn", "not the str 'spawn'"),
            (None, "not an object of the type builtins.NoneType"),
            (sys, "not an object of the type builtins.module"),
            (ProcessPoolExecutor, "not an object of the type builtins.type"),
        ],
        ids=["string", "none", "module", "class"],
    )
    def test_anything_else_is_a_type_error(self, other: Any, named: str) -> None:
        """The message says what it got, and what it takes."""
        with pytest.raises(TypeError, match=r"takes a ProcessPoolExecutor, .*, ") as caught:
            start_method(other)
        page = "https://x.example/examples/check/check_pool_context.html"
        assert str(caught.value).endswith(f"{named}. See {page}")

    def test_pools_of_threads_are_a_type_error(self) -> None:
        """Threads have no start method, though ThreadPool is a kind of multiprocessing's Pool."""
        with ThreadPoolExecutor() as executor, pytest.raises(TypeError, match="ThreadPoolExecutor"):
            start_method(executor)  # type: ignore[arg-type]
        with (
            multiprocessing.pool.ThreadPool(1) as pool,
            pytest.raises(TypeError, match=r"pool\.ThreadPool"),
        ):
            start_method(pool)
        pool.join()

    def test_renamed_attribute_is_explained(self) -> None:
        """Where a coming Python has renamed the attribute, the message says what to do."""
        pool = ProcessPoolExecutor(1)
        del pool._mp_context
        with pytest.raises(
            RuntimeError, match=r"no attribute _mp_context: .* make the con"
        ) as caught:
            start_method(pool)
        assert isinstance(caught.value.__cause__, AttributeError)


class TestProcessPool:
    """What process_pool(method, **kwargs) makes."""

    def test_name(self, method: str) -> None:
        """A name gives an executor of that method, which works; the rest is passed on."""
        with process_pool(method, max_workers=1) as pool:
            assert type(pool) is ProcessPoolExecutor
            assert start_method(pool) == method
            assert pool.submit(report).result() == method
            assert pool._max_workers == 1

    def test_context_is_used_as_it_is(self, method: str) -> None:
        """The very context that was passed is the pool's."""
        context = multiprocessing.get_context(method)
        assert process_pool(context)._mp_context is context

    def test_module_is_a_context(self) -> None:
        """The module is taken for a context, as CPython takes it."""
        assert process_pool(multiprocessing)._mp_context is multiprocessing  # type: ignore[comparison-overlap]

    def test_none_is_pythons_own_default(self) -> None:
        """Without a method the pool is what ProcessPoolExecutor makes, mp_context included."""
        assert start_method(process_pool()) == start_method(ProcessPoolExecutor())
        context = multiprocessing.get_context("spawn")
        assert process_pool(mp_context=context)._mp_context is context

    def test_first_available_name_is_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Names are an order of preference; one that the platform lacks is passed over."""
        assert start_method(process_pool(["spawn", "fork"])) == "spawn"
        pretend(monkeypatch, "spawn")
        assert start_method(process_pool(("fork", "spawn"))) == "spawn"

    def test_method_and_mp_context_is_a_type_error(self) -> None:
        """Two choices at once are refused."""
        with pytest.raises(TypeError, match="not both"):
            process_pool("spawn", mp_context=multiprocessing.get_context("spawn"))

    @pytest.mark.parametrize(
        "other", [[], 3, ["spawn", 3], {"spawn"}], ids=["empty", "number", "mixed", "set"]
    )
    def test_anything_else_is_a_type_error(self, other: Any) -> None:
        """What is no name, no context and no sequence of names is refused."""
        with pytest.raises(TypeError, match="takes a start method's name"):
            process_pool(other)

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("fork-server", "forkserver"),
            ("Spawn", "spawn"),
            (" fork ", "fork"),
            ("spawm", "spawn"),
        ],
    )
    def test_misspelt_name(self, name: str, meant: str) -> None:
        """The error asks for the name that was meant, also among names that would do."""
        for wanted in (name, ["spawn", name]):
            with pytest.raises(StartMethodError) as caught:
                process_pool(wanted)
            page = "https://x.example/examples/set/set_missing_method.html"
            assert str(caught.value).endswith(f"; did you mean '{meant}'? See {page}")

    def test_unknown_name(self) -> None:
        """A name that is like none names what there is, and the nearest choice."""
        with pytest.raises(StartMethodError, match=r"on \w+ has .*; the nearest choice is '"):
            process_pool("thread")

    def test_missing_method(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a simulated Windows, fork's error names the system, what it has and what to take."""
        pretend(monkeypatch, "spawn")
        monkeypatch.setattr("platform.system", lambda: "Windows")
        with pytest.raises(StartMethodError) as caught:
            process_pool("fork")
        text = str(caught.value)
        assert "'fork' cannot be used" in text
        assert "on Windows has 'spawn'" in text
        page = "https://x.example/examples/set/set_missing_method.html"
        assert text.endswith(f"the nearest choice is 'spawn'. See {page}")
        assert isinstance(caught.value, ValueError)

    def test_missing_methods(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where none of several names will do, the error has them all."""
        pretend(monkeypatch, "spawn")
        with pytest.raises(StartMethodError, match="neither 'fork' nor 'forkserver' can be used"):
            process_pool(["fork", "forkserver"])

    def test_long_name(self) -> None:
        """A name without end does not make a message without end."""
        with pytest.raises(StartMethodError, match="there is no start method 'xxx") as caught:
            process_pool("x" * 10_000)
        assert len(str(caught.value)) < 300
        with pytest.raises(TypeError, match="not the list ") as other:
            process_pool([3] * 10_000)  # type: ignore[list-item]
        assert len(str(other.value)) < 300

    def test_no_method_at_all(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where no pool works, the error says so instead of naming a choice."""
        pretend(monkeypatch)
        with pytest.raises(StartMethodError, match="none that works; no process pool works here"):
            process_pool("spawn")

    def test_max_tasks_per_child_with_fork(self) -> None:
        """Fork is refused by name and as a context; before 3.11 the argument is, as Python says."""
        error, said = StartMethodError, "max_tasks_per_child does not work with"
        if sys.version_info < (3, 11):
            error, said = TypeError, "unexpected keyword argument 'max_tasks_per_child'"
        if "fork" not in start_methods().available:
            pytest.skip("fork is not there on this platform")
        for fork in ("fork", ["fork"], multiprocessing.get_context("fork")):
            with pytest.raises(error, match=said):
                process_pool(fork, max_tasks_per_child=1)

    def test_max_tasks_per_child_passes_fork_over(self) -> None:
        """Among several names, the first is taken that works with max_tasks_per_child."""
        if sys.version_info < (3, 11):
            pytest.skip("max_tasks_per_child came with Python 3.11")
        pool = process_pool(["fork", "spawn"], max_tasks_per_child=1)
        assert start_method(pool) == "spawn"
        context = multiprocessing.get_context("spawn")
        assert start_method(process_pool(context, max_tasks_per_child=1)) == "spawn"


def pretend(monkeypatch: pytest.MonkeyPatch, *available: str) -> None:
    """Make the helper see a platform that has these methods only."""
    found = start_methods()._replace(available=available, listed=available or ("fork",))
    monkeypatch.setattr("poolcontext.pools.start_methods", lambda: found)
