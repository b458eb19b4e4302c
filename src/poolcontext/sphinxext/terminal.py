"""What a terminal shows of a text: colours left out, and a line that is written again once."""

from __future__ import annotations

import re

FARTHEST = 1000
"""Rows and columns beyond which no cursor is moved."""

_STEP = re.compile(
    r"\x1b\[(?P<numbers>[\d;?]*)(?P<letter>[A-Za-z])|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|(?P<one>[\s\S])"
)


class _Screen:
    """Rows of characters, and a cursor."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = [[]]
        self.row = self.column = 0

    def write(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(self.column - 1, 0)
        elif character == "\n":
            self.move(self.row + 1, 0)
        else:
            row = self.rows[self.row]
            row += " " * (self.column - len(row))
            row[self.column : self.column + 1] = character
            self.column += 1

    def move(self, row: int, column: int) -> None:
        self.row, self.column = max(row, 0), min(max(column, 0), FARTHEST)
        self.rows += [[] for _ in range(self.row + 1 - len(self.rows))]

    def act(self, letter: str, numbers: str) -> None:
        """Do what a control sequence says; of all others nothing is seen."""
        given = [int(number) for number in numbers.split(";") if number.isdecimal()]
        count = min(given[0] if given else 0, FARTHEST)
        row, column = self.row, self.column
        if letter in "ABCDEF":
            step = max(count, 1)
            down = {"A": -step, "B": step, "E": step, "F": -step}.get(letter, 0)
            along = {"C": step, "D": -step}.get(letter, 0)
            self.move(
                min(row + down, len(self.rows) + FARTHEST),
                column + along if along else (0 if letter in "EF" else column),
            )
        elif letter == "G":
            self.move(row, count - 1)
        elif letter == "K":
            kept = self.rows[row]
            self.rows[row] = [[*kept[:column]], [" "] * column + kept[column:], []][min(count, 2)]
        elif letter == "J" and count in (0, 2, 3):
            self.rows[row:] = [self.rows[row][:column]]
            if count:
                self.rows = [[]]
                self.move(0, 0)


def as_shown(text: str) -> str:
    r"""What is left on a terminal once a text has been written to it.

    Args:
        text: What a program has written.

    Example:
        >>> as_shown("10 %\r100 %\n\x1b[31mred\x1b[0m\n")
        '100 %\nred\n'
    """
    if not re.search(r"[\x1b\r\b]", text):
        return text
    screen = _Screen()
    for step in _STEP.finditer(text):
        if step["one"]:
            screen.write(step["one"])
        elif step["letter"]:
            screen.act(step["letter"], step["numbers"])
    return "\n".join("".join(row).rstrip(" ") for row in screen.rows)
