"""What the tests of the extensions share: small galleries, built in this process or in another."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest import mock

import pytest
from bs4 import BeautifulSoup, Tag
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.cmd.build import build_main
from sphinx_gallery import gen_gallery

from poolcontext.capture import storage
from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.script import read_script
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.sphinxext.results import PROOFS, SHOWN

DOCS = Path(__file__).parents[1] / "docs"
"""Where the extensions of the site are."""

SRC = Path(__file__).parents[1] / "src"

EXAMPLE = '"""Title\n=====\n\nWords.\n"""\n\nprint(1)\n\n# %%\n# More words.\n\nprint(2)\n'

MakeSite = Callable[..., Sphinx]


@pytest.fixture
def make_site(tmp_path: Path) -> MakeSite:
    """Make what the seam needs of a Sphinx application, over a folder of examples."""

    def make(*names: str, **settings: Any) -> Sphinx:
        for name in names:
            example = tmp_path / "scripts" / name
            example.parent.mkdir(parents=True, exist_ok=True)
            example.write_text(EXAMPLE, encoding="utf-8")
            (example.parent / "GALLERY_HEADER.rst").write_text("T\n=\n", encoding="utf-8")
        given = {"examples_dirs": "../scripts", "gallery_dirs": "made", "filename_pattern": r"\.py"}
        given.update(image_scrapers=(), reset_modules=(), **settings)
        conf = gen_gallery._fill_gallery_conf_defaults(given)
        srcdir = tmp_path / "docs"
        (srcdir / "made").mkdir(parents=True, exist_ok=True)
        conf.update(src_dir=str(srcdir), builder_name="html", plot_gallery=True)
        config = SimpleNamespace(sphinx_gallery_conf=conf)
        app: Any = SimpleNamespace(srcdir=srcdir, confdir=tmp_path, config=config)
        return app

    return make


PATIENCE = 100.0
"""Seconds for one build in a process of its own, on a machine that is three times slower."""

PLAIN = {"NO_COLOR": "1"}
"""Has a build say one line at a time, also where CI=true or FORCE_COLOR says that colours show.

Sphinx's own --no-color leaves what erases a line and returns to its start.
"""

CONF = """\
project = "Gallery"
extensions = {extensions!r}
exclude_patterns = ["_build"]
html_theme = "basic"
html_static_path, templates_path = [], []  # as sphinx-gallery adds to the lists that are there
suppress_warnings = ["git"]  # of what has no history
poolcontext_captures = "captures"
poolcontext_process_pattern, poolcontext_jobs, poolcontext_figures = ".", 0, False
sphinx_gallery_conf = {settings!r}
"""
SETTINGS = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "filename_pattern": r"\.py$",
    "image_scrapers": (),
    "reset_modules": (),
    "write_computation_times": False,
    "notebook_extensions": set(),
    "remove_config_comments": True,
}
INDEX = "Home\n====\n\n.. toctree::\n\n   examples/index\n"


class Built(NamedTuple):
    """What a build said, and how it ended."""

    status: int
    log: str

    @property
    def ran(self) -> list[str]:
        """The names of the scripts that it has run."""
        return sorted(re.findall(r"^running examples\.\.\. \[ *\d+%\] (\S+)", self.log, re.M))

    @property
    def read(self) -> list[str]:
        """The pages that it has read."""
        return sorted(re.findall(r"^reading sources\.\.\. \[ *\d+%\] (\S+)", self.log, re.M))

    @property
    def warnings(self) -> list[str]:
        """The lines that warn, or tell of an error, without the type of ours."""
        lines = re.findall(r"^.*(?:WARNING|ERROR|CRITICAL): .*$", self.log, re.M)
        return [re.sub(r" \[poolcontext\.[a-z]+\]$", "", line) for line in lines]

    @property
    def last_words(self) -> list[str]:
        """What it said at its very end, of what was captured."""
        _, found, words = self.log.partition("The platform captured is ")
        assert found, self.log
        return (found + words).splitlines()

    @property
    def counts(self) -> tuple[int, int]:
        """How many examples ran and how many were current, by the build's last words."""
        found = re.search(r"^Examples: (\d+) ran, (\d+) were current\.$", self.log, re.M)
        assert found, self.log
        return int(found[1]), int(found[2])

    @property
    def executed(self) -> tuple[int, int]:
        """How many files sphinx-gallery takes for executed, out of how many."""
        found = re.search(r"successfully executed (\d+) out of (\d+) files? subselected", self.log)
        assert found, self.log
        return int(found[1]), int(found[2])

    @property
    def error(self) -> str:
        """The line that says why it could not go on, in the frame that Sphinx puts around it."""
        found = re.search(r"^ *sphinx\.errors\.\w+: .*$", self.log, re.M)
        assert found, self.log
        return found[0].strip()


class Gallery:
    """A folder with a Sphinx site made of example scripts."""

    def __init__(
        self,
        root: Path,
        environ: dict[str, str] | None = None,
        extensions: tuple[str, ...] = ("poolcontext.sphinxext",),
        **settings: Any,
    ) -> None:
        self.root = root
        self.examples = root / "examples"
        self.docs = root / "docs"
        self.html = self.docs / "_build" / "html"
        self.environ = environ or {}
        if not root.exists():
            self.write(
                "docs/conf.py",
                CONF.format(extensions=extensions, settings={**SETTINGS, **settings}),
            )
            self.write("docs/index.rst", INDEX)
            self.write("examples/GALLERY_HEADER.rst", "Examples\n========\n\nAll of them.\n")

    def configure(self, text: str) -> None:
        """Add lines to conf.py."""
        path = self.docs / "conf.py"
        self.write("docs/conf.py", path.read_text(encoding="utf-8") + text)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        return path

    def add(self, name: str, code: str) -> Path:
        """Add an example; a line of %s begins a new part of its page."""
        parts = code.strip("\n").split("\n%%\n")
        body = "\n\n# %%\n# Some words.\n\n".join(part.strip("\n") for part in parts)
        return self.write(
            f"examples/{name}.py", f'"""Title of {name}\n{"=" * 60}\n\nWords.\n"""\n\n{body}\n'
        )

    def digest(self, name: str) -> str:
        """The hash of a script as it is now."""
        helped = self.docs / "with_helper" / f"{name}.py"
        if helped.exists():
            return read_script(helped, self.root / "src").digest()
        (script,) = self.examples.rglob(f"{name}.py")
        return read_script(script).digest()

    def capture(self, name: str, output: str, **fields: Any) -> Snapshot:
        """Make a capture of a script as it is now, with an output that somebody made up."""
        given = {"date": "2026-03-01", "ended": "exit", "status": 0, "seconds": 7.25, **fields}
        given.setdefault("script", self.digest(name))
        return Snapshot(output=output, **given)

    def commit(self, platform: Platform, outputs: Mapping[str, str | Snapshot]) -> Path:
        """Put a platform's file where committed ones are."""
        examples = {
            name: self.capture(name, one) if isinstance(one, str) else one
            for name, one in outputs.items()
        }
        path = self.docs / "captures" / f"{platform.id}.json"
        storage.save(Capture(platform, examples), path)
        return path

    def options(self, *options: str, strict: bool = True) -> list[str]:
        """The words of a build's command line."""
        doctrees = str(self.docs / "_build" / "doctrees")
        strictly = ("-n", "-W", "--keep-going") if strict else ()
        return [*strictly, "-b", "html", "-d", doctrees, *options, str(self.docs), str(self.html)]

    def start(self, *options: str, strict: bool = True) -> subprocess.Popen[str]:
        """Start a build in a process of its own, and a session, as a terminal would give it."""
        environ = {**PLAIN, "PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(DOCS)}
        # Where it fails, Sphinx leaves a report in the folder for temporary files.
        environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.root)))
        return subprocess.Popen(
            [sys.executable, "-m", "sphinx", *self.options(*options, strict=strict)],
            cwd=self.root,
            env={**os.environ, **environ, **self.environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )

    def finish(self, build: subprocess.Popen[str]) -> Built:
        try:
            log, _ = build.communicate(timeout=PATIENCE)
        finally:
            build.kill()
            build.communicate()
        return Built(build.returncode, log)

    def build(
        self, *options: str, fails: bool = False, strict: bool = True, alone: bool = False
    ) -> Built:
        """Build it: in this process, as that is quick, or in one of its own."""
        if alone or self.environ:
            built = self.finish(self.start(*options, strict=strict))
        else:
            built = self.build_here(*self.options(*options, strict=strict))
        assert (built.status != 0) == fails, built.log
        return built

    def build_here(self, *words: str) -> Built:
        """Do in this process what `sphinx-build` does with these words."""
        log = io.StringIO()
        environ = {**PLAIN, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self.root))}
        with (
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(log),
            contextlib.redirect_stderr(log),
            warnings.catch_warnings(),
            mock.patch.object(sys, "argv", ["sphinx-build", *words]),
            mock.patch.object(sys, "path", [*sys.path]),
            mock.patch.dict(os.environ, environ),
        ):
            warnings.simplefilter("default")
            status = build_main(words)
        return Built(status, log.getvalue())

    def page(self, name: str) -> BeautifulSoup:
        text = (self.html / f"{name}.html").read_text(encoding="utf-8")
        return BeautifulSoup(text, "html.parser")

    def outcomes(self, name: str) -> list[Tag]:
        return list(self.page(f"examples/{name}").select("div.outcome"))

    def output(self, name: str) -> str:
        """The text below an example's code, as somebody who selects and copies it gets it."""
        (outcome,) = self.outcomes(name)
        return outcome.select_one("pre").get_text()

    def caption(self, name: str) -> str:
        (outcome,) = self.outcomes(name)
        return outcome.select_one("p.outcome-caption").get_text()

    def captures(self) -> list[Path]:
        """The files of this build's captures, each in a folder named for the code that ran them."""
        return sorted((self.docs / "_build" / "doctrees" / "poolcontext").glob("*/*.json"))

    def platforms(self) -> list[dict[str, str]]:
        """What platforms.js assigns, which is one value in JSON and nothing else."""
        text = (self.html / "_static" / "platforms.js").read_text(encoding="utf-8")
        found = re.fullmatch(r"window\.poolContextPlatforms = (.*);\n", text, re.S)
        assert found
        assert re.fullmatch(r"[ -;=-~\n]*", text)  # neither `<` nor a control character
        value: list[dict[str, str]] = json.loads(found[1])
        return value

    def noted(self, page: str) -> set[str]:
        """The scripts whose outcomes a page shows or rests upon, by what has been noted of it."""
        file = self.docs / "_build" / "doctrees" / ENV_PICKLE_FILENAME
        metadata = pickle.loads(file.read_bytes()).metadata[page]
        return {name for use in (SHOWN, PROOFS) for name in metadata.get(use, {})}

    def copy(self, root: Path) -> Gallery:
        """Make a copy, whose pages are all read anew but whose examples are as current."""
        shutil.copytree(self.root, root, symlinks=True)
        return Gallery(root, self.environ)


class BuiltGallery(NamedTuple):
    """A gallery that was built once, and what its build said."""

    gallery: Gallery
    built: Built
    platforms: dict[str, Platform]


@pytest.fixture(scope="session")
def extensions() -> tuple[str, ...]:
    """What galleries are built with."""
    return ("poolcontext.sphinxext",)


NewGallery = Callable[..., Gallery]


@pytest.fixture(scope="session")
def new_gallery(
    tmp_path_factory: pytest.TempPathFactory, extensions: tuple[str, ...]
) -> NewGallery:
    """Make galleries, each in a new folder."""

    def make(environ: dict[str, str] | None = None, **settings: Any) -> Gallery:
        root = tmp_path_factory.mktemp("gallery") / "site"
        return Gallery(root, environ, extensions, **settings)

    return make


Other = Callable[..., Platform]


@pytest.fixture(scope="session")
def other() -> Other:
    """Make a platform that this one is not: with the same fields save those that are given."""

    def make(**fields: str) -> Platform:
        if "version" in fields:
            fields.setdefault("python", fields["version"])
        platform = Platform.checked({**describe()._asdict(), "machine": "other64", **fields})
        assert platform != describe()
        return platform

    return make
