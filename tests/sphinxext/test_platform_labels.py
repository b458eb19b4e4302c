"""Short labels for groups of platforms, and full lists of them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolcontext.capture.platform import Platform
from poolcontext.sphinxext.platform_labels import labels, listing


def cpython(version: str, flags: str = "", place: str = "linux x86_64 glibc") -> Platform:
    system, machine, libc = [*place.split(), ""][:3]
    return Platform("cpython", version, version, flags, system, machine, libc)


def pypy(version: str, python: str, place: str = "linux x86_64 glibc") -> Platform:
    return cpython("3.0.0", place=place)._replace(
        implementation="pypy", version=version, python=python
    )


MACOS = "darwin arm64"
WINDOWS = "windows amd64"
MUSL = "linux x86_64 musl"
ARM = "linux aarch64 glibc"


class TestListing:
    """What listing(platforms) says."""

    @pytest.mark.parametrize(
        ("platforms", "expected"),
        [
            ([cpython("3.9.18")], "CPython 3.9.18 on Linux x86_64 (glibc)"),
            (
                [cpython("3.9.18"), cpython("3.10.13"), cpython("3.11.7")],
                "CPython 3.9.18, 3.10.13 and 3.11.7 on Linux x86_64 (glibc)",
            ),
            (
                [
                    cpython("3.14.0"),
                    cpython("3.14.0", "free-threading"),
                    cpython("3.14.0", "debug"),
                ],
                "CPython 3.14.0, 3.14.0t and 3.14.0d on Linux x86_64 (glibc)",
            ),
            (
                [cpython("3.14.0", "free-threading debug", WINDOWS)],
                "CPython 3.14.0td on Windows amd64",
            ),
            (
                [pypy("8.0.1", "3.11.17"), cpython("3.15.0a2")],
                "PyPy 8.0.1 (Python 3.11.17), CPython 3.15.0a2 on Linux x86_64 (glibc)",
            ),
            (
                [cpython("3.9.18", place=MACOS), cpython("3.9.18", place=MUSL)],
                "CPython 3.9.18 on macOS arm64; CPython 3.9.18 on Linux x86_64 (musl)",
            ),
        ],
        ids=["one", "three", "letters", "both-letters", "two-makers", "two-places"],
    )
    def test_words(self, platforms: list[Platform], expected: str) -> None:
        """Each has its full version, and those of one place stand together."""
        assert listing(platforms) == expected


class TestLabels:
    """What labels(groups) says."""

    @pytest.mark.parametrize(
        ("groups", "expected"),
        [
            ([[cpython("3.9.1")], [cpython("3.14.2")]], ["CPython 3.9", "CPython 3.14"]),
            (
                [[cpython(f"3.{minor}.4") for minor in (13, 9, 11, 10, 12)], [cpython("3.14.0")]],
                ["CPython 3.9 to 3.13", "CPython 3.14"],
            ),
            (
                [[cpython("3.9.1"), cpython("3.10.1")], [cpython("3.12.1"), cpython("3.14.0")]],
                ["CPython 3.9 and 3.10", "CPython 3.12 and 3.14"],
            ),
            (
                [
                    [cpython(f"3.{minor}.4") for minor in (9, 11, 12, 13, 15)],
                    [cpython("3.10.0"), cpython("3.14.0")],
                ],
                ["CPython 3.9, 3.11 to 3.13 and 3.15", "CPython 3.10 and 3.14"],
            ),
            (
                [[cpython("3.12.0"), cpython("3.12.9")], [cpython("3.13.0")]],
                ["CPython 3.12", "CPython 3.13"],
            ),
            (
                [[cpython("3.14.0", "free-threading")], [cpython("3.14.0")]],
                ["CPython 3.14t", "CPython 3.14"],
            ),
            (
                [[cpython("3.14.0", "debug")], [cpython("3.14.0", "free-threading debug")]],
                ["CPython 3.14d", "CPython 3.14td"],
            ),
            (
                [[pypy("8.0.1", "3.11.17"), cpython("3.11.7")], [cpython("3.12.0")]],
                ["PyPy 3.11, CPython 3.11", "CPython 3.12"],
            ),
            (
                [[cpython("3.12.0")], [cpython("3.12.0", place=MACOS)]],
                ["CPython 3.12 on Linux", "CPython 3.12 on macOS"],
            ),
            (
                [
                    [cpython("3.12.0"), cpython("3.13.0"), cpython("3.12.0", place=MACOS)],
                    [cpython("3.12.0", place=WINDOWS)],
                ],
                [
                    "CPython 3.12 and 3.13 on Linux; CPython 3.12 on macOS",
                    "CPython 3.12 on Windows",
                ],
            ),
            (
                [
                    [cpython("3.12.0", place=place) for place in (WINDOWS, MACOS, MUSL, ARM)],
                    [cpython("3.12.0", place="freebsd amd64")],
                ],
                [
                    "CPython 3.12 on Windows; CPython 3.12 on macOS and 1 more",
                    "CPython 3.12 on FreeBSD",
                ],
            ),
        ],
        ids=[
            "minor-versions",
            "a-range",
            "two-are-no-range",
            "range-among-others",
            "patches-as-one",
            "free-threading",
            "debug",
            "two-makers",
            "two-systems",
            "two-places-in-one",
            "more-than-two-places",
        ],
    )
    def test_words(self, groups: list[list[Platform]], expected: list[str]) -> None:
        """Minor versions and systems serve where they tell the groups apart."""
        assert labels(groups) == expected

    @pytest.mark.parametrize(
        ("groups", "expected"),
        [
            ([[cpython("3.14.0")], [cpython("3.14.1")]], ["CPython 3.14.0", "CPython 3.14.1"]),
            (
                [[cpython("3.14.0rc1")], [cpython("3.14.0")]],
                ["CPython 3.14.0rc1", "CPython 3.14.0"],
            ),
            (
                [[cpython("3.14.0")], [cpython("3.14.0", place=ARM)]],
                [
                    "CPython 3.14.0 on Linux x86_64 (glibc)",
                    "CPython 3.14.0 on Linux aarch64 (glibc)",
                ],
            ),
            (
                [[cpython("3.14.0")], [cpython("3.14.0", place=MUSL)]],
                ["CPython 3.14.0 on Linux x86_64 (glibc)", "CPython 3.14.0 on Linux x86_64 (musl)"],
            ),
            (
                [[pypy("8.0.0", "3.11.17")], [pypy("8.0.1", "3.11.17")]],
                ["PyPy 8.0.0 (Python 3.11.17)", "PyPy 8.0.1 (Python 3.11.17)"],
            ),
            (
                [[pypy("8.0.0", "3.11.17")], [pypy("8.0.0", "3.11.18")]],
                ["PyPy 8.0.0 (Python 3.11.17)", "PyPy 8.0.0 (Python 3.11.18)"],
            ),
            (
                [[cpython("3.14.0")], [cpython("3.14.0")._replace(flags="jit")]],
                ["CPython 3.14", "CPython 3.14-jit"],
            ),
            (
                [[cpython(f"3.14.{n}") for n in range(6)], [cpython(f"3.14.{n}") for n in (8, 9)]],
                ["CPython 3.14.0, 3.14.1, 3.14.2 and 3 more", "CPython 3.14.8 and 3.14.9"],
            ),
            (
                [
                    [cpython(f"3.14.{n}") for n in range(6)],
                    [cpython(f"3.14.{n}") for n in (0, 1, 2, 7, 8, 9)],
                ],
                [
                    "CPython 3.14.0, 3.14.1, 3.14.2 and 3 more on Linux x86_64 (glibc)",
                    "CPython 3.14.0, 3.14.1, 3.14.2 and 3 more on Linux x86_64 (glibc) (2)",
                ],
            ),
            (
                [[cpython("3.14.0")], [cpython("3.14.1")], [cpython("3.13.0")]],
                ["CPython 3.14.0", "CPython 3.14.1", "CPython 3.13"],
            ),
            (
                [[cpython("3.13.1"), cpython("3.14.0")], [cpython("3.14.0", place=ARM)]],
                [
                    "CPython 3.13.1 and 3.14.0 on Linux x86_64 (glibc)",
                    "CPython 3.14.0 on Linux aarch64 (glibc)",
                ],
            ),
            (
                [
                    [cpython("3.14.4"), cpython("3.14.5"), cpython("3.15.1")],
                    [cpython("3.15.2")],
                ],
                ["CPython 3.14 and 3.15.1", "CPython 3.15.2"],
            ),
            (
                [[cpython(f"3.{n}.1") for n in range(9, 14)], [cpython("3.11.2")]],
                ["CPython 3.9, 3.10, 3.12, 3.13 and 3.11.1", "CPython 3.11.2"],
            ),
            (
                [
                    [cpython("3.12.0"), cpython("3.12.0", place=MACOS)],
                    [cpython("3.12.1", place=MACOS)],
                ],
                ["CPython 3.12 on Linux; CPython 3.12.0 on macOS", "CPython 3.12.1 on macOS"],
            ),
            (
                [[cpython("3.12.0")], [cpython("3.12.0", place=MACOS), cpython("3.13.0")]],
                ["CPython 3.12 on Linux", "CPython 3.12 on macOS; CPython 3.13 on Linux"],
            ),
            (
                [[pypy("8.0.0", "3.11.7")], [cpython("3.11.7"), cpython("3.12.0")]],
                ["PyPy 3.11", "CPython 3.11 and 3.12"],
            ),
        ],
        ids=[
            "patch",
            "candidate",
            "machine",
            "libc",
            "pypy",
            "pypy-python",
            "jit",
            "many",
            "many-alike",
            "only-those-alike",
            "machine-of-one",
            "patch-of-one",
            "within-a-range",
            "patch-on-one-system",
            "on-two-systems",
            "of-two-makers",
        ],
    )
    def test_more_where_alike(self, groups: list[list[Platform]], expected: list[str]) -> None:
        """Groups that share a maker, minor version and system have longer labels; others do not."""
        assert labels(groups) == expected

    def test_same_way_each_time(self) -> None:
        """A range does not depend on the order in which platforms are given."""
        some = [cpython(f"3.{minor}.1") for minor in range(9, 14)]
        rest = [cpython("3.14.0")]
        assert labels([some, rest]) == labels([some[::-1], rest])


_plain = st.builds(
    cpython,
    st.builds(
        "3.{}.{}{}".format,
        st.integers(8, 15),
        st.integers(0, 20),
        st.sampled_from(["", "", "", "a1", "b2", "rc3"]),
    ),
    st.sampled_from(["", "", "free-threading", "debug", "free-threading debug"]),
    st.sampled_from(["linux x86_64 glibc", MUSL, ARM, MACOS, WINDOWS, "emscripten wasm32"]),
)
# One release of PyPy for one version of Python, that is: see `Platform.python`.
_pypy = st.builds(
    lambda number, place: pypy(f"7.3.{number}", f"3.{9 + number % 3}.{number}", place),
    st.integers(0, 20),
    st.sampled_from(["linux x86_64 glibc", MACOS, WINDOWS]),
)
_platforms = st.lists(_plain | _pypy, min_size=2, max_size=12, unique=True)


@st.composite
def _groups(draw: st.DrawFn) -> list[list[Platform]]:
    """Distinct platforms, each in one of two or more groups."""
    platforms = draw(_platforms)
    count = draw(st.integers(2, len(platforms)))
    places = [*range(count), *(draw(st.integers(0, count - 1)) for _ in platforms[count:])]
    return [
        [one for one, place in zip(platforms, places) if place == group] for group in range(count)
    ]


class TestAny:
    """What holds for whatever platforms there are."""

    @given(_groups())
    def test_distinct(self, groups: list[list[Platform]]) -> None:
        """No two groups have one label, nor one listing."""
        made = labels(groups)
        assert len(set(made)) == len(groups) == len(made)
        assert len(set(map(listing, groups))) == len(groups)

    @given(_groups())
    def test_length(self, groups: list[list[Platform]]) -> None:
        """A label of one platform is short, and grows by no more than that with each other."""
        for group, label in zip(groups, labels(groups)):
            assert 0 < len(label) <= min(60 * len(group), 350)
            assert re.fullmatch(r"[A-Za-z0-9 _.,;()]+", label)

    @given(_platforms)
    def test_listing_is_whole(self, platforms: list[Platform]) -> None:
        """Every version and every place is named, each place once."""
        text = listing(platforms)
        for one in platforms:
            assert re.search(rf"(?<![\d.]){re.escape(one.version)}(?![\d.])", text)
        for place in {one.place for one in platforms}:
            assert text.count(f" on {place}") == 1
