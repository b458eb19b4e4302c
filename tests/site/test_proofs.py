"""Proofs beside claims: what bears a claim out, what contradicts it, and which claim has none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from _ext.proofs import Proof, unproven
from docutils.core import publish_doctree

from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Snapshot
from poolcontext.sphinxext.results import Result

if TYPE_CHECKING:
    from galleries import NewGallery, Other

VERSIONS = ["3.11.4", "3.13.7", "3.13.8", "3.13.15", "3.14.0", "3.14.1", "3.14.7", "3.15.0"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("", VERSIONS),
        (" from 3.14", ["3.14.0", "3.14.1", "3.14.7", "3.15.0"]),
        (" before 3.14", ["3.11.4", "3.13.7", "3.13.8", "3.13.15"]),
        (" from 3.13.8 3.14.1", ["3.13.8", "3.13.15", "3.14.1", "3.14.7", "3.15.0"]),
        (" from 3.13.8, 3.14.1", ["3.13.8", "3.13.15", "3.14.1", "3.14.7", "3.15.0"]),
        (" before 3.13.8 3.14.1", ["3.11.4", "3.13.7", "3.14.0"]),
        (" from 3.13 before 3.13.15 3.14.7", ["3.13.7", "3.13.8", "3.14.0", "3.14.1"]),
    ],
)
def test_versions(condition: str, holds: list[str]) -> None:
    """Each release named counts for its minor version, and the last one for all later."""
    proof = Proof.of(f"name{condition}: line")
    numbers = {text: tuple(map(int, text.split("."))) for text in VERSIONS}
    assert [text for text in VERSIONS if proof.holds(numbers[text])] == holds


def result(version: str, output: str, current: bool = True, **fields: str) -> Result:
    given = {"implementation": "cpython", "version": version, "python": version, "flags": ""}
    given.update(system="linux", machine="x86_64", libc="glibc")
    capture = Snapshot("0" * 64, "2026-11-26", "exit", 0, 0.5, output)
    return Result(Platform(**{**given, **fields}), capture, current)


OLD, NEW = result("3.13.0", "fork: yes\n"), result("3.14.0", "spawn: no\nfork: no\n")
WINDOWS = result("3.14.0", "fork is not there on this platform.\n", system="windows", libc="")
BROWSER = result("3.14.0", "NotImplementedError\n", system="emscripten", libc="")
PYPY = result("3.11.0", "fork: perhaps\n", implementation="pypy")


@pytest.mark.parametrize(
    ("target", "captures", "said"),
    [
        ("a: ^fork: (yes|no)$", [OLD, NEW], []),
        ("a: ^fork: yes$", [OLD, NEW], ["not printed by CPython 3.14.0"]),
        ("a before 3.14: ^fork: yes$", [OLD, NEW], []),
        ("a from 3.14: ^fork: no$", [OLD, NEW], []),
        ("a from 3.14: ^fork", [OLD, NEW], ["printed as well by CPython 3.13.0"]),
        ("a from 3.15: ^fork: no$", [OLD, NEW], ["as well by CPython 3.14.0", "by no capture"]),
        ("a: ^fork: maybe$", [OLD, NEW], ["by no capture"]),
        ("a: ^fork: yes$", [], ["by no capture"]),
        ("a: ^fork: yes$", [OLD, WINDOWS, BROWSER], []),
        ("a: ^spawn: yes$", [result("3.13.0", "spawn: yes\n"), WINDOWS], ["not printed by"]),
        ("a emscripten: ^NotImpl", [OLD, BROWSER], []),
        ("a: ^fork: yes$", [OLD, PYPY], ["not printed by PyPy 3.11.0"]),
        ("a cpython: ^fork: yes$", [OLD, PYPY], []),
        ("a pypy: ^fork: perhaps$", [OLD, PYPY], []),
        ("a cpython linux: ^fork: yes$", [OLD, PYPY, WINDOWS], []),
        ("a: ^fork: yes$", [OLD, result("3.14.0", "fork: no\n", current=False)], []),
        ("a: ^fork: yes$", [result("3.13.0", "fork: yes\n", current=False)], []),
        ("a: ^fork: yes$", [OLD, *(result(f"3.12.{n}", "") for n in range(7))], ["and 2 more"]),
    ],
)
def test_contradictions(target: str, captures: list[Result], said: list[str]) -> None:
    """A line has to be printed where it is claimed, and nowhere else that can print it."""
    found = list(Proof.of(target).contradictions(captures))
    assert len(found) == len(said), found
    assert all(words in one for words, one in zip(said, found)), found


PROSE = """\
Title with fork
===============

Nothing is said here. Under fork it is so. That is `linked <https://docs.python.org/3/>`__ of fork.
Since 3.14 it is
so; "Forked, and then?" And done.

.. contents::

Fork
----

======  =========================================
fork    spawn
======  =========================================
is so   under fork, says `it <https://x.example>`__
is not  under fork
======  =========================================

::

   fork

- an item of spawn
"""


def test_claims_without_proof() -> None:
    """Each sentence of prose has a proof of its own, each row of a table one for all its cells."""
    doctree = publish_doctree(PROSE)
    found = [text for text, _ in unproven(doctree, re.compile(r"(?i)\b(fork|spawn)|3\.14"))]
    assert found == [
        "Under fork it is so.",
        'Since 3.14 it is so; "Forked, and then?"',
        "under fork",
        "an item of spawn",
    ]


PAGE = """\
:orphan:

Page
====

It :proof:`is
so <alpha: ^fork\\: (yes|no)$>`, and :proof:`does <alpha from 3.9 before 3.10: ^fork: old>` so.
"""


def test_build(new_gallery: NewGallery, other: Other) -> None:
    """A build links the words to the example, and fails by name where a new capture objects."""
    gallery = new_gallery()
    script = gallery.add("alpha", "x = 1\n%%\nprint('fork: yes')")
    role = ":proof:`It says so <alpha from 3.11: yes>`."
    text = script.read_text(encoding="utf-8").replace("Some words.", role)
    script.write_text(text, encoding="utf-8")
    gallery.commit(other(version="3.9.1"), {"alpha": "fork: no\nfork: old\n"})
    gallery.write("docs/page.rst", PAGE)
    gallery.build()
    links = gallery.page("page").select("a:has(.proof)")
    assert [" ".join(link.get_text().split()) for link in links] == ["is so", "does"]
    assert {link["href"] for link in links} == {"examples/alpha.html#outcome"}
    assert gallery.noted("page") == {"alpha"}
    (link,) = gallery.page("examples/alpha").select("a:has(.proof)")
    assert link["href"] == "#outcome"
    gallery.commit(other(version="3.10.0"), {"alpha": "fork: perhaps\nfork: old\n"})
    first, second = gallery.build(fails=True).warnings
    assert gallery.build(fails=True).warnings == [first, second]  # again, as nothing is mended
    said = r"page\.rst:6: .* 'is so' .* alpha, /.*/ is not printed by CPython 3\.10\.0"
    assert re.search(said, first)
    said = r"page\.rst:6: .* 'does' .* is printed as well by CPython 3\.10\.0"
    assert re.search(said, second)


WRONG = {
    "words alone": "is not of the form WORDS <NAME: PATTERN>",
    "words <alpha>": "is not of the form NAME: PATTERN",
    "words <alpha since 3.14: x>": "is not of the form NAME: PATTERN",
    "words <alpha from 3: x>": "is not of the form NAME: PATTERN",
    "words <alpha: (x>": "is no regular expression",
    "words <nobody: x>": "there is no example 'nobody'",
}


def test_wrong(new_gallery: NewGallery) -> None:
    """What is no proof is named in one line, and so is a claim that has none."""
    gallery = new_gallery()
    gallery.add("alpha", "print('x')")
    roles = "".join(f"It is :proof:`{role}`.\n\n" for role in WRONG)
    gallery.write("docs/page.rst", f":orphan:\n\nPage\n====\n\n{roles}Fork is so.\n")
    gallery.write("docs/other.rst", ":orphan:\n:claims: none\n\nOther\n=====\n\nFork is so.\n")
    built = gallery.build("-D", "poolcontext_claims=Fork", strict=False)
    assert len(built.warnings) == len(WRONG) + 1
    for said in [*WRONG.values(), "no proof stands beside: Fork is so."]:
        assert [line for line in built.warnings if said in line and "page.rst:" in line], said
