"""Charts and tables of what scripts have measured, a row a platform."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from _ext import chart, measures
from bs4 import BeautifulSoup
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st

from poolcontext.capture.platform import Platform
from poolcontext.capture.script import Script
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext.results import Outcome, Result

TABLE = """\
From making the pool to a result:
                fork    spawn  forkserver
first         2.1 ms  45.0 ms     30.2 ms
hundredth    12.9 ms  55.1 ms           -
"""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            f"{TABLE}\nDone.\n\n         a      b\nx   1.0 MiB  2.0 MiB\n",
            {
                "first": {"fork": "2.1 ms", "spawn": "45.0 ms", "forkserver": "30.2 ms"},
                "hundredth": {"fork": "12.9 ms", "spawn": "55.1 ms", "forkserver": "-"},
                "x": {"a": "1.0 MiB", "b": "2.0 MiB"},
            },
        ),
        ("", {}),
        ("NotImplementedError: there is  none\n", {}),
        ("  a  b\nx  1 ms\n", {}),
        ("x  1 ms\n", {}),
    ],
    ids=["two tables", "nothing", "an error", "a row that does not fit", "no head"],
)
def test_read(output: str, expected: dict[str, dict[str, str]]) -> None:
    """Cells go by the names of the quantity and the column; what fits no head is passed over."""
    assert measures.read(output) == expected


@given(st.text(alphabet="ab 19.\nms-", max_size=200))
def test_read_anything(output: str) -> None:
    """Whatever the output is, each row that is found has the columns of some line."""
    for row in measures.read(output).values():
        assert row
        assert all(column in output for column in row)


def result(version: str, output: str, current: bool = True, **fields: str) -> Result:
    platform = Platform("cpython", version, version, "", "linux", "x86_64", "glibc")
    snapshot = Snapshot("0" * 64, "2026-11-22", "exit", 0, 1.0, output)
    return Result(platform._replace(**fields), snapshot, current)


def rendered(first: Result, *others: Result) -> nodes.Element:
    """What is made of results, of which the first is this build's own."""
    results: Any = SimpleNamespace(
        scripts={"a": Script(Path("a.py"), "a")},
        outcomes=lambda name: [Outcome((first,))],
        of_script=lambda name: [*others, first],
    )
    return measures.render(results, "a")


def cells(node: nodes.Element) -> list[list[list[str]]]:
    """The texts of all tables, by line and column, without their heads."""
    return [
        [[entry.astext() for entry in row.findall(nodes.entry)] for row in body.findall(nodes.row)]
        for body in node.findall(nodes.tbody)
    ]


FIRST = result("3.11.7", TABLE)


def test_tables() -> None:
    """Below this build's own output each quantity has a table, with a row a platform and its day.

    Platforms of several places are named with their own.
    """
    older = result("3.9.18", TABLE.replace("2.1", "9.5"), current=False)
    node = rendered(FIRST, older)
    assert next(node.findall(nodes.literal_block)).astext() == TABLE
    table, hundredth = cells(node)
    old = "22 November 2026, older script"
    assert table == [
        ["CPython 3.9.18", "9.5 ms", "45.0 ms", "30.2 ms", old],
        ["CPython 3.11.7", "2.1 ms", "45.0 ms", "30.2 ms", "22 November 2026"],
    ]
    assert [row[3] for row in hundredth] == ["-", "-"]
    titles = [title.astext() for title in node.findall(nodes.title)]
    assert titles == ["first", "hundredth"]
    elsewhere = result("3.9.18", TABLE, system="darwin", libc="")
    table, _ = cells(rendered(FIRST, elsewhere))
    assert [row[0] for row in table] == [elsewhere.platform.title, FIRST.platform.title]


def test_other_platforms() -> None:
    """A platform that measured nothing is named with what it said last, cut where it is long.

    Nobody's tables are asked for what this build's own do not have.
    """
    none = result("3.14.2", "Trying.\nNotImplementedError: none\n")
    silent = result("3.14.3", "")
    long = result("3.14.4", "x" * 1000)
    many = "  fork  spawn\n" + "".join(f"row {n}  1.0 ms  2.0 ms\n" for n in range(1000))
    assert len(measures.read(many)) == 1000
    node = rendered(FIRST, none, silent, long, result("3.9.18", many))
    assert [len(table) for table in cells(node)] == [1, 1]
    said = [one.astext() for one in node.children if isinstance(one, nodes.paragraph)]
    assert said == [
        f"{none.platform.title}: NotImplementedError: none",
        f"{silent.platform.title}: It printed nothing.",
        f"{long.platform.title}: {'x' * 300}…",
    ]


def test_wine() -> None:
    """What was measured under Wine is Wine's own: it has no row, nor a mark in a chart."""
    wine = result("3.14.2", TABLE, system="wine", libc="", release="8.0")
    node = rendered(FIRST, wine)
    assert [len(table) for table in cells(node)] == [1, 1]
    assert "Wine" not in node.astext()


def test_markup() -> None:
    """What a file says is text, in the table and in the picture."""
    evil = "<script>alert(1)</script>"
    node = rendered(result("3.11.7", f"  {evil}  b\n{evil}  1.0 ms  {evil}\n"))
    (raw,) = node.findall(nodes.raw)
    page = BeautifulSoup(raw.astext(), "html.parser")
    assert not page.select("script")
    assert evil in page.get_text()
    assert cells(node)[0][0][2] == evil


LINES = (("one", {"fork": 2.0, "spawn": 40.0}), ("two", {"spawn": 80.0}))


def test_chart() -> None:
    """Each value has a mark, as far to the right as it is great, of its column's own shape.

    Who does not see it is told the same in words.
    """
    drawn = chart.draw("first", "ms", ["unused", "fork", "spawn"], LINES)
    page = BeautifulSoup(drawn, "html.parser")
    marks = page.select("svg[role=img] > svg")
    assert [mark["x"] for mark in marks] == ["4.40%", "50.00%", "98.00%"]
    ticks = [tick.get_text() for tick in page.select("text.chart-tick")]
    assert ticks == ["0", "20", "40", "60", "80 ms"]
    assert [label.get_text() for label in page.select("text.chart-label")] == ["one", "two"]
    legend = page.select("p.chart-legend span")
    assert [entry.get_text().strip() for entry in legend] == ["fork", "spawn"]
    assert len({str(shape) for entry in legend for shape in entry.select("g > *")}) == 2
    words = "first, on 2 platforms: fork 2 ms; spawn 40 to 80 ms."
    assert page.select_one("figcaption").get_text() == words
    assert page.select_one("svg[role=img]")["aria-label"] == words
    assert chart.draw("first", "", ["fork"], [("one", {})]) == ""


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=9))
def test_chart_of_any_values(values: list[float]) -> None:
    """Every mark is inside, ticks are few and begin at zero, and the last is the greatest."""
    lines = [(str(number), {"a": value}) for number, value in enumerate(values)]
    drawn = chart.draw("t", "ms", ["a"], lines)
    across = [float(x) for x in re.findall(r'<svg x="([\d.]+)%"', drawn)]
    assert len(across) == len(values)
    assert all(2 <= x <= 98 for x in across)
    ticks = re.findall(r'class="chart-tick"[^>]*>([\d.e+-]+)(?: ms)?<', drawn)
    assert 2 <= len(ticks) <= 7
    assert float(ticks[0]) == 0
    assert float(ticks[-1]) >= max(values) * 0.999
