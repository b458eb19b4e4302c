"""What the pages say of versions: what a capture can say is compared with all captures."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from poolcontext import files

ROOT = Path(__file__).parents[2]
CAPTURES, _ = files.load_folder(ROOT / "docs" / "captures")
LINUX = [
    one for one in CAPTURES if one.platform.id.startswith("cpython-") and "linux" in one.platform.id
]
VERSION = re.compile(r"(?<![\w.])3\.\d+(\.\d+)?(?![\w/]|\.\d)")

Version = tuple[int, ...]


def since(*releases: Version) -> Callable[[Version], bool]:
    """From each release on in its own minor version, and in all minor versions after the last."""

    def holds(version: Version) -> bool:
        same = [release for release in releases if release[:2] == version[:2]]
        return version >= (same[0] if same else max(releases))

    return holds


def before(*releases: Version) -> Callable[[Version], bool]:
    later = since(*releases)
    return lambda version: not later(version)


class Claim(NamedTuple):
    """What pages say of versions, and the line of a capture that shows it on just these."""

    example: str
    line: str
    """A regular expression."""

    holds: Callable[[Version], bool]
    said: dict[str, list[str]]
    """Words of a page, one sentence's each, by the page."""


CLAIMS = [
    Claim(
        "list_start_methods",
        "^A pool uses by default: forkserver$",
        since((3, 14)),
        {
            "choosing": [
                "Python itself does so [since 3.14]",
                "Since Python 3.14 that is the default",
            ],
            "calendar": ["| 3.14 | the default is `forkserver` on Linux"],
            "index": ["is [`forkserver` since 3.14]"],
            "libraries": [
                "[PyTorch], `DataLoader` | Python's: `forkserver` since 3.14, else `fork`",
                "[pebble] | Python's: `forkserver` since 3.14, else `fork`",
                "and so Python's default, which 3.14 does change on Linux",
                "So Python 3.14 changes it on Linux",
                "and so Python's default, which 3.14 changes on Linux",
            ],
            "moving-to-314": [
                "[Since Python 3.14]",
                "the default start method is now `forkserver`",
                "On Linux its default is [`forkserver`]",
            ],
            "start-methods": [
                "`forkserver` is [the default on Linux since Python 3.14]",
                "On Linux it is `forkserver` since 3.14",
            ],
        },
    ),
    Claim(
        "list_start_methods",
        "^A pool uses by default: fork$",
        before((3, 14)),
        {
            "index": ["it was `fork` up to Python 3.13"],
            "moving-to-314": ["up to 3.13 that was `fork`"],
        },
    ),
    Claim(
        "fork_with_threads",
        "DeprecationWarning: This process .* is multi-threaded, use of fork",
        since((3, 12)),
        {
            "calendar": ["| 3.12 | forking a process with threads warns"],
            "choosing": ["Python 3.12 and later [warn when they see one]"],
            "moving-to-314": [
                "From 3.12 on, CPython [warns]",
                "[the warning](examples/break/fork_with_threads) of 3.12 and later",
                "Python 3.11 and earlier [say nothing]",
            ],
            "start-methods": ["Python 3.12 and later [warn about fork"],
            "testing": ["Python 3.12 and later warn of this"],
        },
    ),
    Claim(
        "fork_with_held_lock",
        "^fork:\n.*True\n  the worker takes the lock: False$",
        lambda version: True,
        {"moving-to-314": ["and their workers [can hang as well]"]},
    ),
    Claim(
        "max_tasks_with_fork",
        "unexpected keyword argument 'max_tasks_per_child'",
        before((3, 11)),
        {
            "choosing": ["Python has it since 3.11."],
            "calendar": ["| 3.11 | a pool takes `max_tasks_per_child`"],
            "symptoms": ["Before Python 3.11 there is no such argument."],
        },
    ),
    Claim(
        "lock_of_other_context",
        "^  BrokenProcessPool: ",
        before((3, 11, 5)),
        {"symptoms": ["Before 3.11.5 the pool [breaks]"]},
    ),
    Claim(
        "run_in_interpreters",
        "cannot import name 'InterpreterPoolExecutor'",
        before((3, 14)),
        {
            "calendar": ["| 3.14 | there is an `InterpreterPoolExecutor`"],
            "symptoms": ["`InterpreterPoolExecutor` is new in [Python 3.14]"],
        },
    ),
    Claim(
        "what_reaches_a_worker",
        "^top level of the main module +no +yes +no$",
        since((3, 13, 8), (3, 14, 1)),
        {
            "moving-to-314": [
                "its fork server may not [import your script itself]",
                "3.14.1, 3.13.8 | the fork server imports your script once",
            ],
            "start-methods": ["[newer releases of 3.13 and 3.14](examples/break/imports_again)"],
            "what-reaches-a-worker": ["Since [3.13.8 and 3.14.1]"],
        },
    ),
    Claim(
        "local_function_not_pickled",
        "PicklingError: Can't pickle local object",
        since((3, 14)),
        {"moving-to-314": ["some [messages](symptoms) have other words"]},
    ),
    Claim(
        "look_without_freezing",
        r"^leaves it open: +use_pool\(",
        since((3, 13, 12), (3, 14, 3)),
        {
            "libraries": [
                "in releases before 3.13.12 and 3.14.3 [starting its workers fixes an open default]"
            ],
            "moving-to-314": ["3.14.3, 3.13.12 | a worker under `spawn` or `forkserver` no longer"],
        },
    ),
    Claim(
        "look_without_freezing",
        r"^fixes it: +multiprocessing\.freeze_support",
        lambda version: (3, 13, 4) <= version < (3, 13, 13) or (3, 14) <= version < (3, 14, 4),
        {"moving-to-314": ["3.14.4, 3.13.13 | `freeze_support()` no longer fixes the default"]},
    ),
    Claim(
        "max_tasks_stuck",
        "^  [0-3] of 4 tasks are done",
        lambda version: version >= (3, 11) and before((3, 13, 15), (3, 14, 7))(version),
        {
            "moving-to-314": [
                "3.14.7, 3.13.15 | a pool with `max_tasks_per_child` no longer stops"
            ],
            "symptoms": ["This is mended in 3.13.15, 3.14.7 and 3.15"],
        },
    ),
    Claim(
        "default_without_temporary_folder",
        "^  the default, spawn: ",
        since((3, 14, 9), (3, 15, 1)),
        {
            "calendar": ["| 3.15.1, 3.14.9 | the default is `spawn`"],
            "moving-to-314": [
                "3.14.9, 3.15.1 | `spawn` is the default where no temporary folder",
                "save that from 3.14.9 on it is `spawn`",
            ],
            "start-methods": ["newer releases of 3.14 and 3.15 [take `spawn` where no temporary"],
        },
    ),
    Claim(
        "worker_ended_abruptly",
        "terminated abruptly with exit code",
        since((3, 15)),
        {"calendar": ["| 3.15 | the traceback of a broken pool tells"]},
    ),
]

NO_CLAIM = {
    "calendar": [
        "[PEP 596]",
        "[PEP 619]",
        "[PEP 664]",
        "[PEP 693]",
        "[PEP 719]",
        "[PEP 745]",
        "[PEP 790]",
        "[PEP 826]",
        "The latest releases that we have seen",
        "The first table has the days",
        "From 3.16.0 beta 1 on",
        "| 3.16 | the iterator of",
        "| 3.16 | `Pool.imap()`",
        "| 3.16 | asyncio's policies",
        "| 3.18 | `import` lines",
        "For 3.17, 3.19 and 3.20",
        "a pool has `terminate_workers()` and",
        "`set_forkserver_preload()` takes `on_error`",
        "CPython's documentation of 3.13.18",
        "The draft of [What's New in 3.16]",
        "It says nothing of start methods",
        "That the support of 3.10 has ended by now",
    ],
    "choosing": [],
    "capture": ["You need Git and Python 3.9", "file is named for the platform", "exec docker run"],
    "extension": ["were built with sphinx-gallery alone and with", "put its file, such as"],
    "helper": ["runs on CPython from 3.9 on", "write a temporary file to find the default out"],
    "index": ["You move to Python 3.14"],
    "libraries": [
        "so Python 3.14's new default does not change it",
        "so 3.14 does not change it",
        "neither 3.14 nor `set_start_method` changes it",
        "Read: joblib",
    ],
    "moving-to-314": [
        "# Moving to Python 3.14",
        "What Python 3.14 changes for process pools",
        "on any Python from 3.9 on",
        "These are new on Linux with 3.14",
        "Take the latest 3.14",
        "The releases are those that CPython's lists of changes name",
        "Python 3.15.0 has all that the table names",
        '**"Python 3.14 defaults to `spawn`."**',
        '**"macOS changed in 3.14."**',
        "118981](https://github.com/python/cpython/issues/118981)",
        "143706](https://github.com/python/cpython/issues/143706)",
        "144503](https://github.com/python/cpython/issues/144503)",
        "146004](https://github.com/python/cpython/issues/146004)",
        "146313](https://github.com/python/cpython/issues/146313)",
        "140729](https://github.com/python/cpython/issues/140729)",
        "149527](https://github.com/python/cpython/issues/149527)",
        "On macOS the default is `spawn` [since Python 3.8]",
    ],
    "start-methods": ["[on macOS since Python 3.8]"],
    "testing": [
        "up to Python 3.14 it is then [silently lost]",
        "~concurrent.futures.ProcessPoolExecutor.terminate_workers` since Python 3.14",
        "are read from `pyproject.toml` [since Python 3.11]",
    ],
}
"""Lines that no capture of this repository can say: what others do, systems that nobody has
captured, faults that no script shows, whose page links to CPython; and what is no statement."""

PAGES = sorted(path for path in (ROOT / "docs").glob("*.md") if path.stem != "changelog")


def version_of(text: str) -> Version:
    return tuple(map(int, re.findall(r"\d+", text)[:3]))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim.example}: {claim.line}"[:60])
@pytest.mark.parametrize("captures", LINUX, ids=lambda captures: captures.platform.version)
def test_claim(claim: Claim, captures: files.Captures) -> None:
    """A capture of CPython on Linux has the line if, and only if, the pages say so."""
    output = captures.examples[claim.example].output
    holds = claim.holds(version_of(captures.platform.version))
    assert bool(re.search(claim.line, output, re.M)) == holds, output


def test_captures_tell_versions_apart() -> None:
    """There is a capture on both sides of nearly every claim, so that it can fail."""
    versions = [version_of(one.platform.version) for one in LINUX]
    for claim in CLAIMS:
        sides = {claim.holds(version) for version in versions}
        assert len(sides) == 2 or claim.line.startswith(("^fixes it", "^fork:")), claim.line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_line_is_known(page: Path) -> None:
    """A sentence that names a version is one of those compared, or known to be beyond captures."""
    text = re.sub(r"\]\([^)]*\)", "]", page.read_text(encoding="utf-8"))
    said = [words for claim in CLAIMS for words in claim.said.get(page.stem, [])]
    known = [re.sub(r"\]\([^)]*\)?", "]", words) for words in (*said, *NO_CLAIM.get(page.stem, []))]
    for words in known:
        assert words in text, f"no longer there: {words}"
    lines = [line for line in text.splitlines() if VERSION.search(line)]
    assert [line for line in lines if not any(words in line for words in known)] == []
