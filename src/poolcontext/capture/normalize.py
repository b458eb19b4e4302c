"""Normalize outputs to compare them: what differs from run to run is left out."""

from __future__ import annotations

import difflib
import functools
import re

from .snapshot import Snapshot

# In a table, with the blanks that bring it to its column, less the two that part columns: all of
# them or none, since looking for a number behind each of many would take the square of the time.
_NUMBER = r"(?:(?<! )(  ) *)?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_VOLATILE = (
    (re.compile(r"\b0x[0-9a-fA-F]{4,}\b"), "0x…"),
    (re.compile(r"(?i)\b(pid|parent|process|thread|ident|tid)([ =:]+)\d+"), r"\1\2…"),
    (re.compile(r"\b(started(?: daemon)?) \d+"), r"\1 …"),
    (re.compile(rf"{_NUMBER} ?(ns|µs|us|ms|s|seconds?|minutes?)\b"), r"\1… \2"),
    (re.compile(rf"{_NUMBER} ?([KMG]i?B|bytes?)\b"), r"\1… \2"),
    (re.compile(r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?"), "…"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "…"),
    (re.compile(r"\b(pymp-|listener-|tmp|poolcontext-)[a-z0-9_]{4,}"), r"\1…"),
)

Normalized = tuple[str, "int | None", str]
"""What ended a script, its exit status, and its output, normalized."""


@functools.lru_cache(maxsize=4096)
def normalize(text: str, any_order: str = "") -> str:
    """Take out what differs from run to run, to compare two outputs; never to show one.

    Args:
        text: An output, redacted.
        any_order: A regular expression that is found in the lines which may come
            in any order; they are put behind the others, sorted.

    Example:
        >>> normalize("<Lock at 0x7f00beef> of pid 4711, held for 0.3 s")
        '<Lock at 0x…> of pid …, held for … s'
    """
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    if any_order:
        text = _sorted(text, any_order)
    if "Traceback (most recent call last)" in text:
        text = _fold(text)
    return text


def _sorted(text: str, any_order: str) -> str:
    end = "\n" if text.endswith("\n") else ""
    bound: list[str] = []
    free: list[str] = []
    for line in text[: len(text) - len(end)].split("\n"):
        (free if re.search(any_order, line) else bound).append(line)
    return "\n".join([*bound, *sorted(free)]) + end


def _fold(text: str) -> str:
    """Leave of each traceback the script's own frames, without the code that they quote.

    The standard library's are others in every version of Python, as are the marks below a
    line of code: https://docs.python.org/3/whatsnew/3.11.html#whatsnew311-pep657
    """
    text = re.sub(r'^  File "<(python>|frozen ).*\n(    .*\n)*', "  …\n", text, flags=re.M)
    text = re.sub(r'^(  File ".*\n)(    .*\n)*', r"\1", text, flags=re.M)
    return re.sub(r"^(  …\n|  \[Previous line repeated .*\n)+", "  …\n", text, flags=re.M)


def normalized(snapshot: Snapshot, any_order: str = "") -> Normalized:
    """What of a snapshot counts when it is compared with another platform's, or another day's."""
    return snapshot.ended, snapshot.status, normalize(snapshot.output, any_order)


def differences(name: str, old: Snapshot, new: Snapshot, any_order: str = "") -> list[str]:
    """The lines of a unified diff from one snapshot to another, both normalized.

    Args:
        name: The script's, for the diff's head.
        old: The committed one.
        new: The one to compare.
        any_order: As in `normalize`.

    Returns:
        Lines without their ends; none if both say the same.
    """
    before, after = (
        [*text.split("\n"), f"[ended by {ended}, exit status {status}]"]
        for ended, status, text in (normalized(old, any_order), normalized(new, any_order))
    )
    dates = (f"captured on {old.date}", "now")
    return list(difflib.unified_diff(before, after, name, name, *dates, lineterm=""))
