"""The pages of examples: what they show is true, and whole."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from examples import check_helper_agrees
from poolcontext.capture.normalize import normalized
from poolcontext.capture.platform import describe
from poolcontext.capture.script import read_script
from poolcontext.sphinxext.platform_labels import css_class

from .conftest import (
    CAPTURE_ERRORS,
    CAPTURES,
    EXAMPLES,
    ROOT,
    SCRIPTS,
    THOROUGH,
    each_example,
    helper_version,
    snapshots,
)

if TYPE_CHECKING:
    from bs4 import Tag

    from .conftest import Site

SOME = EXAMPLES[:: 1 if THOROUGH else 8]
"""The downloads that are run in a terminal by another program: the build has run all of them."""

Printed = tuple[str, int]
"""What a script prints in a terminal, and its exit status."""


def run_in_terminal(script: Path) -> Printed:
    """Run a script in a terminal, by a program that is none of ours."""
    program = shutil.which("script")
    asked = [program, "--version"] if program else ["false"]
    version = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout
    if program is None or "util-linux" not in version:  # others take other options
        pytest.skip("there is no util-linux `script` here, which gives a terminal")
    environ = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
    environ.update(PYTHON_COLORS="0", NO_COLOR="1", SHELL="/bin/sh")
    command = shlex.join([sys.executable, script.name])
    done = subprocess.run(
        [program, "-qec", command, os.devnull],
        cwd=script.parent,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=100,
        check=False,
    )
    return done.stdout.decode("utf-8").replace("\r\n", "\n"), done.returncode


def without_chance(text: str) -> str:
    """The text without what no two runs share: addresses, temporary files, processes, times."""
    text = re.sub(r"\b0x[0-9a-f]{6,}\b", "ADDRESS", text)
    text = re.sub(rf"(?<!\w){re.escape(tempfile.gettempdir())}(?!\w)", "<temp>", text)
    text = re.sub(r"\btmp[a-z0-9_]{8}\b", "FOLDER", text)
    # Of tracebacks, whose folders are redacted, and in which versions have other lines.
    text = re.sub(r'(  File ")(?:[^"]*/)?([^"]*", line )\d+(.*\n)(?:    .*\n)*', r"\1\2N\3", text)
    text = re.sub(r"(?i)\b(pid|process)([ =]+)\d+\b", r"\1\2ID", text)
    return re.sub(r"( {2,})?\b\d+\.\d+ (s|ms|seconds|MiB)\b", r" MEASURE \2", text)


def heading(tag: Tag | None) -> str:
    assert tag is not None
    return tag.get_text().removesuffix("¶")


@pytest.fixture(scope="module")
def printed(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Printed]:
    """What downloads print, each alone in an empty folder, in which they leave nothing.

    Some are run side by side.
    """
    folders = [tmp_path_factory.mktemp("empty") for _ in SOME]
    copies = [Path(shutil.copy(site.download(one), to)) for one, to in zip(SOME, folders)]
    first = run_in_terminal(copies[0])  # or the tests are skipped
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = dict(zip(SOME, [first, *pool.map(run_in_terminal, copies[1:])]))
    for folder, copy in zip(folders, copies):
        assert [path for path in folder.iterdir() if path.name != "__pycache__"] == [copy]
    return found


class TestTruth:
    """What is shown is what the download prints."""

    def test_all_are_run(self, site: Site) -> None:
        """The site's build runs every script, with the helper and without, or `make html` has.

        They print what is committed for this platform, if something is.
        """
        (counts,) = re.findall(r"^Examples: (\d+) ran, (\d+) were current\.$", site.log, re.M)
        assert sum(map(int, counts)) == len(SCRIPTS)
        assert "Warning: not as " not in site.log

    def test_helper_agrees(self, site: Site) -> None:
        """With the helper the same is printed, where that is meant."""
        outputs = {name: one.output for name, one in site.own_capture().examples.items()}
        assert outputs.keys() == {script.name for script in SCRIPTS}
        check_helper_agrees(outputs)

    @pytest.mark.parametrize("example", SOME, ids=lambda path: path.stem)
    def test_output(self, site: Site, example: Path, printed: dict[Path, Printed]) -> None:
        """The download prints in a terminal what the page shows."""
        text, status = printed[example]
        assert status == read_script(example).exit_status
        block = site.outcome(example).select_one("pre")
        shown = block.get_text() if block else ""
        assert without_chance(shown) == without_chance(text)
        assert shown.strip()

    @each_example
    def test_caption(self, site: Site, example: Path) -> None:
        """It says which command it was, on which platform, how it ended, how long, and when.

        It is of a committed capture, or of this build's own run.
        """
        caption = site.outcome(example).select("p.outcome-caption")[0].get_text()
        command, platform, ending, seconds, day = caption.split(" · ")
        assert command == f"python {example.name}"
        assert ending == f"exit status {read_script(example).exit_status}"
        assert re.fullmatch(r"\d+\.\d\d s", seconds)
        captured = datetime.strptime(f"{day} +0000", "%d %B %Y %z")
        found = snapshots(example.stem, platform)
        committed = {(one.date, f"{one.seconds:.2f} s") for one in found}
        if (captured.date().isoformat(), seconds) not in committed:
            assert platform == describe().title
            assert timedelta(0) <= datetime.now(timezone.utc) - captured < timedelta(days=2)

    def test_archive_of_all(self, site: Site) -> None:
        """The archive holds all examples, byte for byte as their pages offer them, and no more."""
        (archive,) = site.downloads("examples/index.html", ".zip")
        with zipfile.ZipFile(archive) as opened:
            files = {name: opened.read(name) for name in opened.namelist()}
        assert files == {
            f"{example.parent.name}/{example.name}": site.download(example).read_bytes()
            for example in EXAMPLES
        }


class TestExample:
    """The page of an example holds its script, and what belongs to it."""

    @each_example
    def test_script_is_whole(self, site: Site, example: Path) -> None:
        """Its heading is the first line, its blocks all the code, its download the very file.

        So a message is found by its words, quotes and all.
        """
        page = site.example(example)
        source = example.read_text(encoding="utf-8")
        title = source.splitlines()[0].removeprefix('"""')
        assert heading(page.select_one("h1")) == re.sub(r"\\(.)", r"\1", title)
        beside = (
            site.helper_section(example),
            site.outcomes(example),
            *page.select(".at-a-glance"),
        )
        blocks = page.select("div.highlight pre")
        shown = [one.get_text() for one in blocks if not any(box in one.parents for box in beside)]
        _, _, code = source.partition('"""\n\n')
        code = re.sub(r"^# (%%.*\n(#.*\n)*|sphinx_gallery_.*\n)", "", code, flags=re.MULTILINE)
        assert re.sub(r"\n+", "\n", "\n".join(shown)).strip() == re.sub(r"\n+", "\n", code).strip()
        assert site.download(example).name == example.name
        assert site.download(example).read_bytes() == example.read_bytes()

    @each_example
    def test_parts(self, site: Site, example: Path) -> None:
        """The outcome, why, the cure, the helper's version, related pages: in order, and linked.

        Below the cure of what breaks stands the script, which else comes first.
        """
        page = site.example(example)
        helped = ["With the helper"] if helper_version(example).exists() else []
        script = ["Script"] if example.parent.name == "break" else []
        assert [heading(one) for one in page.select("h2")] in (
            ["Outcome", "Why", cure, *script, *helped, "Related"] for cure in ("Cure", "What to do")
        )
        assert site.outcomes(example) in page.select("section#why")[0].find_all_previous("div")
        (line,) = page.select("p.example-parts")
        *links, last = (str(link["href"]) for link in line.select("a"))
        parts = [f"#{section['id']}" for section in page.select("section section")]
        assert links == ["#outcome", *parts]
        assert last.startswith("#sphx-glr-download")
        (outcomes,) = page.select("#outcome")
        assert outcomes is site.outcomes(example) or outcomes in site.outcomes(example).parents
        if script:
            assert line.find_next_sibling() is outcomes
        else:
            assert line.find_next("pre") in page.select("div.highlight-Python pre")[:1]
        assert not page.select(".sphx-glr-download-link-note")

    @pytest.mark.parametrize(
        "example",
        [example for example in EXAMPLES if helper_version(example).exists()],
        ids=lambda path: path.stem,
    )
    def test_helper(self, site: Site, example: Path) -> None:
        """Below it stands the version with the helper, as its file has it, with its own outcome."""
        helper = helper_version(example)
        section = site.helper_section(example)
        assert section is not None
        code = section.select("div.highlight pre")[0]
        assert not code.find_parent(class_="outcome")
        assert code.get_text() == helper.read_text(encoding="utf-8")
        caption = section.select("div.outcome p.outcome-caption")[0].get_text()
        assert caption.startswith(f"python {helper.name} · ")
        assert " · exit status 0 · " in caption
        assert section.select("div.outcome pre")

    def test_cards(self, site: Site) -> None:
        """A card has the title of its example, angle brackets and all, and text to be found."""
        cards = site.page("examples/index.html").select(".sphx-glr-thumbcontainer")
        titles = [card.select(".sphx-glr-thumbnail-title")[0].get_text() for card in cards]
        headings = [heading(site.example(example).select_one("h1")) for example in EXAMPLES]
        assert sorted(titles) == sorted(headings)
        for card in cards:
            assert len(card.select(".sphx-glr-thumbnail-text")[0].get_text()) > 20


class TestCaptures:
    """The committed captures, as far as they can be judged here."""

    def test_all_are_read(self) -> None:
        """Each file is one of captures of the examples, which end as meant, and say something."""
        assert CAPTURE_ERRORS == []
        assert CAPTURES
        scripts = {script.name: script for script in SCRIPTS}
        for capture in CAPTURES:
            assert capture.examples.keys() <= scripts.keys(), capture.platform.title
            for name, one in capture.examples.items():
                if one.script != scripts[name].digest():
                    continue  # of an earlier version, which the build tells
                place = f"{name} on {capture.platform.title}"
                assert (one.ended, one.status) == ("exit", scripts[name].exit_status), place
                if name != "initializer_fails":  # which is about what stands in one
                    assert "Traceback" not in one.output, place
                assert one.output, place

    @each_example
    def test_every_platform_is_shown(self, site: Site, example: Path) -> None:
        """Each platform that has it is in just one outcome, which says what its file says.

        What was measured stands in tables, each number as the file has it.
        """
        shown = site.outcomes(example)
        script = read_script(example)
        measures = script.renderer == "measures"
        for capture in CAPTURES:
            name = css_class(capture.platform)
            if example.stem not in capture.examples:  # a machine that is not always at hand
                assert not shown.select(f".{name}")
                continue
            snapshot = capture.examples[example.stem]
            if measures:
                rows = shown.select(f"table.measures-table tr.{name}")
                cells = [cell.get_text() for row in rows for cell in row.select("td")]
                numbers = re.findall(r"\d+\.\d+ (?:ms|MiB)", snapshot.output)
                if capture.platform.system == "wine":  # whose own they are
                    assert not rows
                    continue
                assert [cell for cell in cells if cell.endswith((" ms", " MiB"))] == numbers
                assert capture.platform.name in shown.get_text()
                said = f"{capture.platform.title}: {snapshot.output.splitlines()[-1]}"
                assert numbers or said in shown.get_text()
            else:
                (box,) = shown.select(f"div.outcome.{name}")
                block = box.select_one("pre")
                text = block.get_text() if block else ""
                said, meant = (
                    normalized(one, script.any_order)
                    for one in (snapshot._replace(output=text), snapshot)
                )
                assert said == meant
                assert capture.platform.version in box.get_text()
        if measures:
            assert len(shown.select("figure.chart svg[role=img]")) == len(shown.select("table"))

    def test_matrix(self, site: Site) -> None:
        """It has a line for each committed platform, with its file, and for no other `captured`."""
        lines = [
            row.select("td")
            for row in site.page("platforms.html").select("table.platform-matrix tbody tr")
        ]
        captured = {
            line[0].select("p")[0].get_text().removeprefix("Platform"): line[-1].select("a")
            for line in lines
            if "captured" in line[-1].get_text()
        }
        assert captured.keys() == {capture.platform.title for capture in CAPTURES}
        for capture in CAPTURES:
            (link,) = captured[capture.platform.title]
            file = ROOT / "docs" / "captures" / f"{capture.platform.id}.json"
            assert (site.html / unquote(str(link["href"]))).read_bytes() == file.read_bytes()
        kinds = [line[-1].get_text().removeprefix("Evidence") for line in lines]
        assert sum(kind.startswith("documented: ") for kind in kinds) == 2
        assert sum(kind.startswith("reported") for kind in kinds) == 1


def test_front_page(site: Site) -> None:
    """It shows what is there on this platform, and has four ways in and six doors."""
    front = site.page("index.html")
    (example,) = (path for path in EXAMPLES if path.stem == "list_start_methods")
    shown = front.select("div.outcomes div.outcome")
    assert shown
    assert shown == site.outcomes(example).select("div.outcome")
    ways = [str(link["href"]) for link in front.select(".ways a[href]")]
    assert ways == ["symptoms.html", "moving-to-314.html", "try.html", "choosing.html"]
    doors = [str(link["href"]) for link in front.select(".topics a[href]")]
    assert doors == [
        "examples/list/list_start_methods.html",
        "examples/check/check_pool_context.html",
        "examples/set/set_pool_context.html",
        "examples/worker/index.html",
        "examples/break/index.html",
        "examples/cost/index.html",
    ]
