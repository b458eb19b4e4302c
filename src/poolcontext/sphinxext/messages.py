"""The messages that captures hold: each in its own words, with the platforms and the examples.

A page says with regular expressions which messages it is about; their text comes
from the captures only, so that a page can name no message that nobody has seen.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from ..platforms import Platform
from ..redaction import printable
from . import outcomes
from .finding import Found, find, others
from .naming import labels
from .shown import ALL, Shown, key, rank
from .warning import warn

LONGEST = 500
"""Characters of a message."""

MOST = 6
"""Examples that are named with a group of messages."""

MOST_MESSAGES = 100
"""Rows of a table: a stranger's file may hold 100,000 messages."""


class messages(nodes.General, nodes.Element):  # noqa: N801 (docutils names nodes so)
    """Stands for the messages that its patterns find until the page has been read."""


class Messages(SphinxDirective):
    """``.. poolcontext-messages::``: what its lines, regular expressions, find in the captures.

    A pattern may go over several lines of an output. With the option ``silent``
    they are to find the lines that show what went wrong without a message:
    those lines are not shown, but on which platforms and in which examples they are.
    """

    has_content = True
    option_spec: ClassVar = {"silent": directives.flag}

    def run(self) -> list[nodes.Node]:
        patterns = [line for line in self.content if line.strip()]
        if not patterns:
            raise self.error("there is no pattern: each line is one, and finds a message")
        for pattern in patterns:
            try:
                re.compile(pattern)
            except (re.error, OverflowError) as error:
                raise self.error(f"{pattern!r} is no regular expression: {error}") from None
        node = messages(patterns=patterns, silent="silent" in self.options)
        self.set_source_info(node)
        return [node]


class OtherMessages(SphinxDirective):
    """``.. poolcontext-other-messages::``: errors that no pattern of the page finds."""

    def run(self) -> list[nodes.Node]:
        node = messages(patterns=[], silent=False)
        self.set_source_info(node)
        return [node]


def resolve(app: Sphinx, doctree: nodes.document, shown: Shown) -> None:
    """Put messages in the places that wait for them."""
    waiting = list(doctree.findall(messages))
    if not waiting:
        return
    outcomes.note(app.env, ALL, shown.fingerprint(ALL))
    named = [pattern for node in waiting for pattern in node["patterns"]]
    for node in waiting:
        for pattern in node["patterns"]:
            if not find(shown, [pattern]):
                warn("message", "no capture holds %r", pattern, location=node)
                outcomes.note(app.env, ALL, outcomes.WRONG)
        found = find(shown, node["patterns"]) if node["patterns"] else others(shown, named)
        node.replace_self(_section(shown, found, node["silent"]))


def _section(shown: Shown, found: list[Found], silent: bool) -> nodes.Node:
    """A table of messages and platforms, and links to the examples."""
    whole = nodes.container("", classes=["messages"])
    if not found:
        whole += nodes.paragraph("", "There are none.")
        return whole
    everyone = [captures.platform for captures in shown.captures]
    if silent:
        platforms = sorted({one for each in found for one in each.platforms}, key=rank)
        whole += nodes.paragraph("", f"No message. Seen on {_where(platforms, everyone)}.")
    else:
        whole += _table(found[:MOST_MESSAGES], everyone)
        if len(found) > MOST_MESSAGES:
            whole += nodes.paragraph("", f"And {len(found) - MOST_MESSAGES} more.")
    # First those that have the most of the messages.
    examples = Counter(name for one in found for name in one.examples)
    whole += _examples(shown, [name for name, _ in examples.most_common()])
    return whole


def _where(platforms: list[Platform], everyone: list[Platform]) -> str:
    if len(platforms) == len(everyone) > 1:
        return f"all {len(everyone)} platforms"
    return labels([platforms, [one for one in everyone if one not in platforms]])[0]


def _table(found: list[Found], everyone: list[Platform]) -> nodes.table:
    group = nodes.tgroup("", nodes.colspec(colwidth=7), nodes.colspec(colwidth=3), cols=2)
    head = nodes.row("", *(nodes.entry("", nodes.paragraph("", t)) for t in ("Message", "Seen on")))
    group += nodes.thead("", head)
    body = nodes.tbody()
    for one in found:
        text = printable(one.text)
        text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
        entries = [nodes.literal(text, text), nodes.Text(_where(one.platforms, everyone))]
        cells = (nodes.entry("", nodes.paragraph("", "", entry)) for entry in entries)
        body += nodes.row("", *cells, classes=[key(platform) for platform in one.platforms])
    group += body
    return nodes.table("", group, classes=["messages-table"])


def _examples(shown: Shown, names: list[str]) -> nodes.paragraph:
    paragraph = nodes.paragraph("", "Seen in ", classes=["messages-examples"])
    for number, name in enumerate(names[:MOST]):
        paragraph += nodes.Text(", " if number else "")
        paragraph += addnodes.pending_xref(
            "",
            nodes.inline("", name),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{shown.pages[name]}",
            refexplicit=False,
            refwarn=True,
        )
    rest = len(names) - MOST
    more = f", and {rest} more example" + ("s" if rest > 1 else "")
    paragraph += nodes.Text(f"{more}." if rest > 0 else ".")
    return paragraph


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-messages", Messages)
    app.add_directive("poolcontext-other-messages", OtherMessages)
