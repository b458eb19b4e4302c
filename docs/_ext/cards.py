"""Draw the cards of the gallery: each has its example's outcome in small for a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape, unescape

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from poolcontext.capture.redact import printable
from poolcontext.sphinxext import results
from poolcontext.sphinxext.results import Outcome, note

from . import measures

WIDTH, HEIGHT = 240, 92
LINES = 5
LONGEST = 40
"""Characters of a line that fit into the picture."""

_BAD = re.compile(r"\b\w+(Error|Warning|ProcessPool)\b")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def draw(found: Sequence[Outcome]) -> str:
    """Draw an example's outcomes as SVG, in the colours of the style sheet.

    Args:
        found: The distinct outcomes; the first is the one that is drawn.

    Returns:
        A picture of a table, of what was measured or of the first lines, and
        below it the number of outcomes and of platforms.
    """
    output = printable(found[0].results[0].snapshot.output)
    rows = measures.read(output)
    if not rows:
        inner = _lines(output)
    elif measures.numbers(rows):
        inner = _bars(next(iter(rows.values())))
    else:
        inner = _grid(rows) or _lines(output)
    return (
        f'<svg class="card-picture" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" '
        f'focusable="false">{inner}{_count(found)}</svg>'
    )


def _lines(output: str) -> str:
    """The first lines, those of errors in another colour."""
    lines = [line for line in output.splitlines() if line.strip()][:LINES]
    parts = []
    for number, line in enumerate(lines):
        text = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
        kind = "card-bad" if _BAD.search(line) else "card-text"
        parts.append(
            f'<text class="{kind}" x="6" y="{15 + 13 * number}" xml:space="preserve">'
            f"{escape(text)}</text>"
        )
    return "".join(parts)


def _bars(cells: dict[str, str]) -> str:
    """A bar for each column of a quantity."""
    values = {
        name: float(match[0]) for name, cell in cells.items() if (match := _NUMBER.match(cell))
    }
    most = max(values.values(), default=0) or 1
    parts = []
    for number, (name, value) in enumerate(list(values.items())[:4]):
        y = 8 + 17 * number
        parts.append(
            f'<text class="card-text" x="6" y="{y + 9}">{escape(name[:12])}</text>'
            f'<rect class="chart-{number}" x="86" y="{y}" width="{148 * value / most:.0f}" '
            'height="11" rx="2"/>'
        )
    return "".join(parts)


def _grid(rows: measures.Rows) -> str:
    """A square for each cell of the columns of yes and no, full where it says yes."""
    every = [item for cells in rows.values() for item in cells.items()]
    others = {column for column, cell in every if cell not in ("yes", "no", "-")}
    columns = [column for column in dict(every) if column not in others][:4]
    parts = []
    for down, name in enumerate(columns):
        y = 8 + 18 * down
        parts.append(f'<text class="card-text" x="6" y="{y + 9}">{escape(name[:12])}</text>')
        for across, cells in enumerate(list(rows.values())[:10]):
            kind = "card-full" if cells.get(name) == "yes" else "card-empty"
            x = 86 + 15 * across
            parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="11" height="11" rx="2"/>')
    return "".join(parts)


def _count(found: Sequence[Outcome]) -> str:
    """How many outcomes there are, and on how many platforms."""
    platforms = sum(len(outcome.results) for outcome in found)
    outcomes = f"{len(found)} outcomes" if len(found) > 1 else "1 outcome"
    where = f"{platforms} platforms" if platforms > 1 else "1 platform"
    return f'<text class="card-count" x="6" y="{HEIGHT - 6}">{outcomes} on {where}</text>'


_CARD_TITLE = re.compile(r'(?<=<div class="sphx-glr-thumbnail-title">).*(?=</div>)')


def replace_pictures(app: Sphinx, doctree: nodes.document) -> None:
    """Put an example's outcome in the place of its card's picture, and make its title text."""
    found = results.of(app.env)
    names = {f"/{page}": name for name, page in found.pages.items()}
    for picture in list(doctree.findall(nodes.image)):
        if "/images/thumb/" not in picture["uri"]:
            continue
        links = picture.parent.findall(addnodes.pending_xref)
        name = next((names[link["reftarget"]] for link in links if link["reftarget"] in names), "")
        if outcomes := found.outcomes(name):
            note(app.env, name)
            picture.parent.replace(picture, nodes.raw("", draw(outcomes), format="html"))
    for raw in doctree.findall(nodes.raw):
        text = raw.astext()
        escaped = _CARD_TITLE.sub(_escaped, text)
        if escaped != text:
            raw[:] = [nodes.Text(escaped)]


def _escaped(title: re.Match[str]) -> str:
    """What a title has in angle brackets is text: a card has no markup."""
    return escape(unescape(title[0]), quote=False)


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", replace_pictures, priority=400)  # before images are collected
