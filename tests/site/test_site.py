"""The whole site, built once: what it shows is true, and whole."""

from __future__ import annotations

import getpass
import os
import re
import runpy
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from poolcontext import files, platforms
from poolcontext.capture.normalize import outcome
from poolcontext.capture.script import find_scripts, read_script
from poolcontext.sphinxext.results import key

if TYPE_CHECKING:
    from .conftest import Site

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/*.py"))
HOSTING = ("GITHUB_REPOSITORY", "READTHEDOCS_CANONICAL_URL")
"""What tells conf.py where the site will be."""

OTHERS = (
    r"https://github\.com/(pradyunsg/furo|python/cpython|dask/distributed|cloudpipe/cloudpickle|"
    r"joblib/joblib|joblib/loky|pytorch/pytorch|sphinx-gallery/sphinx-gallery|sybrenjansen/mpire|noxdafox/pebble|"
    r"pytest-dev/pytest-timeout|ipython/ipykernel|aboutcode-org/scancode-toolkit)(/|$)"
)
"""The repositories that pages may name: the theme's own, and the sources of facts."""

OURS = (
    "docs/**/*.md",
    "docs/with_helper/*.py",
    "examples/**/*.py",
    "examples/**/*.rst",
    "src/**/*.py",
)
"""The files that the site's words come from."""

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def helper_version(example: Path) -> Path:
    """The script that does the same with the helper, which not every example has."""
    return ROOT / "docs" / "with_helper" / f"{example.stem}_with_helper.py"


def util_linux_script() -> str | None:
    """The path of util-linux's `script`; others of that name take other options."""
    found = shutil.which("script")
    if found is None:
        return None
    done = subprocess.run(
        [found, "--version"], capture_output=True, text=True, timeout=20, check=False
    )
    return found if "util-linux" in done.stdout else None


def run_in_terminal(program: str, script: Path) -> tuple[str, int]:
    """What a script prints in a terminal, run by a program that is none of ours, and its status."""
    environ = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
    environ.update(PYTHON_COLORS="0", NO_COLOR="1", SHELL="/bin/sh")
    command = shlex.join([sys.executable, script.name])
    done = subprocess.run(
        [program, "-qec", command, os.devnull],
        cwd=script.parent,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    return done.stdout.decode("utf-8").replace("\r\n", "\n"), done.returncode


def without_chance(text: str) -> str:
    """The text without what no two runs share: addresses, temporary files, processes, times."""
    text = re.sub(r"\b0x[0-9a-f]{6,}\b", "ADDRESS", text)
    text = re.sub(rf"(?<!\w){re.escape(tempfile.gettempdir())}(?!\w)", "<temp>", text)
    text = re.sub(r"\btmp[a-z0-9_]{8}\b", "FOLDER", text)
    text = re.sub(r'(  File ")[^"]*/', r"\1", text)  # of a traceback, whose folders are redacted
    text = re.sub(r"(?i)\b(pid|process)([ =]+)\d+\b", r"\1\2ID", text)
    return re.sub(r"( {2,})?\b\d+\.\d+ (s|ms|seconds|MiB)\b", r" MEASURE \2", text)


class TestTruth:
    """What is shown is what the download prints."""

    @each_example
    def test_output(self, site: Site, example: Path, tmp_path: Path) -> None:
        """The download, alone in an empty folder and a terminal, prints what the page shows."""
        program = util_linux_script()
        if program is None:
            pytest.skip("there is no util-linux `script` here, which gives a terminal")
        download = Path(shutil.copy(site.download(example), tmp_path))
        printed, status = run_in_terminal(program, download)
        assert status == read_script(example).exit_status
        block = site.outcome(example).select_one("pre")
        shown = block.get_text() if block else ""
        assert without_chance(shown) == without_chance(printed)
        assert shown.strip()

    @each_example
    def test_download_is_the_example(self, site: Site, example: Path) -> None:
        """The page offers the very file that lies in examples/."""
        assert site.download(example).name == example.name
        assert site.download(example).read_bytes() == example.read_bytes()

    def test_archive_of_all(self, site: Site) -> None:
        """The archive holds all examples, byte for byte as their pages offer them, and no more."""
        (archive,) = site.downloads("examples/index.html", ".zip")
        with zipfile.ZipFile(archive) as opened:
            files = {name: opened.read(name) for name in opened.namelist()}
        assert files == {
            f"{example.parent.name}/{example.name}": site.download(example).read_bytes()
            for example in EXAMPLES
        }

    @each_example
    def test_caption(self, site: Site, example: Path) -> None:
        """It says which command it was, on which platform, how it ended, how long, and when.

        It is of this build's own run, or of the committed capture that says the same.
        """
        caption = site.outcome(example).select_one("p.outcome-caption")
        assert caption is not None
        command, platform, ending, seconds, day = caption.get_text().split(" · ")
        assert command == f"python {example.name}"
        assert platform == platforms.describe().title
        assert ending == f"exit status {read_script(example).exit_status}"
        assert re.fullmatch(r"\d+\.\d\d s", seconds)
        captured = datetime.strptime(f"{day} +0000", "%d %B %Y %z")
        if (captured.date().isoformat(), float(seconds[:-2])) not in self.committed(example):
            assert timedelta(0) <= datetime.now(timezone.utc) - captured < timedelta(days=2)

    @staticmethod
    def committed(example: Path) -> set[tuple[str, float]]:
        """The day and the seconds of this platform's committed capture, if there is one."""
        file = ROOT / "docs" / "captures" / f"{platforms.describe().id}.json"
        if not file.exists():
            return set()
        capture = files.load(file).examples[example.stem]
        return {(capture.date, round(capture.seconds, 2))}

    @each_example
    def test_code_is_whole(self, site: Site, example: Path) -> None:
        """The blocks of code on the page are all the code of the script, in its order."""
        helped = site.helper_section(example)
        outcomes = site.outcomes(example)
        shown = [
            block.get_text()
            for block in site.example(example).select("article div.highlight pre")
            if helped not in block.parents and outcomes not in block.parents
        ]
        _, _, source = example.read_text(encoding="utf-8").partition('"""\n\n')
        code = re.sub(r"^# (%%.*\n(#.*\n)*|sphinx_gallery_.*\n)", "", source, flags=re.MULTILINE)
        assert re.sub(r"\n+", "\n", "\n".join(shown)).strip() == re.sub(r"\n+", "\n", code).strip()

    @each_example
    def test_title(self, site: Site, example: Path) -> None:
        """Its heading is the script's first line, quotes and all, so that a message is found."""
        heading = site.example(example).select_one("article h1")
        assert heading is not None
        title = example.read_text(encoding="utf-8").splitlines()[0].removeprefix('"""')
        assert heading.get_text().removesuffix("¶") == re.sub(r"\\(.)", r"\1", title)

    @each_example
    def test_order(self, site: Site, example: Path) -> None:
        """The outcome, why, the cure, the version with the helper, and related pages, in order."""
        headings = site.example(example).select("article h2")
        titles = [heading.get_text().removesuffix("¶") for heading in headings]
        helped = ["With the helper"] if helper_version(example).exists() else []
        assert titles in (
            ["Outcome", "Why", cure, *helped, "Related"] for cure in ("Cure", "What to do")
        )
        why = site.example(example).select_one("section#why")
        assert why is not None
        assert site.outcomes(example) in why.find_all_previous("div")

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
        code, *_ = (
            block
            for block in section.select("div.highlight pre")
            if not block.find_parent(class_="outcome")
        )
        assert code.get_text() == helper.read_text(encoding="utf-8")
        caption = section.select_one("div.outcome p.outcome-caption")
        assert caption is not None
        assert caption.get_text().startswith(f"python {helper.name} · ")
        assert " · exit status 0 · " in caption.get_text()
        assert section.select("div.outcome pre")


class TestCaptures:
    """The committed captures, as far as they can be judged here."""

    CAPTURES, ERRORS = files.load_folder(ROOT / "docs" / "captures")

    def test_all_are_read(self) -> None:
        """Each file is one of captures, and of nothing but the examples."""
        assert self.ERRORS == []
        assert self.CAPTURES
        names = {script.name for script in find_scripts(ROOT)}
        for captures in self.CAPTURES:
            assert captures.examples.keys() <= names, captures.platform.title

    def test_none_crashed(self) -> None:
        """On every platform the scripts end as they are meant to, and say what they find."""
        scripts = {script.name: script for script in find_scripts(ROOT)}
        for captures in self.CAPTURES:
            for name, one in captures.examples.items():
                if one.script != scripts[name].digest():
                    continue  # of an earlier version, which the build tells
                place = f"{name} on {captures.platform.title}"
                assert (one.ended, one.status) == ("exit", scripts[name].exit_status), place
                if name != "initializer_fails":  # which is about what stands in one
                    assert "Traceback" not in one.output, place
                assert one.output, place

    @pytest.mark.parametrize(
        "example",
        [example for example in EXAMPLES if not read_script(example).measures],
        ids=lambda path: path.stem,
    )
    def test_every_platform_is_shown(self, site: Site, example: Path) -> None:
        """Each committed platform is in just one outcome, which says what its file says."""
        boxes = site.outcomes(example).select("div.outcome")
        for captures in self.CAPTURES:
            (box,) = (box for box in boxes if key(captures.platform) in box["class"])
            capture = captures.examples[example.stem]
            block = box.select_one("pre")
            text = block.get_text() if block else ""
            assert outcome(capture._replace(output=text)) == outcome(capture)
            assert captures.platform.version in box.get_text()

    @pytest.mark.parametrize(
        "example",
        [example for example in EXAMPLES if read_script(example).measures],
        ids=lambda path: path.stem,
    )
    def test_measures(self, site: Site, example: Path) -> None:
        """What was measured stands in tables, each number as the platform's file has it."""
        shown = site.outcomes(example)
        for captures in self.CAPTURES:
            output = captures.examples[example.stem].output
            rows = shown.select(f"table.measures-table tr.{key(captures.platform)}")
            cells = [cell.get_text() for row in rows for cell in row.select("td")]
            numbers = re.findall(r"\d+\.\d+ (?:ms|MiB)", output)
            assert [cell for cell in cells if cell.endswith((" ms", " MiB"))] == numbers
            assert captures.platform.name in shown.get_text()
            if not numbers:
                assert f"{captures.platform.title}: {output.splitlines()[-1]}" in shown.get_text()
        assert len(shown.select("figure.chart svg[role=img]")) == len(shown.select("table"))

    def test_matrix(self, site: Site) -> None:
        """It has a line for each committed platform, with its file, and for no other `captured`."""
        table = site.page("platforms.html").select_one("table.platform-matrix")
        assert table is not None
        lines = [row.select("td") for row in table.select("tbody tr")]
        captured = {
            line[0].select_one("p").get_text().removeprefix("Platform"): line[-1]  # type: ignore[union-attr]
            for line in lines
            if "captured" in line[-1].get_text()
        }
        titles = {captures.platform.title for captures in self.CAPTURES}
        assert captured.keys() == titles
        for captures in self.CAPTURES:
            (link,) = captured[captures.platform.title].select("a")
            download = site.html / unquote(str(link["href"]))
            name = f"{captures.platform.id}.json"
            assert download.read_bytes() == (ROOT / "docs" / "captures" / name).read_bytes()
        kinds = [line[-1].get_text().removeprefix("Evidence") for line in lines]
        assert sum(kind.startswith("documented: ") for kind in kinds) == 2
        assert sum(kind.startswith("reported") for kind in kinds) == 1


class TestPages:
    """All pages together."""

    @pytest.mark.parametrize(
        "page",
        [
            "index.html",
            "capture.html",
            "choosing.html",
            "costs.html",
            "glossary.html",
            "libraries.html",
            "moving-to-314.html",
            "platforms.html",
            "start-methods.html",
            "symptoms.html",
            "testing.html",
            "what-reaches-a-worker.html",
            "examples/index.html",
            "examples/list/list_start_methods.html",
            "examples/check/check_pool_context.html",
            "examples/set/set_pool_context.html",
            "examples/set/set_every_method.html",
            "examples/set/set_missing_method.html",
        ],
    )
    def test_addresses(self, site: Site, page: str) -> None:
        """A page that others link to stays where it is."""
        assert (site.html / page).is_file()

    def test_titles_and_headings(self, site: Site) -> None:
        """Each page has a title of its own and one heading of the first rank."""
        titles = []
        for path in site.pages():
            title = site.page(path).select_one("head > title")
            assert title is not None, path
            assert title.get_text(strip=True), path
            titles.append(title.get_text(strip=True))
            if path.name != "search.html":  # see below
                headings = site.page(path).select("h1")
                assert len(headings) == 1, path
                assert headings[0].get_text(strip=True), path
        assert len(titles) > len(EXAMPLES)
        assert len(set(titles)) == len(titles)

    def test_search_has_a_heading(self, site: Site) -> None:
        """The page for searching, which the theme leaves without one, has it as well."""
        assert len(site.page("search.html").select("h1")) == 1

    def test_links_lead_somewhere(self, site: Site) -> None:
        """What any page links to or loads from the site is there, as is the place in the page."""
        broken = []
        count = 0
        for path in site.pages():
            for tag in site.page(path).select("[href], [src]"):
                address = str(tag.get("href") or tag.get("src"))
                parts = urlsplit(address)
                if parts.scheme or parts.netloc or address == "#":
                    continue
                count += 1
                # Those of 404.html count from the root of the host.
                folder = site.html if parts.path.startswith("/") else path.parent
                target = folder / unquote(parts.path).lstrip("/") if parts.path else path
                there = target.is_file()
                if there and parts.fragment and target.suffix == ".html":
                    wanted = unquote(parts.fragment)
                    there = site.page(target.resolve()).find(id=wanted) is not None
                if not there:
                    broken.append(f"{path.relative_to(site.html)}: {address}")
        assert broken == []
        assert count > 100

    @each_example
    def test_parts(self, site: Site, example: Path) -> None:
        """Above the code of an example stand links to its outcome, its sections, the download."""
        page = site.example(example)
        (line,) = page.select("p.example-parts")
        links = [str(link["href"]) for link in line.select("a")]
        parts = [f"#{section['id']}" for section in page.select("article section section")]
        assert links[:-1] == ["#outcome", *parts]
        assert links[-1].startswith("#sphx-glr-download")
        (outcomes,) = page.select("#outcome")
        assert outcomes is site.outcomes(example) or outcomes in site.outcomes(example).parents
        assert line.find_next("pre") in page.select("div.highlight-Python pre")[:1]
        assert not page.select(".sphx-glr-download-link-note")

    def test_cards(self, site: Site) -> None:
        """A card of the gallery has the title of its example, angle brackets and all."""
        titles = [
            site.example(example).select_one("h1").get_text().removesuffix("¶")  # type: ignore[union-attr]
            for example in EXAMPLES
        ]
        cards = site.page("examples/index.html").select(".sphx-glr-thumbnail-title")
        assert sorted(card.get_text() for card in cards) == sorted(titles)

    def test_ids(self, site: Site) -> None:
        """No page has an id twice, save one of sphinx-gallery's own, which nothing links to."""
        for path in site.pages():
            ids = [str(tag["id"]) for tag in site.page(path).select("[id]:not(#sg-tag-list)")]
            assert sorted(ids) == sorted(set(ids)), path

    def test_front_page(self, site: Site) -> None:
        """It shows what is there on this platform, and has three ways in and six doors."""
        front = site.page("index.html")
        (example,) = (path for path in EXAMPLES if path.stem == "list_start_methods")
        shown = front.select("div.outcomes div.outcome")
        assert shown
        assert shown == site.outcomes(example).select("div.outcome")
        ways = [str(link["href"]) for link in front.select(".ways a[href]")]
        assert ways == ["symptoms.html", "moving-to-314.html", "choosing.html"]
        doors = [str(link["href"]) for link in front.select(".topics a[href]")]
        assert doors == [
            "examples/list/list_start_methods.html",
            "examples/check/check_pool_context.html",
            "examples/set/set_pool_context.html",
            "examples/worker/index.html",
            "examples/break/index.html",
            "examples/cost/index.html",
        ]

    def test_names_of_places_are_left_out(self, site: Site) -> None:
        """No file of the site names the folder it was built in, or whoever built it."""
        home = os.path.expanduser("~")
        places = [str(site.root), os.path.realpath(site.root), str(ROOT), home]
        names = [getpass.getuser(), os.path.basename(home), socket.gethostname()]
        names.append(socket.gethostname().partition(".")[0])
        # A name that the site's own words hold, such as `root`, proves nothing.
        texts = [path.read_text(encoding="utf-8") for name in OURS for path in ROOT.glob(name)]
        texts += [site.page("search.html").get_text(" "), platforms.describe().title]
        words = {"root", "localhost", *re.findall(r"\w+", " ".join(texts))}
        names = [name for name in names if name and name not in words]
        for path in [*site.pages(), site.html / "searchindex.js"]:
            text = path.read_text(encoding="utf-8")
            for place in filter(re.compile(r"[/\\]\w").search, places):
                assert not re.search(rf"(?<![\w.-]){re.escape(place)}(?![\w-])", text), path
            if path.suffix == ".html":  # names may well be names of CSS classes
                text = site.page(path).get_text(" ")
                for name in names:
                    assert not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text), (path, name)


class TestHosting:
    """What the site takes over from whoever hosts it."""

    def test_unknown(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        """Built anywhere, it names no repository and no address of its own."""
        for name in HOSTING:
            monkeypatch.delenv(name, raising=False)
        conf = runpy.run_path(str(ROOT / "conf.py"))
        assert conf["html_baseurl"] == ""
        assert "source_repository" not in conf["html_theme_options"]
        for path in site.pages():
            page = site.page(path)
            assert not page.select("link[rel=canonical]"), path
            for link in page.select("a[href*='//github.com/']"):
                assert re.match(OTHERS, str(link["href"])), path

    def test_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the repository and the address are known, pages lead to their sources."""
        monkeypatch.setenv("GITHUB_REPOSITORY", "someone/pool-context")
        monkeypatch.setenv("READTHEDOCS_CANONICAL_URL", "https://pools.example/en/latest/")
        conf = runpy.run_path(str(ROOT / "conf.py"))
        assert conf["html_baseurl"] == "https://pools.example/en/latest/"
        options = conf["html_theme_options"]
        assert options["source_repository"] == "https://github.com/someone/pool-context/"
        assert options["source_directory"] == "docs/"
