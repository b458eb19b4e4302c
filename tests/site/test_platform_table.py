"""The table of all platforms: its cells, its rows, and when it is made anew."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from bs4 import Tag

from poolcontext.capture.platform import Platform, describe
from poolcontext.sphinxext.results import key

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery, Other

TABLE = """\
[[column]]
title = "Offered"
example = "lists"
lines = ["^Offers: (.+)$"]

[[column]]
title = "Both"
example = "lists"
lines = ["^Offers: (.+)$", "^Never: (.+)$", "^Default: (.+)$"]

[[column]]
title = "Error"
example = "fails"
lines = ["^Going on with: (.+)$"]

[[row]]
platform = "CPython on VMS"
until = "openvms"
evidence = "documented"
cells = ["fork", "fork, spawn", "<b>none</b>"]
sources = [["documentation", "https://example.org/?a=1&b=2"], ["source", "https://example.org/"]]

[[row]]
platform = "Python of an unknown version"
until = "haiku"
evidence = "reported, without a file"
cells = ["a", "b", "c"]
sources = []
"""
PAGE = ":orphan:\n\nTable\n=====\n\n.. poolcontext-platform-matrix:: table.toml\n"
FAILED = """\
Traceback (most recent call last):
  File "fails.py", line 1, in <module>
KeyError: 'x'

During handling of the above exception, another exception occurred:

  multiprocessing.context.Odd: no
ValueError: cannot find context for 'x'
"""


class Table(NamedTuple):
    """A gallery with a table, and what its build said."""

    gallery: Gallery
    built: Built
    platforms: dict[str, Platform]


@pytest.fixture(scope="module")
def table(new_gallery: NewGallery, other: Other) -> Table:
    """Built once, with this platform's file and four others'."""
    gallery = new_gallery()
    gallery.add("lists", "print('Offers: fork, spawn')\nprint('Default: fork')")
    gallery.add("fails", "print('Going on with: nothing')")
    gallery.write("docs/table.toml", TABLE)
    gallery.write("docs/page.rst", PAGE)
    gallery.commit(describe(), {"lists": "Offers: fork, spawn\nDefault: fork\n"})
    platforms = {
        "pypy": other(implementation="pypy", version="9.0.0", python="3.16.0"),
        "old": other(version="3.9.1"),
        "candidate": other(version="3.14.0rc2"),
        "new": other(version="3.14.0"),
    }
    older = gallery.capture("lists", f"Offers: {'x' * 120}\nDefault: y\n", script="0" * 64)
    gallery.commit(platforms["pypy"], {"lists": "Offers: fork\n"})
    gallery.commit(platforms["old"], {"lists": older, "fails": "none\n", "gone": older})
    failed = gallery.capture("fails", FAILED, status=1, date="2026-12-31")
    gallery.commit(platforms["candidate"], {"lists": "Default: spawn\n", "fails": failed})
    gallery.commit(platforms["new"], {"fails": "An Error: no line of an error's\n"})
    return Table(gallery, gallery.build(), platforms)


def rows(gallery: Gallery) -> list[Tag]:
    (found,) = gallery.page("page").select("table.platform-matrix")
    return list(found.select("tbody tr"))


def cells(row: Tag) -> list[str]:
    """The texts of a row's cells, less the names of their columns."""
    return [
        cell.get_text().strip().removeprefix(cell.select_one(".cell-label").get_text())
        for cell in row.select("td")
    ]


def row_of(table: Table, name: str) -> Tag:
    platform = table.platforms[name] if name else describe()
    (row,) = [row for row in rows(table.gallery) if key(platform) in row["class"]]
    assert cells(row)[0] == platform.title
    return row


class TestCells:
    """What stands in the cells of a platform that has been captured."""

    def test_found_by_expressions(self, table: Table) -> None:
        """A cell holds what a line's group does; of several lines, what is found of each."""
        _, offered, both, error, _ = cells(row_of(table, ""))
        assert (offered, both, error) == ("fork, spawn", "fork, spawn, fork", "nothing")
        _, offered, both, *_ = cells(row_of(table, "pypy"))
        assert (offered, both) == ("fork", "fork")

    def test_error_where_nothing_is_found(self, table: Table) -> None:
        """Where no line is found, it is the name of the error that the output ends with."""
        assert cells(row_of(table, "candidate"))[3] == "ValueError"

    def test_nothing_is_found(self, table: Table) -> None:
        """Where there is no error either, or no capture at all, it is a dash."""
        assert cells(row_of(table, "old"))[3] == "–"
        assert cells(row_of(table, "new"))[1:4] == ["–", "–", "–"]
        assert cells(row_of(table, "pypy"))[3] == "–"

    def test_cut(self, table: Table) -> None:
        """What is longer than 120 characters is cut there, and the cut is marked."""
        _, offered, both, *_ = cells(row_of(table, "old"))
        assert offered == "x" * 120
        assert both == "x" * 120 + "…"

    def test_columns_are_named(self, table: Table) -> None:
        """There is a head, and each cell names its column for narrow screens."""
        names = ["Platform", "Offered", "Both", "Error", "Evidence"]
        (found,) = table.gallery.page("page").select("table.platform-matrix")
        assert [cell.get_text().strip() for cell in found.select("thead th")] == names
        for row in rows(table.gallery):
            assert [cell.get_text() for cell in row.select("td .cell-label")] == names


class TestRows:
    """Which rows there are, and on what evidence."""

    def test_order(self, table: Table) -> None:
        """CPython comes first, of one machine the newest first; what is not captured comes last."""
        titles = [cells(row)[0] for row in rows(table.gallery)]
        *captured, vms, unknown = titles
        assert (vms, unknown) == ("CPython on VMS", "Python of an unknown version")
        wanted = [table.platforms[name].title for name in ("new", "candidate", "old", "pypy")]
        assert [title for title in captured if title != describe().title] == wanted
        assert captured[-1] == wanted[-1]
        assert len(captured) == 5

    def test_not_captured(self, table: Table) -> None:
        """Rows from the table's own file have its words, its links and no file of captures."""
        *_, documented, reported = rows(table.gallery)
        assert cells(documented)[1:4] == ["fork", "fork, spawn", "<b>none</b>"]
        assert cells(documented)[4] == "documented: documentation, source"
        links = [link["href"] for link in documented.select("a")]
        assert links == ["https://example.org/?a=1&b=2", "https://example.org/"]
        assert cells(reported)[1:] == ["a", "b", "c", "reported, without a file"]
        assert not reported.select("a")
        assert "documented" in documented["class"]
        assert "reported" in reported["class"]
        assert "documented" in documented["class"]

    def test_captured(self, table: Table) -> None:
        """Captured is just what a capture is there of, from the day of its latest run."""
        captured = [row for row in rows(table.gallery) if "captured" in row["class"]]
        assert len(captured) == 5
        for row in rows(table.gallery):
            assert (row in captured) == cells(row)[4].startswith("captured on ")
        assert "captured on 31 December 2026, file" in cells(row_of(table, "candidate"))[4]
        assert "captured on 1 March 2026, file" in cells(row_of(table, "pypy"))[4]

    def test_own_platform(self, table: Table) -> None:
        """The platform that built the site is marked, and no other."""
        marked = [row for row in rows(table.gallery) if "built this site" in row.get_text()]
        assert marked == [row_of(table, "")]

    def test_older_scripts_are_counted(self, table: Table) -> None:
        """A row says of how many of the scripts that are there its captures are older."""
        assert cells(row_of(table, "old"))[4].endswith(", 1 of 2 from older scripts")
        for name in ("", "pypy", "candidate", "new"):
            assert "older" not in row_of(table, name).get_text()

    def test_files(self, table: Table) -> None:
        """Each file of captures is offered for download as it is."""
        for name in ("", *table.platforms):
            (link,) = row_of(table, name).select("a.download")
            file = (table.gallery.html / link["href"]).resolve()
            committed = table.gallery.docs / "captures" / file.name
            assert file.read_bytes() == committed.read_bytes()

    def test_no_file(self, new_gallery: NewGallery) -> None:
        """What only this build has captured has a row, without a file."""
        gallery = new_gallery()
        gallery.add("lists", "print('Offers: fork')")
        gallery.add("fails", "print('Going on with: x')")
        gallery.write("docs/table.toml", TABLE)
        gallery.write("docs/page.rst", PAGE)
        gallery.build()
        row, *_ = rows(gallery)
        assert re.fullmatch(r"run by this build on \d+ \w+ \d{4}", cells(row)[4])
        assert "captured" not in row["class"]
        assert "run" in row["class"]
        assert not row.select("a")


class TestUntil:
    """When a row from the table's own file is left out."""

    @staticmethod
    def others(gallery: Gallery) -> list[str]:
        """The first cells of rows that no capture stands behind."""
        return [cells(row)[0] for row in rows(gallery) if not {"captured", "run"} & {*row["class"]}]

    def test_once_captured(self, table: Table, other: Other, tmp_path: Path) -> None:
        """It is as long as a capture of CPython on its system is there, and then is back."""
        vms, unknown = self.others(table.gallery)
        gallery = table.gallery.copy(tmp_path / "copy")
        gallery.build()
        file = gallery.commit(other(system="openvms", libc=""), {"lists": "Offers: fork\n"})
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        assert self.others(gallery) == [unknown]
        file.unlink()
        gallery.build()
        assert self.others(gallery) == [vms, unknown]

    def test_another_implementation(self, table: Table, other: Other, tmp_path: Path) -> None:
        """It stays beside a capture of what is not CPython on its system."""
        gallery = table.gallery.copy(tmp_path / "copy")
        pypy = table.platforms["pypy"]._replace(system="openvms", libc="")
        gallery.commit(pypy, {"lists": "Offers: fork\n"})
        gallery.build()
        assert key(pypy) in [name for row in rows(gallery) for name in row["class"]]
        assert self.others(gallery) == self.others(table.gallery)

    @pytest.mark.skipif(describe().implementation != "cpython", reason="this is not CPython")
    def test_own_system(self, new_gallery: NewGallery) -> None:
        """What this build has captured counts as well, without a file."""
        gallery = new_gallery()
        gallery.add("lists", "print('Offers: fork')")
        gallery.add("fails", "print('Going on with: x')")
        gallery.write("docs/table.toml", TABLE.replace("openvms", describe().system))
        gallery.write("docs/page.rst", PAGE)
        gallery.build()
        assert self.others(gallery) == ["Python of an unknown version"]


class TestAgain:
    """When the table is made anew."""

    def test_differing(self, table: Table, tmp_path: Path) -> None:
        """It is when this build's own output is another than the committed one, and says so."""
        gallery = table.gallery.copy(tmp_path / "copy")
        gallery.build()
        gallery.commit(describe(), {"lists": "Offers: something else\n"})
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        (row,) = [row for row in rows(gallery) if key(describe()) in row["class"]]
        assert cells(row)[4].endswith(", file, built this site, which differs in lists")
        assert "something else" not in cells(row)[1]

    def test_change(self, table: Table, tmp_path: Path) -> None:
        """It is after a change to its file, and to a capture; no example is run for it."""
        gallery = table.gallery.copy(tmp_path / "copy")
        gallery.build()
        gallery.write("docs/table.toml", TABLE.replace("VMS", "OS/2"))
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        assert cells(rows(gallery)[-2])[0] == "CPython on OS/2"

        platform = table.platforms["pypy"]
        gallery.commit(platform, {"lists": "Offers: none\n"})
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        (row,) = [row for row in rows(gallery) if key(platform) in row["class"]]
        assert cells(row)[1] == "none"

        (gallery.docs / "captures" / f"{platform.id}.json").unlink()
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        assert key(platform) not in [name for row in rows(gallery) for name in row["class"]]
        assert platform.id not in " ".join(str(path) for path in gallery.html.rglob("*.json"))
        assert "page" not in gallery.build().read

        gallery.commit(platform, {"lists": "Offers: all\n"})
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        (row,) = [row for row in rows(gallery) if key(platform) in row["class"]]
        assert cells(row)[1] == "all"

    def test_file_and_builder(self, table: Table, tmp_path: Path) -> None:
        """It is when this platform's captures are committed, which alone changes its row."""
        gallery = table.gallery.copy(tmp_path / "copy")
        (own,) = gallery.captures()
        gallery.build()
        shutil.copy(own, gallery.docs / "captures")
        built = gallery.build()
        assert (built.ran, "page" in built.read) == ([], True)
        (row,) = [row for row in rows(gallery) if key(describe()) in row["class"]]
        assert [link.get_text() for link in row.select("a")] == ["file"]
        assert gallery.build().read == []


COLUMN = '[[column]]\ntitle = "T"\nexample = "lists"\nlines = ["(.+)"]\n'
ROW = """\
[[row]]
platform = "P"
until = "nowhere"
evidence = "documented"
cells = ["c"]
sources = []
"""
WRONG = {
    "no-toml": "[[column\n",
    "no-text": "\udcff",
    "empty": "",
    "no-column": ROW,
    "column-is-a-table": COLUMN.replace("[[column]]", "[column]") + ROW,
    "column-without-title": COLUMN.replace("title", "name") + ROW,
    "column-without-example": COLUMN.replace("example", "script") + ROW,
    "column-without-lines": COLUMN.replace("lines", "line") + ROW,
    "lines-is-a-number": COLUMN.replace('["(.+)"]', "1") + ROW,
    "row-without-cells": COLUMN + ROW.replace("cells", "cell"),
    "too-many-cells": COLUMN + ROW.replace('["c"]', '["c", "d"]'),
    "too-few-cells": COLUMN + ROW.replace('["c"]', "[]"),
    "no-expression": COLUMN.replace("(.+)", "(") + ROW,
    "no-group": COLUMN.replace("(.+)", ".+") + ROW,
    "two-groups": COLUMN.replace("(.+)", "(.)(.)") + ROW,
    "lines-is-a-text": COLUMN.replace('["(.+)"]', '"ab"') + ROW,
    "number-in-lines": COLUMN.replace('["(.+)"]', "[1]") + ROW,
    "example-is-a-list": COLUMN.replace('"lists"', '["lists"]') + ROW,
    "title-is-a-number": COLUMN.replace('"T"', "1") + ROW,
    "row-without-platform": COLUMN + ROW.replace("platform", "name"),
    "row-without-until": COLUMN + ROW.replace('until = "nowhere"', ""),
    "until-is-a-number": COLUMN + ROW.replace('"nowhere"', "1"),
    "until-is-a-list": COLUMN + ROW.replace('"nowhere"', '["nowhere"]'),
    "row-without-evidence": COLUMN + ROW.replace("evidence", "proof"),
    "row-without-sources": COLUMN + ROW.replace("sources = []", ""),
    "cells-is-a-text": COLUMN + ROW.replace('["c"]', '"c"'),
    "number-in-cells": COLUMN + ROW.replace('["c"]', "[1]"),
    "sources-is-a-text": COLUMN + ROW.replace("[]", '"s"'),
    "source-of-one": COLUMN + ROW.replace("[]", '[["s"]]'),
}


@pytest.fixture(scope="module")
def wrong(new_gallery: NewGallery) -> Built:
    """A gallery with pages whose tables cannot be made, each for another reason."""
    gallery = new_gallery()
    gallery.add("lists", "print('Offers: fork')")
    for name, text in {**WRONG, "right": COLUMN + ROW}.items():
        gallery.write(f"docs/{name}.rst", PAGE.replace("table.toml", f"{name}.toml"))
        (gallery.docs / f"{name}.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    gallery.write("docs/missing.rst", PAGE)
    gallery.write("docs/unknown.toml", (COLUMN + ROW).replace('"lists"', '"nobody"'))
    gallery.write("docs/unknown.rst", PAGE.replace("table.toml", "unknown.toml"))
    return gallery.build(strict=False)


class TestWrong:
    """Files that describe no table."""

    @pytest.mark.parametrize("name", [*WRONG, "missing"])
    def test_one_error(self, wrong: Built, name: str) -> None:
        """The build says, in one line, at which line of which page, and goes on."""
        (line,) = [line for line in wrong.warnings if f"{name}.rst:" in line]
        file = "table" if name == "missing" else name
        assert re.search(rf"{name}\.rst:6: ERROR: {file}\.toml describes no table: \S", line)

    def test_unknown_example(self, wrong: Built) -> None:
        """A column of an example that is not there gets a warning."""
        (line,) = [line for line in wrong.warnings if "unknown.rst:" in line]
        assert re.search(r"unknown\.rst:6: WARNING: there is no script 'nobody'", line)

    def test_no_other(self, wrong: Built) -> None:
        """Nothing is said of the table that can be made, and there is no traceback."""
        assert len(wrong.warnings) == len(WRONG) + 2
        assert "Traceback" not in wrong.log
