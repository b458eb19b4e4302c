"""The table of all platforms: what each of them says, and on what evidence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from poolcontext.capture.redact import printable
from poolcontext.capture.snapshot import Capture
from poolcontext.sphinxext.directives import ResultsDirective
from poolcontext.sphinxext.platform_labels import css_class, day
from poolcontext.sphinxext.results import ALL, Results

from . import tables

FILTER = """\
<p class="platform-filter"><label for="platform-filter">Filter</label>
<input type="search" id="platform-filter"/><span role="status"></span></p>
"""
"""Of use with the script only; it is there from the start, so that nothing moves below it."""

LONGEST = 120
"""Characters of a cell."""

DOCUMENTED = "poolcontext_documented"
"""The key of the metadata of a page that holds what the choice of a platform needs of its rows."""


class Column(NamedTuple):
    """What is taken from an example's output."""

    title: str
    example: str
    lines: list[str]
    """Regular expressions; of each that is found, what its group holds."""


class Row(NamedTuple):
    """A platform that no capture stands behind."""

    platform: str
    until: str
    """The system; once a capture of CPython on it is there, the row is left out."""

    evidence: str
    cells: list[str]
    sources: list[list[str]]
    """Pairs of a text and an address."""


class PlatformTable(ResultsDirective):
    """``.. poolcontext-platform-matrix:: FILE``: its columns, and the rows without a capture.

    The file is TOML beside the page. Each ``[[column]]`` has a ``title``, an
    ``example`` and ``lines``: regular expressions with one group each, to be found
    in the example's output. Each ``[[row]]`` has a ``platform``, its ``evidence``,
    ``cells``, ``sources``: pairs of a text and an address, and ``until``: the system
    of which a capture makes the row needless.
    """

    required_arguments = 1

    def make_nodes(self) -> list[nodes.Element]:
        relative, path = self.env.relfn2path(self.arguments[0])
        self.env.note_dependency(relative)
        try:
            columns, rows = _described(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise self.error(f"{relative} describes no table: {error}") from None
        missing = [one.example for one in columns if one.example not in self.results.scripts]
        for name in missing:
            self.note(ALL, f"there is no script {name!r}")
        self.note(ALL)
        captures = self.results.captures
        made = [_captured(self.results, columns, capture) for capture in captures]
        known = {(one.platform.implementation, one.platform.system) for one in captures}
        others = [row for row in rows if ("cpython", row.until) not in known]
        made += map(_other, others)
        self.env.metadata[self.env.docname][DOCUMENTED] = [
            _choice(columns, row) for row in others if row.evidence == "documented"
        ]
        titles = ["Platform", *(column.title for column in columns), "Evidence"]
        _name_columns(made, titles)
        whole = tables.table(titles, made, "platform-matrix")
        return [nodes.raw("", FILTER, format="html"), whole]


def _described(text: str) -> tuple[list[Column], list[Row]]:
    """The columns and the rows of a description, else a ValueError."""
    data = tomllib.loads(text)
    try:
        columns = [Column(**fields) for fields in data["column"]]
        rows = [Row(**fields) for fields in data.get("row", [])]
        lines = {line: re.compile(line) for column in columns for line in column.lines}
    except (KeyError, TypeError) as error:
        raise ValueError(f"missing, unknown or no text: {error}") from None
    except re.error as error:
        raise ValueError(f"{error.pattern!r} is no regular expression: {error}") from None
    for line, pattern in lines.items():
        if pattern.groups != 1:
            raise ValueError(f"{line!r} has {pattern.groups} groups, and not 1")
    for row in rows:
        if len(row.cells) != len(columns):
            raise ValueError(f"{row.platform}: {len(row.cells)} cells in {len(columns)} columns")
    return columns, rows


def _captured(results: Results, columns: list[Column], capture: Capture) -> nodes.row:
    platform = capture.platform
    snapshots = [(one, capture.examples.get(one.example)) for one in columns]
    found = [_found(column, one.output) if one else "–" for column, one in snapshots]
    committed = platform.id in results.committed
    # Captured is what has a file that everybody can look at.
    kind = "captured" if committed else "run by this build"
    evidence = nodes.paragraph("", f"{kind} on {day(capture.date)}")
    if committed and results.folder:
        evidence += nodes.Text(", ")
        file = f"/{results.folder.name}/{platform.id}.json"
        evidence += addnodes.download_reference(
            "", "", nodes.Text("file"), reftarget=file, refdoc=""
        )
    if platform == results.own and committed:
        evidence += nodes.Text(", built this site")
        if results.differing:
            evidence += nodes.Text(f", which differs in {', '.join(sorted(results.differing))}")
    known = results.scripts.keys() & capture.examples.keys()
    older = sum(capture.examples[name].script != results.digests[name] for name in known)
    if older:
        evidence += nodes.Text(f", {older} of {len(known)} from older scripts")
    classes = [css_class(platform), kind.partition(" ")[0]]
    return tables.row((platform.title, *found, [evidence]), classes)


def _found(column: Column, output: str) -> str:
    """What an output says of a column's question, or else the error that it ends with."""
    found = [re.search(line, output, re.M) for line in column.lines]
    texts = [match[1] for match in found if match and match[1]]
    if not texts:
        texts = re.findall(r"^ *(\w+(?:Error|Exception))\b", output, re.M)[-1:]
    text = printable(", ".join(texts)) or "–"
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _choice(columns: list[Column], row: Row) -> dict[str, str]:
    """What a reader is told who has such a platform."""
    says = [f"{column.title}: {cell}" for column, cell in zip(columns, row.cells)]
    return {
        "id": f"documented-{row.until}",
        "title": f"{row.platform} (documented)",
        "key": f"documented-{row.until}",
        "system": row.until,
        "says": ". ".join(says[:2]),
    }


def _other(row: Row) -> nodes.row:
    evidence = nodes.paragraph("", row.evidence)
    for number, (text, address) in enumerate(row.sources):
        evidence += nodes.Text(", " if number else ": ")
        evidence += nodes.reference("", text, refuri=address, internal=False)
    kind = re.split(r"\W", row.evidence)[0]
    return tables.row((row.platform, *row.cells, [evidence]), [kind, f"{kind}-{row.until}"])


def _name_columns(rows: list[nodes.row], titles: list[str]) -> None:
    """Have each cell name its column, for where the table is too narrow for a head."""
    for row in rows:
        for title, cell in zip(titles, row.findall(nodes.paragraph)):
            cell.insert(0, nodes.inline("", title, classes=["cell-label"]))


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-platform-matrix", PlatformTable)
