"""Files of captures from strangers: a build with them goes on, and its pages hold only text."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from bs4 import BeautifulSoup

from poolcontext.capture import storage as files
from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Capture
from poolcontext.sphinxext.results import key

if TYPE_CHECKING:
    from pathlib import Path

    from galleries import Built, Gallery, NewGallery, Other

Data = dict[str, Any]

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


def change(*path: str | int, to: Any) -> Callable[[Data], Data]:
    """Put another value at a place of a file's data."""

    def changed(data: Data) -> Data:
        place: Any = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to
        return data

    return changed


def rename(data: Data, name: str) -> Data:
    data["examples"][name] = data["examples"].pop("alpha")
    return data


# What is wrong with a file, by what it is called: how its data is changed, and what is said of it.
CHANGED: dict[str, tuple[Callable[[Data], Data], str]] = {
    "markup-machine": (
        change("platform", "machine", to="<img src=x onerror=alert(1)>"),
        "platform: machine: not '<img src=x onerror=alert(1)>'",
    ),
    "markup-flags": (
        change("platform", "flags", to='"];</script><script>alert(1)</script>'),
        "platform: flags: not ",
    ),
    "markup-version": (change("platform", "version", to="3.9.1<b>"), "platform: version: not "),
    "markup-date": (change("date", to="<script>"), "date: "),
    "markup-capture": (
        change("examples", "alpha", "date", to="2026-<b>"),
        "examples: alpha: date: '2026-<b>' is no date",
    ),
    "markup-hash": (
        change("examples", "alpha", "script", to="<script>"),
        "examples: alpha: script: '<script>' is no SHA-256",
    ),
    "markup-ended": (
        change("examples", "alpha", "ended", to="<i>exit</i>"),
        "examples: alpha: ended: ",
    ),
    "markup-name": (lambda data: rename(data, "<script>"), "examples: '<script>' is no script's"),
    "bidi-libc": (
        change("platform", "libc", to="\u202ecbilg"),
        r"platform: libc: not '\u202ecbilg'",
    ),
    "control-system": (
        change("platform", "system", to="linux\x1b[2J\r\nall is well"),
        r"platform: system: not 'linux\x1b[2J\r\nall is well'",
    ),
    "path-name": (
        lambda data: rename(data, "../../../etc/passwd"),
        "examples: '../../../etc/passwd' is no script's name",
    ),
    "path-system": (change("platform", "system", to="../../x"), "platform: system: not '../../x'"),
    "path-id": (change("platform", "id", to="../../index"), "platform: id: it is not "),
    "deep-output": (
        change("examples", "alpha", "output", 0, to=json.loads("[" * 300 + "]" * 300)),
        "examples: alpha: output: line 1: ",
    ),
    "type-list": (lambda data: [data], "it is no object"),
    "type-examples": (change("examples", to=[]), "examples: it is no object"),
    "no-examples": (change("examples", to={}), "examples: there are 0"),
    "type-capture": (change("examples", "alpha", to=None), "examples: alpha: it is no object"),
    "type-status": (
        change("examples", "alpha", "status", to="0"),
        "examples: alpha: status: '0' is no exit status",
    ),
    "type-bool": (
        change("examples", "alpha", "seconds", to=True),
        "examples: alpha: seconds: True is no number",
    ),
    "type-output": (
        change("examples", "alpha", "output", to="text\n"),
        "examples: alpha: output: not a list of lines",
    ),
    "half-character": (
        change("examples", "alpha", "output", 0, to="\ud800\n"),
        "examples: alpha: output: line 1: it holds half a character",
    ),
    "long-output": (
        change("examples", "alpha", "output", 0, to="x" * 400_000),
        "examples: alpha: output: ",
    ),
    "unknown-key": (change("extra", to=1), "'extra': nothing is known of it"),
    "schema": (change("schema", to=2), "schema: 2 is not 1"),
    "exit-by-signal": (
        change("examples", "alpha", "status", to=-9),
        "examples: alpha: status: not -9, since it ended by exit",
    ),
    "signal-without-number": (
        change("examples", "alpha", "ended", to="signal"),
        "examples: alpha: status: not 0, since it ended by signal",
    ),
    "timeout-with-status": (
        change("examples", "alpha", "ended", to="timeout"),
        "examples: alpha: status: not 0, since it ended by timeout",
    ),
    "exit-without-status": (
        change("examples", "alpha", "status", to=None),
        "examples: alpha: status: not None, since it ended by exit",
    ),
    "no-such-day": (
        change("examples", "alpha", "date", to="2026-02-30"),
        "examples: alpha: date: ",
    ),
}
# The same where it is no question of data: what is written instead of `TEXT`, the file's text.
WRITTEN: dict[str, tuple[Callable[[str], bytes], str]] = {
    "5-megabytes": (
        lambda text: text.encode() + b" " * (5 << 20),
        "it has more than 4194304 bytes",
    ),
    "deep": (lambda text: b"[" * 200_000, "it is nested too deeply"),
    "deep-objects": (lambda text: b'{"a":' * 200_000, "it is nested too deeply"),
    "twice": (
        lambda text: text.replace('"schema": 1,', '"schema": 1, "schema": 1,').encode(),
        "'schema' is there twice",
    ),
    "twice-inside": (
        lambda text: text.replace('"status": 0', '"status": 0, "status": 0').encode(),
        "examples: alpha: 'status' is there twice",
    ),
    "twice-platform": (
        lambda text: text.replace('"libc":', '"libc": "", "libc":').encode(),
        "platform: 'libc' is there twice",
    ),
    "twice-example": (
        lambda text: text.replace('"alpha":', '"alpha": {}, "alpha":').encode(),
        "examples: 'alpha' is there twice",
    ),
    "nan": (
        lambda text: text.replace("7.25", "NaN").encode(),
        "examples: alpha: seconds: nan is no number of seconds",
    ),
    "infinite": (
        lambda text: text.replace("7.25", "-Infinity").encode(),
        "examples: alpha: seconds: -inf is no number of seconds",
    ),
    "nan-status": (
        lambda text: text.replace('"status": 0', '"status": NaN').encode(),
        "examples: alpha: status: nan is no exit status",
    ),
    "nan-schema": (
        lambda text: text.replace('"schema": 1', '"schema": NaN').encode(),
        "schema: nan is not 1",
    ),
    "huge": (
        lambda text: text.replace("7.25", "1e999").encode(),
        "examples: alpha: seconds: inf is no number",
    ),
    "digits": (
        lambda text: text.replace("7.25", "9" * 5000).encode(),
        f"examples: alpha: seconds: {'9' * 20}",
    ),
    "digits-status": (
        lambda text: text.replace('"status": 0', '"status": -' + "9" * 5000).encode(),
        f"examples: alpha: status: -{'9' * 19}",
    ),
    "cut": (lambda text: text.encode()[:-20], "line "),
    "no-text": (lambda text: bytes(range(256)), "can't decode byte"),
    "utf-16": (lambda text: text.encode("utf-16"), "can't decode byte"),
    "empty": (lambda text: b"", "line 1 column 1"),
    "words": (lambda text: b"<html><script>alert(1)</script></html>", "line 1 column 1"),
    "null": (lambda text: b"null", "it is no object"),
}


class Hostile(NamedTuple):
    """A gallery with files of strangers, the same with harmless ones, and what was said of both."""

    gallery: Gallery
    built: Built
    harmless: Gallery
    platforms: dict[str, Platform]


@pytest.fixture(scope="module")
def hostile(new_gallery: NewGallery, other: Other) -> Hostile:
    """All kinds of files at once, as each of them is read for itself."""
    platforms = {
        "markup": other(machine="markup64"),
        "control": other(machine="control64"),
        "good": other(machine="good64"),
    }
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
    good = Capture(other(machine="bad64"), {"alpha": gallery.capture("alpha", "1\n2\n")})
    text = files.serialize(good).decode()
    for name, (changed, _) in CHANGED.items():
        data = changed(copy.deepcopy(json.loads(text)))
        (folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")
    for name, (written, _) in WRITTEN.items():
        (folder / f"{name}.json").write_bytes(written(text))
    good_file = folder / f"{platforms['good'].id}.json"
    (folder / "wrong-name.json").write_text(text, encoding="utf-8")
    (folder / f"copy-of-{good_file.name}").write_bytes(good_file.read_bytes())
    (folder / "folder.json").mkdir()
    (folder / "notes.txt").write_text("of no interest", encoding="utf-8")
    if os.name == "posix":
        elsewhere = gallery.write(f"elsewhere/{good.platform.id}.json", text)
        (folder / elsewhere.name).symlink_to(elsewhere)
        (folder / "nowhere.json").symlink_to(gallery.root / "nothing")
        os.mkfifo(folder / "pipe.json")
        (folder / "escape\x1b[31m\u202e.json").write_text("{}", encoding="utf-8")
    harmless.build()
    return Hostile(gallery, gallery.build(strict=False), harmless, platforms)


def warnings_of(built: Built, name: str) -> list[str]:
    return [line for line in built.warnings if f"{os.sep}{name}.json: " in line]


def shape(page: Path) -> list[tuple[str, dict[str, Any]]]:
    """All elements of a page with their attributes, without their texts."""
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    return [(element.name, element.attrs) for element in soup.find_all(True)]


class TestRefused:
    """Files that hold no captures."""

    @pytest.mark.parametrize("name", [*CHANGED, *WRITTEN])
    def test_one_warning(self, hostile: Hostile, name: str) -> None:
        """Each gets one line, which names the file and the place where something is wrong."""
        (warning,) = warnings_of(hostile.built, name)
        _, said = {**CHANGED, **WRITTEN}[name]
        folder, _, what = warning.partition(f"{name}.json: ")
        assert folder.startswith("WARNING: ")
        assert said in what
        assert len(what) < 200
        assert re.fullmatch("[ -~…]*", what)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("wrong-name", "platform: .*-bad64.* has a file of that name, not this"),
            ("copy-of-.*", "platform: .*-good64.* has a file of that name, not this"),
            ("folder", "it is no regular file"),
            pytest.param(".*-bad64[^/ ]*", "it is no regular file", id="link"),
            ("nowhere", "it is no regular file"),
            ("pipe", "it is no regular file"),
            (r"escape\\x1b\[31m\\u202e", "schema: .*|.*missing"),
        ],
    )
    @pytest.mark.skipif(os.name != "posix", reason="Windows lacks some of these")
    def test_files(self, hostile: Hostile, name: str, said: str) -> None:
        """So does what is no file, a link, and a file that has another platform's name."""
        pattern = rf"WARNING: .*{os.sep}{name}\.json: ({said})"
        assert len([one for one in hostile.built.warnings if re.fullmatch(pattern, one)]) == 1

    def test_nothing_else_is_said(self, hostile: Hostile) -> None:
        """The build ends well, without a traceback, with a warning a file and no other."""
        there = list((hostile.gallery.docs / "captures").glob("*.json"))
        refused = len(there) - len(hostile.platforms)
        assert len(hostile.built.warnings) == refused
        assert "Traceback" not in hostile.built.log
        assert re.search(rf"build succeeded, {refused} warnings", hostile.built.log)
        assert not re.search(
            "[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", hostile.built.log
        )

    def test_warnings_fail_a_strict_build(self, new_gallery: NewGallery) -> None:
        """A site that is to be published is not built with such a file."""
        gallery = new_gallery()
        gallery.add("alpha", "print('a')")
        gallery.write("docs/captures/rubbish.json", "rubbish")
        built = gallery.build(fails=True)
        assert len(built.warnings) == 1
        assert gallery.output("alpha") == "a\n"


class TestPages:
    """What becomes of what strangers' scripts printed."""

    def test_no_element_or_attribute(self, hostile: Hostile) -> None:
        """Every page has just the elements and attributes that it has with harmless files."""
        pages = sorted(hostile.gallery.html.rglob("*.html"))
        assert len(pages) > 4
        for page in pages:
            twin = hostile.harmless.html / page.relative_to(hostile.gallery.html)
            assert shape(page) == shape(twin), page.name

    @pytest.mark.parametrize(
        ("name", "expected"),
        [("markup", MARKUP), ("control", CONTROL_SHOWN + "\n"), ("good", "good\n")],
    )
    def test_outputs_are_text(self, hostile: Hostile, name: str, expected: str) -> None:
        """Markup is shown as it is, control characters and those of direction by their names."""
        mark = key(hostile.platforms[name])
        (outcome,) = hostile.gallery.page("examples/alpha").select(f".outcome.{mark}")
        assert outcome.select_one("pre").get_text() == expected

    def test_cells_are_text(self, hostile: Hostile) -> None:
        """So are they in the table of platforms."""
        page = hostile.gallery.page("page")
        (row,) = page.select(f"tr.{key(hostile.platforms['markup'])}")
        assert MARKUP[:60] in row.get_text()
        (row,) = page.select(f"tr.{key(hostile.platforms['control'])}")
        assert CONTROL_SHOWN in row.get_text()

    def test_no_such_character_anywhere(self, hostile: Hostile) -> None:
        """Nothing that is made of the files has a character that a terminal or text acts on."""
        bad = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
        for page in hostile.gallery.html.rglob("*.html"):
            assert not bad.search(page.read_text(encoding="utf-8")), page.name

    def test_list_for_scripts(self, hostile: Hostile) -> None:
        """platforms.js holds the platforms of good files only, as one value that ends there."""
        found = {one["id"] for one in hostile.gallery.platforms()}
        assert found >= {platform.id for platform in hostile.platforms.values()}
        assert len(found) == len(hostile.platforms) + 1
        assert hostile.gallery.platforms() == hostile.harmless.platforms()
