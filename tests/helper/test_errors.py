"""The words of the helper's errors, and the pages that they end with."""

from __future__ import annotations

import dataclasses
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
from examples import EXAMPLES, ROOT
from poolcontext import (
    StartMethodError,
    TransferError,
    check_initializer,
    check_result,
    check_task,
    context_of,
    errors,
    get_context,
    list_start_methods,
    methods,
    pools,
    process_pool,
    start_method_of,
    transfer,
    worker_start_method,
    workers,
)
from poolcontext.errors import described
from poolcontext.symptoms import SYMPTOMS

PLACES = {
    value
    for found in pkgutil.iter_modules(poolcontext.__path__)
    if not found.ispkg and found.name != "__main__"
    for name, value in vars(importlib.import_module(f"poolcontext.{found.name}")).items()
    if re.fullmatch(r"([A-Z]+_)*PLACE", name)
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


def hand(*args: Any) -> None:
    """Check what is handed to a task."""
    check_task(print, *args)


def hand_over(*initargs: Any) -> None:
    """Check what is handed to an initializer."""
    check_initializer(print, initargs)


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
    (pools.POOL_PLACE, TypeError, lambda: start_method_of(NONE)),
    (pools.POOL_PLACE, RuntimeError, lambda: start_method_of(renamed())),
    (pools.POOL_PLACE, TypeError, lambda: context_of(NONE)),
    (pools.CONTEXT_PLACE, TypeError, lambda: process_pool(NONE)),
    (pools.CONTEXT_PLACE, ValueError, lambda: process_pool([])),
    (pools.CONTEXT_PLACE, TypeError, lambda: get_context(NONE)),
    (pools.CONTEXT_PLACE, ValueError, get_context),
    (methods.METHOD_PLACE, StartMethodError, lambda: process_pool("fork-server")),  # type: ignore[arg-type]
    (methods.METHOD_PLACE, StartMethodError, lambda: process_pool("thread")),  # type: ignore[arg-type]
    (methods.METHOD_PLACE, StartMethodError, lambda: get_context("fork")),
    (methods.TASKS_PLACE, StartMethodError, limit_fork),
    (workers.PLACE, TypeError, lambda: worker_start_method(NONE)),
    (workers.PLACE, TimeoutError, ask_late),
    (workers.PLACE, RuntimeError, lambda: worker_start_method(closed_pool())),
    (transfer.TASK_PLACE, TypeError, lambda: check_task(NONE)),
    (transfer.INITIALIZER_PLACE, TypeError, lambda: check_initializer(NONE)),
    (transfer.INITIALIZER_PLACE, TypeError, lambda: check_initializer(print, NONE)),
    (transfer.TASK_PLACE, TransferError, lambda: check_task(lambda: 1)),
    (transfer.OBJECT_PLACE, TransferError, lambda: hand(number for number in [1])),
    (transfer.OBJECT_PLACE, TransferError, lambda: check_result(number for number in [1])),
    (transfer.AGAIN_PLACE, TransferError, lambda: check_result(TwoArgumentsError(1, 2))),
    (transfer.INITIALIZER_PLACE, TransferError, lambda: check_initializer(lambda: 1)),
    (transfer.INITIALIZER_PLACE, TransferError, lambda: hand_over(threading.Lock())),
    (transfer.LOCK_PLACE, TransferError, lambda: hand(threading.Lock())),
    (transfer.SHARED_PLACE, TransferError, lambda: hand(context("spawn").Lock())),
    (transfer.OTHER_LOCK_PLACE, TransferError, lambda: hand_over(context("fork").Lock())),
    (transfer.MAIN_PLACE, TransferError, lambda: hand(type("made", (), {"__module__": "made"}))),
    (transfer.OBJECT_PLACE, TransferError, lambda: hand(sys.__stdout__)),
]


class TestPlaces:
    """Which places of the site the package's errors name."""

    def test_every_place(self) -> None:
        """Errors are about every place that there is a constant for: a symptom, or an example."""
        assert {place for place, *_ in ERRORS} == PLACES
        known = {f"symptoms.html#{one.name}" for one in SYMPTOMS}
        known |= {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in EXAMPLES}
        assert known >= PLACES

    @pytest.mark.parametrize(("place", "error", "call"), ERRORS)
    def test_error(
        self,
        place: str,
        error: type[Exception],
        call: Callable[[], Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Each public error ends with its place's address, or else names none."""
        if place == methods.METHOD_PLACE:  # on a simulated Windows
            found = dataclasses.replace(
                list_start_methods(), available=("spawn",), listed=("spawn",)
            )
            monkeypatch.setattr("poolcontext.methods.list_start_methods", lambda: found)
        for site in ("", "https://pools.example/en/"):
            monkeypatch.setattr(errors, "_site", lambda site=site: site)
            with pytest.raises(error) as caught:
                call()
            assert type(caught.value) is error
            text = str(caught.value)
            if site:
                end = rf"[^.?][.?] See {re.escape(site + place)}"
                assert re.search(f"{end}$", text)
                assert text.count(" See ") == 1
            else:
                assert not re.search(r" See |examples/|symptoms|\.html|\.$", text)


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
            "said = [explained(one, 'a/b.html') for one in ('no', 'yes?')]\n"
            "print(__file__, *said, sep='\\n')\n"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], stdout=subprocess.PIPE, timeout=60, check=True
        )
        file, *said = done.stdout.decode().splitlines()
        assert Path(file).parent == copy
        page = "See https://pools.example/en/a/b.html"
        assert said == ([f"no. {page}", f"yes? {page}"] if told else ["no", "yes?"])

    @pytest.mark.parametrize(
        ("entry", "file", "end"),
        [
            ("Documentation, https://x.y", errors.__file__, ". See https://x.y/a/b.html"),
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
        assert errors.explained("no", "a/b.html") == f"no{end}"


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
        ("make", "words"),
        [
            (lambda: "a" * 10_000_000 + "b", r"the str 'a{20,}\.\.\.a{20,}b'"),
            (lambda: list(range(1_000_000)), r"the list \[0, 1, .*\.\.\.\]"),
            (lambda: ("x" * 1_000_000,) * 100, r"the tuple \('x+\.\.\.x*"),
            (deep, r"the list \[+\.\.\.\]+"),
            (lambda: (deep(), deep()), r"the tuple \(\[+\.\.\.\]+, \[+\.\.\.\]+\)"),
            (lambda: [Result() for _ in range(100_000)], r"the list \[shown, shown.*"),
            (lambda: [10**10_000], ".*list.*"),  # which Python may refuse to write out
        ],
        ids=["string", "list", "strings", "deep", "wide and deep", "objects", "endless number"],
    )
    def test_long(self, make: Callable[[], object], words: str) -> None:
        """Of what has no end, only the first is looked at, and it is cut."""
        value = make()
        Result.times = 0
        assert re.fullmatch(words, described(value))
        assert len(described(value)) < 100
        assert Result.times < 20
