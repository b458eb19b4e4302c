"""Files of captures from strangers: a build with them goes on, and its pages hold only text."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from bs4 import BeautifulSoup

from poolcontext.capture import storage
from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Capture
from poolcontext.sphinxext.platform_labels import css_class

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery, Other

MARKUP = """\
<script>alert(1)</script><img src=x onerror=alert(2)></pre></div><style>*{display:none}</style>
"><svg/onload=alert(3)> ' onmouseover='alert(4) &lt;b&gt; &#60;i&#62; <!-- --> ]]> {{ x }} {% y %}
`a <javascript:alert(5)>`_ |b| :ref:`c` **d** .. raw:: html

.. raw:: html

   <script>alert(6)</script>
</script><script>alert(7)</script>
"""
CONTROL = (
    "\x1b[31mred\x1b[0m \x00\x07\x08\x7f\x9b31m \u202egnp.exe\u202c \u2066x\u2069 \u200f\ufffe"
)
CONTROL_SHOWN = (
    r"\x1b[31mred\x1b[0m \x00\x07\x08\x7f\x9b31m \u202egnp.exe\u202c \u2066x\u2069 \u200f\ufffe"
)
CONTROL_ON_TERMINAL = r"red \x00\x7f\x9b31m \u202egnp.exe\u202c \u2066x\u2069 \u200f\ufffe"
REFUSED = {
    # What is wrong with a file: what of it is replaced, and what is said. tests/capture has more.
    "markup": ('"other64"', '"<img src=x onerror=alert(1)>"', "platform: machine: not '<img src"),
    "bidi": ('"other64"', '"\u202e46rehto"', r"platform: machine: not '\u202e46rehto'"),
    "control": (
        '"other64"',
        r'"\u001b[2J\r\nall is well"',
        r"machine: not '\x1b[2J\r\nall is well'",
    ),
    "name": ('"alpha"', '"<script>"', "examples: '<script>' is no script's name"),
    "path": ('"alpha"', '"../../../etc/passwd"', "examples: '../../../etc/passwd' is no script's"),
    "twice": ('"schema": 1', '"schema": 1, "schema": 1', "'schema' is there twice"),
    "digits": ("7.25", "9" * 5000, f"examples: alpha: seconds: {'9' * 20}"),
    "deep": ("{", "[" * 200_000, "it is nested too deeply"),
    "5-megabytes": ("{", "{" + " " * (5 << 20), "it has more than 4194304 bytes"),
    "long-output": ('"1', '"' + "x" * 400_000, "examples: alpha: output: it has more than"),
    "words": ("{", "<script>alert(1)</script>", "line 1 column 1"),
}
NO_FILES = {
    "wrong-name": "platform: .*-bad64.* has a file of that name, not this",
    "copy-of-.*": "platform: .*-good64.* has a file of that name, not this",
    ".*-bad64[^/ ]*": "it is no regular file",  # a link
    "folder": "it is no regular file",
    "nowhere": "it is no regular file",
    "pipe": "it is no regular file",
    r"escape\\x1b\[31m\\u202e": "schema: .*|.*missing",
}


class Hostile(NamedTuple):
    """A gallery with files of strangers, the same with harmless ones, and what was said of it."""

    gallery: Gallery
    built: Built
    harmless: Gallery
    platforms: dict[str, Platform]


@pytest.fixture(scope="module")
def hostile(new_gallery: NewGallery, other: Other) -> Hostile:
    """All kinds of files at once, as each of them is read for itself."""
    platforms = {name: other(machine=f"{name}64") for name in ("markup", "control", "good")}
    galleries = []
    for outputs in ({"markup": "1\n", "control": "2\n"}, {"markup": MARKUP, "control": CONTROL}):
        gallery = new_gallery(min_reported_time=1e9)
        gallery.add("alpha", "print('a')")
        gallery.write(
            "docs/page.rst", ":orphan:\n\nT\n=\n\n.. poolcontext-platform-matrix:: table.toml\n"
        )
        gallery.write(
            "docs/table.toml",
            '[[column]]\ntitle = "Said"\nexample = "alpha"\nlines = ["(?s)^(.+)"]\n'
            '[[row]]\nplatform = "X"\nuntil = "nowhere"\nevidence = "documented"\n'
            'cells = ["x"]\nsources = []\n',
        )
        for name, output in {**outputs, "good": "good\n"}.items():
            gallery.commit(platforms[name], {"alpha": output})
        galleries.append(gallery)
    harmless, gallery = galleries
    folder = gallery.docs / "captures"
    good = Capture(other(), {"alpha": gallery.capture("alpha", "1\n2\n")})
    for name, (old, new, _) in REFUSED.items():
        text = storage.serialize(good).decode()
        assert old in text
        (folder / f"{name}.json").write_text(text.replace(old, new, 1), encoding="utf-8")
    bad = Capture(other(machine="bad64"), good.examples)
    text = storage.serialize(bad).decode()
    (folder / "wrong-name.json").write_text(text, encoding="utf-8")
    good_file = folder / f"{platforms['good'].id}.json"
    (folder / f"copy-of-{good_file.name}").write_bytes(good_file.read_bytes())
    (folder / "folder.json").mkdir()
    (folder / "notes.txt").write_text("of no interest", encoding="utf-8")
    if os.name == "posix":
        elsewhere = gallery.write(f"elsewhere/{bad.platform.id}.json", text)
        (folder / elsewhere.name).symlink_to(elsewhere)
        (folder / "nowhere.json").symlink_to(gallery.root / "nothing")
        os.mkfifo(folder / "pipe.json")
        (folder / "escape\x1b[31m\u202e.json").write_text("{}", encoding="utf-8")
    harmless.build()
    return Hostile(gallery, gallery.build(strict=False), harmless, platforms)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(hostile: Hostile, name: str) -> None:
    """What holds no capture gets one line, which names the file and the place that is wrong."""
    (warning,) = [one for one in hostile.built.warnings if f"{os.sep}{name}.json: " in one]
    folder, _, what = warning.partition(f"{name}.json: ")
    assert folder.startswith("WARNING: ")
    assert REFUSED[name][2] in what
    assert len(what) < 200
    assert re.fullmatch("[ -~…]*", what)


@pytest.mark.parametrize("name", NO_FILES)
@pytest.mark.skipif(os.name != "posix", reason="Windows lacks some of these")
def test_no_file(hostile: Hostile, name: str) -> None:
    """So does what is no file, a link, and a file that has another platform's name."""
    pattern = rf"WARNING: .*{os.sep}{name}\.json: ({NO_FILES[name]})"
    assert len([one for one in hostile.built.warnings if re.fullmatch(pattern, one)]) == 1


def test_nothing_else_is_said(hostile: Hostile, new_gallery: NewGallery) -> None:
    """The build ends well, with a warning a file and no other; a strict one fails of one."""
    there = list((hostile.gallery.docs / "captures").glob("*.json"))
    refused = len(there) - len(hostile.platforms)
    assert len(hostile.built.warnings) == refused
    assert "Traceback" not in hostile.built.log
    assert f"build succeeded, {refused} warnings" in hostile.built.log
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", hostile.built.log)
    gallery = new_gallery()
    gallery.add("alpha", "print('a')")
    gallery.write("docs/captures/rubbish.json", "rubbish")
    assert len(gallery.build(fails=True).warnings) == 1
    assert gallery.output("alpha") == "a\n"


def shape(page: Path) -> list[tuple[str, dict[str, Any]]]:
    """All elements of a page with their attributes, without their texts."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return [(element.name, element.attrs) for element in soup.find_all(True)]


def test_pages(hostile: Hostile) -> None:
    """Every page has just the elements and attributes that it has with harmless files.

    Nothing in it is a character that a terminal or text acts on.
    """
    bad = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
    pages = sorted(hostile.gallery.html.rglob("*.html"))
    assert len(pages) > 4
    for page in pages:
        twin = hostile.harmless.html / page.relative_to(hostile.gallery.html)
        assert shape(page) == shape(twin), page.name
        assert not bad.search(page.read_text(encoding="utf-8")), page.name


@pytest.mark.parametrize(
    ("name", "shown", "expected"),
    [
        ("markup", MARKUP, MARKUP),
        ("control", CONTROL_ON_TERMINAL + "\n", CONTROL_SHOWN),
        ("good", "good\n", "good\n"),
    ],
    ids=["markup", "control", "good"],
)
def test_outputs_are_text(hostile: Hostile, name: str, shown: str, expected: str) -> None:
    """Markup is shown as it is, control characters and those of direction by their names.

    So it is in the table of platforms, and on an example's page, where colours are left out.
    """
    mark = css_class(hostile.platforms[name])
    (outcome,) = hostile.gallery.page("examples/alpha").select(f".outcome.{mark}")
    assert outcome.select_one("pre").get_text() == shown
    (row,) = hostile.gallery.page("page").select(f"tr.{mark}")
    assert expected[:60].rstrip() in row.get_text()


def test_list_for_scripts(hostile: Hostile) -> None:
    """platforms.js holds the platforms of good files only, as one value that ends there."""
    found = [one for one in hostile.gallery.platforms() if "says" not in one]
    assert len(found) == len(hostile.platforms) + 1
    assert {one["id"] for one in found} >= {one.id for one in hostile.platforms.values()}
    assert {one["key"] for one in found} >= {css_class(one) for one in hostile.platforms.values()}
    assert hostile.gallery.platforms() == hostile.harmless.platforms()
