"""What scripts have measured: a chart and a table of each quantity, a row a platform.

Such a script prints tables: a head that begins with blanks and names the
columns, then rows of a quantity and its values, all parted by two blanks or more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from docutils import nodes

from ..redaction import printable
from . import chart
from .naming import day
from .shown import Seen, key

_VALUE = re.compile(r"(\d{1,9}(?:\.\d{1,6})?) (ms|s|[KMG]i?B)")

LONGEST = 300
"""Characters of what a platform without a table says."""

Rows = dict[str, dict[str, str]]
"""Cells by the names of columns, by the names of quantities."""


class Line(NamedTuple):
    """What one platform has measured of one quantity."""

    label: str
    seen: Seen
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


def whole(own: nodes.Node, seen: Sequence[Seen], first: Seen) -> nodes.Node:
    """What this build's own platform printed, and then what all have measured.

    Args:
        own: The outcome of this build's platform.
        seen: All platforms' captures.
        first: The one whose tables say which quantities and columns there are.
    """
    container = nodes.container("", own, classes=["outcomes", "measures"])
    for number, (quantity, columns, found) in enumerate(_quantities(seen, first), 1):
        container += _chart(quantity, columns, found)
        table = _table(quantity, columns, found)
        table["ids"] = [f"measure-{number}"]  # which a caption links to
        container += table
    container += without_table(seen)
    return container


def charts(seen: Sequence[Seen], first: Seen) -> nodes.Node:
    """The pictures alone, for a page that links to their numbers."""
    drawn = (_chart(*one) for one in _quantities(seen, first))
    return nodes.container("", *drawn, *without_table(seen), classes=["measures"])


def without_table(seen: Sequence[Seen]) -> list[nodes.Node]:
    """What platforms say that have no table: their last lines."""
    paragraphs: list[nodes.Node] = []
    for one in seen:
        if not read(one.capture.output):
            said = (one.capture.output.strip().splitlines() or ["It printed nothing."])[-1]
            said = said if len(said) <= LONGEST else said[:LONGEST] + "…"
            paragraphs.append(nodes.paragraph("", f"{one.platform.title}: {printable(said)}"))
    return paragraphs


def _quantities(seen: Sequence[Seen], first: Seen) -> Iterator[tuple[str, list[str], list[Line]]]:
    """Each quantity with its columns, and with what each platform has measured of it."""
    tables = [(one, read(one.capture.output)) for one in seen]
    several = len({one.platform.place for one, rows in tables if rows}) > 1
    for quantity, cells in read(first.capture.output).items():
        found = [
            Line(one.platform.title if several else one.platform.name, one, rows[quantity])
            for one, rows in tables
            if quantity in rows
        ]
        yield quantity, list(cells), found


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
    titles = ["Platform", *columns, "Captured"]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in titles), cols=len(titles))
    head = nodes.row("", *(nodes.entry("", nodes.paragraph("", title)) for title in titles))
    group += nodes.thead("", head)
    body = nodes.tbody()
    for label, one, cells in found:
        captured = day(one.capture.date) + ("" if one.current else ", older script")
        texts = [printable(cells.get(column, "-")) for column in columns]
        entries = (nodes.entry("", nodes.paragraph("", text)) for text in (label, *texts, captured))
        body += nodes.row("", *entries, classes=[key(one.platform)])
    group += body
    return nodes.table("", nodes.title("", quantity), group, classes=["measures-table"])
