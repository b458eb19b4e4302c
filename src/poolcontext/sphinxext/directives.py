"""The directive that shows what a script printed on all platforms, and the nodes that it makes."""

from __future__ import annotations

import abc
import ast
import contextlib
import os
from collections.abc import Callable, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator
from sphinx_design.shared import create_component, is_component

from ..capture.platform import Platform
from ..capture.redact import printable
from ..capture.script import Script
from . import results
from .platform_labels import css_class, day, labels, listing, rank
from .results import Outcome, Result, Results, note, warn
from .terminal import as_shown

UNDER_WINE = "Under Wine CPython's own code for Windows ran, on another implementation of Windows."
"""What an outcome that was captured there is worth."""

Renderer = Callable[[Results, str], nodes.Element]
"""Makes nodes of the results of the script of this name."""

_renderers: dict[str, Renderer] = {}


def add_renderer(name: str, renderer: Renderer) -> None:
    """Have this draw the outcomes of scripts with ``# sphinx_gallery_renderer = "NAME"``."""
    _renderers[name] = renderer


class Box(nodes.container):
    """A container that themes do not take for the column of a page."""


def _visit_box(self: HTML5Translator, node: Box) -> None:
    self.body.append(self.starttag(node, "div", CLASS="docutils"))


def _depart_box(self: HTML5Translator, node: Box) -> None:
    self.body.append("</div>\n")


class ResultsDirective(SphinxDirective):
    """A directive that shows the results of scripts; its page is read again when they change.

    Its nodes have the attribute ``captured``: what they say is said by a capture, not by the page.
    """

    def run(self) -> list[nodes.Node]:
        made = self.make_nodes()
        for node in made:
            node["captured"] = True
        return [*made]

    @abc.abstractmethod
    def make_nodes(self) -> list[nodes.Element]:
        """The nodes that show it."""

    @property
    def results(self) -> Results:
        return results.of(self.env)

    def note(self, name: str, wrong: str = "", subtype: str = "script") -> None:
        """Note that the page shows a script, or all; and warn of what is wrong with it."""
        note(self.env, name, wrong=bool(wrong))
        if wrong:
            warn(subtype, "%s", wrong, location=self.get_location())


class Outcomes(ResultsDirective):
    """``.. poolcontext-outcomes:: NAME``: what the script NAME printed, and where and when."""

    required_arguments = 1

    def make_nodes(self) -> list[nodes.Element]:
        name = self.arguments[0]
        script = self.results.scripts.get(name)
        renderer = _renderers.get(script.renderer) if script else None
        wrong = "" if script else f"there is no script {name!r}"
        if script and script.renderer and not renderer:
            wrong = f"{script.path.name} wants the renderer {script.renderer!r}, and there is none"
        self.note(name, wrong)
        found = self.results.outcomes(name)
        if script is None or not found:
            return [nodes.paragraph("", "Nobody has run this script yet.")]
        times = self.config.poolcontext_times and "SOURCE_DATE_EPOCH" not in os.environ
        return [renderer(self.results, name) if renderer else tabs(script, found, times)]


def directive(name: str) -> str:
    """What stands on an example's page after its last block of code."""
    return f".. poolcontext-outcomes:: {name}\n"


def tabs(script: Script, found: Sequence[Outcome], times: bool = True) -> nodes.container:
    """One outcome, or a tab for each of several; captions with the seconds and the day, or without.

    ::

        <container classes="outcomes">
            <container design_component="tab-set">
                <container design_component="tab-item">
                    <rubric> CPython 3.9 to 3.13
                    <container design_component="tab-content">
                        <container classes="outcome on-1a2b3c4d"> as `box` makes it
    """
    if len(found) == 1:
        return Box("", box(script, found[0], True, times), classes=["outcomes"])
    items = []
    names = labels([[result.platform for result in one.results] for one in found])
    for label, one in zip(names, found):
        label += "" if _as_meant(script, one) else ", failed"
        title = nodes.rubric(label, label, classes=["sd-tab-label"])
        content = create_component(
            "tab-content", ["sd-tab-content"], children=[box(script, one, False, times)]
        )
        items.append(create_component("tab-item", ["sd-tab-item"], children=[title, content]))
    tab_set = create_component("tab-set", ["sd-tab-set"], children=items)
    return Box("", tab_set, classes=["outcomes"])


def box(script: Script, one: Outcome, alone: bool, times: bool = True) -> nodes.container:
    """An output, as the interpreter wrote it, with how it came about and who has the same.

    ::

        <container classes="outcome on-1a2b3c4d on-5e6f7a8b">
            <paragraph classes="outcome-caption"> python NAME.py · CPython 3.14.2 on Linux · …
            <literal_block classes="output">
            <paragraph classes="outcome-platforms"> The same on …
    """
    first = one.results[0]
    text = printable(without_docstring(script, as_shown(first.snapshot.output)))
    output: nodes.Node = nodes.literal_block(text, text, language="none", classes=["output"])
    if not text:
        output = nodes.paragraph("", "It printed nothing.")
    classes = ["outcome", *(css_class(result.platform) for result in one.results)]
    sentences = _sentences(one, alone)
    if not _as_meant(script, one):
        classes.append("outcome-failed")
        meant = f"It is meant to end with exit status {script.exit_status}, and did not"
        sentences.insert(0, f"{meant}: this outcome shows nothing of what the page is about.")
    made = Box("", _caption(script, first, times), output, classes=classes)
    for sentence in sentences:
        made += nodes.paragraph("", sentence, classes=["outcome-platforms"])
    return made


def without_docstring(script: Script, text: str) -> str:
    """An output less the script's docstring, which sphinx-gallery has put on top of the page."""
    said = None
    with contextlib.suppress(OSError):  # it may be gone by now
        source = script.path.read_text(encoding="utf-8", errors="replace")
        said = "__doc__" in source and ast.get_docstring(ast.parse(source), clean=False)
    found = text.find(f"{said}\n") if said else -1
    if not said or found < 0 or text[:found].strip():
        return text
    return text[found + len(said) + 1 :]


def _as_meant(script: Script, one: Outcome) -> bool:
    """Whether it ended as it was meant to; not asked of what an older version printed."""
    first = one.results[0]
    return not first.current or first.snapshot.status == script.exit_status


def _caption(script: Script, result: Result, times: bool) -> nodes.Node:
    command = f"{script.launcher} python {script.path.name}".lstrip()
    caption = nodes.paragraph("", "", nodes.literal(command, command), classes=["outcome-caption"])
    snapshot = result.snapshot
    facts = [result.platform.title, snapshot.ending]
    if times:
        if result.platform.system != "wine":  # whose times are its own
            facts.append(f"{snapshot.seconds:.2f} s")
        facts.append(day(snapshot.date))
    if not result.current:
        facts.append("an older version of this script")
    for fact in facts:
        caption += nodes.Text(" · ")
        caption += nodes.inline(fact, fact)
    return caption


def _sentences(one: Outcome, alone: bool) -> list[str]:
    """Which platforms have this outcome, beside the one whose output is shown."""
    sentences = []
    if len(one.results) > 1:
        everyone = listing(sorted((result.platform for result in one.results), key=rank))
        start = f"The same on all {len(one.results)} platforms" if alone else "The same on"
        latest = max(result.snapshot.date for result in one.results)
        newer = latest > one.results[0].snapshot.date
        sentences.append(f"{start}: {everyone}" + (f", until {day(latest)}." if newer else "."))
    if any(result.platform.system == "wine" for result in one.results):
        sentences.append(UNDER_WINE)
    older: dict[str, list[Platform]] = {}
    for result in one.results:
        if not result.current:
            older.setdefault(day(result.snapshot.date), []).append(result.platform)
    sentences += [
        f"Captured from an older version of this script, on {date}: {listing(platforms)}."
        for date, platforms in older.items()
    ]
    return sentences


class PlainTabs(SphinxPostTransform):
    """Replaces tabs by headings where there is no browser: a reader of e-books, paper, a terminal.

    sphinx-design makes its tabs of inputs that have no end tag, which XML does not allow.
    """

    default_priority = 190  # before sphinx-design's 200

    def run(self, **kwargs: object) -> None:
        for tab_set in list(self.document.findall(lambda node: is_component(node, "tab-set"))):
            if "outcomes" in tab_set.parent["classes"]:
                parts: list[nodes.Node] = []
                for title, content in (item.children for item in tab_set.children):
                    parts += [title, *content.children]
                tab_set.parent.replace(tab_set, parts)


class WrittenFormFeeds(SphinxPostTransform):
    """Writes the form feeds of outputs out: XML has none, and LaTeX makes a new page of one."""

    default_priority = 190

    def run(self, **kwargs: object) -> None:
        for output in self.document.findall(nodes.literal_block):
            if "output" in output["classes"]:
                text = output.astext().replace("\f", "\\x0c")
                output.rawsource, output[:] = text, [nodes.Text(text)]


def _add_transforms(app: Sphinx) -> None:
    if app.builder.format != "html" or app.builder.name == "epub":
        app.add_post_transform(PlainTabs)
        app.add_post_transform(WrittenFormFeeds)


def setup(app: Sphinx) -> None:
    app.add_node(Box, html=(_visit_box, _depart_box))
    app.connect("builder-inited", _add_transforms)
    app.add_directive("poolcontext-outcomes", Outcomes)
