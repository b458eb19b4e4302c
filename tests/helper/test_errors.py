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
    pools,
    process_pool,
    start_method,
    start_methods,
    transfer,
    worker_start_method,
    workers,
)
from poolcontext.errors import described

EXAMPLES = Path(__file__).parents[2] / "examples"
PAGES = {
    value
    for found in pkgutil.iter_modules(poolcontext.__path__)
    if not found.ispkg and found.name != "__main__"
    for name, value in vars(importlib.import_module(f"poolcontext.{found.name}")).items()
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


def renamed() -> Any:
    """A pool as a coming Python may have it."""
    pool = ProcessPoolExecutor(1)
    del pool._mp_context
    return pool


def ask_late() -> None:
    """Ask a pool, and give it no time to answer."""
    with process_pool("spawn", max_workers=1) as pool:
        worker_start_method(pool, timeout=0)


def hand(*args: Any, **parts: Any) -> None:
    """Check what is handed to a task, or to an initializer."""
    check_transferable(print, *args, **parts)


def context(name: str) -> Any:
    """A context, if it is there."""
    if name not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{name} is not there on this platform")
    return multiprocessing.get_context(name)


def limit_fork() -> None:
    """Ask for what fork cannot do."""
    if sys.version_info < (3, 11):
        pytest.skip("max_tasks_per_child came with Python 3.11")
    process_pool(context("fork"), max_tasks_per_child=1)


NONE: Any = 3
ERRORS: list[tuple[str, type[Exception], Callable[[], Any]]] = [
    (pools.POOL_PAGE, TypeError, lambda: start_method(NONE)),
    (pools.POOL_PAGE, RuntimeError, lambda: start_method(renamed())),
    (pools.CONTEXT_PAGE, TypeError, lambda: process_pool("spawn", mp_context=NONE)),
    (pools.CONTEXT_PAGE, TypeError, lambda: process_pool([])),
    (pools.METHOD_PAGE, StartMethodError, lambda: process_pool("fork-server")),
    (pools.METHOD_PAGE, StartMethodError, lambda: process_pool("thread")),
    (pools.METHOD_PAGE, StartMethodError, lambda: process_pool("fork")),
    (pools.TASKS_PAGE, StartMethodError, limit_fork),
    (workers.PAGE, TypeError, lambda: worker_start_method(NONE)),
    (workers.PAGE, TimeoutError, ask_late),
    (workers.PAGE, RuntimeError, lambda: worker_start_method(closed_pool())),
    (transfer.TASK_PAGE, TypeError, lambda: check_transferable(NONE)),
    (transfer.TASK_PAGE, TypeError, lambda: hand(initializer=NONE)),
    (transfer.INITIALIZER_PAGE, TypeError, lambda: hand(initargs=NONE)),
    (transfer.TASK_PAGE, TransferError, lambda: check_transferable(lambda: 1)),
    (transfer.TASK_PAGE, TransferError, lambda: hand(number for number in [1])),
    (transfer.TASK_PAGE, TransferError, lambda: hand(TwoArgumentsError(1, 2))),
    (transfer.INITIALIZER_PAGE, TransferError, lambda: hand(initializer=lambda: 1)),
    (transfer.INITIALIZER_PAGE, TransferError, lambda: hand(initargs=[threading.Lock()])),
    (transfer.LOCK_PAGE, TransferError, lambda: hand(threading.Lock())),
    (transfer.LOCK_PAGE, TransferError, lambda: hand(context("spawn").Lock())),
    (transfer.OTHER_LOCK_PAGE, TransferError, lambda: hand(initargs=[context("fork").Lock()])),
    (transfer.MAIN_PAGE, TransferError, lambda: hand(type("made", (), {"__module__": "made"}))),
    (transfer.FILE_PAGE, TransferError, lambda: hand(sys.__stdout__)),
]


class TestPages:
    """Which pages the package's errors name."""

    def test_every_page(self) -> None:
        """The errors below are about every page that there is a constant for: an example."""
        assert {page for page, *_ in ERRORS} == PAGES
        for page in PAGES:
            assert (EXAMPLES / f"{page}.py").is_file()

    @pytest.mark.parametrize(("page", "error", "call"), ERRORS)
    def test_error(
        self,
        page: str,
        error: type[Exception],
        call: Callable[[], Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Each public error ends with its page's address, or else names no page."""
        if page == pools.METHOD_PAGE:  # on a simulated Windows
            found = start_methods()._replace(available=("spawn",), listed=("spawn",))
            monkeypatch.setattr("poolcontext.pools.start_methods", lambda: found)
        for site in ("", "https://pools.example/en/"):
            monkeypatch.setattr(errors, "_site", lambda site=site: site)
            with pytest.raises(error) as caught:
                call()
            assert type(caught.value) is error
            text = str(caught.value)
            if site:
                end = rf"[^.?][.?] See {re.escape(site)}examples/{page}\.html"
                assert re.search(f"{end}$", text)
                assert text.count(" See ") == 1
            else:
                assert not re.search(r" See |examples/|\.html|\.$", text)


DISTRIBUTION = "Metadata-Version: 2.4\nName: poolcontext\nVersion: 9.9\n"
HOME = "Project-URL: Home, https://home.example/\n"
DOCUMENTATION = "Project-URL: Documentation, https://pools.example/en\n"


class TestExplained:
    """How a message and its page are put together."""

    @pytest.mark.parametrize(
        ("metadata", "where", "told"),
        [
            (DISTRIBUTION + HOME + DOCUMENTATION, "", True),
            (DISTRIBUTION + DOCUMENTATION + HOME, "", True),
            (DISTRIBUTION + DOCUMENTATION.replace("/en", "/en/"), "", True),
            (DISTRIBUTION + DOCUMENTATION.replace("Documentation, ", "documentation ,"), "", True),
            (None, "", False),
            ("", "", False),
            (DISTRIBUTION, "", False),
            (DISTRIBUTION + HOME, "", False),
            ("\xff", "", False),
            (DISTRIBUTION + "Project-URL: x\n", "", False),
            (DISTRIBUTION + DOCUMENTATION, "elsewhere", False),
        ],
    )
    def test_copy(self, tmp_path: Path, metadata: str | None, where: str, told: bool) -> None:
        """A copy tells of its page only if it was itself installed with an address."""
        copy = tmp_path / "poolcontext"
        copy.mkdir()
        for module in Path(poolcontext.__file__).parent.glob("*.py"):
            shutil.copy(module, copy)
        if metadata is not None:
            about = tmp_path / where / "poolcontext-9.9.dist-info"
            about.mkdir(parents=True)
            (about / "METADATA").write_text(metadata)
        code = (
            f"import sys; sys.path[:0] = {[str(tmp_path), str(tmp_path / where)]!r}\n"
            "from poolcontext.errors import __file__, explained\n"
            "assert 'importlib.metadata' not in sys.modules\n"
            "print(__file__, explained('no', 'a/b'), explained('yes?', 'a/b'), sep='\\n')\n"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], stdout=subprocess.PIPE, timeout=60, check=True
        )
        file, *said = done.stdout.decode().splitlines()
        assert Path(file).parent == copy
        page = "See https://pools.example/en/examples/a/b.html"
        assert said == ([f"no. {page}", f"yes? {page}"] if told else ["no", "yes?"])

    @pytest.mark.parametrize(
        ("entry", "file", "end"),
        [
            ("Documentation, https://x.y", errors.__file__, ". See https://x.y/examples/a/b.html"),
            ("Documentation, https://x.y", __file__, ""),
            ("", errors.__file__, ""),
        ],
    )
    def test_this_copy(
        self, monkeypatch: pytest.MonkeyPatch, entry: str, file: str, end: str
    ) -> None:
        """So it is with the copy that is imported here."""
        metadata = Message()
        metadata["Project-URL"] = f"Homepage, {entry}"
        metadata["Project-URL"] = entry
        found = SimpleNamespace(metadata=metadata, locate_file=lambda name: file)
        monkeypatch.setattr(importlib.metadata, "distribution", lambda name: found)
        assert errors.explained("no", "a/b") == f"no{end}"


class Result:
    """Counts how often one is shown."""

    times = 0

    def __repr__(self) -> str:
        Result.times += 1
        return "shown"


class Word(str):
    """A class of one's own that is a string."""


class Liar:
    """An object that fails as soon as it is asked for its class."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("there is no request")


Pair = namedtuple("Pair", "one two")


def deep() -> list[Any]:
    """Lists within each other."""
    value: list[Any] = []
    for _ in range(100_000):
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
            ({"a": "b"}, "an object of the type builtins.dict"),
            pytest.param(Liar(), f"an object of the type {__name__}.Liar", id="liar"),
            ("a" * 40, f"the str '{'a' * 40}'"),
        ],
    )
    def test_words(self, value: object, words: str) -> None:
        """Short texts and sequences are shown; of all else the type is named, unasked."""
        assert described(value) == words

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("a" * 10_000_000 + "b", r"the str 'a{20,}\.\.\.a{20,}b'"),
            (list(range(1_000_000)), r"the list \[0, 1, .*\.\.\.\]"),
            (("x" * 1_000_000,) * 100, r"the tuple \('x+\.\.\.x*"),
            (deep(), r"the list \[+\.\.\.\]+"),
            ((deep(), deep()), r"the tuple \(\[+\.\.\.\]+, \[+\.\.\.\]+\)"),
            ([Result() for _ in range(100_000)], r"the list \[shown, shown.*"),
            ([10**10_000], ".*list.*"),  # which Python may refuse to write out
        ],
        ids=["string", "list", "strings", "deep", "wide and deep", "objects", "endless number"],
    )
    def test_long(self, value: object, words: str) -> None:
        """Of what has no end, only the first is looked at, and it is cut."""
        Result.times = 0
        assert re.fullmatch(words, described(value))
        assert len(described(value)) < 100
        assert Result.times < 20
