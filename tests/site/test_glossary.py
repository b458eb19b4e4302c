"""Links to the glossary: which words get one, where, and when pages are written again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery

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


class Site(NamedTuple):
    """A gallery with a glossary, and what its build said."""

    gallery: Gallery
    built: Built


def new_site(gallery: Gallery, glossary: str) -> Gallery:
    conf = gallery.docs / "conf.py"
    text = conf.read_text(encoding="utf-8")
    gallery.write("docs/conf.py", f"{text}poolcontext_glossary = {glossary!r}\n")
    gallery.write("docs/glossary.rst", f":orphan:\n\n{GLOSSARY}")
    gallery.add("alpha", "print('a worker of outputs')  # a worker of scripts\n%%\nprint(2)")
    text = (gallery.examples / "alpha.py").read_text(encoding="utf-8")
    text = text.replace("Some words.", "A worker, which has some start\n# method.")
    gallery.write("examples/alpha.py", text)
    for name, text in PAGES.items():
        gallery.write(f"docs/{name}.rst", f":orphan:\n\nA worker of {name}\n{'=' * 40}\n\n{text}")
    return gallery


@pytest.fixture(scope="module")
def site(new_gallery: NewGallery) -> Site:
    """Built once; its words are within each other, and in all kinds of places."""
    gallery = new_site(new_gallery(), "glossary")
    return Site(gallery, gallery.build())


def links(gallery: Gallery, name: str) -> list[tuple[str, str]]:
    """What the links to the glossary say and where in it they lead, in the order of the page."""
    found = gallery.page(name).select("a:has(> span.term)")
    pairs = [(" ".join(link.get_text().split()), link["href"].partition("#")) for link in found]
    assert all(page.endswith("glossary.html") for _, (page, _, _) in pairs)
    return [(text, place.removeprefix("term-")) for text, (_, _, place) in pairs]


class TestWhere:
    """Which of the places of a word gets the link."""

    def test_first(self, site: Site) -> None:
        """It is the first of the page for each word, over all of its paragraphs and lists."""
        pairs = [("worker", "worker"), ("guard", "guard"), ("preload", "preload")]
        assert links(site.gallery, "paragraphs") == pairs
        first, second, third = site.gallery.page("paragraphs").select("[role=main] p, .body p")[:3]
        texts = [[link.get_text() for link in one.select("a")] for one in (first, second, third)]
        assert texts == [["worker"], ["guard"], ["preload"]]
        assert str(first).startswith('<p>The first <a class="reference internal" href="glossary')

    def test_each_page(self, site: Site) -> None:
        """What one page has linked, the others link again."""
        for name in ("paragraphs", "apart", "plural", "case", "examples/alpha"):
            assert "worker" in [place for _, place in links(site.gallery, name)]
        assert links(site.gallery, "plain") == []

    def test_prose_only(self, site: Site) -> None:
        """It is in none of titles, code, links, tables, cards, formulas and names of parameters."""
        assert links(site.gallery, "apart") == [("worker", "worker")]
        (link,) = site.gallery.page("apart").select("a:has(> span.term)")
        assert link.parent.get_text() == "Now a worker, at last."
        assert site.built.warnings == []

    def test_not_in_the_glossary(self, site: Site) -> None:
        """The glossary has none to itself."""
        assert links(site.gallery, "glossary") == []
        assert "A worker, and a start method" in site.gallery.page("glossary").get_text()

    def test_example(self, site: Site) -> None:
        """An example's page has them in its words, and not in its code and output."""
        pairs = [("worker", "worker"), ("start method", "start-method")]
        assert links(site.gallery, "examples/alpha") == pairs
        assert site.gallery.output("alpha") == "a worker of outputs\n2\n"
        assert not site.gallery.page("examples/alpha").select("pre span.term, h1 span.term")

    def test_leads_there(self, site: Site) -> None:
        """It leads to where the word stands in the glossary."""
        glossary = site.gallery.page("glossary")
        for name in PAGES:
            for _, place in links(site.gallery, name):
                assert glossary.select_one(f"dt#term-{place}") is not None


class TestWords:
    """In which forms a word gets the link."""

    def test_endings(self, site: Site) -> None:
        """It does with the ending of a plural or of a verb, all of which is in the link."""
        pairs = [("workers", "worker"), ("preloaded", "preload"), ("guarded", "guard")]
        assert links(site.gallery, "plural") == pairs

    def test_case(self, site: Site) -> None:
        """It does in large and small letters, which stay as they are."""
        pairs = [("Worker", "worker"), ("GUARD", "guard"), ("Start Methods", "start-method")]
        assert links(site.gallery, "case") == pairs

    def test_longer(self, site: Site) -> None:
        """Of words that begin alike it is the longer one; what is in it is linked where it next is.

        So it is within the same sentence as well.
        """
        pairs = [("start method", "start-method"), ("method", "method"), ("start", "start")]
        assert links(site.gallery, "longer") == pairs

    def test_two_lines(self, site: Site) -> None:
        """A term of two words is one also where a line of the source ends between them."""
        assert links(site.gallery, "lines") == [("start method", "start-method")]

    def test_other_words(self, site: Site) -> None:
        """Longer words that it is a part of get none."""
        assert links(site.gallery, "others") == []

    def test_text_stays(self, site: Site) -> None:
        """The text of a page is what it is without links."""
        for name in ("plural", "case", "longer", "others"):
            (paragraph,) = [
                one
                for one in site.gallery.page(name).select("p")
                if one.get_text() == PAGES[name].rstrip("\n")
            ]
            assert len(paragraph.select("a")) == len(links(site.gallery, name))


class TestAgain:
    """What depends on the setting and on the glossary."""

    def test_change(self, site: Site, tmp_path: Path) -> None:
        """A new word is linked on pages that have not changed; without a change none is written."""
        gallery = site.gallery.copy(tmp_path / "copy")
        gallery.build()
        assert "writing output... [" not in gallery.build().log
        text = GLOSSARY.replace("   guard\n", "   pool\n").replace("   method\n", "   kind\n")
        gallery.write("docs/glossary.rst", f":orphan:\n\n{text}")
        built = gallery.build()
        assert built.read == ["glossary"]
        assert links(gallery, "plain") == [("kind", "kind")]
        pairs = [("worker", "worker"), ("preload", "preload")]
        assert links(gallery, "paragraphs") == pairs
        gallery.write("docs/glossary.rst", f":orphan:\n\n{text.replace('Some way', 'A way')}")
        built = gallery.build()
        assert built.read == ["glossary"]
        assert "plain" not in built.log

    @pytest.mark.parametrize("setting", ["", "nowhere"])
    def test_no_setting(self, new_gallery: NewGallery, setting: str) -> None:
        """Without the name of a page that is a glossary nothing is linked."""
        gallery = new_site(new_gallery(), setting)
        gallery.build()
        for name in (*PAGES, "examples/alpha"):
            assert links(gallery, name) == []
            assert "term-" not in str(gallery.page(name))
