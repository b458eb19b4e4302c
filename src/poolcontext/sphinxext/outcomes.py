"""The directives that show what a script printed, and how they become nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from ..platforms import Platform
from ..redaction import printable
from ..scripts import WITH_HELPER, Script
from . import measures
from .naming import day, labels, listing
from .shown import Outcome, Seen, Shown, key, rank
from .warning import warn


class outcomes(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Stands for the outcome of the script `name` until the page has been read."""


class Outcomes(SphinxDirective):
    """``.. poolcontext-outcomes:: NAME``: what the script NAME printed, and where and when."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        node = outcomes(name=self.arguments[0])
        self.set_source_info(node)
        return [node]


class WithHelper(SphinxDirective):
    """``.. poolcontext-with-helper:: NAME``: what does the same with the helper, and its output."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0] + WITH_HELPER
        file = f"/{self.config.poolcontext_with_helper}/{name}.py"
        return self.parse_text_to_nodes(
            f".. literalinclude:: {file}\n   :language: python\n\n"
            f".. poolcontext-outcomes:: {name}\n"
        )


def directive(name: str) -> str:
    """What stands on an example's page after its last block of code."""
    return f".. poolcontext-outcomes:: {name}\n"


def helper_section(name: str) -> str:
    """What stands on the page of an example that has a version with the helper, near its end."""
    return f"With the helper\n{'-' * 15}\n\n.. poolcontext-with-helper:: {name}\n"


def resolve(app: Sphinx, doctree: nodes.document, shown: Shown) -> None:
    """Put outcomes in the places that wait for them, and note which page shows what."""
    for node in list(doctree.findall(outcomes)):
        name = node["name"]
        note(app.env, name, shown.fingerprint(name))
        found = shown.outcomes(name)
        if not found:
            if name not in shown.scripts:
                note(app.env, name, WRONG)
                warn("script", "there is no script %r", name, location=node)
            node.replace_self(nodes.paragraph("", "Nobody has run this script yet."))
        elif shown.scripts[name].measures:
            seen = shown.seen(name)
            own = _outcome(_command(shown.scripts[name]), Outcome(found[0].seen[:1]), alone=True)
            node.replace_self(measures.whole(own, seen, found[0].seen[0]))
        else:
            node.replace_self(_all(_command(shown.scripts[name]), found))


def _command(script: Script) -> str:
    """What somebody types to run it."""
    return f"{script.launcher} python {script.path.name}".lstrip()


SHOWN, PROOFS = "poolcontext_outcomes", "poolcontext_proofs"
"""The keys of the metadata of pages that hold what they show, and what they rest upon."""

WRONG = ""
"""In the place of a fingerprint, where a page is read again so that its warning is repeated."""


def note(env: BuildEnvironment, name: str, fingerprint: str, use: str = SHOWN) -> None:
    """Remember what the page that is being read shows or rests upon, and how that is now."""
    noted = env.metadata[env.docname].setdefault(use, {})
    if noted.get(name) != WRONG:
        noted[name] = fingerprint


def outdated(env: BuildEnvironment, fingerprint: Callable[[str], str]) -> list[str]:
    """The pages that show something else than they would show now, or rest upon it."""
    return [
        page
        for page, metadata in env.metadata.items()
        for used in [(metadata.get(SHOWN, {}), metadata.get(PROOFS, {}))]
        if any(old != fingerprint(name) for one in used for name, old in one.items())
    ]


def _all(command: str, found: Sequence[Outcome]) -> nodes.Node:
    """One outcome, or tabs of several: nodes as sphinx-design's own directives make them."""
    whole = nodes.container("", classes=["outcomes"])
    if len(found) == 1:
        whole += _outcome(command, found[0], alone=True)
        return whole
    tabs = nodes.container("", is_div=True, design_component="tab-set", classes=["sd-tab-set"])
    names = labels([[seen.platform for seen in one.seen] for one in found])
    for label, one in zip(names, found):
        tab = nodes.container("", is_div=True, design_component="tab-item", classes=["sd-tab-item"])
        tab += nodes.rubric(label, label, classes=["sd-tab-label"])
        content = nodes.container(
            "", is_div=True, design_component="tab-content", classes=["sd-tab-content"]
        )
        content += _outcome(command, one, alone=False)
        tab += content
        tabs += tab
    whole += tabs
    return whole


class PlainTabs(SphinxPostTransform):
    """Replaces tabs by headings where there is no browser: a reader of e-books, paper, a terminal.

    sphinx-design makes its tabs of inputs that have no end tag, which XML does not allow.
    """

    default_priority = 190  # before sphinx-design's 200

    def run(self, **kwargs: object) -> None:
        if self.app.builder.format == "html" and self.app.builder.name != "epub":
            return
        for tabs in list(self.document.findall(nodes.container)):
            if "sd-tab-set" in tabs["classes"] and "outcomes" in tabs.parent["classes"]:
                parts: list[nodes.Node] = []
                for part in tabs.findall(nodes.Element):
                    if "sd-tab-label" in part["classes"]:
                        parts.append(part)
                    elif "sd-tab-content" in part["classes"]:
                        parts += part.children
                tabs.parent.replace(tabs, parts)
        for output in self.document.findall(nodes.literal_block):
            if "output" in output["classes"]:  # XML has no form feed, and LaTeX makes a page of it
                text = output.astext().replace("\f", "\\x0c")
                output.rawsource, output[:] = text, [nodes.Text(text)]


def _outcome(command: str, one: Outcome, alone: bool) -> nodes.Node:
    """An output, as the interpreter wrote it, with how it came about and who has the same."""
    first = one.seen[0]
    text = printable(first.capture.output)
    output: nodes.Node = nodes.literal_block(text, text, language="none", classes=["output"])
    if not text:
        output = nodes.paragraph("", "It printed nothing.")
    classes = ["outcome", *(key(seen.platform) for seen in one.seen)]
    box = nodes.container("", _caption(command, first), output, classes=classes)
    for sentence in _sentences(one, alone):
        box += nodes.paragraph("", sentence, classes=["outcome-platforms"])
    return box


def _caption(command: str, seen: Seen) -> nodes.Node:
    caption = nodes.paragraph(classes=["outcome-caption"])
    caption += nodes.literal(command, command)
    capture = seen.capture
    facts = [seen.platform.title, capture.ending, f"{capture.seconds:.2f} s", day(capture.date)]
    if not seen.current:
        facts.append("an older version of this script")
    for fact in facts:
        caption += nodes.Text(" · ")
        caption += nodes.inline(fact, fact)
    return caption


def _sentences(one: Outcome, alone: bool) -> list[str]:
    """Which platforms have this outcome, beside the one whose output is shown."""
    sentences = []
    if len(one.seen) > 1:
        everyone = listing(sorted((seen.platform for seen in one.seen), key=rank))
        start = f"The same on all {len(one.seen)} platforms" if alone else "The same on"
        sentences.append(f"{start}: {everyone}.")
    older: dict[str, list[Platform]] = {}
    for seen in one.seen:
        if not seen.current:
            older.setdefault(day(seen.capture.date), []).append(seen.platform)
    sentences += [
        f"Captured from an older version of this script, on {date}: {listing(platforms)}."
        for date, platforms in older.items()
    ]
    return sentences


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_post_transform(PlainTabs)
    app.add_directive("poolcontext-outcomes", Outcomes)
    app.add_directive("poolcontext-with-helper", WithHelper)
    return {"parallel_read_safe": True}
