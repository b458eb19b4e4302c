"""The picture on an example's card: what it draws of the outcome, and what it counts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from _ext.cards import LINES, LONGEST, WIDTH, draw

from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext.results import Outcome, Result


def outcome(output: str, *versions: str) -> Outcome:
    """An outcome that these versions of CPython share."""
    capture = Snapshot("0" * 64, "2026-01-02", "exit", 0, 0.1, output)
    platforms = (Platform("cpython", one, one, "", "linux", "x86_64", "glibc") for one in versions)
    return Outcome(tuple(Result(platform, capture, True) for platform in platforms))


def texts(picture: str, kind: str) -> list[str]:
    return [
        text.text or ""
        for text in ElementTree.fromstring(picture).iter("text")
        if text.get("class") == kind
    ]


def test_lines() -> None:
    """It has the first lines that are not empty, those of errors in a colour of their own."""
    output = "one\n\n  two\nValueError: three\n" + 9 * "more\n"
    picture = draw([outcome(output, "3.14.0")])
    assert texts(picture, "card-text") == ["one", "  two", *["more"] * (LINES - 3)]
    assert texts(picture, "card-bad") == ["ValueError: three"]


def test_long_line() -> None:
    """A line that is too long is cut, and shows that it is."""
    (text,) = texts(draw([outcome(99 * "x", "3.14.0")]), "card-text")
    assert text == (LONGEST - 1) * "x" + "…"


def test_markup() -> None:
    """What is markup or a terminal's command in an output is text in the picture."""
    picture = draw([outcome("<script>&amp;\x1b[0m</script>", "3.14.0")])
    assert texts(picture, "card-text") == ["<script>&amp;\\x1b[0m</script>"]


def test_nothing() -> None:
    """An output with nothing in it makes a picture with nothing but the count."""
    (text,) = ElementTree.fromstring(draw([outcome("", "3.14.0")]))
    assert text.text == "1 outcome on 1 platform"


def test_measures() -> None:
    """Of what was measured it has bars of the first quantity, as long as there is room."""
    output = (
        "        fork   spawn   other\nfirst   10.0 ms   40.0 ms   -\nlast   1 ms   1 ms   1 ms\n"
    )
    picture = draw([outcome(output, "3.14.0")])
    assert texts(picture, "card-text") == ["fork", "spawn"]
    bars = re.findall(r'<rect class="chart-(\d)" x="(\d+)" y="\d+" width="(\d+)"', picture)
    assert bars == [("0", "86", "37"), ("1", "86", "148")]
    assert WIDTH > 86 + 148


def test_table() -> None:
    """Of a table of yes and no it has a square for each cell, full where it says yes."""
    picture = draw([outcome("     fork   spawn\na   yes   no\nb   yes   yes\n", "3.14.0")])
    assert re.findall(r'<rect class="card-(\w+)"', picture) == ["full", "full", "empty", "full"]


def test_columns_of_words() -> None:
    """Columns that say something else than yes and no have no squares; without others, lines."""
    picture = draw([outcome("     of   file\na    -   yes\nb    a   no\n", "3.14.0")])
    assert texts(picture, "card-text") == ["file"]
    assert re.findall(r'<rect class="card-(\w+)"', picture) == ["full", "empty"]
    words = draw([outcome("     of   by\na    -   b\nb    a   c\n", "3.14.0")])
    assert texts(words, "card-text")[1:] == ["a    -   b", "b    a   c"]


def test_count() -> None:
    """Below it stands how many outcomes there are, and on how many platforms."""
    found = [outcome("a", "3.11.7", "3.14.0"), outcome("b", "3.12.1"), outcome("c", "3.9.1")]
    assert texts(draw(found), "card-count") == ["3 outcomes on 4 platforms"]
    assert texts(draw(found[:1]), "card-count") == ["1 outcome on 2 platforms"]
    assert texts(draw(found[1:2]), "card-count") == ["1 outcome on 1 platform"]
