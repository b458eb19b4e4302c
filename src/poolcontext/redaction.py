"""An output without what is one machine's own, and without what a terminal would act on."""

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
    return _UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def one_line(text: str) -> str:
    r"""Write out the ends of lines as well, for a message that is to be one line.

    Example:
        >>> one_line("a\nb")
        'a\\nb'
    """
    return re.sub("[\t\n\f\r\u2028\u2029]", lambda found: ascii(found[0])[1:-1], printable(text))


# Control characters, those that change the direction of text
# (https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters), halves of
# characters, and what is no character.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
