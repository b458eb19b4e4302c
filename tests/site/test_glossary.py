"""Links to the glossary: which words get one, where, and when pages are written again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Gallery, NewGallery

GLOSSARY = """\
Glossary
========

A worker, and a start method, of the glossary.

.. glossary::

   worker
     It does what a pool has, as opposed to a guard.

   start method
     How a worker begins.

   start
     What a worker does first.

   method
     Some way, often a start method.

   preload
     To import before.

   guard
     What keeps a worker from it.
"""
PARAGRAPHS = """\
The first worker is followed by another worker.

Then a worker, a guard and **strong guard**.

- A worker in a list, with a preload.
"""
APART = """\
.. role:: raw-html(raw)
   :format: html

A worker of titles
------------------

.. rubric:: A worker of rubrics

.. admonition:: A worker of admonitions

   Nothing.

``a worker of code``, :math:`worker`, :doc:`a worker of links <plural>`, `worker's
<https://example.org/>`__, :download:`worker files <conf.py>`, :raw-html:`<b title="worker">`
and :raw-html:`</b>`.

.. code-block:: none

   a worker of blocks

========  ========
worker    a worker
========  ========
of        a worker
========  ========

.. list-table::

   * - a worker
     - of lists

.. card:: A worker of cards

   A worker within.

.. py:function:: call(worker)

   :param worker: Nothing.

.. note::

   Now a worker, at last.
"""
PAGES = {
    "paragraphs": PARAGRAPHS,
    "apart": APART,
    "plural": "Many workers are preloaded, and preloading is not guarded.\n",
    "case": "Worker and GUARD and Start Methods.\n",
    "longer": "The start method comes before the method, and both before a start.\n",
    "others": "Coworker, workerless, mp_worker, starting_method, methodical and safeguard.\n",
    "lines": "Each has a start\nmethod of its own.\n",
    "plain": "Nothing of that kind.\n",
}


@pytest.fixture(scope="module")
def built(new_gallery: NewGallery) -> Gallery:
    """Built once; its words are within each other, and in all kinds of places."""
    gallery = new_gallery()
    gallery.configure("poolcontext_glossary = 'glossary'\n")
    gallery.write("docs/glossary.rst", f":orphan:\n\n{GLOSSARY}")
    gallery.add("alpha", "print('a worker of outputs')  # a worker of scripts\n%%\nprint(2)")
    text = (gallery.examples / "alpha.py").read_text(encoding="utf-8")
    text = text.replace("Some words.", "A worker, which has some start\n# method.")
    gallery.write("examples/alpha.py", text)
    for name, text in PAGES.items():
        gallery.write(f"docs/{name}.rst", f":orphan:\n\nA worker of {name}\n{'=' * 40}\n\n{text}")
    assert gallery.build().warnings == []
    return gallery


def links(gallery: Gallery, name: str) -> list[tuple[str, str]]:
    """What the links to the glossary say and where in it they lead, in the order of the page."""
    found = gallery.page(name).select("a:has(> span.term)")
    pairs = [(" ".join(link.get_text().split()), link["href"].partition("#")) for link in found]
    assert all(page.endswith("glossary.html") for _, (page, _, _) in pairs)
    return [(text, place.removeprefix("term-")) for text, (_, _, place) in pairs]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # The first of each word, over all of the page's paragraphs and lists.
        ("paragraphs", [("worker", "worker"), ("guard", "guard"), ("preload", "preload")]),
        # In none of titles, code, links, tables, cards, formulas and names of parameters.
        ("apart", [("worker", "worker")]),
        # With the ending of a plural or of a verb.
        ("plural", [("workers", "worker"), ("preloaded", "preload"), ("guarded", "guard")]),
        # In large and small letters, which stay as they are.
        (
            "case",
            [("Worker", "worker"), ("GUARD", "guard"), ("Start Methods", "start-method")],
        ),
        # Of words that begin alike the longer one; what is in it, where it next is.
        ("longer", [("start method", "start-method"), ("method", "method"), ("start", "start")]),
        # Over the end of a line, but in no longer word.
        ("lines", [("start method", "start-method")]),
        ("others", []),
        ("plain", []),
        # Not in the glossary itself; of an example in its words only.
        ("glossary", []),
        ("examples/alpha", [("worker", "worker"), ("start method", "start-method")]),
    ],
)
def test_links(built: Gallery, name: str, expected: list[tuple[str, str]]) -> None:
    """A word of the glossary is linked where it first stands in the prose of a page."""
    assert links(built, name) == expected
    for _, place in expected:
        assert built.page("glossary").select_one(f"dt#term-{place}") is not None


def test_text_stays(built: Gallery) -> None:
    """The text of a page is what it is without links, each in the first place of its word."""
    for name in ("plural", "case", "longer", "others"):
        (paragraph,) = [
            one
            for one in built.page(name).select("p")
            if one.get_text() == PAGES[name].rstrip("\n")
        ]
        assert len(paragraph.select("a")) == len(links(built, name))
    first, second, third = built.page("paragraphs").select("[role=main] p, .body p")[:3]
    texts = [[link.get_text() for link in one.select("a")] for one in (first, second, third)]
    assert texts == [["worker"], ["guard"], ["preload"]]
    assert str(first).startswith('<p>The first <a class="reference internal" href="glossary')
    (link,) = built.page("apart").select("a:has(> span.term)")
    assert link.parent.get_text() == "Now a worker, at last."
    assert built.output("alpha") == "a worker of outputs\n2\n"


def test_another_glossary(built: Gallery, tmp_path: Path) -> None:
    """A new word is linked on pages that have not changed; without a change none is written.

    Without a page that is a glossary nothing is linked.
    """
    gallery = built.copy(tmp_path / "copy")
    gallery.build()
    assert "writing output... [" not in gallery.build().log
    text = GLOSSARY.replace("   guard\n", "   pool\n").replace("   method\n", "   kind\n")
    gallery.write("docs/glossary.rst", f":orphan:\n\n{text}")
    assert gallery.build().read == ["glossary"]
    assert links(gallery, "plain") == [("kind", "kind")]
    assert links(gallery, "paragraphs") == [("worker", "worker"), ("preload", "preload")]
    gallery.write("docs/glossary.rst", f":orphan:\n\n{text.replace('Some way', 'A way')}")
    built = gallery.build()
    assert built.read == ["glossary"]
    assert "plain" not in built.log
    for setting in ("nowhere", ""):
        gallery.build("-D", f"poolcontext_glossary={setting}")
        for name in (*PAGES, "examples/alpha"):
            assert links(gallery, name) == []
            assert "term-" not in str(gallery.page(name))
