"""The table of ways to use processes says what comes out today."""

from __future__ import annotations

import csv
import re
import sys
import tempfile
from pathlib import Path

import pytest
import ways

from examples import THOROUGH

PAGE = Path(__file__).parents[2] / "docs" / "extension.md"
FEW = ("sys.exit", "an exit handler")
"""Those that every run has sphinx-gallery build alone; all, with THOROUGH in the environment."""


@pytest.fixture(scope="module")
def rows() -> dict[str, tuple[str, str]]:
    """The results in the table, by what the example does."""
    head, *lines = csv.reader(ways.TABLE.read_text(encoding="utf-8").splitlines())
    assert tuple(head) == ways.HEAD
    return {title: (alone, extended) for title, alone, extended in lines}


def test_page(rows: dict[str, tuple[str, str]]) -> None:
    """It has them all, and the page says how many come out right."""
    assert [*rows] == [way.title for way in ways.WAYS]
    counts = [sum(row[number] == ways.RIGHT for row in rows.values()) for number in (0, 1)]
    found = re.search(
        r"Of (\d+) ways .* (\d+) come out right with the extension, and (\d+) with sphinx-gallery",
        PAGE.read_text(encoding="utf-8"),
    )
    assert found
    assert [int(number) for number in found.groups()] == [len(rows), counts[1], counts[0]]


def test_extended(rows: dict[str, tuple[str, str]], tmp_path: Path) -> None:
    """With the extension each shows what it prints in a terminal."""
    assert ways.extended(tmp_path) == {title: extended for title, (_, extended) in rows.items()}


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the table is of another Python")
@pytest.mark.parametrize(
    "way", [way for way in ways.WAYS if THOROUGH or way.title in FEW], ids=lambda way: way.title
)
def test_alone(rows: dict[str, tuple[str, str]], way: ways.Way) -> None:
    """By sphinx-gallery alone it comes out as the table says."""
    # pytest's own folders have names too long for the socket of a manager.
    with tempfile.TemporaryDirectory() as folder:
        assert ways.stock(Path(folder), way) == rows[way.title][0]
