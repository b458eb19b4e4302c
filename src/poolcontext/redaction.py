"""An output without what is one machine's own, and without what differs from run to run."""

from __future__ import annotations

import re
from collections.abc import Iterable


def redact(text: str, script: str, places: Iterable[tuple[str, str]]) -> str:
    """Take the machine's own paths and names out of an output.

    Args:
        text: What was printed.
        script: The script's source: a user's or host's name that is a word of
            it stays, since nobody could tell the two apart.
        places: Pairs of what to take out and what to put there. A path is taken
            out as a whole part of a path, the longest first, also where its
            backslashes are doubled or are slashes; a name as a whole word.

    Returns:
        The text without them.

    Example:
        >>> redact("File '/home/ann/x.py'", "", [("/home/ann", "<home>")])
        "File '<home>/x.py'"
    """
    patterns: list[tuple[str, str, str]] = []
    for place, shown in places:
        if re.search(r"[/\\]", place):
            bare = place.rstrip("/\\")
            if re.sub(r"^[A-Za-z]:", "", bare):  # not the root of a disk
                forms = (bare, bare.replace("\\", "\\\\"), bare.replace("\\", "/"))
                patterns += [(form, _path_pattern(form), shown) for form in dict.fromkeys(forms)]
        elif place and place not in ("root", "localhost"):  # the same on every machine
            pattern = rf"(?:(?<!\w)|{_ESCAPED}){re.escape(place)}(?!\w)"
            if not re.search(pattern, script):
                patterns.append((place, pattern, shown))
    if not patterns:
        return text
    # All at once, so that what was put in is not looked at again.
    patterns.sort(key=lambda one: -len(one[0]))
    anything = "|".join(f"({pattern})" for _, pattern, _ in patterns)
    return re.sub(anything, lambda found: patterns[(found.lastindex or 0) - 1][2], text)


# After the escape of a newline, as in a printed string, a word begins all the same.
_ESCAPED = r"(?<=\\[nrt])"


def _path_pattern(path: str) -> str:
    """Matches a path where one begins: not inside another, but after an option's letter."""
    case = "i" if "\\" in path or path[1:2] == ":" else "-i"
    begin = rf"(?:(?<![\w.-])|{_ESCAPED}|(?<=[\s'\"]-[A-Z]))"
    return rf"(?{case}:{begin}{re.escape(path)}(?![\w-]|\.\w))".replace("?-i:", "?:")


def printable(text: str) -> str:
    r"""Write out what HTML and XML cannot hold, or what a terminal would act on.

    Example:
        >>> printable("a\tb\x1b[0m")
        'a\tb\\x1b[0m'
    """
    return re.sub(
        "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffe\uffff]", lambda found: ascii(found[0])[1:-1], text
    )


# What differs from run to run without meaning anything.
_NUMBER = r"\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_VOLATILE = (
    (re.compile(r"\b0x[0-9a-fA-F]{4,}\b"), "0x…"),
    (re.compile(r"(?i)\b(pid|parent|process|thread|ident|tid)([ =:]+)\d+"), r"\1\2…"),
    (re.compile(r"\b(started(?: daemon)?) \d+"), r"\1 …"),
    (re.compile(rf"{_NUMBER} ?(ns|µs|us|ms|s|seconds?|minutes?)\b"), r"… \1"),
    (re.compile(rf"{_NUMBER} ?([KMG]i?B|bytes?)\b"), r"… \1"),
    (re.compile(r"\b\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d+)?)?)?"), "…"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"), "…"),
    (re.compile(r"\b(pymp-|listener-|tmp)[a-z0-9_]{4,}"), r"\1…"),
)


def normalise(text: str) -> str:
    """Take out what differs from run to run, to compare two outputs; never to show one.

    Example:
        >>> normalise("<Lock at 0x7f00beef> of pid 4711, held for 0.3 s")
        '<Lock at 0x…> of pid …, held for … s'
    """
    for pattern, replacement in _VOLATILE:
        text = pattern.sub(replacement, text)
    return text
