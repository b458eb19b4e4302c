"""The records of symptoms."""

from __future__ import annotations

import re
from typing import NamedTuple


class Quote(NamedTuple):
    """What no capture has: a message, in the words of whoever prints it, or what somebody reports."""

    text: str
    evidence: str
    """``documented``, by the source or the documentation that prints it; or ``reported``."""

    url: str
    """Where that stands: a source at a tag, or a report."""


class Symptom(NamedTuple):
    """What somebody sees, why, and what cures it."""

    name: str
    """Its place on the list of symptoms and on its page, which stays."""

    title: str
    """Its heading: the words that are seen, with … for what is of one program only."""

    cause: str
    cure: str
    messages: tuple[str, ...] = ()
    """Regular expressions, of Python and of JavaScript; each finds a message, in any version's words."""

    signs: tuple[str, ...] = ()
    """Where there is no message: what finds the lines of an example that show it."""

    words: tuple[str, ...] = ()
    """What people say who look for it, beside the messages and the title."""

    general: str = ""
    """Words for what is seen, of which it names all causes, such as ``hang``."""

    examples: tuple[str, ...] = ()
    """The scripts that show and cure it, such as ``break/no_main_guard``; the first is the page."""

    more: str = ""
    """What else there is to know, as paragraphs."""

    quotes: tuple[Quote, ...] = ()
    follows: bool = False
    """Whether it only follows from another one, whose message stands above it."""

    leads: bool = False
    """Whether whatever else stands in the same text may follow from it."""

    def place(self, text: str) -> tuple[int, int]:
        """Where the last of its messages ends in a text, or -1 if there is none, and how long it is."""
        found = [match for one in self.messages for match in re.finditer(one, text)]
        return max(((one.end(), one.end() - one.start()) for one in found), default=(-1, 0))


class Kind(NamedTuple):
    """Symptoms that have something in common."""

    name: str
    """The module that they are in, and the page that they have on the site."""

    heading: str
    """What somebody would say who sees one of them."""

    symptoms: tuple[Symptom, ...]
    others: tuple[str, ...] = ()
    """The names of symptoms of other kinds that people look for here as well."""
