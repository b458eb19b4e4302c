"""The messages that captures hold: each in its own words, with the platforms and the examples.

A page says with regular expressions which messages it is about; their text comes
from the captures only, so that a page can name no message that nobody has seen.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import ClassVar, NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx

from poolcontext.capture.normalize import normalize
from poolcontext.capture.platform import Platform
from poolcontext.capture.redact import printable
from poolcontext.sphinxext.directives import ResultsDirective
from poolcontext.sphinxext.platform_labels import css_class, labels, rank
from poolcontext.sphinxext.results import ALL, Results

from .tables import row, table

ERROR = re.compile(
    # From the first name of several on, and not from each: a stranger's line may have 100,000.
    r"(?<!\w)(?<!\w\.)(?:\w+\.)*([A-Z]\w*(?:Error|Warning|Exception|ProcessPool): .+)"
)
"""What Python prints of an error, without the module of its type."""

LONGEST = 500
"""Characters of a message."""

MOST = 6
"""Examples that are named with a group of messages."""

MOST_MESSAGES = 100
"""Rows of a table: a stranger's file may hold 100,000 messages."""


class Messages(ResultsDirective):
    """``.. poolcontext-messages::``: what its lines, regular expressions, find in the captures.

    A pattern may go over several lines of an output. With the option ``silent``
    they are to find the lines that show what went wrong without a message:
    those lines are not shown, but on which platforms and in which examples they are.
    With ``unseen`` there may be patterns that find nothing.
    """

    has_content = True
    option_spec: ClassVar = {"silent": directives.flag, "unseen": directives.flag}

    def make_nodes(self) -> list[nodes.Element]:
        patterns = [line for line in self.content if line.strip()]
        if not patterns:
            raise self.error("there is no pattern: each line is one, and finds a message")
        for pattern in patterns:
            try:
                re.compile(pattern)
            except (re.error, OverflowError) as error:
                raise self.error(f"{pattern!r} is no regular expression: {error}") from None
            if "unseen" not in self.options and not find(self.results, [pattern]):
                self.note(ALL, f"no capture holds {pattern!r}", "message")
        self.note(ALL)
        found = find(self.results, patterns)
        if "unseen" in self.options and not found:
            return []
        return [_section(self.results, found, "silent" in self.options)]


class OtherMessages(ResultsDirective):
    """``.. poolcontext-other-messages::``: errors that none of its lines, patterns, finds."""

    has_content = True

    def make_nodes(self) -> list[nodes.Element]:
        self.note(ALL)
        found = others(self.results, [line for line in self.content if line.strip()])
        return [_section(self.results, found, silent=False)]


def _section(results: Results, found: list[Found], silent: bool) -> nodes.container:
    """A table of messages and platforms, and links to the examples.

    ::

        <container classes="messages">
            <table classes="messages-table">
                <tgroup> a row a message, with the classes of its platforms
            <paragraph classes="messages-examples"> Seen in <pending_xref>, …
    """
    whole = nodes.container("", classes=["messages"])
    if not found:
        whole += nodes.paragraph("", "There are none.")
        return whole
    everyone = [capture.platform for capture in results.captures]
    if silent:
        platforms = sorted({one for each in found for one in each.platforms}, key=rank)
        whole += nodes.paragraph("", f"No message. Seen on {where(platforms, everyone)}.")
    else:
        whole += _table(found[:MOST_MESSAGES], everyone)
        if len(found) > MOST_MESSAGES:
            whole += nodes.paragraph("", f"And {len(found) - MOST_MESSAGES} more.")
    # First those that have the most of the messages.
    examples = Counter(name for one in found for name in one.examples)
    whole += _examples(results, [name for name, _ in examples.most_common()])
    return whole


def where(platforms: list[Platform], everyone: list[Platform]) -> str:
    if len(platforms) == len(everyone) > 1:
        return f"all {len(everyone)} platforms"
    return labels([platforms, [one for one in everyone if one not in platforms]])[0]


def _table(found: list[Found], everyone: list[Platform]) -> nodes.table:
    rows = []
    for one in found:
        text = printable(one.text)
        text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
        message = nodes.paragraph("", "", nodes.literal(text, text))
        cells = ([message], where(one.platforms, everyone))
        rows.append(row(cells, [css_class(platform) for platform in one.platforms]))
    return table(["Message", "Seen on"], rows, "messages-table", widths=(7, 3))


def link(page: str) -> addnodes.pending_xref:
    """A link to a page, by its title."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", page),
        refdomain="std",
        reftype="doc",
        reftarget=f"/{page}",
        refexplicit=False,
        refwarn=True,
    )


def _examples(results: Results, names: list[str]) -> nodes.paragraph:
    paragraph = nodes.paragraph("", "Seen in ", classes=["messages-examples"])
    for number, name in enumerate(names[:MOST]):
        paragraph += nodes.Text(", " if number else "")
        paragraph += link(results.pages[name])
    rest = len(names) - MOST
    more = f", and {rest} more example" + ("s" if rest > 1 else "")
    paragraph += nodes.Text(f"{more}." if rest > 0 else ".")
    return paragraph


class Found(NamedTuple):
    """A message, where it stands in the captures."""

    text: str
    platforms: list[Platform]
    examples: list[str]


def find(results: Results, patterns: Iterable[str]) -> list[Found]:
    """The distinct messages that patterns find, those of newer platforms first."""
    patterns = tuple(patterns)
    return _distinct(
        (platform, name, text)
        for platform, name, output in _outputs(results)
        for text in matches(patterns, output)
    )


def others(results: Results, patterns: Iterable[str]) -> list[Found]:
    """The distinct errors that stand in no line which one of the patterns finds."""
    patterns = list(patterns)
    return _distinct(
        (platform, name, text)
        for platform, name, output in _outputs(results)
        for text in _unmatched(patterns, output)
    )


def _outputs(results: Results) -> Iterator[tuple[Platform, str, str]]:
    """All captured outputs of examples, those of newer platforms first."""
    for capture in results.captures:
        for name, snapshot in capture.examples.items():
            if name in results.pages:
                yield capture.platform, name, snapshot.output


@functools.lru_cache(maxsize=2**19)  # many platforms print the same, and many pages ask for it
def matches(patterns: tuple[str, ...], output: str) -> tuple[str, ...]:
    """The lines that a pattern finds, from the error's type on where there is one."""
    lines = (" ".join(output[start:end].split()) for start, end in _lines(patterns, output))
    return tuple(error[1] if (error := ERROR.search(line)) else line for line in lines)


def _unmatched(patterns: Iterable[str], output: str) -> Iterator[str]:
    """The errors in lines that no pattern finds."""
    lines = _lines(patterns, output)
    found = {error.start() for line in lines for error in ERROR.finditer(output, *line)}
    return (error[1] for error in ERROR.finditer(output) if error.start() not in found)


def _lines(patterns: Iterable[str], output: str) -> Iterator[tuple[int, int]]:
    """Where the lines begin and end that a pattern finds, however often in a line."""
    for pattern in patterns:
        end = -1
        for match in re.finditer(pattern, output):
            if match.end() > end:
                start = output.rfind("\n", 0, match.start()) + 1
                end = output.find("\n", match.end())
                end = end if end >= 0 else len(output)
                yield start, end


def _distinct(seen: Iterable[tuple[Platform, str, str]]) -> list[Found]:
    found: dict[str, Found] = {}
    for platform, name, text in seen:
        one = found.setdefault(normalize(text), Found(text, [], []))
        if platform not in one.platforms:
            one.platforms.append(platform)
        if name not in one.examples:
            one.examples.append(name)
    return list(found.values())


def setup(app: Sphinx) -> None:
    app.add_directive("poolcontext-messages", Messages)
    app.add_directive("poolcontext-other-messages", OtherMessages)
