"""The tables that scripts print, of all platforms at once: as one table, or as charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ..platforms import Platform
from ..redaction import printable
from . import measures, outcomes
from .naming import labels
from .shown import Seen, Shown, key
from .warning import warn

MOST = 100
"""Rows of a table, and columns: strangers' files may name 10,000 of both."""


class tables(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Stands for what is made of a script's tables until the page has been read."""


class CapturedTable(SphinxDirective):
    """``.. poolcontext-captured-table:: NAME``: a table of what a script printed everywhere.

    Where platforms differ, a cell says which of them says what, and the row is marked.
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        node = tables(name=self.arguments[0], kind=self.name)
        self.set_source_info(node)
        return [node]


class Charts(CapturedTable):
    """``.. poolcontext-charts:: NAME``: a chart of each quantity that the script has measured."""


def resolve(app: Sphinx, doctree: nodes.document, shown: Shown) -> None:
    """Put tables and charts in the places that wait for them."""
    made: dict[str, Callable[[list[Seen], Seen], nodes.Node]] = {
        "poolcontext-captured-table": whole,
        "poolcontext-charts": measures.charts,
    }
    for node in list(doctree.findall(tables)):
        name = node["name"]
        outcomes.note(app.env, name, shown.fingerprint(name))
        everyone = shown.seen(name) if name in shown.scripts else []
        seen = [one for one in everyone if measures.read(one.capture.output)]
        if not seen:
            warn("table", "no capture of %r has a table", name, location=node)
            outcomes.note(app.env, name, outcomes.WRONG)
            node.replace_self(nodes.paragraph("", "Nobody has run this script yet."))
            continue
        own = [one for one in seen if one.platform == shown.own]
        node.replace_self(made[node["kind"]](everyone, (own or seen)[0]))


def whole(seen: Sequence[Seen], first: Seen) -> nodes.Node:
    """One table of all platforms, with the rows and columns that one of them has."""
    read = [(one.platform, measures.read(one.capture.output)) for one in seen]
    read = [(platform, table) for platform, table in read if table]
    tables = [measures.read(first.capture.output), *(table for _, table in read)]
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
    return nodes.container("", *choice, table, *measures.without_table(seen), classes=["captured"])


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
            classes=["says", *map(key, platforms)],
        )
        for (value, platforms), label in zip(values.items(), labels(list(values.values())))
    ]


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-captured-table", CapturedTable)
    app.add_directive("poolcontext-charts", Charts)
