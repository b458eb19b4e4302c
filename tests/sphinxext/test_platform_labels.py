"""The order of platforms, short labels for groups of them, and full lists."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.capture.platform import Platform
from poolcontext.sphinxext.platform_labels import css_class, labels, listing, rank

if TYPE_CHECKING:
    from galleries import Other

PLACES = {
    "": "linux x86_64 glibc",
    "arm": "linux aarch64 glibc",
    "musl": "linux x86_64 musl",
    "mac": "darwin arm64 ",
    "win": "windows amd64 ",
    "bsd": "freebsd amd64 ",
    "wasm": "emscripten wasm32 ",
    "wine": "wine amd64  8.0",
}
FLAGS = {"": "", "t": "free-threading", "d": "debug", "td": "free-threading debug", "j": "jit"}


def platform(text: str) -> Platform:
    """Make one of a text like ``3.14.0rc1td@mac`` or ``pypy8.0.1/3.11.17@win``."""
    version, _, place = text.partition("@")
    number, _, python = version.removeprefix("pypy").partition("/")
    flags = re.sub(r".*?([tdj]*)$", r"\1", number)
    number = number.removesuffix(flags)
    implementation = "pypy" if python else "cpython"
    return Platform(
        implementation, number, python or number, FLAGS[flags], *PLACES[place].split(" ")
    )


def platforms(text: str) -> list[Platform]:
    return [platform(one) for one in text.split()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.9.18", "CPython 3.9.18 on Linux x86_64 (glibc)"),
        ("3.9.1 3.10.13 3.11.7", "CPython 3.9.1, 3.10.13 and 3.11.7 on Linux x86_64 (glibc)"),
        ("3.14.0 3.14.0t 3.14.0d", "CPython 3.14.0, 3.14.0t and 3.14.0d on Linux x86_64 (glibc)"),
        ("3.14.0td@win", "CPython 3.14.0td on Windows amd64"),
        (
            "3.14.0@win 3.14.2@wine",
            "CPython 3.14.0 on Windows amd64; CPython 3.14.2 on Windows (Wine 8.0) amd64",
        ),
        (
            "pypy8.0.1/3.11.17 3.15.0a2",
            "PyPy 8.0.1 (Python 3.11.17), CPython 3.15.0a2 on Linux x86_64 (glibc)",
        ),
        (
            "3.9.18@mac 3.9.18@musl",
            "CPython 3.9.18 on macOS arm64; CPython 3.9.18 on Linux x86_64 (musl)",
        ),
    ],
)
def test_listing(text: str, expected: str) -> None:
    """Each platform has its full version, and those of one place stand together."""
    assert listing(platforms(text)) == expected


@pytest.mark.parametrize(
    "case",
    [
        # Minor versions and systems, where they tell the groups apart.
        "3.9.1 = CPython 3.9 | 3.14.2 = CPython 3.14",
        "3.13.4 3.9.4 3.11.4 3.10.4 3.12.4 = CPython 3.9 to 3.13 | 3.14.0 = CPython 3.14",
        "3.9.1 3.10.1 = CPython 3.9 and 3.10 | 3.12.1 3.14.0 = CPython 3.12 and 3.14",
        "3.9.4 3.11.4 3.12.4 3.13.4 3.15.4 = CPython 3.9, 3.11 to 3.13 and 3.15"
        " | 3.10.0 3.14.0 = CPython 3.10 and 3.14",
        "3.12.0 3.12.9 = CPython 3.12 | 3.13.0 = CPython 3.13",
        "3.14.0t = CPython 3.14t | 3.14.0 = CPython 3.14",
        "3.14.0d = CPython 3.14d | 3.14.0td = CPython 3.14td",
        "3.14.0 = CPython 3.14 | 3.14.0j = CPython 3.14-jit",
        "pypy8.0.1/3.11.17 3.11.7 = PyPy 3.11, CPython 3.11 | 3.12.0 = CPython 3.12",
        "3.12.0 = CPython 3.12 on Linux | 3.12.0@mac = CPython 3.12 on macOS",
        "3.12.0 3.13.0 3.12.0@mac = CPython 3.12 and 3.13 on Linux; CPython 3.12 on macOS"
        " | 3.12.0@win = CPython 3.12 on Windows",
        "3.12.0@win 3.12.0@mac 3.12.0@musl 3.12.0@arm"
        " = CPython 3.12 on Windows; CPython 3.12 on macOS and 1 more"
        " | 3.12.0@bsd = CPython 3.12 on FreeBSD",
        "3.12.0 = CPython 3.12 on Linux"
        " | 3.12.0@mac 3.13.0 = CPython 3.12 on macOS; CPython 3.13 on Linux",
        "pypy8.0.0/3.11.7 = PyPy 3.11 | 3.11.7 3.12.0 = CPython 3.11 and 3.12",
        # More, where groups share a maker, a minor version and a system; only those that do.
        "3.14.0 = CPython 3.14.0 | 3.14.1 = CPython 3.14.1",
        "3.14.0 = CPython 3.14.0 | 3.14.1 = CPython 3.14.1 | 3.13.0 = CPython 3.13",
        "3.14.0rc1 = CPython 3.14.0rc1 | 3.14.0 = CPython 3.14.0",
        "3.14.0 = CPython 3.14.0 on Linux x86_64 (glibc)"
        " | 3.14.0@arm = CPython 3.14.0 on Linux aarch64 (glibc)",
        "3.14.0 = CPython 3.14.0 on Linux x86_64 (glibc)"
        " | 3.14.0@musl = CPython 3.14.0 on Linux x86_64 (musl)",
        "3.13.1 3.14.0 = CPython 3.13.1 and 3.14.0 on Linux x86_64 (glibc)"
        " | 3.14.0@arm = CPython 3.14.0 on Linux aarch64 (glibc)",
        "pypy8.0.0/3.11.17 = PyPy 8.0.0 (Python 3.11.17)"
        " | pypy8.0.1/3.11.17 = PyPy 8.0.1 (Python 3.11.17)",
        "pypy8.0.0/3.11.17 = PyPy 8.0.0 (Python 3.11.17)"
        " | pypy8.0.0/3.11.18 = PyPy 8.0.0 (Python 3.11.18)",
        "3.14.0 3.14.1 3.14.2 3.14.3 3.14.4 3.14.5 = CPython 3.14.0, 3.14.1, 3.14.2 and 3 more"
        " | 3.14.8 3.14.9 = CPython 3.14.8 and 3.14.9",
        "3.14.0 3.14.1 3.14.2 3.14.3 3.14.4 3.14.5"
        " = CPython 3.14.0, 3.14.1, 3.14.2 and 3 more on Linux x86_64 (glibc)"
        " | 3.14.0 3.14.1 3.14.2 3.14.7 3.14.8 3.14.9"
        " = CPython 3.14.0, 3.14.1, 3.14.2 and 3 more on Linux x86_64 (glibc) (2)",
        "3.14.4 3.14.5 3.15.1 = CPython 3.14 and 3.15.1 | 3.15.2 = CPython 3.15.2",
        "3.9.1 3.10.1 3.11.1 3.12.1 3.13.1 = CPython 3.9, 3.10, 3.12, 3.13 and 3.11.1"
        " | 3.11.2 = CPython 3.11.2",
        "3.12.0 = CPython 3.12 on Linux | 3.12.0@win = CPython 3.12 on Windows"
        " | 3.12.0@wine = CPython 3.12 on Windows (Wine 8.0)",
        "3.12.0 3.12.0@mac = CPython 3.12 on Linux; CPython 3.12.0 on macOS"
        " | 3.12.1@mac = CPython 3.12.1 on macOS",
    ],
)
def test_labels(case: str) -> None:
    """A label has minor versions, and more where groups would have one label."""
    groups, expected = zip(*(part.split(" = ") for part in case.split(" | ")))
    assert labels([platforms(group) for group in groups]) == list(expected)


def test_rank() -> None:
    """CPython, Linux, and what is newer come first, in this order of importance."""
    wanted = platforms(
        "3.14.10 3.14.9@arm 3.14.0 3.14.0rc2 3.14.0b3 3.9.20 3.14.0t 3.14.0@musl 3.14.0@mac "
        "3.14.0@win 3.14.2@wine 3.14.0@wasm"
    )
    wanted.append(platform("3.14.0")._replace(implementation="graalpy", version="25.0.0"))
    wanted += platforms("pypy8.0.2/3.14.0 pypy8.0.1/3.14.0")
    given = wanted[::-1]
    assert sorted(given, key=rank) == wanted


def test_css_class(other: Other) -> None:
    """Platforms have distinct classes, and the same at all times."""
    many = [other(version=f"3.{minor}.1") for minor in range(100)]
    assert len({css_class(one) for one in many}) == 100
    assert css_class(platform("3.14.0")) == "on-0d8b2131"


_plain = st.builds(
    "3.{}.{}{}{}{}".format,
    st.integers(8, 15),
    st.integers(0, 20),
    st.sampled_from(["", "", "", "a1", "b2", "rc3"]),
    st.sampled_from(["", "", "t", "d", "td"]),
    st.sampled_from(["", "@musl", "@arm", "@mac", "@win", "@wasm"]),
)
# One release of PyPy for one version of Python, that is: see `Platform.python`.
_pypy = st.builds(
    lambda number, place: f"pypy7.3.{number}/3.{9 + number % 3}.{number}{place}",
    st.integers(0, 20),
    st.sampled_from(["", "@mac", "@win"]),
)
_platforms = st.lists((_plain | _pypy).map(platform), min_size=2, max_size=12, unique=True)


@st.composite
def _groups(draw: st.DrawFn) -> list[list[Platform]]:
    """Distinct platforms, each in one of two or more groups."""
    every = draw(_platforms)
    count = draw(st.integers(2, len(every)))
    places = [*range(count), *(draw(st.integers(0, count - 1)) for _ in every[count:])]
    return [[one for one, place in zip(every, places) if place == group] for group in range(count)]


@hypothesis.given(_groups())
def test_any_labels(groups: list[list[Platform]]) -> None:
    """No two groups have one label; it is short, and grows by no more with each other platform."""
    made = labels(groups)
    assert len(set(made)) == len(groups) == len(made)
    assert len(set(map(listing, groups))) == len(groups)
    for group, label in zip(groups, made):
        assert 0 < len(label) <= min(60 * len(group), 350)
        assert re.fullmatch(r"[A-Za-z0-9 _.,;()]+", label)


@hypothesis.given(_platforms)
def test_any_listing(every: list[Platform]) -> None:
    """Every version and every place is named, each place once."""
    text = listing(every)
    for one in every:
        assert re.search(rf"(?<![\d.]){re.escape(one.version)}(?![\d.])", text)
    for place in {one.place for one in every}:
        assert text.count(f" on {place}") == 1


def test_day() -> None:
    """A date is written in English, in whatever language the terminal is."""
    code = "from poolcontext.sphinxext.platform_labels import day; print(day('2026-03-01'))"
    environ = {**os.environ, "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environ, stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "1 March 2026\n"
