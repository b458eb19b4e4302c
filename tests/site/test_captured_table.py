"""The tables that scripts print, of all platforms: as one table, and as charts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pytest
from bs4 import Tag
from docutils import nodes

from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext import measures, tables
from poolcontext.sphinxext.results import Result, key

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery, Other

TABLE = """\
Does a worker have it?
             fork   spawn
variable      yes      no
file          yes      no
Done.
"""
PRINTS = f"print({TABLE!r}, end='')"
MEASURED = """\
            fork    spawn
first     2.0 ms  40.0 ms
second    3.0 ms  50.0 ms
"""


def seen(version: str, output: str) -> Result:
    platform = Platform("cpython", version, version, "", "linux", "x86_64", "glibc")
    return Result(platform, Snapshot("0" * 64, "2026-11-22", "exit", 0, 1.0, output), True)


def whole(*captured: Result) -> nodes.Node:
    return tables.whole(captured, captured[0])


def head(node: nodes.Node) -> list[str]:
    (row,) = next(node.findall(nodes.thead)).findall(nodes.row)
    return [entry.astext() for entry in row.findall(nodes.entry)]


def cells(node: nodes.Node) -> list[list[list[str]]]:
    """What the cells of each row say, a text for each paragraph."""
    (body,) = node.findall(nodes.tbody)
    return [
        [
            [one.astext() for one in entry.findall(nodes.paragraph)]
            for entry in row.findall(nodes.entry)
        ]
        for row in body.findall(nodes.row)
    ]


def differing(node: nodes.Node) -> list[str]:
    """The titles of the rows that are marked."""
    (body,) = node.findall(nodes.tbody)
    marked = [row for row in body.findall(nodes.row) if "differs" in row["classes"]]
    return [next(row.findall(nodes.entry)).astext() for row in marked]


class TestCells:
    """What stands in the cells."""

    def test_agree(self) -> None:
        """Where all platforms agree there is one value, without their names, and no mark."""
        node = whole(seen("3.14.0", TABLE), seen("3.12.1", TABLE))
        assert head(node) == ["What", "fork", "spawn"]
        assert cells(node) == [[["variable"], ["yes"], ["no"]], [["file"], ["yes"], ["no"]]]
        assert differing(node) == []
        assert not list(node.findall(nodes.inline))

    def test_differ(self) -> None:
        """Where they do not, each value stands with its platforms, and its row is marked."""
        odd = TABLE.replace("file          yes", "file           no")
        node = whole(seen("3.14.0", TABLE), seen("3.12.1", odd), seen("3.9.1", TABLE))
        same, other = cells(node)
        assert same == [["variable"], ["yes"], ["no"]]
        assert other == [["file"], ["yes CPython 3.9 and 3.14", "no CPython 3.12"], ["no"]]
        assert differing(node) == ["file"]

    def test_classes(self) -> None:
        """Each value has the keys of the platforms that say it."""
        one, two, three = (seen(version, TABLE) for version in ("3.14.0", "3.12.1", "3.9.1"))
        odd = two.capture._replace(output=TABLE.replace("yes", "not"))
        two = two._replace(capture=odd)
        node = whole(one, two, three)
        says = [p["classes"] for p in node.findall(nodes.paragraph) if "says" in p["classes"]]
        expected = [["says", key(one.platform), key(three.platform)], ["says", key(two.platform)]]
        assert says == [*expected, ["says"]] * 2

    def test_row_of_one(self) -> None:
        """A row that only some platforms have comes last; the others have a dash there."""
        more = f"{TABLE}\n     fork   spawn\nlast   a1   b1\n"
        node = whole(seen("3.14.0", TABLE), seen("3.12.1", more))
        dashed = [["- CPython 3.14", f"{cell} CPython 3.12"] for cell in ("a1", "b1")]
        assert cells(node)[2:] == [[["last"], *dashed]]
        assert [row[0] for row in cells(node)] == [["variable"], ["file"], ["last"]]
        assert differing(node) == ["last"]

    def test_column_of_one(self) -> None:
        """A column that only one platform has comes last; the others have a dash there."""
        wider = "      fork   spawn   threads\nfile   yes   no   all\n"
        narrow = "      fork   spawn\nfile   yes   no\n"
        node = whole(seen("3.14.0", narrow), seen("3.12.1", wider))
        assert head(node) == ["What", "fork", "spawn", "threads"]
        dash, threads = "- CPython 3.14", "all CPython 3.12"
        assert cells(node) == [[["file"], ["yes"], ["no"], [dash, threads]]]
        assert differing(node) == ["file"]

    def test_without_a_table(self) -> None:
        """A platform that printed no table is named below, with its last line."""
        none = seen("3.12.1", "Trying.\nNotImplementedError: none\n")
        silent = seen("3.9.1", "")
        node = whole(seen("3.14.0", TABLE), none, silent)
        table, *below = node.children
        assert isinstance(table, nodes.table)
        assert [paragraph.astext() for paragraph in below] == [
            f"{none.platform.title}: NotImplementedError: none",
            f"{silent.platform.title}: It printed nothing.",
        ]
        assert differing(node) == []

    def test_first(self) -> None:
        """The order of rows and columns is that of this build's own, whatever comes before it."""
        other = "      spawn   fork\nfile   no   yes\nvariable   no   yes\n"
        first = seen("3.12.1", TABLE)
        node = tables.whole([seen("3.14.0", other), first], first)
        assert head(node) == ["What", "fork", "spawn"]
        assert cells(node) == [[["variable"], ["yes"], ["no"]], [["file"], ["yes"], ["no"]]]

    def test_control_characters(self) -> None:
        """Whatever part of a table they are in, they are shown by their names."""
        evil = "\x1b[31m\x00\u202e"
        node = whole(
            seen("3.14.0", f"      a{evil}   b\nc{evil}   d{evil}   e\n"),
            seen("3.12.1", f"      a{evil}   b\nc{evil}   f{evil}   e\n"),
        )
        shown = r"\x1b[31m\x00\u202e"
        assert head(node) == ["What", f"a{shown}", "b"]
        values = [f"d{shown} CPython 3.14", f"f{shown} CPython 3.12"]
        assert cells(node) == [[[f"c{shown}"], values, ["e"]]]

    @pytest.mark.timeout(20)
    def test_many(self) -> None:
        """Of thousands of rows and columns in a stranger's file the first hundred are shown."""
        many = "".join(f"  a{n}  b{n}\nr{n}  1  2\n" for n in range(5_000))
        node = whole(seen("3.14.0", TABLE), seen("3.12.1", many))
        assert len(cells(node)) == 100
        assert {len(row) for row in cells(node)} == {101}
        assert head(node)[:4] == ["What", "fork", "spawn", "a0"]


class TestCharts:
    """The pictures alone."""

    def test_each_quantity(self) -> None:
        """Each quantity has a picture of all platforms, and none has a table."""
        first, faster = seen("3.14.0", MEASURED), seen("3.12.1", MEASURED.replace("2.0", "1.0"))
        node = measures.charts([faster, first], first)
        pictures = [raw.astext() for raw in node.findall(nodes.raw)]
        said = [re.findall("<figcaption[^>]*>(.*?)</figcaption>", one, re.S) for one in pictures]
        assert [re.sub("<[^>]+>", "", text).strip() for (text,) in said] == [
            "first, on 2 platforms: fork 1 to 2 ms; spawn 40 ms.",
            "second, on 2 platforms: fork 3 ms; spawn 50 ms.",
        ]
        assert not list(node.findall(nodes.table))

    def test_without_a_table(self) -> None:
        """A platform that measured nothing is named below them, with its last line."""
        first, none = seen("3.14.0", MEASURED), seen("3.12.1", "Trying.\nError: none\n")
        node = measures.charts([first, none], first)
        *_, last = node.children
        assert last.astext() == f"{none.platform.title}: Error: none"
        assert len(measures.without_table([first, none])) == 1


PAGES = {
    "table": "poolcontext-captured-table:: has",
    "charts": "poolcontext-charts:: measured",
    "unknown": "poolcontext-captured-table:: nobody",
    "gone": "poolcontext-captured-table:: gone",
    "tableless": "poolcontext-charts:: says",
    "plain": "note:: Nothing",
}


class Site(NamedTuple):
    """A gallery with pages of tables, and what its build said."""

    gallery: Gallery
    built: Built
    platforms: dict[str, Platform]


@pytest.fixture(scope="module")
def site(new_gallery: NewGallery, other: Other) -> Site:
    """Built once, with this platform's captures and two others'."""
    gallery = new_gallery()
    gallery.add("has", PRINTS)
    gallery.add("measured", f"print({MEASURED!r})")
    gallery.add("says", "print('no table')")
    for name, directive in PAGES.items():
        gallery.write(f"docs/{name}.rst", f":orphan:\n\nTitle\n=====\n\n.. {directive}\n")
    platforms = {"new": other(version="3.14.0"), "old": other(version="3.12.1")}
    gone = gallery.capture("has", TABLE)
    odd = TABLE.replace("variable      yes", "variable   <b>&lt;")
    gallery.commit(platforms["new"], {"has": odd, "measured": MEASURED, "gone": gone})
    gallery.commit(platforms["old"], {"has": "Error: <i>none</i>\n", "says": "  a  b\n"})
    return Site(gallery, gallery.build(fails=True), platforms)


def rows(gallery: Gallery) -> list[Tag]:
    (table,) = gallery.page("table").select("div.captured table.captured-table")
    return list(table.select("tbody tr"))


class TestPages:
    """What the directives make of pages."""

    def test_table(self, site: Site) -> None:
        """There is one table of all platforms, whose row is marked where they differ."""
        marked, same = rows(site.gallery)
        assert "differs" in marked["class"]
        assert "differs" not in same["class"]
        texts = [paragraph.get_text() for paragraph in marked.select("p.says")]
        assert len(texts) == 3
        (strange,) = [text for text in texts if text.startswith("<b>&lt; ")]
        assert "3.14" in strange
        values = {key(describe()): "yes", key(site.platforms["new"]): "<b>&lt;"}
        for name, value in values.items():
            (says,) = marked.select(f"p.says.{name}")
            assert says.get_text().startswith(f"{value} ")
            assert says.select_one(".says-where") is not None
        assert [one.get_text() for one in same.select("p")] == ["file", "yes", "no"]

    def test_below(self, site: Site) -> None:
        """Who has no table is named below it, with text that stays text."""
        (whole,) = site.gallery.page("table").select("div.captured")
        (below,) = whole.find_all("p", recursive=False)
        assert below.get_text() == f"{site.platforms['old'].title}: Error: <i>none</i>"

    def test_charts(self, site: Site) -> None:
        """There is a figure for each quantity, and no table."""
        (whole,) = site.gallery.page("charts").select("div.measures")
        captions = [one.get_text().strip() for one in whole.select("figure figcaption")]
        assert [caption.partition(",")[0] for caption in captions] == ["first", "second"]
        assert not whole.select("table")

    @pytest.mark.parametrize(("name", "script"), [("unknown", "nobody"), ("tableless", "says")])
    def test_no_table(self, site: Site, name: str, script: str) -> None:
        """A script that is not there, or has no table, is told of where a page names it."""
        (line,) = [line for line in site.built.warnings if f"{name}.rst:" in line]
        assert re.search(rf"{name}\.rst:6: WARNING: no capture of '{script}' has a table", line)
        assert not site.gallery.page(name).select("div.captured, div.measures")

    def test_gone(self, site: Site) -> None:
        """So is one that is not there any more, though a file of captures has it."""
        (line,) = [line for line in site.built.warnings if "gone.rst:" in line]
        assert "WARNING: no capture of 'gone' has a table" in line
        assert not site.gallery.page("gone").select("div.captured")

    def test_no_other(self, site: Site) -> None:
        """Nothing is said of pages whose tables can be made."""
        assert len(site.built.warnings) == 3

    def test_again(self, site: Site, tmp_path: Path) -> None:
        """A page is made anew when a capture of its script changes, or where it warns again."""
        gallery = site.gallery.copy(tmp_path / "copy")
        gallery.build(strict=False)
        gallery.commit(site.platforms["new"], {"has": TABLE, "measured": MEASURED})
        built = gallery.build(strict=False)
        assert built.ran == []
        warn = ["gone", "tableless", "unknown"]
        assert built.read == ["examples/has", "examples/index", *sorted([*warn, "table"])]
        assert not [row for row in rows(gallery) if "differs" in row["class"]]
        gallery.commit(site.platforms["old"], {"measured": MEASURED})
        assert {"charts", "table"} < set(gallery.build(strict=False).read)
        assert not gallery.page("table").select("div.captured > p")
