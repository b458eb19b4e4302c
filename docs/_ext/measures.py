"""What scripts have measured: a chart and a table of each quantity, a row a platform.

Such a script prints tables: a head that begins with blanks and names the
columns, then rows of a quantity and its values, all parted by two blanks or more.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

from poolcontext.capture.redact import printable
from poolcontext.sphinxext.directives import ResultsDirective, add_renderer, box
from poolcontext.sphinxext.platform_labels import css_class, day
from poolcontext.sphinxext.results import Outcome, Result, Results

from . import chart
from .tables import row, table

_VALUE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) (ms|s|[KMG]i?B)")

LONGEST = 300
"""Characters of what a platform without a table says."""

Rows = dict[str, dict[str, str]]
"""Cells by the names of columns, by the names of quantities."""


class Line(NamedTuple):
    """What one platform has measured of one quantity."""

    label: str
    result: Result
    cells: Mapping[str, str]


def read(output: str) -> Rows:
    r"""Read the tables of an output.

    Example:
        >>> read("          fork   spawn\nfirst   2.1 ms   45 ms\n")
        {'first': {'fork': '2.1 ms', 'spawn': '45 ms'}}
    """
    rows: Rows = {}
    head: list[str] = []
    for line in printable(output).splitlines():
        cells = re.split(r" {2,}", line.strip())
        if line.startswith("  ") and len(cells) > 1 and not any(map(_VALUE.fullmatch, cells)):
            head = cells
        elif head and len(cells) == len(head) + 1:
            rows[cells[0]] = dict(zip(head, cells[1:]))
        else:
            head = []
    return rows


def numbers(rows: Rows) -> bool:
    """Whether the cells of tables are what was measured."""
    return any(_VALUE.fullmatch(cell) for cells in rows.values() for cell in cells.values())


def render(results: Results, name: str) -> nodes.Element:
    """Show what the first platform printed, and then what all have measured.

    ::

        <container classes="outcomes measures">
            <container classes="outcome on-1a2b3c4d"> as `directives.box` makes it
            <raw format="html"> the chart of a quantity
            <table classes="measures-table" ids="measure-1">
                <title> QUANTITY
                <tgroup> a row a platform
            <paragraph> a platform without a table, and what it said
    """
    first = results.outcomes(name)[0].results[0]
    shown = box(results.scripts[name], Outcome((first,)), alone=True)
    container = nodes.container("", shown, classes=["outcomes", "measures"])
    found = on_real_systems(results.of_script(name))
    for number, (quantity, columns, lines) in enumerate(_quantities(found, first), 1):
        container += _chart(quantity, columns, lines)
        measured = _table(quantity, columns, lines)
        measured["ids"] = [f"measure-{number}"]  # which a caption links to
        container += measured
    container += without_table(found)
    return container


class TableDirective(ResultsDirective):
    """A directive that makes one thing of the tables that a script printed everywhere."""

    required_arguments = 1

    def make_nodes(self) -> list[nodes.Element]:
        name = self.arguments[0]
        found = self.results.of_script(name) if name in self.results.scripts else []
        with_table = [one for one in found if read(one.snapshot.output)]
        if not with_table:
            self.note(name, f"no capture of {name!r} has a table", "table")
            return [nodes.paragraph("", "Nobody has run this script yet.")]
        self.note(name)
        return [self.draw(found, with_table[0])]

    @abc.abstractmethod
    def draw(self, found: Sequence[Result], first: Result) -> nodes.Element:
        """Make it of all results, with the rows and columns that the first has."""


class Charts(TableDirective):
    """``.. poolcontext-charts:: NAME``: a chart of each quantity that the script has measured.

    The numbers are on the script's own page.
    """

    def draw(self, found: Sequence[Result], first: Result) -> nodes.Element:
        found = on_real_systems(found)
        drawn = (_chart(*one) for one in _quantities(found, first))
        return nodes.container("", *drawn, *without_table(found), classes=["measures"])


def on_real_systems(found: Sequence[Result]) -> list[Result]:
    """Those that measure what they are named for: times and memory under Wine are Wine's own."""
    return [one for one in found if one.platform.system != "wine"]


def without_table(found: Sequence[Result]) -> list[nodes.Node]:
    """What platforms say that have no table: their last lines."""
    paragraphs: list[nodes.Node] = []
    for one in found:
        if not read(one.snapshot.output):
            said = (one.snapshot.output.strip().splitlines() or ["It printed nothing."])[-1]
            said = said if len(said) <= LONGEST else said[:LONGEST] + "…"
            paragraphs.append(nodes.paragraph("", f"{one.platform.title}: {printable(said)}"))
    return paragraphs


def _quantities(
    found: Sequence[Result], first: Result
) -> Iterator[tuple[str, list[str], list[Line]]]:
    """Each quantity with its columns, and with what each platform has measured of it."""
    tables = [(one, read(one.snapshot.output)) for one in found]
    several = len({one.platform.place for one, rows in tables if rows}) > 1
    for quantity, cells in read(first.snapshot.output).items():
        lines = [
            Line(one.platform.title if several else one.platform.name, one, rows[quantity])
            for one, rows in tables
            if quantity in rows
        ]
        yield quantity, list(cells), lines


def _chart(quantity: str, columns: list[str], found: Sequence[Line]) -> nodes.Node:
    lines = []
    unit = ""
    for line in found:
        marks = {}
        for column in columns:
            match = _VALUE.fullmatch(line.cells.get(column, ""))
            # One unit a chart: that of the first value.
            if match and match[2] == (unit or match[2]):
                unit = match[2]
                marks[column] = float(match[1])
        lines.append((line.label, marks))
    text = chart.draw(quantity, unit, columns, lines)
    return nodes.raw("", text, format="html")


def _table(quantity: str, columns: list[str], found: Sequence[Line]) -> nodes.table:
    rows = []
    for label, one, cells in found:
        captured = day(one.snapshot.date) + ("" if one.current else ", older script")
        texts = [printable(cells.get(column, "-")) for column in columns]
        rows.append(row((label, *texts, captured), [css_class(one.platform)]))
    made = table(["Platform", *columns, "Captured"], rows, "measures-table")
    made.insert(0, nodes.title("", quantity))
    return made


def setup(app: Sphinx) -> None:
    add_renderer("measures", render)
    app.add_directive("poolcontext-charts", Charts)
