"""Charts and tables of what scripts have measured, a row a platform."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from hypothesis import given
from hypothesis import strategies as st

from poolcontext.capture.normalize import normalize
from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext import chart, measures
from poolcontext.sphinxext.results import Result

TABLE = """\
From making the pool to a result:
                fork    spawn  forkserver
first         2.1 ms  45.0 ms     30.2 ms
hundredth    12.9 ms  55.1 ms           -
"""


def seen(version: str, output: str, current: bool = True) -> Result:
    platform = Platform("cpython", version, version, "", "linux", "x86_64", "glibc")
    capture = Snapshot("0" * 64, "2026-11-22", "exit", 0, 1.0, output)
    return Result(platform, capture, current)


def cells(node: nodes.Node) -> list[list[list[str]]]:
    """The texts of all tables, by line and column, without their heads."""
    return [
        [[entry.astext() for entry in row.findall(nodes.entry)] for row in body.findall(nodes.row)]
        for body in node.findall(nodes.tbody)
    ]


class TestRead:
    """Tables in an output."""

    def test_table(self) -> None:
        """Cells go by the names of the quantity and the column; other lines are passed over."""
        assert measures.read(TABLE + "\nDone.\n") == {
            "first": {"fork": "2.1 ms", "spawn": "45.0 ms", "forkserver": "30.2 ms"},
            "hundredth": {"fork": "12.9 ms", "spawn": "55.1 ms", "forkserver": "-"},
        }

    def test_two_tables(self) -> None:
        """Each table has the columns of its own head."""
        assert measures.read(TABLE + "\n         a      b\nx   1.0 MiB  2.0 MiB\n")["x"] == {
            "a": "1.0 MiB",
            "b": "2.0 MiB",
        }

    @pytest.mark.parametrize(
        "output", ["", "NotImplementedError: there is  none\n", "  a  b\nx  1 ms\n", "x  1 ms\n"]
    )
    def test_none(self, output: str) -> None:
        """What is no table, or has rows that do not fit its head, gives nothing."""
        assert measures.read(output) == {}

    @given(st.text(alphabet="ab 19.\nms-", max_size=200))
    def test_anything(self, output: str) -> None:
        """Whatever the output is, each row that is found has the columns of some line."""
        for row in measures.read(output).values():
            assert row
            assert all(column in output for column in row)

    def test_width_of_numbers_does_not_count(self) -> None:
        """A table with other numbers, brought to the same columns, is equal when compared."""
        other = TABLE.replace("  2.1 ms", "142.1 ms").replace(" 45.0", "  5.0")
        assert other != TABLE
        assert normalize(other) == normalize(TABLE)
        assert normalize(other.replace("-\n", "7.0 ms\n")) != normalize(TABLE)


class TestWhole:
    """What a page shows of them."""

    def test_a_row_a_platform(self) -> None:
        """Each quantity has a table with a row for each platform, with its day."""
        first = seen("3.11.7", TABLE)
        older = seen("3.9.18", TABLE.replace("2.1", "9.5"), current=False)
        node = measures.whole(nodes.paragraph(), [older, first], first)
        table, hundredth = cells(node)
        assert table == [
            [
                older.platform.name,
                "9.5 ms",
                "45.0 ms",
                "30.2 ms",
                "22 November 2026, older script",
            ],
            ["CPython 3.11.7", "2.1 ms", "45.0 ms", "30.2 ms", "22 November 2026"],
        ]
        assert [row[3] for row in hundredth] == ["-", "-"]
        titles = [title.astext() for title in node.findall(nodes.title)]
        assert titles == ["first", "hundredth"]

    def test_several_places(self) -> None:
        """Where they are not all of one place, each platform is named with its own."""
        first, other = seen("3.11.7", TABLE), seen("3.9.18", TABLE)
        other = other._replace(platform=other.platform._replace(system="darwin", libc=""))
        table, _ = cells(measures.whole(nodes.paragraph(), [first, other], first))
        assert [row[0] for row in table] == [first.platform.title, other.platform.title]

    def test_without_tables(self) -> None:
        """A platform that measured nothing is named, with what it said last."""
        first = seen("3.11.7", TABLE)
        none = seen("3.14.2", "Trying.\nNotImplementedError: none\n")
        silent = seen("3.14.3", "")
        node = measures.whole(nodes.paragraph(), [first, none, silent], first)
        assert all(len(table) == 1 for table in cells(node))
        said = [paragraph.astext() for paragraph in node.children if not paragraph.children[1:]]
        assert f"{none.platform.title}: NotImplementedError: none" in said
        assert f"{silent.platform.title}: It printed nothing." in said

    def test_quantities_of_others(self) -> None:
        """What this build's own tables do not have, nobody's tables are asked for."""
        first = seen("3.11.7", TABLE)
        many = "  fork\n" + "".join(f"row {number}  1.0 ms\n" for number in range(1000))
        node = measures.whole(nodes.paragraph(), [first, seen("3.9.18", many)], first)
        assert len(cells(node)) == 2

    def test_markup(self) -> None:
        """What a file says is text, in the table and in the picture."""
        evil = "<script>alert(1)</script>"
        first = seen("3.11.7", f"  {evil}  b\n{evil}  1.0 ms  {evil}\n")
        node = measures.whole(nodes.paragraph(), [first], first)
        (raw,) = node.findall(nodes.raw)
        page = BeautifulSoup(raw.astext(), "html.parser")
        assert not page.select("script")
        assert evil in page.get_text()
        assert cells(node)[0][0][2] == evil


class TestChart:
    """The picture."""

    LINES = (("one", {"fork": 2.0, "spawn": 40.0}), ("two", {"spawn": 80.0}))

    def drawn(self) -> BeautifulSoup:
        return BeautifulSoup(
            chart.draw("first", "ms", ["fork", "spawn"], self.LINES), "html.parser"
        )

    def test_marks(self) -> None:
        """Each value has a mark, as far to the right as it is great."""
        page = self.drawn()
        marks = page.select("svg[role=img] > svg")
        assert [mark["x"] for mark in marks] == ["4.40%", "50.00%", "98.00%"]
        ticks = [tick.get_text() for tick in page.select("text.chart-tick")]
        assert ticks == ["0", "20", "40", "60", "80 ms"]
        assert [label.get_text() for label in page.select("text.chart-label")] == ["one", "two"]

    def test_shapes_differ(self) -> None:
        """Columns are told apart by shape, not by colour alone, and the legend names them."""
        legend = self.drawn().select("p.chart-legend span")
        assert [entry.get_text().strip() for entry in legend] == ["fork", "spawn"]
        shapes = {str(child) for entry in legend for child in entry.select("g > *")}
        assert len(shapes) == 2
        drawn = chart.draw("first", "ms", ["unused", "fork", "spawn"], self.LINES)
        assert (
            BeautifulSoup(drawn, "html.parser").select("p.chart-legend span")[0].get_text()
            == " fork"
        )

    def test_words(self) -> None:
        """Who does not see it is told the same: what, on how many platforms, from what to what."""
        page = self.drawn()
        picture, caption = page.select_one("svg[role=img]"), page.select_one("figcaption")
        assert picture is not None
        assert caption is not None
        words = "first, on 2 platforms: fork 2 ms; spawn 40 to 80 ms."
        assert picture["aria-label"] == caption.get_text() == words

    def test_nothing(self) -> None:
        """Without a value there is no picture."""
        assert chart.draw("first", "", ["fork"], [("one", {})]) == ""

    @given(st.lists(st.floats(0, 1e9), min_size=1, max_size=9))
    def test_any_values(self, values: list[float]) -> None:
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
