"""Link each page to the glossary, where one of its words first stands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

APART = (
    addnodes.not_smartquotable,  # the names of parameters, among others
    addnodes.pending_xref,
    nodes.literal,
    nodes.math,
    nodes.raw,
    nodes.reference,
    nodes.table,
    nodes.term,
)
"""What holds no prose, or has a link of its own."""

CARD = "sd-card"
"""The class of a card, which is one link as a whole."""

NOTED = "poolcontext_terms"
"""The attribute of the environment that holds what `_terms` gave when pages were last written."""


class LinkTerms(SphinxPostTransform):
    """Links the first of each word of the page that ``poolcontext_glossary`` names.

    This is done when a page is written, since all glossaries have been read by then.
    """

    default_priority = 5  # before links are resolved, at 10

    def run(self, **kwargs: object) -> None:
        if self.env.docname == self.config.poolcontext_glossary:
            return
        left = {name: _pattern(name) for name in _terms(self.env)}
        for text in list(self.document.findall(nodes.Text)):
            if left and _is_prose(text):
                parts = list(_linked(str(text), left))
                if len(parts) > 1:
                    text.parent.replace(text, parts)


def _terms(env: BuildEnvironment) -> dict[str, str]:
    """The words of the glossary, each with where it stands there."""
    return {
        name: place
        for (kind, name), (page, place) in env.domains.standard_domain.objects.items()
        if kind == "term" and page == env.config.poolcontext_glossary
    }


def _pattern(name: str) -> re.Pattern[str]:
    """Finds a word, or several that may stand on two lines, with some endings."""
    words = r"\s+".join(map(re.escape, name.split()))
    return re.compile(rf"\b{words}(?:s|ed|ing)?\b", re.IGNORECASE)


def outdated(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, where the glossary's words are not those that they have been linked to."""
    terms = _terms(env)
    if getattr(env, NOTED, {}) == terms:
        return []
    setattr(env, NOTED, terms)
    return sorted(env.found_docs)


def _is_prose(text: nodes.Text) -> bool:
    node: nodes.Node | None = text.parent
    in_paragraph = False
    while node is not None:
        if isinstance(node, APART) or (isinstance(node, nodes.Element) and CARD in node["classes"]):
            return False
        in_paragraph = in_paragraph or isinstance(node, nodes.paragraph)
        node = node.parent
    return in_paragraph


def _linked(text: str, left: dict[str, re.Pattern[str]]) -> Iterator[nodes.Node]:
    """The text in parts, one of them a link for each word that is found, which is done with."""
    done = 0
    while found := [(m, name) for name, word in left.items() if (m := word.search(text, done))]:
        # Of two that begin alike the longer one: "start method", and not "start".
        match, name = min(found, key=lambda one: (one[0].start(), -one[0].end()))
        del left[name]
        yield nodes.Text(text[done : match.start()])
        yield addnodes.pending_xref(
            "",
            nodes.inline("", match[0], classes=["term"]),
            refdomain="std",
            reftype="term",
            reftarget=name,
            refexplicit=True,
            refwarn=True,
        )
        done = match.end()
    yield nodes.Text(text[done:])


def setup(app: Sphinx) -> None:
    app.add_config_value("poolcontext_glossary", "", "env", str)
    app.add_post_transform(LinkTerms)
    app.connect("env-updated", outdated)
