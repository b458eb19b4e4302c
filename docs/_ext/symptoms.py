"""The pages of symptoms, made from their one home, and what the search knows of them.

Each kind has a page, ``symptoms/KIND``, and ``symptoms`` lists all of them, at places of the same
names. They have a comment where all this belongs. Its Markdown is written before it is read, so
that roles, links and headings in it are as on any page; a warning's line counts in what was
written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish
from sphinx.util.docutils import SphinxDirective

from poolcontext import symptoms
from poolcontext.sphinxext.directives import ResultsDirective
from poolcontext.sphinxext.results import ALL, of
from poolcontext.symptoms import KINDS, Kind, Quote, Symptom, heading, plain

from . import messages
from .at_a_glance import reference, shown_on

HERE = "% symptoms\n"
"""The comment in the place of which they are put."""

EVIDENCE = {
    "documented": "Documented: printed by [its source]({})",
    "reported": "Reported: [by somebody who met it]({})",
}
LIBRARY = (
    "Where a library starts the processes, and a cure is not yours to make, "
    "[look what it lets you choose](/libraries.md#if-a-library-gives-you-no-choice)."
)
GLANCE = 350
"""Characters of a cure that the search shows at most, in whole sentences."""

DATA = "symptoms.js"
"""The file that the page of the search loads."""


def write_page(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put all symptoms where the comment is, and read the page again when they change."""
    if HERE in source[0]:
        (folder,) = map(Path, symptoms.__path__)
        for file in folder.glob("*.py"):
            app.env.note_dependency(str(file), docname=docname)
        kinds = [one for one in KINDS if docname == page_of(one)]
        made = _page(*kinds) if kinds else _list_of_all()
        source[0] = source[0].replace(HERE, "\n".join(made))


def page_of(kind: Kind) -> str:
    return f"symptoms/{kind.name}"


def _list_of_all() -> Iterator[str]:
    for kind in KINDS:
        yield f"## {kind.heading}\n"
        yield f"```{{poolcontext-symptoms}} {kind.name}\n```\n"
    yield "## Everything else\n\nErrors in the captures that no entry has.\n"
    patterns = (pattern for one in symptoms.SYMPTOMS for pattern in one.messages + one.signs)
    yield "\n".join(["```{poolcontext-other-messages}", *patterns, "```\n"])


def _page(kind: Kind) -> Iterator[str]:
    yield f"# {kind.heading}\n"
    yield f"These are some of {{doc}}`all symptoms </symptoms>`. {LIBRARY}\n"
    for one in kind.symptoms:
        yield from _section(one)
    if kind.others:
        yield "## Others that look alike\n"
        yield "\n".join([*(f"- [](#{name})" for name in kind.others), ""])


def _section(one: Symptom) -> Iterator[str]:
    yield f"({one.name})=\n## {one.title}\n"
    yield from (f"{part.strip()}\n" for part in (one.cause, one.cure, one.more) if part)
    for quote in one.quotes:
        yield from _quote(quote)
    if one.messages:
        yield _messages(one.messages, ":unseen:")
    if one.signs:
        yield _messages(one.signs, ":silent:")


def _quote(quote: Quote) -> Iterator[str]:
    yield f"```text\n{quote.text}\n```\n"
    yield f"{EVIDENCE[quote.evidence].format(quote.url)}.\n"


def _messages(patterns: tuple[str, ...], option: str) -> str:
    return "\n".join(["```{poolcontext-messages}", option, *patterns, "```\n"])


def write_data(app: Sphinx, error: Exception | None) -> None:
    """Write what the search is to know, as a script: pages from a disk may read no other file."""
    if error is None and app.builder.format == "html":
        static = Path(app.outdir, "_static")
        static.mkdir(exist_ok=True)
        data = {
            "poolContextKinds": {one.name: one.heading for one in KINDS},
            "poolContextSymptoms": [*_data(app)],
        }
        lines = (
            f"var {name} = {json.dumps(each, ensure_ascii=False, separators=(',', ':'))};\n"
            for name, each in data.items()
        )
        (static / DATA).write_text("".join(lines), encoding="utf-8")


def _data(app: Sphinx) -> Iterator[dict[str, object]]:
    results = of(app.env)
    everyone = [capture.platform for capture in results.captures]
    pages = {one: page_of(kind) for kind in KINDS for one in kind.symptoms}
    for one, page in pages.items():
        found = messages.find(results, one.messages + one.signs)
        seen = {platform for each in found for platform in each.platforms}
        yield {
            "place": f"{page}.html#{one.name}",
            "kinds": [
                kind.name for kind in KINDS if one in kind.symptoms or one.name in kind.others
            ],
            "title": heading(one),
            "messages": one.messages,
            "words": [_searched(words) for words in one.words],
            "cause": plain(one.cause).partition(". ")[0].removesuffix(".") + ".",
            "cure": _short(plain(one.cure)),
            "page": f"examples/{one.examples[0]}",
            "seen": messages.where([p for p in everyone if p in seen], everyone) if seen else "",
            "evidence": one.quotes[0].evidence if one.quotes else "",
            **({"general": one.general} if one.general else {}),
            **({"follows": True} if one.follows else {}),
            **({"leads": True} if one.leads else {}),
        }


def _short(text: str) -> str:
    # As many of its sentences as can be read at a glance; the page has all.
    sentences = re.split(r"(?<=[.;]) ", text)
    lengths = accumulate(len(one) + 1 for one in sentences)
    short = [one for one, length in zip(sentences, lengths, strict=True) if length <= GLANCE]
    return text if len(short) == len(sentences) else " ".join([*(short or sentences[:1]), "…"])


def _searched(words: str) -> str:
    # Sphinx leaves the others out of what somebody types: they would only weigh.
    return " ".join(word for word in words.split() if word.lower() not in SearchEnglish.stopwords)


class SymptomList(SphinxDirective):
    """``.. poolcontext-symptoms:: KIND``: a list of links to the symptoms of a kind.

    An item has the name of its symptom as its place, which stays when the kind changes::

        <container classes="symptom-list">
            <bullet_list>
                <list_item ids="name">
                    <paragraph>
                        <pending_xref>
    """

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        (kind,) = (one for one in KINDS if one.name == self.arguments[0])
        items = nodes.bullet_list()
        for one in kind.symptoms:
            items += nodes.list_item("", nodes.paragraph("", "", reference(one)), ids=[one.name])
        return [nodes.container("", items, classes=["symptom-list"])]


class SymptomIndex(ResultsDirective):
    """``.. poolcontext-symptom-index::``: the scripts by what is seen, as lists of links.

    ::

        <container classes="symptom-index">
            <rubric> It does not start, or fails at once
            <bullet_list>
                <list_item>
                    <paragraph>
                        <pending_xref>
    """

    def make_nodes(self) -> list[nodes.Element]:
        self.note(ALL)
        index = nodes.container("", classes=["symptom-index"])
        pages = [page for page in self.results.pages.values() if "/break/" in page]
        shown = {page: shown_on(self.results, page) for page in pages}
        for kind in KINDS:
            links = [
                nodes.paragraph("", "", messages.link(page))
                for page in pages
                if shown[page] in kind.symptoms
            ]
            if links:
                index += nodes.rubric("", kind.heading, **{"heading-level": 2})
                index += nodes.bullet_list("", *(nodes.list_item("", one) for one in links))
        return [index]


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-symptoms", SymptomList)
    app.add_directive("poolcontext-symptom-index", SymptomIndex)
    app.connect("source-read", write_page)
    app.connect("build-finished", write_data)
