"""What `start_methods` finds, on this platform and on simulated ones."""

from __future__ import annotations

import multiprocessing
import multiprocessing.context
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from poolcontext import StartMethods, methods, start_methods


@pytest.fixture(autouse=True)
def _found_out_anew() -> Iterator[None]:
    """Have each test find out about semaphores, which is done once in a process."""
    methods._has_semaphores.cache_clear()
    yield
    methods._has_semaphores.cache_clear()


def in_fresh_process(code: str) -> str:
    """Run code in a process in which nothing has touched multiprocessing yet."""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_methods_are_those_of_cpython() -> None:
    """What is listed, and in which order, is what CPython lists; on POSIX all of it works."""
    found = start_methods()
    assert found.listed == tuple(multiprocessing.get_all_start_methods())
    assert found.available == found.listed


def test_default_is_what_a_pool_gets() -> None:
    """A pool that is made without a context has the context of the default that was named."""
    code = (
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from poolcontext import start_methods\n"
        "default = start_methods().default\n"
        "print(default == ProcessPoolExecutor()._mp_context.get_start_method())"
    )
    assert in_fresh_process(code) == "True"


def test_look_freezes_nothing() -> None:
    """After the look, the default of a fresh process is open and can be set to each method."""
    code = (
        "import multiprocessing\n"
        "from poolcontext import start_methods\n"
        "before = start_methods()\n"
        "assert before.chosen is None\n"
        "assert multiprocessing.get_start_method(allow_none=True) is None\n"
        "multiprocessing.set_start_method(before.listed[-1])\n"
        "after = start_methods()\n"
        "assert after.chosen == before.listed[-1]\n"
        "assert after[:3] == before[:3]\n"
        "print('open')"
    )
    assert in_fresh_process(code) == "open"


def test_look_starts_no_process() -> None:
    """Not even the resource tracker is started, which a semaphore of spawn would start."""
    code = (
        "import os, subprocess\n"
        "from multiprocessing import process, resource_tracker\n"
        "from poolcontext import start_methods\n"
        "start_methods()\n"
        "assert resource_tracker._resource_tracker._pid is None\n"
        "try:\n"
        "    os.waitpid(-1, os.WNOHANG)\n"
        "except ChildProcessError:\n"
        "    print('no child')"
    )
    if os.name == "nt":
        pytest.skip("Windows has no waitpid for any child")
    assert in_fresh_process(code) == "no child"


def test_record_cannot_be_changed() -> None:
    """A StartMethods record is frozen."""
    with pytest.raises(AttributeError):
        start_methods().default = "spawn"  # type: ignore[misc]


def test_without_semaphores_nothing_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under WebAssembly three methods are listed and no pool can be made with any of them."""

    def lacking(self: object, *args: object) -> None:
        raise ImportError("This platform lacks a functioning sem_open implementation")

    monkeypatch.setattr(multiprocessing.context.BaseContext, "Lock", lacking)
    found = start_methods()
    assert found.listed
    assert found.available == ()
    assert found.default is None


def test_refused_semaphores_count_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the call is there and the system refuses it, no method is available."""

    def refused(self: object, *args: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(multiprocessing.context.BaseContext, "Lock", refused)
    assert start_methods().available == ()


@pytest.mark.parametrize(
    ("most", "works"), [(-1, True), (255, False), (256, True)], ids=["unknown", "few", "enough"]
)
def test_few_semaphores_count_as_none(
    monkeypatch: pytest.MonkeyPatch, most: int, works: bool
) -> None:
    """A system with less than POSIX's 256 semaphores is refused, as CPython's pool refuses it."""
    monkeypatch.setattr(os, "sysconf", lambda name: most, raising=False)
    assert bool(start_methods().available) == works


def test_windows_has_spawn_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a simulated Windows, with one method and no sysconf, spawn is all and the default."""
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    monkeypatch.setattr(multiprocessing, "get_context", lambda name: multiprocessing)
    monkeypatch.setattr(multiprocessing, "get_start_method", lambda allow_none: None)
    monkeypatch.setattr(multiprocessing, "Lock", object)
    monkeypatch.delattr(os, "sysconf")
    assert start_methods() == StartMethods(("spawn",), ("spawn",), "spawn", None)


def test_macos_names_spawn_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a simulated macOS, which lists spawn first, that is the default, and fork is available."""
    listed = ["spawn", "fork", "forkserver"]
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: listed)
    assert start_methods().default == "spawn"
    assert "fork" in start_methods().available or not hasattr(os, "fork")


def test_listed_method_without_context_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where descriptors cannot be passed on, CPython lists forkserver and refuses its context."""
    from multiprocessing import reduction

    if "forkserver" not in multiprocessing.get_all_start_methods():
        pytest.skip("forkserver is not listed on this platform")
    listed = multiprocessing.get_all_start_methods()
    monkeypatch.setattr(reduction, "HAVE_SEND_HANDLE", False)
    monkeypatch.setattr(multiprocessing, "get_all_start_methods", lambda: listed)
    found = start_methods()
    assert "forkserver" in found.listed
    assert "forkserver" not in found.available
