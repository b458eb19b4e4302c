"""The messages that captures hold: which are shown, how they are put together, and when anew."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from _ext import messages as finding
from bs4 import Tag

from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.sphinxext.results import ALL, Results, key

if TYPE_CHECKING:
    from galleries import Built, Gallery, NewGallery, Other

NEW = """\
fork: multiprocessing.context.KeyError: 'x' at 0x7f00beef1230 of pid 11 in /tmp/tmpabcd1234
NewError: so it is
An attempt has been made
        to start a process
It goes on.
spawn: it stops for ever
GoneError: there is none
"""
OLD = """\
spawn: KeyError: 'x' at 0x7f00cafe4560 of pid 22 in /tmp/tmpefgh5678
OldError: so it was
FirstError: one
SecondError: two
prefix: PrefixedError: three
"""
OTHER_OLD = (
    "concurrent.futures.process.BrokenProcessPool: four\nNewError: so it is\nnoError: here\n"
)
MARKUP = "MarkupError: </code><script>alert(1)</script> |b| :ref:`c` **d** &lt; <javascript:e>`_"
CONTROL = "ControlError: \x1b[31mred \x00 \u202egnp.exe"
CONTROL_SHOWN = r"ControlError: \x1b[31mred \x00 \u202egnp.exe"
STRANGE = f"{MARKUP}\n{CONTROL}\nLongError: {'x' * 10_000}\n"

MANY = [f"many_{number}" for number in range(1, 9)]
PAGES = {
    "typed": [["KeyError"], ["BrokenProcessPool"], ["it stops for"]],
    "order": [["(Old|New)Error: so"]],
    "two_lines": [[r"made\s+to"]],
    "everywhere": [["all agree"]],
    "many": [["MostError: eight"], ["RestError: seven"], ["SixError"]],
    "silent": [[":silent:", "KeyError", r"made\s+to"]],
    "hostile": [["(Markup|Control|Long)Error"]],
    "found": [[r"FirstError: one\nSecondError"], ["prefix: Prefixed"]],
    "others": [["(Key|Old|New|Most|Six|Rest|Markup|Control|Long)Error"]],
    "none": [["(?s).+"]],
}
"""Of each page, the lines of its directives."""

REST = ("found", "others", "none")
"""The pages that begin with what their patterns do not find."""


def directive(name: str, *lines: str) -> str:
    options = [line for line in lines if line.startswith(":")]
    lines = (*options, "", *lines[len(options) :])
    return "".join([f"\n.. poolcontext-{name}::\n", *(f"   {line}\n" for line in lines)])


def page(title: str, *directives: str) -> str:
    return f":orphan:\n\n{title}\n{'=' * 60}\n{''.join(directives)}\n"


class Site(NamedTuple):
    """A gallery with pages of messages, and what its build said."""

    gallery: Gallery
    built: Built
    platforms: dict[str, Platform]


@pytest.fixture(scope="module")
def site(new_gallery: NewGallery, other: Other) -> Site:
    """Built once; the captures of three other platforms hold the messages, all four agree once."""
    gallery = new_gallery()
    gallery.add("raises", "print('all agree')")
    gallery.add("asks", "print('fine')")
    for name in MANY:
        gallery.add(name, "print('fine')")
    gallery.write("docs/with_helper/raises_with_helper.py", "print('HelpedError: this build')\n")
    # In the order of their files' names the older one is the first.
    platforms = {
        "new": other(version="3.14.0"),
        "old": other(version="3.12.1"),
        "strange": other(version="3.11.1", machine="strange64"),
    }
    many = {
        name: "MostError: eight\n"
        + ("RestError: seven\n" if number < 7 else "")
        + ("SixError: six\n" if number < 6 else "")
        for number, name in enumerate(MANY)
    }
    helped = gallery.capture("raises_with_helper", "HelpedError: KeyError: no\n")
    gone = gallery.capture("raises", "KeyError: of a script that is not there any more\n")
    gallery.commit(
        platforms["new"],
        {"raises": f"all agree\n{NEW}", "raises_with_helper": helped, "gone": gone, **many},
    )
    gallery.commit(platforms["old"], {"raises": f"all agree\n{OLD}", "asks": OTHER_OLD})
    gallery.commit(platforms["strange"], {"raises": "all agree\n", "asks": STRANGE})
    for name, directives in PAGES.items():
        made = [directive("messages", *lines) for lines in directives]
        rest = [directive("other-messages")] if name in REST else []
        gallery.write(f"docs/{name}.rst", page(name, *rest, *made))
    gallery.write("docs/plain.rst", page("Plain"))
    return Site(gallery, gallery.build(), platforms)


def groups(site: Site, name: str) -> list[Tag]:
    """What stands in the places of a page's directives."""
    return list(site.gallery.page(name).select("div.messages"))


def rows(group: Tag) -> list[Tag]:
    return list(group.select("tbody tr"))


def texts(group: Tag) -> list[str]:
    """The messages themselves, in the order of the rows."""
    return [row.select_one("td code").get_text() for row in rows(group)]


def keys(row: Tag) -> set[str]:
    return {name for name in row["class"] if name.startswith("on-")}


def where(row: Tag) -> str:
    _, platforms = row.select("td")
    return platforms.get_text()


class TestMessages:
    """What patterns find."""

    def test_type_in_front(self, site: Site) -> None:
        """A message begins with the error's type, without its module and the script's prefix."""
        key_error, broken, stops = groups(site, "typed")
        assert texts(key_error) == ["KeyError: 'x' at 0x7f00beef1230 of pid 11 in /tmp/tmpabcd1234"]
        assert texts(broken) == ["BrokenProcessPool: four"]
        assert texts(stops) == ["spawn: it stops for ever"]

    def test_one_line(self, site: Site) -> None:
        """What differs in addresses, numbers and temporary names only is one, of all platforms."""
        (row,) = rows(groups(site, "typed")[0])
        assert keys(row) == {key(site.platforms["new"]), key(site.platforms["old"])}
        assert "3.14" in where(row)
        assert "3.12" in where(row)
        assert "3.11.1" not in where(row)

    def test_newer_first(self, site: Site) -> None:
        """Messages of newer platforms come first, each with the platforms that it was seen on."""
        (group,) = groups(site, "order")
        assert texts(group) == ["NewError: so it is", "OldError: so it was"]
        new, old = rows(group)
        assert keys(new) == {key(site.platforms["new"]), key(site.platforms["old"])}
        assert keys(old) == {key(site.platforms["old"])}
        assert "3.12" in where(old)
        assert "3.14" not in where(old)

    def test_everywhere(self, site: Site) -> None:
        """What all platforms say is said to be on all of them, this build's own among them."""
        (row,) = rows(groups(site, "everywhere")[0])
        assert where(row) == "all 4 platforms"
        everyone = {key(platform) for platform in (describe(), *site.platforms.values())}
        assert keys(row) == everyone

    def test_two_lines(self, site: Site) -> None:
        """A pattern may go over the end of a line; the lines that it finds become one."""
        (group,) = groups(site, "two_lines")
        assert texts(group) == ["An attempt has been made to start a process"]

    def test_head(self, site: Site) -> None:
        """The table says what its columns are."""
        (group,) = groups(site, "order")
        assert [cell.get_text() for cell in group.select("thead th")] == ["Message", "Result on"]


class TestExamples:
    """Where messages were seen."""

    def test_links(self, site: Site) -> None:
        """Below stand links to the examples' pages, by their titles and each once."""
        (group,) = groups(site, "order")
        links = group.select("p.messages-examples a")
        told = [(link.get_text(), link["href"]) for link in links]
        assert told == [
            ("Title of raises", "examples/raises.html"),
            ("Title of asks", "examples/asks.html"),
        ]
        assert all((site.gallery.html / address).exists() for _, address in told)

    def test_more(self, site: Site) -> None:
        """Six of them are named, those that are more are counted."""
        ends = []
        for group in groups(site, "many"):
            (paragraph,) = group.select("p.messages-examples")
            assert len(paragraph.select("a")) == 6
            ends.append(paragraph.get_text().partition("Title of many_6")[2])
        assert ends == [", and 2 more examples.", ", and 1 more example.", "."]

    def test_silent(self, site: Site) -> None:
        """With ``silent`` no line is shown, but on which platforms and in which examples."""
        (group,) = groups(site, "silent")
        assert not group.select("table, code")
        first, examples = (paragraph.get_text() for paragraph in group.select("p"))
        assert first.startswith("No message. Result on ")
        assert {"3.12", "3.14"} <= set(re.findall(r"3\.\d+", first))
        assert examples == "Result in Title of raises."
        assert [link["href"] for link in group.select("a")] == ["examples/raises.html"]

    def test_helper_does_not_count(self, site: Site) -> None:
        """What versions with the helper print, and scripts that are gone, is nowhere shown."""
        for name in PAGES:
            text = site.gallery.page(name).get_text()
            assert "Helped" not in text
            assert "not there any more" not in text


class TestOthers:
    """What no pattern finds."""

    def test_listed(self, site: Site) -> None:
        """All errors that no pattern of the page finds are there, and no other line of outputs."""
        group, _ = groups(site, "others")
        assert texts(group) == [
            "GoneError: there is none",
            "BrokenProcessPool: four",
            "FirstError: one",
            "SecondError: two",
            "PrefixedError: three",
        ]
        names = [link.get_text() for link in group.select("p.messages-examples a")]
        assert names == ["Title of raises", "Title of asks"]

    def test_found_by_any_part_of_a_line(self, site: Site) -> None:
        """An error is found too by what stands before it, and by a pattern over two lines."""
        left, lines, prefixed = groups(site, "found")
        assert texts(lines) == ["FirstError: one SecondError: two"]
        assert texts(prefixed) == ["PrefixedError: three"]
        assert "GoneError: there is none" in texts(left)
        assert not [text for text in texts(left) if re.match("First|Second|Prefixed", text)]

    def test_none(self, site: Site) -> None:
        """Where patterns find all of them, it says so."""
        left, _ = groups(site, "none")
        assert left.get_text().strip() == "There are none."
        assert not left.select("table, a")


class TestHostile:
    """What strangers' scripts printed."""

    def test_text(self, site: Site) -> None:
        """Markup is shown as it is, control characters and those of direction by their names."""
        (group,) = groups(site, "hostile")
        assert MARKUP in texts(group)
        assert CONTROL_SHOWN in texts(group)
        assert {tag.name for row in rows(group) for tag in row.find_all(True)} == {
            "td",
            "p",
            "code",
            "span",
        }
        assert not site.gallery.page("none").select("div.messages script")

    def test_bounded(self, site: Site) -> None:
        """What is longer than 500 characters is cut there, and the cut is marked."""
        _, _, text = texts(groups(site, "hostile")[0])
        assert text == "LongError: ".ljust(500, "x") + "…"

    @pytest.mark.parametrize("line", ["A." * 150_000, "KeyError " * 33_000, "A" * 300_000])
    @pytest.mark.timeout(20)
    def test_in_time(self, line: str) -> None:
        """The longest output that a file may hold takes no time, whatever it is made of."""
        shown = shown_of({"a": f"{line}\nValueError: last\n"})
        assert [one.text for one in finding.others(shown, ["KeyError"])] == ["ValueError: last"]
        assert len(finding.find(shown, ["KeyError", "last"])) == 1 + ("KeyError" in line)


class TestAgain:
    """When a page is made anew."""

    def test_change(self, site: Site, tmp_path: Path) -> None:
        """It is after a change to any file of captures, and after nothing else."""
        gallery = site.gallery.copy(tmp_path / "copy")
        gallery.build()
        gallery.write("docs/plain.rst", page("Plainer"))
        assert gallery.build().read == ["plain"]

        path = gallery.commit(site.platforms["strange"], {"asks": "NewError: so it was never\n"})
        built = gallery.build(fails=True)  # since a pattern finds nothing any more
        others = ["examples/asks", "examples/index", "examples/raises"]
        assert (built.ran, built.read) == ([], sorted([*PAGES, *others]))
        (group,) = groups(site._replace(gallery=gallery), "order")
        assert "NewError: so it was never" in texts(group)
        (warning,) = built.warnings
        assert "hostile.rst:6: WARNING: no capture holds" in warning
        assert path.exists()


WRONG = {
    "absent": (["fine", "never printed"], r"WARNING: no capture holds 'never printed'"),
    "helped": (["HelpedError"], r"WARNING: no capture holds 'HelpedError'"),
    "expression": (["fine", "fi(ne"], r"ERROR: 'fi\(ne' is no regular expression: \S"),
    "too_large": (["a{9999999999999}"], r"ERROR: 'a\S+' is no regular expression: \S"),
    "empty": ([], r"ERROR: there is no pattern: \S"),
    "blank": ([":silent:", "  "], r"ERROR: there is no pattern: \S"),
    "option": ([":silent: no", "fine"], 'ERROR: Error in "poolcontext-messages" directive'),
}


@pytest.fixture(scope="module")
def wrong(new_gallery: NewGallery) -> Built:
    """A gallery with a page for each thing that is wrong, and one that has nothing wrong."""
    gallery = new_gallery()
    gallery.add("raises", "print('fine')")
    gallery.write("docs/with_helper/raises_with_helper.py", "print('HelpedError: it is')\n")
    for name, (lines, _) in WRONG.items():
        gallery.write(f"docs/{name}.rst", page(name, directive("messages", *lines)))
    right = directive("messages", ":silent:", "fine")
    gallery.write("docs/right.rst", page("Right", right, directive("other-messages")))
    return gallery.build(fails=True)


class TestWrong:
    """Directives that can show nothing."""

    @pytest.mark.parametrize("name", WRONG)
    def test_one_line(self, wrong: Built, name: str) -> None:
        """A strict build fails, and says in one line what is wrong at which line of which page."""
        (line,) = [line for line in wrong.warnings if f"{name}.rst:" in line]
        assert re.search(rf"{name}\.rst:6: {WRONG[name][1]}", line)

    def test_no_other(self, wrong: Built) -> None:
        """Nothing is said of what is right, and there is no traceback."""
        assert len(wrong.warnings) == len(WRONG)
        assert "Traceback" not in wrong.log

    def test_absent_alone(self, new_gallery: NewGallery) -> None:
        """A pattern that finds nothing is enough to fail a strict build."""
        gallery = new_gallery()
        gallery.add("raises", "print('fine')")
        lines, said = WRONG["absent"]
        gallery.write("docs/absent.rst", page("Absent", directive("messages", *lines)))
        (warning,) = gallery.build(fails=True).warnings
        assert re.search(rf"absent\.rst:6: {said}", warning)


def shown_of(outputs: dict[str, str], **fields: Any) -> Results:
    """What is shown of a build with these outputs, of examples that all have pages."""
    captures = {
        name: Snapshot("1" * 64, "2026-11-22", "exit", 0, 0.5, outputs[name]) for name in outputs
    }
    given: dict[str, Any] = {
        "captures": Capture(describe(), captures),
        "digests": dict.fromkeys(outputs, "1" * 64),
        "all_scripts": lambda: [SimpleNamespace(name=name, any_order="") for name in outputs],
        **fields,
    }
    examples: Any = SimpleNamespace(**given)
    return Results(Path("nowhere"), examples, {name: f"examples/{name}" for name in outputs})


class TestFingerprint:
    """What tells that a page that shows everything is to be made anew."""

    def test_same(self) -> None:
        """It is the same for the same captures."""
        assert shown_of({"a": "x\n"}).fingerprint(ALL) == shown_of({"a": "x\n"}).fingerprint(ALL)

    @pytest.mark.parametrize(
        "changed",
        [
            shown_of({"a": "y\n"}),
            shown_of({"a": "x\n", "b": "y\n"}),
            shown_of({"a": "x\n"}, digests={"a": "1" * 64, "b": "2" * 64}),
        ],
        ids=["output", "example", "script"],
    )
    def test_other(self, changed: Results) -> None:
        """It is another one where a capture or a script is."""
        assert changed.fingerprint(ALL) != shown_of({"a": "x\n"}).fingerprint(ALL)

    def test_own(self) -> None:
        """It is another one on another platform, though both show the same captures."""
        one, two = (
            shown_of({}, captures=Capture(describe()._replace(machine=machine), {}))
            for machine in ("one64", "two64")
        )
        assert one.captures == two.captures
        assert one.fingerprint(ALL) != two.fingerprint(ALL)

    def test_not_of_a_script(self) -> None:
        """It stands for no script's own, which stays where only another script's changes."""
        one, two = shown_of({"a": "x\n", "b": "y\n"}), shown_of({"a": "x\n", "b": "z\n"})
        assert one.fingerprint("a") == two.fingerprint("a")
        assert one.fingerprint(ALL) != two.fingerprint(ALL)
        assert one.fingerprint(ALL) != one.fingerprint("a")
