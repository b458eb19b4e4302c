"""The messages that captures hold: which are shown, how they are put together, and where."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _ext import messages
from bs4 import Tag
from galleries import BuiltGallery

from poolcontext.capture.platform import describe
from poolcontext.capture.script import Script
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.sphinxext.platform_labels import css_class
from poolcontext.sphinxext.results import ALL, Results

if TYPE_CHECKING:
    from galleries import NewGallery, Other

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
STRANGE += "".join(f"ManyError: {'x' * number}.\n" for number in range(103))

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
    "others": [["(Key|Old|New|Most|Six|Rest|Markup|Control|Long|Many)Error"]],
    "none": [["(?s).+"]],
    "all": [],
    "too_many": [["ManyError"]],
}
"""Of each page, the lines of its directives."""

WRONG = {
    "absent": (["fine", "never printed"], r"WARNING: no capture holds 'never printed'"),
    "helped": (["HelpedError"], r"WARNING: no capture holds 'HelpedError'"),
    "expression": (["fine", "fi(ne"], r"ERROR: 'fi\(ne' is no regular expression: \S"),
    "too_large": (["a{9999999999999}"], r"ERROR: 'a\S+' is no regular expression: \S"),
    "empty": ([], r"ERROR: there is no pattern: \S"),
    "blank": ([":silent:", "  "], r"ERROR: there is no pattern: \S"),
    "option": ([":silent: no", "fine"], 'ERROR: Error in "poolcontext-messages" directive'),
}
"""The same of pages whose directives can show nothing, and what is said of them."""

REST = ("found", "others", "none", "all")
"""The pages that end with what their patterns do not find."""


def page(*patterns: list[str], others: bool = False) -> str:
    made = ""
    looked_for = [line for lines in patterns for line in lines if not line.startswith(":")]
    for lines in patterns:
        options = [line for line in lines if line.startswith(":")]
        made += "\n.. poolcontext-messages::\n"
        for line in (*options, "", *lines[len(options) :]):
            made += f"   {line}\n"
    if others:
        made += "\n.. poolcontext-other-messages::\n\n"
        made += "".join(f"   {line}\n" for line in looked_for)
    return f":orphan:\n\nTitle\n=====\n{made}\n"


@pytest.fixture(scope="module")
def built(new_gallery: NewGallery, other: Other) -> BuiltGallery:
    """Built once; the captures of three other platforms hold the messages, all four agree once."""
    gallery = new_gallery()
    for name, said in (("raises", "all agree"), ("asks", "fine"), *((one, "fine") for one in MANY)):
        gallery.add(name, f"print({said!r})")
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
    for name, patterns in PAGES.items():
        gallery.write(f"docs/{name}.rst", page(*patterns, others=name in REST))
    for name, (lines, _) in WRONG.items():
        gallery.write(f"docs/{name}.rst", page(lines))
    return BuiltGallery(gallery, gallery.build(fails=True), platforms)


def groups(built: BuiltGallery, name: str) -> list[Tag]:
    """What stands in the places of a page's directives."""
    return list(built.gallery.page(name).select("div.messages"))


def rows(group: Tag) -> list[tuple[str, str, set[str]]]:
    """The messages, each with where it was seen, and with the classes of these platforms."""
    found = []
    for row in group.select("tbody tr"):
        message, where = row.select("td")
        classes = {name for name in row["class"] if name.startswith("on-")}
        found.append((message.select_one("code").get_text(), where.get_text(), classes))
    return found


def texts(group: Tag) -> list[str]:
    return [text for text, _, _ in rows(group)]


def test_messages(built: BuiltGallery) -> None:
    """A message begins with its error's type, without module and prefix; one of two lines is one.

    What differs in addresses, numbers and temporary names only is one, of all its platforms.
    """
    key_error, broken, stops = groups(built, "typed")
    ((text, where, classes),) = rows(key_error)
    assert text == "KeyError: 'x' at 0x7f00beef1230 of pid 11 in /tmp/tmpabcd1234"
    assert set(re.findall(r"3\.1\d", where)) == {"3.14", "3.12"}
    assert classes == {css_class(built.platforms[name]) for name in ("new", "old")}
    assert texts(broken) == ["BrokenProcessPool: four"]
    assert texts(stops) == ["spawn: it stops for ever"]
    (group,) = groups(built, "two_lines")
    assert texts(group) == ["An attempt has been made to start a process"]


def test_order(built: BuiltGallery) -> None:
    """Messages of newer platforms come first; below stand links to the examples, each once."""
    (group,) = groups(built, "order")
    assert [cell.get_text() for cell in group.select("thead th")] == ["Message", "Seen on"]
    new, old = rows(group)
    classes = {name: css_class(platform) for name, platform in built.platforms.items()}
    assert (new[0], new[2]) == ("NewError: so it is", {classes["new"], classes["old"]})
    assert (old[0], old[2]) == ("OldError: so it was", {classes["old"]})
    assert "3.14" not in old[1]
    links = group.select("p.messages-examples a")
    assert [(link.get_text(), link["href"]) for link in links] == [
        ("Title of raises", "examples/raises.html"),
        ("Title of asks", "examples/asks.html"),
    ]


def test_everywhere(built: BuiltGallery) -> None:
    """What all platforms say is said to be on all of them, this build's own among them."""
    ((_, where, classes),) = rows(groups(built, "everywhere")[0])
    assert where == "all 4 platforms"
    assert classes == {css_class(one) for one in (describe(), *built.platforms.values())}


def test_many_examples(built: BuiltGallery) -> None:
    """Six examples are named, those that are more are counted."""
    ends = []
    for group in groups(built, "many"):
        (paragraph,) = group.select("p.messages-examples")
        assert len(paragraph.select("a")) == 6
        ends.append(paragraph.get_text().partition("Title of many_6")[2])
    assert ends == [", and 2 more examples.", ", and 1 more example.", "."]


def test_silent(built: BuiltGallery) -> None:
    """With ``silent`` no line is shown, but on which platforms and in which examples."""
    (group,) = groups(built, "silent")
    assert not group.select("table, code")
    first, examples = (paragraph.get_text() for paragraph in group.select("p"))
    assert first.startswith("No message. Seen on ")
    assert {"3.12", "3.14"} <= set(re.findall(r"3\.\d+", first))
    assert examples == "Seen in Title of raises."


def test_others(built: BuiltGallery) -> None:
    """All errors that no pattern of the page finds, in any part of their line, and no other line.

    What versions with the helper print does not count, nor what scripts did that are gone.
    """
    _, group = groups(built, "others")
    assert texts(group) == [
        "GoneError: there is none",
        "BrokenProcessPool: four",
        "FirstError: one",
        "SecondError: two",
        "PrefixedError: three",
    ]
    names = [link.get_text() for link in group.select("p.messages-examples a")]
    assert names == ["Title of raises", "Title of asks"]
    lines, prefixed, left = groups(built, "found")
    assert texts(lines) == ["FirstError: one SecondError: two"]
    assert texts(prefixed) == ["PrefixedError: three"]
    assert "GoneError: there is none" in texts(left)
    assert not [text for text in texts(left) if re.match("First|Second|Prefixed", text)]
    _, left = groups(built, "none")
    assert left.get_text().strip() == "There are none."
    assert not left.select("table, a, script")
    for name in PAGES:
        assert not re.search("Helped|not there any more", built.gallery.page(name).get_text())


def test_hostile(built: BuiltGallery) -> None:
    """Markup is shown as it is, control characters by their names, and what is long is cut.

    Of very many messages the first are shown, the others counted.
    """
    (group,) = groups(built, "hostile")
    assert texts(group) == [MARKUP, CONTROL_SHOWN, "LongError: ".ljust(500, "x") + "…"]
    tags = {tag.name for tag in group.select_one("tbody").find_all(True)}
    assert tags == {"tr", "td", "p", "code", "span"}
    (group,) = groups(built, "too_many")
    assert len(texts(group)) == 100
    assert group.find("p", recursive=False).get_text() == "And 3 more."


@pytest.mark.parametrize("name", WRONG)
def test_wrong(built: BuiltGallery, name: str) -> None:
    """What can show nothing is told of in one line, with the page and its line."""
    (line,) = [line for line in built.built.warnings if f"{name}.rst:" in line]
    assert re.search(rf"{name}\.rst:6: {WRONG[name][1]}", line)


def test_noted(built: BuiltGallery) -> None:
    """Nothing else is said, and every page notes that it shows all captures, one that warns too."""
    assert len(built.built.warnings) == len(WRONG)
    assert "Traceback" not in built.built.log
    for name in (*PAGES, "absent"):
        assert built.gallery.noted(name) == {ALL}, name
    again = built.gallery.build(strict=False)
    assert "absent" in again.read
    assert [line for line in again.warnings if "never printed" in line]


@pytest.mark.parametrize("line", ["A." * 150_000, "KeyError " * 33_000, "A" * 300_000])
@pytest.mark.timeout(20)
def test_in_time(line: str) -> None:
    """The longest output that a file may hold takes no time, whatever it is made of."""
    snapshot = Snapshot("1" * 64, "2026-11-22", "exit", 0, 0.5, f"{line}\nValueError: last\n")
    results = Results(
        Capture(describe(), {"a": snapshot}),
        {"a": Script(Path("a.py"), "a")},
        {"a": "1" * 64},
        {"a": "examples/a"},
    )
    assert [one.text for one in messages.others(results, ["KeyError"])] == ["ValueError: last"]
    assert len(messages.find(results, ["KeyError", "last"])) == 1 + ("KeyError" in line)
