"""The table of all platforms: its cells, its rows, and on what evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from _ext import platform_table
from bs4 import Tag
from galleries import BuiltGallery

from poolcontext.capture.platform import Platform, describe
from poolcontext.sphinxext.platform_labels import css_class
from poolcontext.sphinxext.results import ALL

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Gallery, NewGallery, Other

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
COLUMN = '[[column]]\ntitle = "T"\nexample = "lists"\nlines = ["(.+)"]\n'
ROW = """\
[[row]]
platform = "P"
until = "nowhere"
evidence = "documented"
cells = ["c"]
sources = []
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[column\n", "Expected"),
        (ROW, "missing, unknown or no text: 'column'"),
        (COLUMN.replace("[[column]]", "[column]") + ROW, "missing, unknown or no text"),
        (COLUMN.replace("title", "name") + ROW, "unexpected keyword argument 'name'"),
        (COLUMN.replace('["(.+)"]', "[1]") + ROW, "missing, unknown or no text"),
        (COLUMN + ROW.replace('until = "nowhere"', ""), "missing .* 'until'"),
        (COLUMN + ROW.replace('["c"]', '["c", "d"]'), "P: 2 cells in 1 columns"),
        (COLUMN + ROW.replace('["c"]', "[]"), "P: 0 cells in 1 columns"),
        (COLUMN.replace("(.+)", "(") + ROW, r"'\(' is no regular expression: "),
        (COLUMN.replace("(.+)", ".+") + ROW, r"'\.\+' has 0 groups, and not 1"),
        (COLUMN.replace("(.+)", "(.)(.)") + ROW, "has 2 groups, and not 1"),
    ],
)
def test_describes_no_table(text: str, said: str) -> None:
    """What is wrong with a description is named."""
    with pytest.raises(ValueError, match=said):
        platform_table._described(text)


@pytest.fixture(scope="module")
def table(new_gallery: NewGallery, other: Other) -> BuiltGallery:
    """Built once, with this platform's file and four others', and with tables that are none."""
    gallery = new_gallery()
    gallery.add("lists", "print('Offers: fork, spawn')\nprint('Default: fork')")
    gallery.add("fails", "print('Going on with: nothing')")
    gallery.write("docs/table.toml", TABLE)
    gallery.write("docs/page.rst", PAGE)
    gallery.write("docs/wrong.toml", "[[column\n")
    gallery.write("docs/unknown.toml", (COLUMN + ROW).replace('"lists"', '"nobody"'))
    for name in ("wrong", "unknown", "missing"):
        gallery.write(f"docs/{name}.rst", PAGE.replace("table.toml", f"{name}.toml"))
    gallery.commit(describe(), {"lists": "Offers: fork, spawn\nDefault: fork\n"})
    platforms = {
        "pypy": other(implementation="pypy", version="9.0.0", python="3.16.0"),
        "old": other(version="3.10.1"),
        "candidate": other(version="3.14.0rc2"),
        "new": other(version="3.14.0"),
    }
    older = gallery.capture("lists", f"Offers: {'x' * 120}\nDefault: y\n", script="0" * 64)
    gallery.commit(platforms["pypy"], {"lists": "Offers: fork\n"})
    gallery.commit(platforms["old"], {"lists": older, "fails": "none\n", "gone": older})
    failed = gallery.capture("fails", FAILED, status=1, date="2026-12-31")
    gallery.commit(platforms["candidate"], {"lists": "Default: spawn\n", "fails": failed})
    gallery.commit(platforms["new"], {"fails": "An Error: no line of an error's\n"})
    return BuiltGallery(gallery, gallery.build(fails=True), {"": describe(), **platforms})


def rows(gallery: Gallery) -> list[Tag]:
    (found,) = gallery.page("page").select("table.platform-matrix")
    return list(found.select("tbody tr"))


def cells(row: Tag) -> list[str]:
    """The texts of a row's cells, less the names of their columns."""
    return [
        cell.get_text().strip().removeprefix(cell.select_one(".cell-label").get_text())
        for cell in row.select("td")
    ]


def row_of(gallery: Gallery, platform: Platform) -> Tag:
    (row,) = [row for row in rows(gallery) if css_class(platform) in row["class"]]
    assert cells(row)[0] == platform.title
    return row


@pytest.mark.parametrize(
    ("name", "expected", "evidence"),
    [
        # What a line's group holds, and of several lines what is found of each.
        ("", ["fork, spawn", "fork, spawn, fork", "nothing"], ", file, built this site"),
        # Nothing, where a line or a snapshot is missing.
        ("pypy", ["fork", "fork", "–"], "captured on 1 March 2026, file"),
        # What is long is cut, and older scripts of those that are there are counted.
        ("old", ["x" * 120, "x" * 120 + "…", "–"], ", 1 of 2 from older scripts"),
        # The error that an output ends with, and the day of the latest run.
        ("candidate", ["–", "spawn", "ValueError"], "captured on 31 December 2026, file"),
        ("new", ["–", "–", "–"], "captured on 1 March 2026, file"),
    ],
)
def test_captured(table: BuiltGallery, name: str, expected: list[str], evidence: str) -> None:
    """A captured platform's row has what is found in its outputs, and its file as evidence."""
    row = row_of(table.gallery, table.platforms[name])
    _, *found, said = cells(row)
    assert found == expected
    assert said.endswith(evidence)
    assert said.startswith("captured on ")
    assert "captured" in row["class"]
    assert ("older" in said, "built this site" in said) == (name == "old", name == "")
    (link,) = row.select("a.download")
    file = (table.gallery.html / link["href"]).resolve()
    assert file.read_bytes() == (table.gallery.docs / "captures" / file.name).read_bytes()


def test_rows(table: BuiltGallery) -> None:
    """CPython comes first, of one machine the newest first; what is not captured comes last.

    There is a head, and each cell names its column for narrow screens.
    """
    titles = [cells(row)[0] for row in rows(table.gallery)]
    assert titles[-2:] == ["CPython on VMS", "Python of an unknown version"]
    wanted = [table.platforms[name].title for name in ("new", "candidate", "old", "pypy")]
    assert [title for title in titles[:-2] if title != describe().title] == wanted
    assert titles[-3] == wanted[-1]
    assert len(titles) == 7
    names = ["Platform", "Offered", "Both", "Error", "Evidence"]
    (found,) = table.gallery.page("page").select("table.platform-matrix")
    assert [cell.get_text().strip() for cell in found.select("thead th")] == names
    for row in rows(table.gallery):
        assert [cell.get_text() for cell in row.select("td .cell-label")] == names


def test_not_captured(table: BuiltGallery) -> None:
    """Rows from the table's own file have its words, its links and no file of captures."""
    *_, documented, reported = rows(table.gallery)
    assert cells(documented)[1:4] == ["fork", "fork, spawn", "<b>none</b>"]
    assert cells(documented)[4] == "documented: documentation, source"
    links = [link["href"] for link in documented.select("a")]
    assert links == ["https://example.org/?a=1&b=2", "https://example.org/"]
    assert cells(reported)[1:] == ["a", "b", "c", "reported, without a file"]
    assert not reported.select("a")
    assert ("documented" in documented["class"], "reported" in reported["class"]) == (True, True)


def test_until(table: BuiltGallery, other: Other, tmp_path: Path) -> None:
    """A row of the table's own file goes while a capture of CPython on its system is there.

    This build's own output that differs is named, and what it alone has has no file.
    """

    def others() -> list[str]:
        return [cells(row)[0] for row in rows(gallery) if not {"captured", "run"} & {*row["class"]}]

    gallery = table.gallery.copy(tmp_path / "copy")
    gallery.build(strict=False)
    gallery.write("docs/table.toml", TABLE.replace("VMS", "OS/2"))
    assert "page" in gallery.build(strict=False).read
    assert others()[0] == "CPython on OS/2"
    gallery.write("docs/table.toml", TABLE)
    vms, unknown = "CPython on VMS", "Python of an unknown version"
    pypy = table.platforms["pypy"]._replace(system="openvms", libc="")
    gallery.commit(pypy, {"lists": "Offers: fork\n"})
    gallery.build(strict=False)
    assert row_of(gallery, pypy)
    assert others() == [vms, unknown]
    file = gallery.commit(other(system="openvms", libc=""), {"lists": "Offers: fork\n"})
    gallery.commit(describe(), {"lists": "Offers: something else\n"})
    built = gallery.build(strict=False)
    assert (built.ran, "page" in built.read, others()) == ([], True, [unknown])
    own = row_of(gallery, describe())
    assert cells(own)[4].endswith(", file, built this site, which differs in lists")
    assert "something else" not in cells(own)[1]
    file.unlink()
    (gallery.docs / "captures" / f"{describe().id}.json").unlink()
    gallery.write("docs/table.toml", TABLE.replace("openvms", describe().system))
    gallery.build(strict=False)
    own = row_of(gallery, describe())
    assert re.fullmatch(r"run by this build on \d+ \w+ \d{4}", cells(own)[4])
    assert ("captured" in own["class"], "run" in own["class"], own.select("a")) == (False, True, [])
    assert others() == [unknown]


def test_wrong(table: BuiltGallery) -> None:
    """What describes no table, or names no example, is told of with the page and its line.

    Every page notes that it shows all captures.
    """
    said = {
        "wrong": r"ERROR: wrong\.toml describes no table: \S",
        "missing": r"ERROR: missing\.toml describes no table: \S",
        "unknown": "WARNING: there is no script 'nobody'",
    }
    assert len(table.built.warnings) == len(said)
    for name, words in said.items():
        (line,) = [line for line in table.built.warnings if f"{name}.rst:" in line]
        assert re.search(rf"{name}\.rst:6: {words}", line)
    assert table.gallery.noted("page") == table.gallery.noted("unknown") == {ALL}
