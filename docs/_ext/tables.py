"""Tables of nodes, made of the texts or the nodes of their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docutils import nodes

Cell = str | Sequence[nodes.Node]
"""A text, or what stands in the cell."""


def table(
    titles: Sequence[str], rows: Iterable[nodes.row], name: str, widths: Sequence[int] = ()
) -> nodes.table:
    """A table with a head.

    ::

        <table classes="NAME">
            <tgroup cols="2">
                <colspec colwidth="1">
                <colspec colwidth="1">
                <thead>
                    <row> as `row` makes it, of the titles
                <tbody>
                    <row> …
    """
    group = nodes.tgroup(cols=len(titles))
    group += [nodes.colspec(colwidth=width) for width in widths or [1] * len(titles)]
    group += nodes.thead("", row(titles))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=[name])


def row(cells: Iterable[Cell], classes: Sequence[str] = ()) -> nodes.row:
    """A row of a table.

    ::

        <row classes="…">
            <entry>
                <paragraph> TEXT
            <entry> the nodes of the cell
    """
    made = nodes.row(classes=list(classes))
    for cell in cells:
        made += nodes.entry("", *([nodes.paragraph("", cell)] if isinstance(cell, str) else cell))
    return made
