"""Put a line of links to the parts of an example above them, and in the order of its readers.

Who has an error wants the outcome, why and the cure first: on a page about what breaks, the script
stands below them.
"""

from __future__ import annotations

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from poolcontext.sphinxext import results

NOTE = "sphx-glr-download-link-note"
BREAK = "examples/break/"
"""The pages of what breaks."""


def lead_to_parts(app: Sphinx, doctree: nodes.document) -> None:
    """Have a line of links to the parts of an example stand above its code.

    It takes the place of a note above the title, which leads to the end only.

    ::

        <section>
            <title>
            <paragraph classes="example-parts"> Outcome · With the helper · Download
            <literal_block> the code
            <container classes="outcomes" ids="outcome">
                <rubric heading-level="2"> Outcome
                <container classes="outcome on-1a2b3c4d">
    """
    if app.env.docname not in results.of(app.env).pages.values():
        return
    page = next(doctree.findall(nodes.section), None)
    code = next(doctree.findall(nodes.literal_block), None)
    note = next((one for one in doctree.findall(nodes.note) if NOTE in one["classes"]), None)
    if page is None or code is None or note is None:
        return
    outcome = next(
        (one for one in page.findall(nodes.container) if "outcomes" in one["classes"]), None
    )
    line = nodes.paragraph("", classes=["example-parts"])
    page.insert(page.index(code), line)
    if app.env.docname.startswith(BREAK) and outcome is not None:
        _put_script_below(page, line, outcome)
    parts = [(part["ids"][0], part.next_node(nodes.title)) for part in page.findall(nodes.section)]
    links = [_link(name, title.astext()) for name, title in parts[1:] if title is not None]
    if outcome is not None:
        outcome["ids"].append("outcome")
        outcome.insert(0, nodes.rubric("", "Outcome", **{"heading-level": 2}))
        links.insert(0, _link("outcome", "Outcome"))
    for download in note.findall(addnodes.pending_xref):
        download[:] = [nodes.inline("", "Download")]
        links.append(download)
        break
    for number, link in enumerate(links):
        line += nodes.Text(" · " if number else "")
        line += link
    whole = note.parent if isinstance(note.parent, addnodes.only) else note
    whole.parent.remove(whole)


def _put_script_below(page: nodes.section, line: nodes.Node, outcome: nodes.container) -> None:
    """Move the code, and the words between its blocks, below the sections that explain it.

    ::

        <section>
            <paragraph classes="example-parts">
            <container classes="outcomes">
            <section> Why
            <section> Cure
            <section ids="script"> Script <literal_block> the code
            <section> Related
    """
    sections = [one for one in page.children if isinstance(one, nodes.section)]
    if len(sections) < 2:
        return
    first, cure = page.index(sections[0]), sections[1]
    script = nodes.section("", nodes.title("", "Script"), ids=["script"])
    for one in page.children[page.index(line) + 1 : first]:
        if one is not outcome:
            page.remove(one)
            script += one
    page.insert(page.index(cure) + 1, script)


def _link(name: str, title: str) -> nodes.Node:
    return nodes.reference("", "", nodes.Text(title), refid=name, internal=True)


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", lead_to_parts, priority=400)  # before downloads are collected
