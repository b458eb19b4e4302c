"""The tables that scripts print, of all platforms: as one table, and as charts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from _ext import captured_table
from docutils import nodes
from galleries import BuiltGallery

from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext.platform_labels import css_class
from poolcontext.sphinxext.results import Result

if TYPE_CHECKING:
    from galleries import NewGallery, Other

TABLE = """\
Does a worker have it?
             fork   spawn
variable      yes      no
file          yes      no
Done.
"""
MEASURED = """\
            fork    spawn
first     2.0 ms  40.0 ms
second    3.0 ms  50.0 ms
"""
EVIL = "\x1b[31m\x00\u202e"
SHOWN = r"\x1b[31m\x00\u202e"


def result(version: str, output: str) -> Result:
    platform = Platform("cpython", version, version, "", "linux", "x86_64", "glibc")
    return Result(platform, Snapshot("0" * 64, "2026-11-22", "exit", 0, 1.0, output), True)


def table(node: nodes.Element) -> list[str]:
    """The rows, each in a line: its cells parted by bars, a mark in front of those that differ."""
    return [
        ("* " if "differs" in row["classes"] else "")
        + " | ".join(
            "; ".join(one.astext() for one in entry.findall(nodes.paragraph))
            for entry in row.findall(nodes.entry)
        )
        for row in node.findall(nodes.row)
    ]


@pytest.mark.parametrize(
    ("outputs", "rows"),
    [
        pytest.param([TABLE, TABLE], ["variable | yes | no", "file | yes | no"], id="agree"),
        pytest.param(
            [TABLE, TABLE.replace("file          yes", "file           no"), TABLE],
            [
                "variable | yes | no",
                "* file | yes CPython 3.12 and 3.14; no CPython 3.13 | no",
            ],
            id="differ",
        ),
        pytest.param(
            [TABLE, f"{TABLE}\n     fork   spawn\nlast   a1   b1\n"],
            [
                "variable | yes | no",
                "file | yes | no",
                "* last | a1 CPython 3.13; - CPython 3.14 | b1 CPython 3.13; - CPython 3.14",
            ],
            id="a row of one",
        ),
        pytest.param(
            [
                "      fork   spawn\nfile   yes   no\n",
                "      fork   spawn   threads\nfile   yes   no   all\n",
            ],
            ["file | yes | no | all"],
            id="a column of one",
        ),
        pytest.param(
            [TABLE, "      spawn   fork\nfile   no   yes\nvariable   no   yes\n"],
            ["variable | yes | no", "file | yes | no"],
            id="another order",
        ),
        pytest.param(
            [f"      a{EVIL}   b\nc{EVIL}   {one}{EVIL}   e\n" for one in "df"],
            [f"* c{SHOWN} | f{SHOWN} CPython 3.13; d{SHOWN} CPython 3.14 | e"],
            id="control characters",
        ),
    ],
)
def test_rows(outputs: list[str], rows: list[str]) -> None:
    """A cell says what all say, or who says what, and its row is marked; the first has the order.

    Each value has the classes of the platforms that say it.
    """
    results = [result(f"3.{14 - number}.0", output) for number, output in enumerate(outputs)]
    node = captured_table.whole(results[::-1], results[0])
    head, *found = table(next(node.findall(nodes.table)))
    assert found == rows
    first = outputs[0].splitlines()[TABLE in outputs[0]]
    assert head.replace(SHOWN, EVIL).split(" | ")[:3] == ["What", *first.split()]
    says = [one for one in node.findall(nodes.paragraph) if "says" in one["classes"]]
    for one in says:
        _, *classes = one["classes"]
        named = [
            each for each in results if f"3.{each.platform.version.split('.')[1]}" in one.astext()
        ]
        assert sorted(classes) == sorted(css_class(each.platform) for each in named)


def test_without_a_column() -> None:
    """A platform that lacks a method is named below, and makes no line differ."""
    first = result("3.14.0", TABLE)
    without = result("3.12.1", "         fork   spawn\nvariable   -   no\nfile   -   no\n")
    node = captured_table.whole([first, without], first)
    *_, below = node.children
    assert table(next(node.findall(nodes.table)))[1:] == ["variable | yes | no", "file | yes | no"]
    assert below.astext() == f"Without fork: {without.platform.title}."


def test_without_a_table() -> None:
    """A platform that printed no table is named below, with its last line."""
    first, none = result("3.14.0", TABLE), result("3.12.1", "Trying.\nError: none\n")
    shown, below = captured_table.whole([first, none], first).children
    assert isinstance(shown, nodes.table)
    assert below.astext() == f"{none.platform.title}: Error: none"


@pytest.mark.timeout(20)
def test_many() -> None:
    """Of thousands of rows and columns in a stranger's file the first hundred are shown."""
    many = "".join(f"  a{n}  b{n}\nr{n}  1  2\n" for n in range(5_000))
    first = result("3.14.0", TABLE)
    node = captured_table.whole([first, result("3.12.1", many)], first)
    head, *rows = table(next(node.findall(nodes.table)))
    assert head.startswith("What | fork | spawn | a0 | ")
    assert len(rows) == 100
    assert {len(row.split(" | ")) for row in (head, *rows)} == {101}


PAGES = {
    "table": "poolcontext-captured-table:: has",
    "charts": "poolcontext-charts:: measured",
    "unknown": "poolcontext-captured-table:: nobody",
    "gone": "poolcontext-captured-table:: gone",
    "tableless": "poolcontext-charts:: says",
}


@pytest.fixture(scope="module")
def built(new_gallery: NewGallery, other: Other) -> BuiltGallery:
    """Built once, with this platform's captures and two others'."""
    gallery = new_gallery()
    gallery.add("has", f"print({TABLE!r}, end='')")
    gallery.add("measured", f"print({MEASURED!r})")
    gallery.add("says", "print('no table')")
    for name, directive in PAGES.items():
        gallery.write(f"docs/{name}.rst", f":orphan:\n\nTitle\n=====\n\n.. {directive}\n")
    platforms = {"new": other(version="3.14.0"), "old": other(version="3.12.1")}
    odd = TABLE.replace("variable      yes", "variable   <b>&lt;")
    faster = MEASURED.replace("2.0", "1.0")
    gone = gallery.capture("has", TABLE)
    gallery.commit(platforms["new"], {"has": odd, "measured": faster, "gone": gone})
    no_tables = {"has": "Error: <i>none</i>\n", "measured": "Error: no\n", "says": "  a  b\n"}
    gallery.commit(platforms["old"], no_tables)
    return BuiltGallery(gallery, gallery.build(fails=True), platforms)


def test_page_of_a_table(built: BuiltGallery) -> None:
    """There is one table of all platforms, a box for each to compare, and text that stays text."""
    (whole,) = built.gallery.page("table").select("div.captured")
    marked, same = whole.select("table.captured-table tbody tr")
    assert ("differs" in marked["class"], "differs" in same["class"]) == (True, False)
    values = {css_class(describe()): "yes", css_class(built.platforms["new"]): "<b>&lt;"}
    for name, value in values.items():
        (says,) = marked.select(f"p.says.{name}")
        assert says.get_text().startswith(f"{value} ")
        assert says.select_one(".says-where") is not None
    assert [one.get_text() for one in same.select("p")] == ["file", "yes", "no"]
    (below,) = whole.find_all("p", recursive=False)
    assert below.get_text() == f"{built.platforms['old'].title}: Error: <i>none</i>"
    boxes = {box["value"] for box in whole.select("fieldset input[type=checkbox][checked]")}
    assert boxes == {describe().id, built.platforms["new"].id}


def test_page_of_charts(built: BuiltGallery) -> None:
    """There is a figure for each quantity, and no table; who measured nothing is named below."""
    (whole,) = built.gallery.page("charts").select("div.measures")
    assert [one.get_text().strip() for one in whole.select("figure figcaption")] == [
        "first, on 2 platforms: fork 1 to 2 ms; spawn 40 ms.",
        "second, on 2 platforms: fork 3 ms; spawn 50 ms.",
    ]
    assert not whole.select("table")
    (below,) = whole.find_all("p", recursive=False)
    assert below.get_text() == f"{built.platforms['old'].title}: Error: no"


def test_no_table(built: BuiltGallery) -> None:
    """A script that is not there, or has no table, is told of where a page names it, at each build.

    What a page shows is noted.
    """
    wrong = {"unknown": "nobody", "tableless": "says", "gone": "gone"}
    for warnings in (built.built.warnings, built.gallery.build(strict=False).warnings):
        assert len(warnings) == len(wrong)
        for page, script in wrong.items():
            pattern = rf"{page}\.rst:6: WARNING: no capture of '{script}' has a table"
            assert [line for line in warnings if re.search(pattern, line)]
    for page in wrong:
        assert not built.gallery.page(page).select("div.captured, div.measures")
    assert built.gallery.noted("table") == {"has"}
    assert built.gallery.noted("charts") == {"measured"}
    assert built.gallery.noted("unknown") == {"nobody"}
