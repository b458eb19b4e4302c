"""The directives that show what a script printed, and how they become nodes."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from ..captures import Capture
from ..redaction import printable
from .examples import WITH_HELPER, Examples

logger = logging.getLogger(__name__)


class outcomes(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Stands for the outcome of the script `name` until the page has been read."""


class Outcomes(SphinxDirective):
    """``.. outcomes:: NAME``: what the script NAME printed, and where and when."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        node = outcomes(name=self.arguments[0])
        self.set_source_info(node)
        return [node]


class WithHelper(SphinxDirective):
    """``.. with-helper:: NAME``: the script that does the same with the helper, and its outcome."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0] + WITH_HELPER
        return self.parse_text_to_nodes(
            f".. literalinclude:: /with_helper/{name}.py\n   :language: python\n\n"
            f".. outcomes:: {name}\n"
        )


def directive(name: str, has_helper: bool) -> str:
    """What stands on an example's page after its last block of code."""
    text = f".. outcomes:: {name}\n"
    if has_helper:
        text += f"\nThe same with the helper\n{'-' * 24}\n\n.. with-helper:: {name}\n"
    return text


def resolve(app: Sphinx, doctree: nodes.document, examples: Examples) -> None:
    """Put outcomes in the places that wait for them, and note which page shows what."""
    for node in list(doctree.findall(outcomes)):
        name = node["name"]
        shown = app.env.metadata[app.env.docname].setdefault("outcomes", {})
        shown[name] = _fingerprint(name, examples)
        found = examples.captures.examples.get(name)
        if found is None:
            known = [script.name for script in examples.all_scripts()]
            if name not in known:
                logger.warning("there is no script %r", name, location=node)
            node.replace_self(nodes.paragraph("", "This build has not run the script."))
        else:
            node.replace_self(_outcome(found, examples.captures.platform["title"]))


def outdated(env: BuildEnvironment, examples: Examples) -> list[str]:
    """The pages that show something else than they would show now."""
    return [
        name
        for name, metadata in env.metadata.items()
        for script, fingerprint in metadata.get("outcomes", {}).items()
        if fingerprint != _fingerprint(script, examples)
    ]


def _fingerprint(name: str, examples: Examples) -> str:
    found = examples.captures.examples.get(name)
    text = repr((examples.captures.platform["title"], found))
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def _outcome(found: Capture, platform: str) -> nodes.Node:
    """The output, as the interpreter wrote it, under a caption that says how it came about."""
    text = printable(found.output)
    output: nodes.Node = nodes.literal_block(text, text, language="none", classes=["output"])
    if not text:
        output = nodes.paragraph("", "It printed nothing.")
    caption = nodes.paragraph(classes=["outcome-caption"])
    caption += nodes.literal(found.command, found.command)
    from babel.dates import format_date  # which takes its time, and not every build shows one

    # In English, like the page, whatever the language of the terminal.
    day = format_date(date.fromisoformat(found.date), "d MMMM y", locale="en")
    facts = [platform, _ending(found), f"{found.seconds:.2f} s", day]
    for fact in facts:
        caption += nodes.Text(" · ")
        caption += nodes.inline(fact, fact)
    return nodes.container("", caption, output, classes=["outcome"])


def _ending(found: Capture) -> str:
    return {
        "exit": f"exit status {found.status}",
        "signal": f"ended by signal {-(found.status or 0)}",
        "timeout": "ended at its time limit",
        "interrupt": "interrupted",
    }[found.ended]


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_node(outcomes)
    app.add_directive("outcomes", Outcomes)
    app.add_directive("with-helper", WithHelper)
    return {"parallel_read_safe": True}
