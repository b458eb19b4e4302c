"""What `list_start_methods` finds, on this platform and on simulated ones."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
from collections.abc import Callable, Iterator

import pytest

from poolcontext import StartMethods, list_start_methods, methods


@pytest.fixture(autouse=True)
def _found_out_anew() -> Iterator[None]:
    """Have each test find out about semaphores, which is done once in a process."""
    methods._has_semaphores.cache_clear()
    yield
    methods._has_semaphores.cache_clear()


def test_this_platform() -> None:
    """What is listed is what CPython lists; on POSIX all of it works; a record stays as it is."""
    found = list_start_methods()
    assert found.listed == tuple(multiprocessing.get_all_start_methods())
    assert found.available == found.listed
    with pytest.raises(AttributeError):
        found.default = "spawn"  # type: ignore[misc]


def test_no_side_effects(fresh: Callable[[str], None]) -> None:
    """No process is started, the default stays open, and it is what a pool then gets."""
    fresh("""
        import dataclasses, multiprocessing, os
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import resource_tracker
        from poolcontext import list_start_methods

        before = list_start_methods()
        assert before.chosen is None
        assert multiprocessing.get_start_method(allow_none=True) is None
        assert resource_tracker._resource_tracker._pid is None
        if hasattr(os, "WNOHANG"):
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                pass
            else:
                raise AssertionError("there is a child")
        multiprocessing.set_start_method(before.listed[-1])
        after = list_start_methods()
        assert after.chosen == before.listed[-1]
        assert dataclasses.replace(after, chosen=before.chosen) == before
        multiprocessing.set_start_method(None, force=True)
        assert before.default == ProcessPoolExecutor()._mp_context.get_start_method()
    """)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("This platform lacks a functioning sem_open implementation"),
        NotImplementedError(),
        OSError(38, "Function not implemented"),
    ],
    ids=repr,
)
def test_no_semaphores(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Where there are none, as under WebAssembly, methods are listed and none is available."""

    def fail(self: object, *args: object) -> None:
        raise error

    monkeypatch.setattr(multiprocessing.context.BaseContext, "Lock", fail)
    listed = tuple(multiprocessing.get_all_start_methods())
    assert list_start_methods() == StartMethods((), listed, None, list_start_methods().chosen)


@pytest.mark.parametrize(
    ("most", "works"),
    [(-1, True), (255, False), (256, True), (ValueError("no such name"), True)],
)
def test_few_semaphores(
    monkeypatch: pytest.MonkeyPatch, most: int | Exception, works: bool
) -> None:
    """A system with less than POSIX's 256 semaphores is refused, as CPython's pool refuses it."""

    def sysconf(name: str) -> int:
        if isinstance(most, int):
            return most
        raise most

    monkeypatch.setattr(os, "sysconf", sysconf, raising=False)
    assert bool(list_start_methods().available) == works


def test_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a simulated Windows, with one method and no sysconf, spawn is all and the default."""
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.setattr(multiprocessing, "get_context", lambda name: multiprocessing)
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none: None)
    monkeypatch.setattr(multiprocessing, "Lock", object)
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert list_start_methods() == StartMethods(("spawn",), ("spawn",), "spawn", None)


def test_listed_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is listed first is the default; a method whose context is refused is not available."""
    listed = ["spawn", "fork", "forkserver"]  # as on macOS
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: listed)
    monkeypatch.setattr("multiprocessing.reduction.HAVE_SEND_HANDLE", False)
    found = list_start_methods()
    assert found.default == "spawn"
    assert found.available == (("spawn", "fork") if hasattr(os, "fork") else ("spawn",))
    assert found.listed == tuple(listed)
