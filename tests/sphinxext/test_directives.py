"""What pages show of a script's outcomes on many platforms, in every kind of output."""

from __future__ import annotations

import xml.dom.minidom
from typing import TYPE_CHECKING, NamedTuple

import pytest
from bs4 import Tag

from poolcontext.capture.platform import Platform, describe
from poolcontext.sphinxext.platform_labels import css_class

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery, Other

OLD = "0" * 64
"""The hash of no script that is there."""

SCRIPTS = {
    "agrees": "print('the same')",
    "alone": "print('nobody else ran it')",
    "changed": "print('as it is now')",
    "differs": "print('here')",
    "ends": "print('to the end')",
    "equal": "print(object(), 'took 0.5 s')",
    "old": "print('of today')",
    "same_but_old": "print('as ever')",
    "twins": "print('a')",
}
COMMITTED_EQUAL = "<object object at 0x7f00beef1230> took 0.7 s\n"
DAY = "1 March 2026"


class Many(NamedTuple):
    """A gallery with committed captures of many platforms, and what its build said."""

    gallery: Gallery
    built: Built
    platforms: dict[str, Platform]
    committed: dict[Path, bytes]


@pytest.fixture(scope="module")
def many(new_gallery: NewGallery, other: Other) -> Many:
    """Built once; this platform has a file, and so have eight that differ in all kinds of ways."""
    gallery = new_gallery()
    for name, code in SCRIPTS.items():
        gallery.add(name, code)
    platforms = {
        "new": other(version="3.14.2"),
        "newer patch": other(version="3.14.3"),
        "old": other(version="3.9.1"),
        "machine": other(version="3.14.2", machine="riscv64"),
        "libc": other(version="3.14.2", libc="musl2"),
        "flags": other(version="3.14.2", flags="free-threading"),
        "system": other(version="3.14.2", system="plan9", libc=""),
        "wine": other(version="3.14.2", system="wine", libc="", release="8.0"),
        "pypy": other(implementation="pypy", version="8.0.1", python="3.11.17"),
    }
    more = {
        "new": {
            "ends": gallery.capture("ends", "to the end\n", status=3),
            "old": gallery.capture("old", "of yesterday\n", script=OLD, date="2025-12-31"),
            "same_but_old": gallery.capture("same_but_old", "as ever\n", script=OLD),
        },
        "newer patch": {
            "ends": gallery.capture("ends", "to the end\n", ended="signal", status=-9),
            "gone": gallery.capture("agrees", "of a script that is not there any more\n"),
        },
        "old": {
            "ends": gallery.capture("ends", "to the end\n", ended="timeout", status=None),
            "agrees": gallery.capture("agrees", "the same\n", date="2026-05-06"),
        },
    }
    for number, (name, platform) in enumerate(platforms.items()):
        outputs = {
            "agrees": "the same\n",
            "differs": "here\n" if name in ("old", "pypy") else "there\n",
            "twins": f"{number}\n",  # each is alone with what it says
        }
        gallery.commit(platform, {**outputs, **more.get(name, {})})
    own = {"agrees": "the same\n", "changed": "as it was\n", "equal": COMMITTED_EQUAL}
    gallery.commit(describe(), own)
    committed = {path: path.read_bytes() for path in (gallery.docs / "captures").iterdir()}
    return Many(gallery, gallery.build(), platforms, committed)


def tabs(gallery: Gallery, name: str) -> list[tuple[str, Tag]]:
    """The tabs of an example's page: their labels and their outcomes."""
    (whole,) = gallery.page(f"examples/{name}").select("div.outcomes > div.sd-tab-set")
    found = [
        (label.get_text(), content.select_one("div.outcome"))
        for label, content in zip(
            whole.select(":scope > label.sd-tab-label"), whole.select(":scope > .sd-tab-content")
        )
    ]
    assert len(found) == len(whole.select("div.outcome")) == len(whole.select(":scope > input"))
    return found


def classes(outcome: Tag) -> set[str]:
    return {name for name in outcome["class"] if name.startswith("on-")}


def output(outcome: Tag) -> str:
    return outcome.select_one("pre").get_text()


def caption(outcome: Tag) -> str:
    return outcome.select_one(".outcome-caption").get_text()


def sentences(outcome: Tag) -> list[str]:
    return [one.get_text() for one in outcome.select("p.outcome-platforms")]


def test_agreeing(many: Many) -> None:
    """What all platforms say is one outcome, without tabs, and a sentence names them all."""
    page = many.gallery.page("examples/agrees")
    assert not page.select(".sd-tab-set, .sd-tab-content")
    (outcome,) = page.select("div.outcomes > div.outcome")
    everyone = [describe(), *many.platforms.values()]
    assert classes(outcome) == {css_class(platform) for platform in everyone}
    sentence, wine = sentences(outcome)
    assert sentence.startswith(f"The same on all {len(everyone)} platforms: ")
    assert sentence.endswith(", until 6 May 2026.")  # the newest platform's is of an earlier day
    assert wine.startswith("Under Wine CPython’s own code for Windows ran, on another ")
    for platform in everyone:
        assert platform.version in sentence
        assert f" on {platform.place}" in sentence


def test_alone(many: Many) -> None:
    """What only this build has run is shown without any such sentence."""
    (outcome,) = many.gallery.outcomes("alone")
    assert classes(outcome) == {css_class(describe())}
    assert sentences(outcome) == []
    assert describe().title in caption(outcome)


def test_differing(many: Many) -> None:
    """Each outcome has a tab, the newest CPython's on Linux first and open, whoever has built it.

    It names the platforms that have it.
    """
    (_, first), (_, second) = tabs(many.gallery, "differs")
    assert (output(first), output(second)) == ("there\n", "here\n")
    inputs = many.gallery.page("examples/differs").select(".sd-tab-set > input")
    assert [one.has_attr("checked") for one in inputs] == [True, False]
    here = {css_class(many.platforms["old"]), css_class(many.platforms["pypy"])}
    assert classes(first) == {css_class(one) for one in many.platforms.values()} - here
    assert classes(second) == {css_class(describe()), *here}
    (said,) = sentences(second)
    assert said.startswith("The same on: ")
    for words in ("CPython 3.9.1", "PyPy 8.0.1 (Python 3.11.17)", describe().version):
        assert words in said
    assert "3.14.2" not in said
    assert describe().title in caption(second)
    title = many.platforms["newer patch"].title
    assert caption(first) == f"python differs.py · {title} · exit status 0 · 7.25 s · {DAY}"


def test_labels(many: Many) -> None:
    """Tabs have distinct labels where only a patch, machine, libc, system or flag differs."""
    found = tabs(many.gallery, "twins")
    names = [label for label, _ in found]
    assert len(set(names)) == len(names) == len(many.platforms) + 1
    for label, outcome in found:
        assert len(classes(outcome)) == 1
        assert len(sentences(outcome)) == ("Wine" in label)
        # Its times are Wine's own.
        assert (" · 7.25 s · " in caption(outcome)) != ("Wine" in label or output(outcome) == "a\n")
    said = {output(outcome): label for label, outcome in found}
    assert next(iter(said)) == "1\n"
    for text, words in (("3", "riscv64"), ("4", "musl2"), ("5", "3.14t"), ("6", "Plan9")):
        assert words in said[f"{text}\n"]
    assert "on Windows (Wine 8.0)" in said["7\n"]
    assert "PyPy" in said["8\n"]


def test_ways_to_end(many: Many) -> None:
    """One output with another exit status, a signal or a time limit is another outcome.

    That it did not end as it is meant to is said in the tab and below the output.
    """
    labelled = tabs(many.gallery, "ends")
    for label, outcome in labelled:
        failed = "exit status 0" not in caption(outcome)
        assert label.endswith(", failed") == failed
        assert ("outcome-failed" in outcome["class"]) == failed
        assert any("meant to end with exit status 0" in one for one in sentences(outcome)) == failed
    found = [outcome for _, outcome in labelled]
    assert {output(one) for one in found} == {"to the end\n"}
    captions = " ".join(map(caption, found))
    for how in ("exit status 0", "exit status 3", "ended by signal 9", "at its time limit"):
        assert captions.count(how) == 1


def test_older_scripts(many: Many) -> None:
    """What an older script printed says so, and from when it is; the last words count and name."""
    title = many.platforms["new"].title
    (_, older), (_, today) = tabs(many.gallery, "old")
    assert "older" not in today.get_text()
    assert caption(older).endswith("31 December 2025 · an older version of this script")
    said = "Captured from an older version of this script, on"
    assert sentences(older) == [f"{said} 31 December 2025: {title}."]
    (outcome,) = many.gallery.outcomes("same_but_old")
    assert "older" not in caption(outcome)
    assert sentences(outcome)[1:] == [f"{said} {DAY}: {title}."]
    words = many.built.last_words
    assert "Warning: of older scripts than those shown, 2 in number:" in words
    assert f"  {title}: old, same_but_old" in words
    assert words[-2].startswith("To renew one platform's, put a build's own in its place: ")


def test_own(many: Many) -> None:
    """Where this build's output is the committed one, that is shown; else its own, and it says so.

    No committed file is written.
    """
    assert many.gallery.output("equal") == COMMITTED_EQUAL
    assert many.gallery.caption("equal").endswith(f" · 7.25 s · {DAY}")
    assert many.gallery.output("changed") == "as it is now\n"
    assert DAY not in many.gallery.caption("changed")
    line = f"Warning: not as docs/captures/{describe().id}.json has it: changed"
    assert line in many.built.last_words
    folder = many.gallery.docs / "captures"
    assert {path: path.read_bytes() for path in folder.iterdir()} == many.committed


def test_read_again(new_gallery: NewGallery, other: Other) -> None:
    """A changed file has just the pages read again that show what is in it, and runs nothing."""
    gallery = new_gallery()
    for page, name in (("one", "alpha"), ("two", "beta"), ("three", "gamma")):
        gallery.add(name, f"print('{name}')")
        gallery.write(f"docs/{page}.rst", f":orphan:\n\nT\n=\n\n.. poolcontext-outcomes:: {name}\n")
    gallery.commit(other(version="3.9.1"), {"alpha": "alpha\n", "beta": "other\n"})
    gallery.build()
    file = gallery.commit(other(version="3.14.2"), {"alpha": "alpha\n"})
    for outputs, pages in (
        ({"alpha": "alpha\n"}, ["examples/alpha", "one"]),
        ({"alpha": "alpha\n", "beta": "b\n"}, ["examples/beta", "two"]),
        ({"beta": "b\n"}, ["examples/alpha", "one"]),
        ({}, ["examples/beta", "two"]),
    ):
        if outputs:
            gallery.commit(other(version="3.14.2"), outputs)
        else:
            file.unlink()
        built = gallery.build()
        assert (built.ran, built.read) == ([], pages)
        for name in ("alpha", "beta"):
            text = gallery.page(f"examples/{name}").get_text()
            assert ("3.14.2" in text) == (name in outputs)


RENDERERS = """
from docutils import nodes
from poolcontext.sphinxext.directives import add_renderer

def shout(results, name):
    text = results.outcomes(name)[0].results[0].snapshot.output
    return nodes.paragraph("", text.upper(), classes=["loud"])

add_renderer("loud", shout)
"""


def test_renderer(new_gallery: NewGallery) -> None:
    """A script's outcomes are drawn by the renderer that it asks for; if there is none, by tabs.

    Of that there is a warning at every build, as there is of a script that is not there.
    """
    gallery = new_gallery()
    gallery.configure(RENDERERS)
    gallery.add("loud", "# sphinx_gallery_renderer = 'loud'\nprint('said')")
    gallery.add("odd", "# sphinx_gallery_renderer = 'nobody'\nprint('said')")
    gallery.write(
        "docs/page.rst",
        ":orphan:\n\nT\n=\n\n.. poolcontext-outcomes:: loud\n\n.. poolcontext-outcomes:: gone\n",
    )
    for _ in range(2):
        odd, gone = gallery.build(fails=True).warnings
        assert "WARNING: odd.py wants the renderer 'nobody', and there is none" in odd
        assert "page.rst:8: WARNING: there is no script 'gone'" in gone
    for page in ("examples/loud", "page"):
        (loud,) = gallery.page(page).select("p.loud")
        assert loud.get_text().strip() == "SAID"
    assert gallery.output("odd") == "said\n"
    assert "Nobody has run this script yet." in gallery.page("page").get_text()
    assert gallery.noted("page") == {"loud", "gone"}


@pytest.mark.parametrize("builder", ["epub", "text"])
def test_headings_instead_of_tabs(new_gallery: NewGallery, other: Other, builder: str) -> None:
    """Where there is no browser, each outcome has a heading, and what is XML is well-formed."""
    gallery = new_gallery()
    gallery.configure("copyright = version = '1'\n")
    gallery.add("first", "print('here\\n\\f')")
    gallery.commit(other(version="3.9.1"), {"first": "there\n"})
    gallery.build("-b", builder)
    for page in gallery.html.rglob("*.xhtml"):
        xml.dom.minidom.parseString(page.read_bytes().replace(b"&nbsp;", b" "))
    (page,) = (one for one in gallery.html.rglob("first.*") if one.suffix in (".txt", ".xhtml"))
    text = page.read_text(encoding="utf-8")
    assert "<input" not in text
    assert "\f" not in text
    assert r"\x0c" in text
    heading = 'rubric">CPython 3.9' if builder == "epub" else "-[ CPython 3.9"
    first, second = (text.index(words) for words in ("here\n", "there\n"))
    assert first < text.index(heading, first) < second
