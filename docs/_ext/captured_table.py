"""One table of what a script printed on all platforms."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from docutils import nodes
from sphinx.application import Sphinx

from poolcontext.capture.platform import Platform
from poolcontext.capture.redact import printable
from poolcontext.sphinxext.platform_labels import css_class, labels
from poolcontext.sphinxext.results import Result

from . import measures

MOST = 100
"""Rows of a table, and columns: strangers' files may name 10,000 of both."""


class CapturedTable(measures.TableDirective):
    """``.. poolcontext-captured-table:: NAME``: a table of what a script printed everywhere.

    Where platforms differ, a cell says which of them says what, and the row is marked.
    """

    def draw(self, found: Sequence[Result], first: Result) -> nodes.Element:
        return whole(found, first)


def whole(found: Sequence[Result], first: Result) -> nodes.Element:
    """One table of all platforms, with the rows and columns that one of them has."""
    read = [(one.platform, measures.read(one.snapshot.output)) for one in found]
    read = [(platform, table) for platform, table in read if table]
    tables = [measures.read(first.snapshot.output), *(table for _, table in read)]
    rows = list(dict.fromkeys(row for table in tables for row in table))[:MOST]
    every = (cells for table in tables for cells in table.values())
    columns = list(dict.fromkeys(column for cells in every for column in cells))[:MOST]
    group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in ["", *columns]))
    group["cols"] = len(columns) + 1
    titles = ["What", *map(printable, columns)]
    head = (nodes.entry("", nodes.paragraph("", title)) for title in titles)
    group += nodes.thead("", nodes.row("", *head))
    body = nodes.tbody()
    for title in rows:
        have = [(platform, table.get(title, {})) for platform, table in read]
        says = [
            _by_value([(one, cells.get(column, "-")) for one, cells in have]) for column in columns
        ]
        differs = any(len(values) > 1 for values in says)
        row = nodes.row("", classes=["differs"] if differs else [])
        row += nodes.entry("", nodes.paragraph("", printable(title)))
        row += [nodes.entry("", *_cell(values)) for values in says]
        body += row
    group += body
    table = nodes.table("", group, classes=["captured-table"])
    several = any("differs" in row["classes"] for row in body.findall(nodes.row))
    choice = [_comparison([platform for platform, _ in read])] if several else []
    return nodes.container("", *choice, table, *measures.without_table(found), classes=["captured"])


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
