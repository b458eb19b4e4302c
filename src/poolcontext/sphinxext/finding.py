"""What regular expressions find in the captures, and which errors none of them does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..comparing import normalise
from ..platforms import Platform
from .shown import Shown

ERROR = re.compile(
    # From the first name of several on, and not from each: a stranger's line may have 100,000.
    r"(?<!\w)(?<!\w\.)(?:\w+\.)*([A-Z]\w*(?:Error|Warning|Exception|ProcessPool): .+)"
)
"""What Python prints of an error, without the module of its type."""


class Found(NamedTuple):
    """A message, where it stands in the captures."""

    text: str
    platforms: list[Platform]
    examples: list[str]


def find(shown: Shown, patterns: Iterable[str]) -> list[Found]:
    """The distinct messages that patterns find, those of newer platforms first."""
    patterns = list(patterns)
    return _distinct(
        (platform, name, text)
        for platform, name, output in _outputs(shown)
        for text in _matches(patterns, output)
    )


def others(shown: Shown, patterns: Iterable[str]) -> list[Found]:
    """The distinct errors that stand in no line which one of the patterns finds."""
    patterns = list(patterns)
    return _distinct(
        (platform, name, text)
        for platform, name, output in _outputs(shown)
        for text in _unmatched(patterns, output)
    )


def _outputs(shown: Shown) -> Iterator[tuple[Platform, str, str]]:
    """All captured outputs of examples, those of newer platforms first."""
    for captures in shown.captures:
        for name, capture in captures.examples.items():
            if name in shown.pages:
                yield captures.platform, name, capture.output


def _matches(patterns: Iterable[str], output: str) -> Iterator[str]:
    """The lines that a pattern finds, from the error's type on where there is one."""
    for start, end in _lines(patterns, output):
        line = " ".join(output[start:end].split())
        error = ERROR.search(line)
        yield error[1] if error else line


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
        one = found.setdefault(normalise(text), Found(text, [], []))
        if platform not in one.platforms:
            one.platforms.append(platform)
        if name not in one.examples:
            one.examples.append(name)
    return list(found.values())
