"""The words of the helper's errors, and the pages that they end with."""

from __future__ import annotations

import importlib
import importlib.metadata
import multiprocessing
import pkgutil
import re
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from email.message import Message
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import poolcontext
from poolcontext import (
    StartMethodError,
    TransferError,
    check_transferable,
    errors,
    process_pool,
    start_method,
    start_methods,
    transfer,
    worker_start_method,
)
from poolcontext.errors import described

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = [found.name for found in pkgutil.iter_modules(poolcontext.__path__)]
MODULES = [
    importlib.import_module(f"poolcontext.{name}")
    for name in NAMES
    if name not in ("__main__", "sphinxext")
]
PAGES = {
    f"{module.__name__}.{name}": value
    for module in MODULES
    for name, value in vars(module).items()
    if re.fullmatch(r"([A-Z]+_)*PAGE", name)
}


class TwoArgumentsError(Exception):
    """Cannot be made again from its message."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


def closed_pool() -> multiprocessing.pool.Pool:
    """A pool of multiprocessing that takes no more tasks."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.close()
        pool.join()
    return pool


def renamed() -> ProcessPoolExecutor:
    """A pool as a coming Python may have it."""
    pool = ProcessPoolExecutor(1)
    del pool._mp_context
    return pool


def ask_late() -> None:
    """Ask a pool, and give it no time to answer."""
    with process_pool("spawn", max_workers=1) as pool:
        worker_start_method(pool, timeout=0)


def hand(*initargs: object) -> None:
    """Check what is handed to an initializer."""
    check_transferable(print, initializer=print, initargs=initargs)


ERRORS: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "start_method of no pool": (
        lambda: start_method(3),  # type: ignore[arg-type]
        TypeError,
        "check/check_pool_context",
    ),
    "start_method of a renamed attribute": (
        lambda: start_method(renamed()),
        RuntimeError,
        "check/check_pool_context",
    ),
    "two methods": (
        lambda: process_pool("spawn", mp_context=multiprocessing),
        TypeError,
        "set/pass_string_as_context",
    ),
    "no method": (lambda: process_pool([]), TypeError, "set/pass_string_as_context"),
    "misspelt method": (
        lambda: process_pool("fork-server"),
        StartMethodError,
        "set/set_missing_method",
    ),
    "unknown method": (lambda: process_pool("thread"), StartMethodError, "set/set_missing_method"),
    "missing method": (lambda: process_pool("fork"), StartMethodError, "set/set_missing_method"),
    "fork with max_tasks_per_child": (
        lambda: process_pool(multiprocessing.get_context("fork"), max_tasks_per_child=1),
        StartMethodError,
        "break/max_tasks_with_fork",
    ),
    "worker of no pool": (
        lambda: worker_start_method(3),  # type: ignore[arg-type]
        TypeError,
        "check/ask_worker",
    ),
    "worker that is late": (ask_late, TimeoutError, "check/ask_worker"),
    "worker of a closed pool": (
        lambda: worker_start_method(closed_pool()),
        RuntimeError,
        "check/ask_worker",
    ),
    "function that is none": (
        lambda: check_transferable(3),  # type: ignore[arg-type]
        TypeError,
        "break/local_function_not_pickled",
    ),
    "initializer that is none": (
        lambda: check_transferable(print, initializer=3),  # type: ignore[arg-type]
        TypeError,
        "break/local_function_not_pickled",
    ),
    "initargs that are none": (
        lambda: check_transferable(print, initargs=3),  # type: ignore[arg-type]
        TypeError,
        "break/lambda_initializer_not_pickled",
    ),
    "lambda": (
        lambda: check_transferable(lambda: 1),
        TransferError,
        "break/local_function_not_pickled",
    ),
    "lambda as an initializer": (
        lambda: check_transferable(print, initializer=lambda: 1),
        TransferError,
        "break/lambda_initializer_not_pickled",
    ),
    "lock of threads": (
        lambda: check_transferable(print, threading.Lock()),
        TransferError,
        "break/lock_as_argument",
    ),
    "lock of threads for an initializer": (
        lambda: hand(threading.Lock()),
        TransferError,
        "break/lambda_initializer_not_pickled",
    ),
    "lock of processes": (
        lambda: check_transferable(print, multiprocessing.get_context("spawn").Lock()),
        TransferError,
        "break/lock_as_argument",
    ),
    "lock of another context": (
        lambda: hand(multiprocessing.get_context("fork").Lock()),
        TransferError,
        "break/lock_of_other_context",
    ),
    "open file": (
        lambda: check_transferable(print, sys.__stdout__),
        TransferError,
        "worker/what_reaches_a_worker",
    ),
    "object that cannot be pickled": (
        lambda: check_transferable(print, (number for number in [1])),
        TransferError,
        "break/local_function_not_pickled",
    ),
    "object that cannot be made again": (
        lambda: check_transferable(print, TwoArgumentsError(1, 2)),
        TransferError,
        "break/local_function_not_pickled",
    ),
    "function of a module made by hand": (
        lambda: check_transferable(type("made", (), {"__module__": "made"})),
        TransferError,
        "break/function_not_in_main",
    ),
}


class TestPages:
    """Which pages the package's errors name."""

    def test_there_are_some(self) -> None:
        """The constants of all three modules are found."""
        modules = {name.rpartition(".")[0] for name in PAGES}
        assert modules == {"poolcontext.pools", "poolcontext.transfer", "poolcontext.workers"}

    @pytest.mark.parametrize("page", sorted(set(PAGES.values())))
    def test_example_is_there(self, page: str) -> None:
        """Each constant names an example."""
        assert re.fullmatch(r"[a-z]+/[a-z_]+", page)
        assert (EXAMPLES / f"{page}.py").is_file()

    @pytest.mark.parametrize(
        "site", ["", "https://pools.example/en/"], ids=["nowhere", "somewhere"]
    )
    @pytest.mark.parametrize(("call", "error", "page"), ERRORS.values(), ids=ERRORS)
    def test_error(
        self,
        call: Callable[[], Any],
        error: type[Exception],
        page: str,
        site: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Each public error ends with its page's address, or else names no page."""
        if page.startswith("set/set_missing"):  # on a simulated Windows
            found = start_methods()._replace(available=("spawn",), listed=("spawn",))
            monkeypatch.setattr("poolcontext.pools.start_methods", lambda: found)
        forks = page in ("break/max_tasks_with_fork", "break/lock_of_other_context")
        if forks and "fork" not in start_methods().available:
            pytest.skip("fork is not there on this platform")
        if page == "break/max_tasks_with_fork" and sys.version_info < (3, 11):
            pytest.skip("max_tasks_per_child came with Python 3.11")
        monkeypatch.setattr(errors, "_site", lambda: site)
        with pytest.raises(error) as caught:
            call()
        assert type(caught.value) is error
        text = str(caught.value)
        if not site:
            assert not re.search(r" See |examples/|\.html|\.$", text)
            return
        assert re.search(r"[^.?][.?] See ", text)
        assert text.count(" See ") == 1
        assert text.endswith(f" See {site}examples/{page}.html")

    def test_every_page_is_named(self) -> None:
        """The errors above are about every page that there is a constant for."""
        assert {page for _, _, page in ERRORS.values()} == set(PAGES.values())

    def test_transfer_error_is_a_type_error(self) -> None:
        """What Python raises for most of it is a TypeError too."""
        assert issubclass(TransferError, TypeError)
        assert transfer.TransferError is poolcontext.TransferError


DISTRIBUTION = """Metadata-Version: 2.4
Name: poolcontext
Version: 9.9
"""
HOME = "Project-URL: Home, https://home.example/\n"
DOCUMENTATION = "Project-URL: Documentation, https://pools.example/en\n"


class TestExplained:
    """How a message and its page are put together."""

    @staticmethod
    def say(folder: Path, metadata: str | None, where: str = "") -> list[str]:
        """What a copy of the helper says that is installed, or not, with metadata of its own."""
        copy = folder / "poolcontext"
        copy.mkdir()
        for module in Path(poolcontext.__file__).parent.glob("*.py"):
            shutil.copy(module, copy)
        if metadata is not None:
            about = folder / where / "poolcontext-9.9.dist-info"
            about.mkdir(parents=True)
            (about / "METADATA").write_text(metadata)
        code = (
            f"import sys; sys.path[:0] = {[str(folder), str(folder / where)]!r}\n"
            "from poolcontext.errors import __file__, explained\n"
            "assert 'importlib.metadata' not in sys.modules\n"
            "print(__file__, explained('no', 'a/b'), explained('yes?', 'a/b'), sep='\\n')\n"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], stdout=subprocess.PIPE, timeout=60, check=True
        )
        file, *said = done.stdout.decode().splitlines()
        assert Path(file).parent == copy
        return said

    @pytest.mark.parametrize(
        "entries",
        [
            HOME + DOCUMENTATION,
            DOCUMENTATION + HOME,
            DOCUMENTATION.replace("/en", "/en/"),
            DOCUMENTATION.replace("Documentation, ", "documentation ,"),
        ],
    )
    def test_address(self, tmp_path: Path, entries: str) -> None:
        """Where the package was installed with its documentation's address, it is a whole one."""
        page = "https://pools.example/en/examples/a/b.html"
        assert self.say(tmp_path, DISTRIBUTION + entries) == [f"no. See {page}", f"yes? See {page}"]

    @pytest.mark.parametrize(
        "metadata",
        [None, "", DISTRIBUTION, DISTRIBUTION + HOME, "\xff", DISTRIBUTION + "Project-URL: x\n"],
        ids=["none", "empty", "no address", "another address", "strange", "no comma"],
    )
    def test_no_address(self, tmp_path: Path, metadata: str | None) -> None:
        """Where there is none, nothing is said of a page, and there is no other error."""
        assert self.say(tmp_path, metadata) == ["no", "yes?"]

    @pytest.mark.parametrize(
        ("entry", "file", "end"),
        [
            ("Documentation, https://x.y", errors.__file__, ". See https://x.y/examples/a/b.html"),
            ("Documentation, https://x.y", transfer.__file__, ""),
            ("", errors.__file__, ""),
        ],
    )
    def test_this_copy(
        self, monkeypatch: pytest.MonkeyPatch, entry: str, file: str, end: str
    ) -> None:
        """So it is with the copy that is imported here, and only where that is the one."""
        metadata = Message()
        metadata["Project-URL"] = f"Homepage, {entry}"
        metadata["Project-URL"] = entry
        found = SimpleNamespace(metadata=metadata, locate_file=lambda name: file)
        monkeypatch.setattr(importlib.metadata, "distribution", lambda name: found)
        assert errors.explained("no", "a/b") == f"no{end}"

    def test_address_of_another_copy(self, tmp_path: Path) -> None:
        """What is installed elsewhere does not speak for a copy that examples have beside them."""
        assert self.say(tmp_path, DISTRIBUTION + DOCUMENTATION, "elsewhere") == ["no", "yes?"]


class Results:
    """Counts how often it is shown."""

    times = 0

    def __repr__(self) -> str:
        type(self).times += 1
        return "shown"


class Word(str):
    """A class of one's own that is a string."""


class Liar:
    """An object that fails as soon as it is asked for its class."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("there is no request")


Pair = namedtuple("Pair", "one two")


def deep(depth: int) -> list[Any]:
    """Lists within each other."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


class TestDescribed:
    """How a message names what it got."""

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("spawn", "the str 'spawn'"),
            ([1, "a"], "the list [1, 'a']"),
            ((), "the tuple ()"),
            (Word("spawn"), "the Word 'spawn'"),
            (Pair(1, 2), "the Pair Pair(one=1, two=2)"),
            (3, "an object of the type builtins.int"),
            (None, "an object of the type builtins.NoneType"),
            (partial(print), "an object of the type functools.partial"),
            ({"a": "b"}, "an object of the type builtins.dict"),
        ],
    )
    def test_words(self, value: object, words: str) -> None:
        """Short texts and sequences are shown, of all else the type is named."""
        assert described(value) == words

    def test_liar(self) -> None:
        """An object is not asked for its class."""
        assert described(Liar()) == f"an object of the type {__name__}.Liar"

    @pytest.mark.parametrize(
        "value",
        [
            "x" * 10_000_000,
            list(range(1_000_000)),
            (0,) * 1_000_000,
            ["x" * 1_000_000] * 100,
            deep(100_000),
            (deep(100_000), deep(100_000)),
        ],
        ids=["string", "list", "tuple", "strings", "deep", "wide and deep"],
    )
    def test_long(self, value: object) -> None:
        """What has no end is cut."""
        assert 20 < len(described(value)) < 100

    def test_beginning_of_a_string(self) -> None:
        """Most of a line is shown, and the end of it."""
        assert described("a" * 40) == f"the str '{'a' * 40}'"
        assert "a..." in described("a" * 100 + "b")
        assert described("a" * 100 + "b").endswith("b'")

    def test_itself_within(self) -> None:
        """A list that holds itself comes to an end."""
        value: list[Any] = []
        value.append(value)
        assert len(described(value)) < 100

    def test_fast(self) -> None:
        """Of many objects only the first are shown."""
        Results.times = 0
        assert described([Results() for _ in range(100_000)]).startswith("the list [shown, shown")
        assert Results.times < 20

    def test_endless_number(self) -> None:
        """A number that Python refuses to write out does not become another error."""
        assert len(described([10**10_000])) < 100
        with pytest.raises(TypeError, match="takes a start method's name"):
            process_pool([10**10_000])  # type: ignore[list-item]
