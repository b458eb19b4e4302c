"""What sphinx-gallery's pages leave to be desired, mended as they are read."""

from __future__ import annotations

import html
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from . import cards, outcomes
from .shown import Shown

NOTE = "sphx-glr-download-link-note"
_CARD_TITLE = re.compile(r'(?<=<div class="sphx-glr-thumbnail-title">).*(?=</div>)')


def resolve(app: Sphinx, doctree: nodes.document, shown: Shown) -> None:
    """Mend a page of the gallery, or leave any other as it is."""
    if app.env.docname in shown.pages.values():
        _lead_to_parts(doctree)
    _draw_cards(app, doctree, shown)
    for raw in doctree.findall(nodes.raw):
        text = raw.astext()
        escaped = _CARD_TITLE.sub(_escape, text)
        if escaped != text:
            raw[:] = [nodes.Text(escaped)]


def _escape(title: re.Match[str]) -> str:
    """What a title has in angle brackets is text: a card has no markup."""
    return html.escape(html.unescape(title[0]), quote=False)


def _draw_cards(app: Sphinx, doctree: nodes.document, shown: Shown) -> None:
    """Put an example's outcome in the place of its card's picture."""
    names = {f"/{page}": name for name, page in shown.pages.items()}
    for picture in list(doctree.findall(nodes.image)):
        if "/images/thumb/" not in picture["uri"]:
            continue
        links = picture.parent.findall(addnodes.pending_xref)
        name = next((names[link["reftarget"]] for link in links if link["reftarget"] in names), "")
        found = shown.outcomes(name)
        if found:
            outcomes.note(app.env, name, shown.fingerprint(name))
            drawn = nodes.raw("", cards.draw(found), format="html")
            picture.parent.replace(picture, drawn)


def _lead_to_parts(doctree: nodes.document) -> None:
    """Have a line of links to the parts of an example stand above its code.

    It takes the place of a note above the title, which leads to the end only.
    """
    page = next(doctree.findall(nodes.section), None)
    code = next(doctree.findall(nodes.literal_block), None)
    note = next((one for one in doctree.findall(nodes.note) if NOTE in one["classes"]), None)
    if page is None or code is None or note is None:
        return
    parts = [(part["ids"][0], part.next_node(nodes.title)) for part in page.findall(nodes.section)]
    links = [_link(name, title.astext()) for name, title in parts[1:] if title is not None]
    outcome = next(
        (one for one in page.findall(nodes.container) if "outcomes" in one["classes"]), None
    )
    if outcome is not None:
        outcome["ids"].append("outcome")
        outcome.insert(0, nodes.rubric("", "Outcome", **{"heading-level": 2}))
        links.insert(0, _link("outcome", "Outcome"))
    for download in note.findall(addnodes.pending_xref):
        download[:] = [nodes.inline("", "Download")]
        links.append(download)
        break
    line = nodes.paragraph("", classes=["example-parts"])
    for number, link in enumerate(links):
        line += nodes.Text(" · " if number else "")
        line += link
    code.parent.insert(code.parent.index(code), line)
    whole = note.parent if isinstance(note.parent, addnodes.only) else note
    whole.parent.remove(whole)


def _link(name: str, title: str) -> nodes.Node:
    return nodes.reference("", "", nodes.Text(title), refid=name, internal=True)
