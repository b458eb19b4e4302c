"""Redact an output: take out what is one machine's own, and what a terminal would act on."""

from __future__ import annotations

import builtins
import errno
import functools
import importlib.util
import json
import keyword
import os
import re
import sys
import urllib.parse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path


def redact(text: str, script: str, places: Iterable[tuple[str, str]]) -> str:
    r"""Take the machine's own paths and names out of an output.

    A path is taken out as a whole part of a path, the longest first, also where it
    is written otherwise: in a file's URL, escaped, with slashes for its backslashes or
    more of them, with Windows' short names. A user's name is taken out before
    an ``@`` and behind ``/home/``, ``/Users/`` or ``C:\Users\``, and a host's behind an
    ``@``. Else a name is taken out as a whole word, if it is no usual one: no common
    name of accounts and hosts, no word of Python or of the sources of its pools, no
    number, nothing shorter than three characters; and never in a web address. What
    the script itself holds stays, since nobody could tell the two apart.

    Args:
        text: What was printed.
        script: The script's source, with that of what it imports from beside it.
        places: Pairs of what to take out and what to put there.

    Returns:
        The text without them.

    Example:
        >>> redact("File '/home/ann/x.py'", "", [("/home/ann", "<home>")])
        "File '<home>/x.py'"
        >>> redact("ann@box https://ann.example/", "", [("ann", "<user>"), ("box", "<host>")])
        '<user>@<host> https://ann.example/'
    """
    everywhere: list[tuple[str, str, str]] = []
    outside: list[tuple[str, str, str]] = []
    for place, shown in places:
        if re.search(r"[/\\]", place):
            bare = place.rstrip("/\\")
            # Not the root of a disk, nor where systems keep what they all have.
            if re.sub(r"^[A-Za-z]:", "", bare) and bare not in ("/usr", "/usr/local"):
                everywhere.append((bare, _path_pattern(bare), shown))
        elif place and place not in ("root", "localhost"):  # the same on every machine
            for pattern in _name_patterns(place, shown):
                if not re.search(pattern, script):
                    everywhere.append((place, pattern, shown))
            pattern = _word_pattern(place)
            if not _is_usual(place) and not re.search(pattern, script):
                outside.append((place, pattern, shown))
    # Every second piece is a web address.
    pieces = re.split(_ADDRESS, text)
    pieces[::2] = [_without(piece, everywhere + outside) for piece in pieces[::2]]
    pieces[1::2] = [_without(piece, everywhere) for piece in pieces[1::2]]
    return "".join(pieces)


def _without(text: str, patterns: list[tuple[str, str, str]]) -> str:
    """Replace all at once, the longest first, so that what was put in is not looked at again."""
    if not patterns:
        return text
    ordered = sorted(patterns, key=lambda one: -len(one[0]))
    anything = "|".join(f"({pattern})" for _, pattern, _ in ordered)
    return re.sub(anything, lambda found: ordered[(found.lastindex or 0) - 1][2], text)


_ADDRESS = r"""(?i)(?<!\w)(https?://[^\s<>"'\\]*)"""

# After the escape of a newline, as in a printed string, a word begins all the same.
_ESCAPED = r"(?<=\\[nrt])"

BEGIN = rf"(?:(?<![\w>])|{_ESCAPED}|(?<=-[A-Z]))"
"""Matches where a path begins: where none goes on, after an escape or an option's letter."""


END = r"(?![\w-]|\.\w|(?i:%(?!2f|5c)[0-9a-f]{2}))"
"""Matches where the name of a file or a folder ends."""

SLASH = r"(?i:/|\\{1,4}|%2f|%5c)"
"""Matches what parts a path: a backslash in a string that is printed within another has four."""


def _path_pattern(path: str) -> str:
    """Matches a path where one begins: not inside another, but after an option's letter."""
    begin = rf"(?:(?<![\w.-])|{_ESCAPED}|(?<=[\s'\"]-[A-Z]))"
    if "\\" not in path and path[1:2] != ":":
        return begin + "(?i:/|%2f)".join(map(_spelt, path.split("/"))) + END
    first, *others = re.split(r"[/\\]", path)
    drive = first.rstrip(":")
    if drive:  # as Windows has it, a URL, Git's shell, Cygwin, and Linux within Windows
        drive = rf"(?:{drive}(?::|%3a)|(?:/mnt|/cygdrive|/)?/{drive})"
    return rf"(?i:{begin}{SLASH.join([drive, *map(_spelt_on_windows, others)])}{END})"


def _spelt(name: str) -> str:
    """Matches a name as it is, or escaped as in a URL, by `ascii` or in JSON."""
    url = urllib.parse.quote(name, errors="surrogatepass")
    forms = dict.fromkeys((name, url, ascii(name)[1:-1], json.dumps(name)[1:-1]))
    return f"(?:{'|'.join(map(re.escape, forms))})"


def _spelt_on_windows(name: str) -> str:
    """Matches a name also as the short one that Windows, or Wine, may give to it.

    https://learn.microsoft.com/windows/win32/fileio/naming-a-file#short-vs-long-names
    """
    if re.fullmatch(r"[^\s.]{0,8}(\.[^\s.]{1,3})?", name):  # which has no other
        return _spelt(name)
    letters = "".join(f"[{re.escape(one)}_]" for one in re.sub(r"[\s.]", "", name)[:2])
    return rf"(?:{_spelt(name)}|{letters}[^\s/\\~]{{0,4}}~\w{{1,3}}(?:\.\w{{1,3}})?)"


def _word_pattern(name: str) -> str:
    """Matches a name as a whole word."""
    return rf"(?:(?<!\w)|{_ESCAPED}){_spelt(name)}(?!\w)"


def _name_patterns(name: str, shown: str) -> list[str]:
    """Match a name where it can be nothing else."""
    if shown == "<host>":
        return [rf"(?<=[\w>]@){_spelt(name)}(?!\w)"]
    users = "|".join(rf"(?<=[/\\]Users{slash})" for slash in (r"[/\\]", r"\\{2}", r"\\{4}"))
    return [
        rf"{_word_pattern(name)}(?=@(?!0x)[\w<])",
        rf"(?<={BEGIN}/home/){_spelt(name)}{END}",
        rf"(?i:(?:{users}){_spelt_on_windows(name)}{END})",
    ]


# Of accounts and hosts: systems, services that run tests, images of containers.
_USUAL = """
    account admin administrator agent alpine android app arch arm azure azureuser bot build builder
    buildkite centos ci circleci client cloud codespace coder computer container daemon darwin data
    database debian default demo desktop dev devel developer docker docs ec2 emscripten example
    examples fedora freebsd gentoo git github gitlab gitpod guest home host jenkins jupyter kernel
    lab laptop linux local localdomain localhost mac machine macos main maintainer manager mint musl
    node nobody notebook null operator ops oracle peer pip pool postgres production program project
    pypy python raspberrypi redhat remote repo rocky root runner runneradmin sandbox script server
    service shared site src staff staging student suse system task tasks temp test tester testing
    tests tmp travis ubuntu unix unknown user username users usr vagrant var vm vscode wasi web
    windows worker workers workspace workstation wsl www
"""


@functools.lru_cache(maxsize=1)
def _usual_words() -> frozenset[str]:
    """Usual names of accounts and hosts, words of Python, and what its pools and systems say."""
    words = {*_USUAL.split(), *keyword.kwlist, *dir(builtins), *sys.builtin_module_names}
    words.update(getattr(sys, "stdlib_module_names", ()))  # from Python 3.10 on
    texts = [os.strerror(number) for number in errno.errorcode]
    for package in ("multiprocessing", "concurrent.futures"):
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            for path in Path(folder).glob("*.py"):
                texts += path.read_text(encoding="utf-8", errors="replace").split("\n")
    for text in texts:
        if "@" not in text and not text.lstrip().startswith("#"):  # where authors are named
            words.update(re.findall(r"\w+", text))
    return frozenset(word.lower() for word in words)


def _is_usual(name: str) -> bool:
    """Whether a name, as a word, tells nothing of a machine."""
    return len(name) < 3 or name.isdigit() or name.lower() in _usual_words()


def known_places(folder: Path, found: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Pair what may not be shown with the word that is shown in its place.

    Args:
        folder: Where the script is run.
        found: What `platform.places` says in the interpreter that runs it.
    """
    pairs = [(os.path.abspath(folder), "<folder>"), (os.path.realpath(folder), "<folder>")]
    for kind in ("folder", "python", "temp", "home", "user", "host"):
        pairs += [(text, f"<{kind}>") for text in found[kind]]
    # The checkout's own, unless it is known by another name already.
    for up in (1, 2):
        above = os.path.abspath(os.path.join(folder, *[".."] * up))
        pairs.append((above, "/".join(["<folder>", *[".."] * up])))
    return pairs


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
