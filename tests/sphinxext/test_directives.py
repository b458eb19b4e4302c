"""What pages show of many platforms, and which pages are read again."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from bs4 import Tag

from poolcontext.capture.platform import Platform, describe
from poolcontext.sphinxext.results import key, rank

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
        "pypy": other(implementation="pypy", version="8.0.1", python="3.11.17"),
    }
    for number, (name, platform) in enumerate(platforms.items()):
        outputs = {
            "agrees": "the same\n",
            "differs": "here\n" if name in ("old", "pypy") else "there\n",
            # Each is alone with what it says.
            "twins": f"{number}\n",
        }
        gallery.commit(platform, outputs)
    gallery.commit(
        platforms["new"],
        {
            "agrees": "the same\n",
            "differs": "there\n",
            "twins": "0\n",
            "ends": gallery.capture("ends", "to the end\n", status=3),
            "old": gallery.capture("old", "of yesterday\n", script=OLD, date="2025-12-31"),
            "same_but_old": gallery.capture("same_but_old", "as ever\n", script=OLD),
        },
    )
    gallery.commit(
        platforms["newer patch"],
        {
            "agrees": "the same\n",
            "differs": "there\n",
            "twins": "1\n",
            "ends": gallery.capture("ends", "to the end\n", ended="signal", status=-9),
            "gone": gallery.capture("agrees", "of a script that is not there any more\n"),
        },
    )
    gallery.commit(
        platforms["old"],
        {
            "agrees": "the same\n",
            "differs": "here\n",
            "twins": "2\n",
            "ends": gallery.capture("ends", "to the end\n", ended="timeout", status=None),
        },
    )
    gallery.commit(
        describe(),
        {"agrees": "the same\n", "changed": "as it was\n", "equal": COMMITTED_EQUAL},
    )
    committed = {path: path.read_bytes() for path in (gallery.docs / "captures").iterdir()}
    return Many(gallery, gallery.build(), platforms, committed)


def shown(gallery: Gallery, name: str) -> list[tuple[str, Tag]]:
    """The tabs of an example's page: their labels and their outcomes."""
    (tabs,) = gallery.page(f"examples/{name}").select("div.outcomes > div.sd-tab-set")
    found = [
        (label.get_text(), content.select_one("div.outcome"))
        for label, content in zip(
            tabs.select(":scope > label.sd-tab-label"), tabs.select(":scope > .sd-tab-content")
        )
    ]
    assert len(found) == len(tabs.select("div.outcome")) == len(tabs.select(":scope > input"))
    return found


def keys(outcome: Tag) -> set[str]:
    return {name for name in outcome["class"] if name.startswith("on-")}


def sentences(outcome: Tag) -> list[str]:
    return [one.get_text() for one in outcome.select("p.outcome-platforms")]


class TestAgreeing:
    """A script that says the same everywhere."""

    def test_no_tabs(self, many: Many) -> None:
        """There is one outcome, without tabs, and one sentence that names all platforms."""
        page = many.gallery.page("examples/agrees")
        assert not page.select(".sd-tab-set, .sd-tab-content")
        (outcome,) = page.select("div.outcomes > div.outcome")
        everyone = [describe(), *many.platforms.values()]
        assert keys(outcome) == {key(platform) for platform in everyone}
        (sentence,) = sentences(outcome)
        assert sentence.startswith(f"The same on all {len(everyone)} platforms: ")
        for platform in everyone:
            assert platform.version in sentence
            assert f" on {platform.place}" in sentence

    def test_alone(self, many: Many) -> None:
        """What only this build has run is shown without any such sentence."""
        (outcome,) = many.gallery.outcomes("alone")
        assert keys(outcome) == {key(describe())}
        assert sentences(outcome) == []
        assert describe().title in many.gallery.caption("alone")

    def test_classes_for_scripts_of_pages(self) -> None:
        """A platform's class is `on-` and eight digits of its id's hash."""
        assert re.fullmatch(r"on-[0-9a-f]{8}", key(describe()))


class TestDiffering:
    """A script that does not."""

    def test_own_tab_is_first(self, many: Many) -> None:
        """This build's own outcome is the first, and the one that is open."""
        (_, first), (_, second) = shown(many.gallery, "differs")
        assert first.select_one("pre").get_text() == "here\n"
        assert second.select_one("pre").get_text() == "there\n"
        assert describe().title in first.select_one(".outcome-caption").get_text()
        first_input, second_input = many.gallery.page("examples/differs").select(
            ".sd-tab-set > input"
        )
        assert first_input.has_attr("checked")
        assert not second_input.has_attr("checked")

    def test_each_platform_is_in_one_tab(self, many: Many) -> None:
        """A tab lists the platforms that have its outcome, and no platform is in two."""
        (_, first), (_, second) = shown(many.gallery, "differs")
        here = {key(many.platforms["old"]), key(many.platforms["pypy"]), key(describe())}
        assert keys(first) == here
        assert keys(second) == {key(one) for one in many.platforms.values()} - here
        (said,) = sentences(first)
        assert said.startswith("The same on: ")
        assert "CPython 3.9.1" in said
        assert "PyPy 8.0.1 (Python 3.11.17)" in said
        assert describe().version in said
        assert "3.14.2" not in said

    def test_labels_are_distinct(self, many: Many) -> None:
        """They are also where only a patch version, machine, libc, system or flag differs."""
        tabs = shown(many.gallery, "twins")
        assert len(tabs) == len(many.platforms) + 1
        names = [label for label, _ in tabs]
        assert len(set(names)) == len(names)
        for _, outcome in tabs:
            assert len(keys(outcome)) == 1
            assert sentences(outcome) == []
        said = dict(zip((outcome.select_one("pre").get_text() for _, outcome in tabs), names))
        here, *_ = names
        assert here == said["a\n"]
        assert "3.14t" in said["5\n"]
        assert "riscv64" in said["3\n"]
        assert "musl2" in said["4\n"]
        assert "Plan9" in said["6\n"]
        assert "PyPy" in said["7\n"]

    def test_ways_to_end(self, many: Many) -> None:
        """One output with another exit status, a signal or a time limit is another outcome."""
        tabs = [outcome for _, outcome in shown(many.gallery, "ends")]
        assert len(tabs) == 4
        assert {one.select_one("pre").get_text() for one in tabs} == {"to the end\n"}
        captions = " ".join(one.select_one(".outcome-caption").get_text() for one in tabs)
        for how in ("exit status 0", "exit status 3", "ended by signal 9", "at its time limit"):
            assert captions.count(how) == 1

    def test_caption_has_its_provenance(self, many: Many) -> None:
        """A tab's caption tells whose output it is, how long it took, and from when it is."""
        _, (_, outcome) = shown(many.gallery, "differs")
        caption = outcome.select_one(".outcome-caption").get_text()
        facts = f"exit status 0 · 7.25 s · {DAY}"
        titles = [platform.title for platform in many.platforms.values()]
        assert caption in [f"python differs.py · {title} · {facts}" for title in titles]


class TestOlder:
    """Capture of scripts that have changed since."""

    def test_marked_with_its_date(self, many: Many) -> None:
        """An outcome that an older script had says so in its caption, and from when it is."""
        (_, today), (_, older) = shown(many.gallery, "old")
        assert "older" not in today.get_text()
        caption = older.select_one(".outcome-caption").get_text()
        assert caption.endswith("31 December 2025 · an older version of this script")
        (said,) = sentences(older)
        title = many.platforms["new"].title
        assert (
            said == f"Captured from an older version of this script, on 31 December 2025: {title}."
        )

    def test_marked_where_it_says_the_same(self, many: Many) -> None:
        """Where the older script said the same, one sentence tells which platform ran it."""
        (outcome,) = many.gallery.outcomes("same_but_old")
        assert "older" not in outcome.select_one(".outcome-caption").get_text()
        _, said = sentences(outcome)
        title = many.platforms["new"].title
        assert said == f"Captured from an older version of this script, on {DAY}: {title}."

    def test_counted_in_the_last_words(self, many: Many) -> None:
        """The build, which fails on warnings, ends well, and counts and names them at its end."""
        assert many.built.status == 0
        *_, renew, _ = words = many.built.last_words
        assert "Warning: of older scripts than those shown, 2 in number:" in words
        line = f"  {many.platforms['new'].title}: old, same_but_old"
        assert line in words
        assert renew == "`python src/poolcontext capture` renews one platform's."


class TestOwn:
    """The captures of this build, and the committed ones of its platform."""

    def test_equal(self, many: Many) -> None:
        """Where both say the same, addresses and times apart, the committed one is shown."""
        assert many.gallery.output("equal") == COMMITTED_EQUAL
        assert many.gallery.caption("equal").endswith(f" · 7.25 s · {DAY}")

    def test_different(self, many: Many) -> None:
        """Where they differ, this build's is shown, and its last words name the example."""
        assert many.gallery.output("changed") == "as it is now\n"
        assert DAY not in many.gallery.caption("changed")
        line = f"Warning: not as docs/captures/{describe().id}.json has it: changed"
        assert line in many.built.last_words

    def test_committed_files_are_not_written(self, many: Many) -> None:
        """No build changes a committed file, or adds one."""
        folder = many.gallery.docs / "captures"
        assert {path: path.read_bytes() for path in folder.iterdir()} == many.committed

    def test_list_of_platforms(self, many: Many) -> None:
        """Scripts of pages get a list of all platforms, in the order of the table's rows."""
        everyone = sorted([describe(), *many.platforms.values()], key=rank)
        assert many.gallery.platforms() == [
            {"id": one.id, "title": one.title, "key": key(one)} for one in everyone
        ]

    def test_without_committed_ones(self, many: Many, tmp_path: Path) -> None:
        """Once they are gone, the list names this platform only, and the last words say nothing."""
        gallery = many.gallery.copy(tmp_path / "copy")
        shutil.rmtree(gallery.docs / "captures")
        words = "\n".join(gallery.build().last_words)
        assert "Warning" not in words
        assert "older" not in words
        assert [one["id"] for one in gallery.platforms()] == [describe().id]


class TestReadAgain:
    """Which pages a build reads again when committed captures are others."""

    def test_added_changed_removed(self, new_gallery: NewGallery, other: Other) -> None:
        """Just the pages that show what is added, changed or removed; nothing runs for it."""
        gallery = new_gallery()
        gallery.add("alpha", "print('a')")
        gallery.add("beta", "print('b')")
        gallery.add("gamma", "print('c')")
        for page, name in (("one", "alpha"), ("two", "beta"), ("three", "gamma")):
            gallery.write(
                f"docs/{page}.rst", f":orphan:\n\nT\n=\n\n.. poolcontext-outcomes:: {name}\n"
            )
        gallery.commit(other(version="3.9.1"), {"alpha": "a\n", "beta": "other\n"})
        gallery.build()
        platform = other(version="3.14.2")
        # The gallery's page has their cards.
        alpha = ["examples/alpha", "examples/index", "one"]
        beta = ["examples/beta", "examples/index", "two"]
        steps = [
            ({"alpha": "a\n"}, alpha),
            ({"alpha": "a\n"}, []),
            ({"alpha": "A\n"}, alpha),
            ({"alpha": "A\n", "beta": "b\n"}, beta),
            ({"beta": "b\n"}, alpha),
            ({}, beta),
        ]
        for outputs, pages in steps:
            if outputs:
                file = gallery.commit(platform, outputs)
            else:
                file.unlink()
            built = gallery.build()
            assert built.ran == []
            assert built.read == pages, outputs
            for name in ("alpha", "beta"):
                text = gallery.page(f"examples/{name}").get_text()
                assert ("3.14.2" in text) == (name in outputs)

    def test_order_of_files_does_not_matter(self, new_gallery: NewGallery, other: Other) -> None:
        """The same files, put there in another order, make the same page."""
        pages = []
        for order in (1, -1):
            gallery = new_gallery(min_reported_time=1e9)
            gallery.add("alpha", "print('a')")
            gallery.commit(describe(), {"alpha": "a\n"})
            for version in ("3.9.1", "3.12.2", "3.14.0")[::order]:
                gallery.commit(other(version=version), {"alpha": f"{version}\n"})
            gallery.build()
            pages.append((gallery.html / "examples" / "alpha.html").read_bytes())
        assert pages[0] == pages[1]
