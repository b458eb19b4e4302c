"""What a small gallery makes of symptoms: their pages, the lists, the search's data, the box."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _ext import at_a_glance
from _ext import symptoms as pages
from galleries import Built, Gallery

import poolcontext.symptoms
from poolcontext.capture.platform import describe
from poolcontext.symptoms import Kind, Quote, Symptom

if TYPE_CHECKING:
    from bs4 import Tag

ODD = Symptom(
    "it-is-odd",
    "A number &lt; 10 is odd",
    cause="It is [odd](https://a.example/odd). It stays so.",
    cure="Take another one.",
    more="There are many.",
    messages=(r"ValueError: \d is odd", "never seen"),
    words=("odd number",),
    examples=("break/odd", "break/waits"),
)
WAITS = Symptom(
    "it-waits",
    "It waits",
    cause="It waits for you.",
    cure="Go there.",
    signs=("waits for ever",),
    words=("hangs",),
    examples=("break/waits",),
    follows=True,
)
QUOTED = Symptom(
    "it-is-quoted",
    "It is quoted",
    cause="Somebody says so.",
    cure="Read it.",
    messages=("as it is quoted",),
    examples=("break/plain",),
    quotes=(Quote("as it is quoted", "reported", "https://a.example/report"),),
)
KINDS = (
    Kind("numbers", "The numbers", (ODD,), others=("it-waits",)),
    Kind("others", "All others", (WAITS, QUOTED)),
)

CUTS = '# sphinx_gallery_before = "first ="\n# sphinx_gallery_after = ["second =", "third ="]\n'
LONG = "first = [\n" + "    1,\n" * 12 + "]\nsecond = third = 2\nprint('waits for ever')\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Gallery, Built]:
    """A gallery of three examples, of which one has too much to show of itself."""
    root = tmp_path_factory.mktemp("symptoms") / "gallery"
    gallery = Gallery(root, extensions=("poolcontext.sphinxext", "_ext", "myst_parser"))
    gallery.write("examples/break/GALLERY_HEADER.rst", "Break\n-----\n\nIt breaks.\n")
    gallery.add(
        "break/odd", f"first = 1\nsecond = 2\nthird = 3\nprint('ValueError: 1 is odd')\n{CUTS}"
    )
    gallery.add("break/waits", f"{LONG}{CUTS}")
    gallery.add("break/plain", "print('all is well')")
    orphan = "---\norphan: true\n---\n"
    gallery.write("docs/symptoms.md", f"{orphan}# Symptoms\n\n% symptoms\n")
    for kind in KINDS:
        gallery.write(f"docs/symptoms/{kind.name}.md", f"{orphan}\n% symptoms\n")
    gallery.write(
        "docs/libraries.md", f"{orphan}(if-a-library-gives-you-no-choice)=\n# Libraries\n"
    )
    index = "Index\n=====\n\n.. poolcontext-symptom-index::\n"
    gallery.write("docs/list.rst", f":orphan:\n\n{index}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "KINDS", KINDS)
        patch.setattr(poolcontext.symptoms, "SYMPTOMS", (ODD, WAITS, QUOTED))
        patch.setattr(at_a_glance, "SYMPTOMS", (ODD, WAITS, QUOTED))
        return gallery, gallery.build(fails=True)


def test_page(built: tuple[Gallery, Built]) -> None:
    """A symptom has its place, cause, cure and evidence: messages, platforms, or a quote."""
    pages = {kind: built[0].page(f"symptoms/{kind.name}") for kind in KINDS}
    for kind, page in pages.items():
        assert page.select_one("h1").get_text() == f"{kind.heading}¶"
    sections = {
        one.name: section(page, one.name) for kind, page in pages.items() for one in kind.symptoms
    }
    odd = sections["it-is-odd"].get_text(" ")
    for words in ("A number < 10 is odd", "It stays so.", "Take another one.", "There are many."):
        assert words in odd
    assert "ValueError: 1 is odd" in sections["it-is-odd"].select_one("code").get_text()
    assert "never seen" not in odd
    assert "No message. Seen on" in sections["it-waits"].get_text()
    quoted = sections["it-is-quoted"]
    assert quoted.select_one("pre").get_text().strip() == "as it is quoted"
    assert "Reported: " in quoted.get_text()
    assert not quoted.select("div.messages")
    alike = {kind.name: page.select("#others-that-look-alike li a") for kind, page in pages.items()}
    assert [(one["href"], one.get_text()) for one in alike["numbers"]] == [
        ("others.html#it-waits", "It waits")
    ]
    assert not alike["others"]


def section(page: Tag, name: str) -> Tag:
    place = page.find(id=name)
    found = place if place.name == "section" else place.find_parent("section")
    assert found is not None
    return found


def test_list(built: tuple[Gallery, Built]) -> None:
    """All symptoms are listed by kind, each at a place of its own name, and lead to their pages."""
    page = built[0].page("symptoms")
    headings = [one.get_text().removesuffix("¶") for one in page.select("h2")]
    assert headings == ["The numbers", "All others", "Everything else"]
    links = {str(item["id"]): item.select_one("a") for item in page.select(".symptom-list li")}
    assert {name: str(link["href"]) for name, link in links.items()} == {
        "it-is-odd": "symptoms/numbers.html#it-is-odd",
        "it-waits": "symptoms/others.html#it-waits",
        "it-is-quoted": "symptoms/others.html#it-is-quoted",
    }
    assert links["it-is-odd"].get_text() == "A number < 10 is odd"


def test_data(built: tuple[Gallery, Built]) -> None:
    """The search knows of each the patterns, one sentence of the cause, and where it was seen."""
    text = (built[0].html / "_static" / "symptoms.js").read_text(encoding="utf-8")
    kinds, symptoms = (json.loads(one.partition(" = ")[2].rstrip(";")) for one in text.splitlines())
    odd, waits, quoted = symptoms
    assert kinds == {"numbers": "The numbers", "others": "All others"}
    assert (odd["kinds"], waits["kinds"]) == (["numbers"], ["numbers", "others"])
    assert odd["messages"] == [*ODD.messages]
    assert odd["place"] == "symptoms/numbers.html#it-is-odd"
    assert (odd["title"], odd["cause"]) == ("A number < 10 is odd", "It is odd.")
    assert (odd["cure"], odd["page"]) == ("Take another one.", "examples/break/odd")
    assert describe().version.rpartition(".")[0] in odd["seen"]
    assert (waits["follows"], quoted["seen"], quoted["evidence"]) == (True, "", "reported")
    assert "follows" not in odd


@pytest.mark.parametrize(
    ("cure", "shown"),
    [
        ("Take one; then two. Take three.", "Take one; then two. Take three."),
        (f"Take one. {'x' * 330}. Take three.", f"Take one. {'x' * 330}. …"),
        (f"{'x' * 500}; then two. Take three.", f"{'x' * 500}; …"),
    ],
)
def test_short_cure(cure: str, shown: str) -> None:
    """The search shows no more of a cure than some whole sentences, and says that there is more."""
    assert pages._short(cure) == shown


def test_box(built: tuple[Gallery, Built]) -> None:
    """An example that shows a symptom has the box, with its message, its cuts and the cure."""
    gallery, told = built
    (box,) = gallery.page("examples/break/odd").select(".at-a-glance")
    assert box.select_one("code").get_text() == "ValueError: 1 is odd"
    assert [one.get_text() for one in box.select("pre")] == [
        "first = 1\n",
        "second = 2\nthird = 3\n",
    ]
    assert box.get_text(" ").split()[-7:-3] == ["Cure:", "Take", "another", "one."]
    (box,) = gallery.page("examples/break/waits").select(".at-a-glance")
    assert "It waits" in box.select_one("p").get_text()
    assert not gallery.page("examples/break/plain").select(".at-a-glance")
    assert told.warnings == ["WARNING: waits.py: sphinx_gallery_before finds 14 lines"]


def test_index(built: tuple[Gallery, Built]) -> None:
    """A script stands once, below the heading of the symptom that it shows."""
    (index,) = built[0].page("list").select(".symptom-index")
    lists = [[link.get_text() for link in one.select("a")] for one in index.select("ul")]
    assert lists == [["Title of break/odd"], ["Title of break/waits"]]


def test_dependencies(built: tuple[Gallery, Built]) -> None:
    """A page is read again when a file of the symptoms has changed: it depends on each."""
    with (built[0].docs / "_build" / "doctrees" / "environment.pickle").open("rb") as file:
        depends = pickle.load(file).dependencies
    (folder,) = map(Path, poolcontext.symptoms.__path__)
    for page in ("symptoms", "symptoms/numbers"):
        assert {str(one) for one in folder.glob("*.py")} <= set(map(str, depends[page]))


def test_changed(built: tuple[Gallery, Built], monkeypatch: pytest.MonkeyPatch) -> None:
    """An example's page, which has words of its symptom, is made anew when that changes."""
    gallery, _ = built
    for cure in ("Take two.", "Take three."):
        changed = (ODD._replace(cure=cure), WAITS, QUOTED)
        monkeypatch.setattr(pages, "KINDS", KINDS)
        monkeypatch.setattr(at_a_glance, "SYMPTOMS", changed)
        gallery.build(fails=True)
        assert cure in gallery.page("examples/break/odd").select_one(".at-a-glance").get_text()
