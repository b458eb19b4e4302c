"""What people see when a process pool goes wrong: the messages, the cause, the cure, the page.

Each symptom has its one home here: the site's pages of symptoms are made from these entries, and its
search finds them. Texts are Markdown as the site's pages have it; `plain` takes the marks out.
"""

from __future__ import annotations

import html
import re

from . import (
    breaking,
    calling,
    costing,
    ending,
    handing,
    hanging,
    memory,
    pickling,
    sharing,
    starting,
    surroundings,
    unpickling,
    watching,
    wrong,
)
from ._symptom import Kind, Quote, Symptom

__all__ = ["KINDS", "SYMPTOMS", "Kind", "Quote", "Symptom", "find", "heading", "plain"]

KINDS: tuple[Kind, ...] = (
    Kind("breaking", "The pool breaks", breaking.SYMPTOMS),
    Kind("starting", "It does not start", starting.SYMPTOMS),
    Kind("surroundings", "The system around it does not let it start", surroundings.SYMPTOMS),
    Kind("pickling", "Something cannot be pickled", pickling.SYMPTOMS),
    Kind("unpickling", "Something cannot be unpickled", unpickling.SYMPTOMS),
    Kind("hanging", "It hangs, or it warns", hanging.SYMPTOMS),
    Kind("wrong", "It runs, but wrongly", wrong.SYMPTOMS),
    Kind("handing", "Arguments and results", handing.SYMPTOMS),
    Kind("costing", "It is slow, or takes too much", costing.SYMPTOMS),
    Kind("watching", "What looks into a worker", watching.SYMPTOMS),
    Kind("memory", "Semaphores and shared memory", memory.SYMPTOMS),
    Kind("sharing", "Connections and files", sharing.SYMPTOMS),
    Kind("ending", "It ends, or is to end", ending.SYMPTOMS),
    Kind("calling", "A call is refused", calling.SYMPTOMS),
)
"""All symptoms, by the pages that they have on the site."""

SYMPTOMS: tuple[Symptom, ...] = tuple(one for kind in KINDS for one in kind.symptoms)
"""All symptoms, in the order of the site's pages."""


def find(text: str) -> list[Symptom]:
    """Find the symptoms whose messages stand in a text, such as the end of a traceback.

    Args:
        text: What a program has printed, of any number of lines.

    Returns:
        Those that tell the cause come first, then those that only follow from another one; of
        each kind, that whose message stands last in the text, unless one leads to others.

    Example:
        >>> from poolcontext.symptoms import find
        >>> [one.name for one in find("ValueError: cannot find context for 'frok'")]
        ['cannot-find-context']
    """
    places = {one: one.place(text) for one in SYMPTOMS}
    found = [one for one, place in places.items() if place >= 0]
    return sorted(found, key=lambda one: (one.follows, not one.leads, -places[one]))


def heading(symptom: Symptom) -> str:
    """Its title as people read it, without marks and escapes.

    Example:
        >>> from poolcontext.symptoms import find, heading
        >>> heading(find("module '__main__' has no attribute '__spec__'")[0])
        "AttributeError: module '__main__' has no attribute '__spec__'"
    """
    return html.unescape(plain(symptom.title)).replace("\\", "")


_ROLE = re.compile(
    r"\{[\w:-]+\}(`{1,3})(?!`)([^<`]{0,300}(?:`[^<`]{1,99}`[^<`]{0,300})?)(?:<[^`]{0,999}>)?\1"
)
_LINK = re.compile(r"\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)")


def plain(markdown: str) -> str:
    """Take links, roles and other marks out of a text, and join its lines.

    Example:
        >>> from poolcontext.symptoms import plain
        >>> plain("Take [`spawn`](/examples/a), {proof}`it works <b linux: ^works>`.")
        'Take spawn, it works.'
    """
    text = _LINK.sub(r"\1", _ROLE.sub(lambda role: role[2].strip(), markdown))
    return " ".join(re.sub(r"[`*]", "", text).split())
