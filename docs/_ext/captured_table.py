"""One table of what a script printed on all platforms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

from poolcontext.capture.platform import Platform
from poolcontext.capture.redact import printable
from poolcontext.sphinxext.platform_labels import css_class, labels, listing
from poolcontext.sphinxext.results import Result

from . import measures, tables

MOST = 100
"""Rows of a table, and columns: strangers' files may name 10,000 of both."""


class CapturedTable(measures.TableDirective):
    """``.. poolcontext-captured-table:: NAME``: a table of what a script printed everywhere.

    Where platforms differ, a cell says which of them says what, and the row is marked. A
    platform that has nothing but dashes in a column takes no part in it, and is named below.
    """

    def draw(self, found: Sequence[Result], first: Result) -> nodes.Element:
        return whole(found, first)


def whole(found: Sequence[Result], first: Result) -> nodes.Element:
    """One table of all platforms, in the order of the rows and columns that one of them has.

    ::

        <container classes="captured">
            <raw format="html"> boxes for the platforms, where they differ
            <table classes="captured-table">
                <tgroup> rows, with the class "differs" where platforms differ
            <paragraph> a platform without a table, and what it said
    """
    read = [(one.platform, measures.read(one.snapshot.output)) for one in found]
    read = [(platform, table) for platform, table in read if table]
    printed = [measures.read(first.snapshot.output), *(one for _, one in read)]
    rows = list(dict.fromkeys(row for one in printed for row in one))[:MOST]
    every = (cells for one in printed for cells in one.values())
    columns = list(dict.fromkeys(column for cells in every for column in cells))[:MOST]
    lacking = {
        column: [platform for platform, table in read if _lacks(table, column)]
        for column in columns
    }
    made = []
    for title in rows:
        have = [(platform, table.get(title, {})) for platform, table in read]
        says = [
            _by_value(
                [(one, cells.get(column, "-")) for one, cells in have if one not in lacking[column]]
            )
            for column in columns
        ]
        differs = any(len(values) > 1 for values in says)
        cells: list[tables.Cell] = [printable(title), *map(_cell, says)]
        made.append(tables.row(cells, ["differs"] if differs else []))
    several = any(row["classes"] for row in made)
    choice = [_comparison([platform for platform, _ in read])] if several else []
    titles = ["What", *map(printable, columns)]
    table = tables.table(titles, made, "captured-table")
    return nodes.container(
        "", *choice, table, *_absent(lacking), *measures.without_table(found), classes=["captured"]
    )


def _lacks(table: measures.Rows, column: str) -> bool:
    """Whether a platform has nothing to say in any row of a column, as of a missing method."""
    return all(cells.get(column, "-") == "-" for cells in table.values())


def _absent(lacking: Mapping[str, Sequence[Platform]]) -> list[nodes.Node]:
    """Say which platforms have no part in a column: of what they lack, they say nothing else."""
    columns: dict[tuple[Platform, ...], list[str]] = {}
    for column, platforms in lacking.items():
        if platforms:
            columns.setdefault(tuple(platforms), []).append(column)
    return [
        nodes.paragraph("", f"Without {' and '.join(map(printable, names))}: {listing(platforms)}.")
        for platforms, names in columns.items()
    ]


def _comparison(platforms: Sequence[Platform]) -> nodes.raw:
    """A box for each platform: of use with the script only, which says how many lines differ."""
    boxes = "".join(
        f'<label><input type="checkbox" value="{escape(one.id)}" checked="checked"/> '
        f"{escape(one.title)}</label>"
        for one in platforms
    )
    text = f'<legend>Compare</legend>{boxes}<span role="status"></span>'
    return nodes.raw("", f'<fieldset class="platform-comparison">{text}</fieldset>', format="html")


def _by_value(found: Sequence[tuple[Platform, str]]) -> dict[str, list[Platform]]:
    values: dict[str, list[Platform]] = {}
    for platform, value in found:
        values.setdefault(value, []).append(platform)
    return values


def _cell(values: dict[str, list[Platform]]) -> list[nodes.Node]:
    """What all platforms say, or what each of them says."""
    if not values:
        return [nodes.paragraph("", "-", classes=["says"])]
    if len(values) == 1:
        return [nodes.paragraph("", printable(*values), classes=["says"])]
    return [
        nodes.paragraph(
            "",
            printable(value),
            nodes.inline("", f" {label}", classes=["says-where"]),
            classes=["says", *map(css_class, platforms)],
        )
        for (value, platforms), label in zip(values.items(), labels(list(values.values())))
    ]


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-captured-table", CapturedTable)
