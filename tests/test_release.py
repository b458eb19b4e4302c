"""The script that walks through a release: it names what is missing, and publishes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from poolcontext import files, platforms
from poolcontext.captures import Capture, Captures
from poolcontext.scripts import find_scripts

ROOT = Path(__file__).parents[1]
FILES = {
    "pyproject.toml": 'version = "1.2.0"\n',
    "CITATION.cff": "version: 1.2.0\n",
    "CHANGELOG.md": "## Unreleased\n\n## 1.2.0 - 2026-11-22\n\n### Added\n\n- All.\n\n## 1.1.0\n",
    "docs/calendar.md": "This page was checked on 2026-11-22, against all.\n",
    "requirements.txt": "",
    "tests/requirements.txt": "",
    "examples/list/say.py": '"""Say it."""\nprint("it")\n',
    ".gitignore": "__pycache__/\ndist/\n",
}
RECORD = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'
MAKE = """
mkdir -p dist
echo "$([ "$FAILS" = same ] && wc -l <"$CALLS")" >dist/it.whl
[ "$FAILS" != "$1" ]
"""
DONE = ["run", "make dist", "make dist", "make smoke"]


class Repository:
    """One that is ready, with stand-ins for what takes long, and for what publishes."""

    def __init__(self, folder: Path) -> None:
        self.root, self.bin, self.calls_file = folder / "it", folder / "bin", folder / "calls"

    def make(self) -> None:
        for name, text in FILES.items():
            self.write(name, text)
        ignored = shutil.ignore_patterns("sphinxext", "__pycache__")
        package = Path(files.__file__).parent  # which may be installed
        shutil.copytree(package, self.root / "src" / "poolcontext", ignore=ignored)
        shutil.copytree(ROOT / ".ci", self.root / ".ci")
        self.capture()
        self.bin.mkdir()
        self.script(self.root / ".ci" / "run", RECORD)
        self.script(self.bin / "make", RECORD + MAKE)
        self.script(self.bin / "twine", RECORD)
        self.script(self.bin / "git", f'{RECORD}exec {shutil.which("git")} "$@"\n')
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def write(self, name: str, text: str) -> None:
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")

    def capture(self) -> None:
        platform = platforms.describe()
        (script,) = find_scripts(self.root)
        one = Capture(script.digest(), "2026-11-22", "exit", 0, 0.1, "it\n")
        file = self.root / "docs" / "captures" / f"{platform.id}.json"
        files.save(Captures(platform, {script.name: one}), file)

    def script(self, path: Path, text: str) -> None:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def git(self, *words: str, **more: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=self.root, check=True, env={**os.environ, **more})

    def commit(self, date: str = "") -> None:
        self.git("add", "--all")
        dates = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date} if date else {}
        self.git("commit", "--quiet", "--allow-empty", "--message=x", **dates)

    def release(self, *words: str, fails: str = "", **more: int) -> tuple[int, str]:
        """Run it; what it ends with and prints."""
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [sys.executable, ".ci/release", *words],
            cwd=self.root,
            env={**os.environ, "PATH": path, "CALLS": str(self.calls_file), "FAILS": fails},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            **{"stdin": subprocess.DEVNULL, **more},
        )
        return done.returncode, done.stdout

    def calls(self) -> list[str]:
        """What was run, save git's looking."""
        lines = self.calls_file.read_text().splitlines()
        looks = ("git rev-parse ", "git status ", "git log ", "git ls-files ")
        return [line.strip() for line in lines if not line.startswith(looks)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.name == "nt" or not shutil.which("git"):
        pytest.skip("it wants git, and stand-ins that are shell scripts")
    folder = tmp_path_factory.mktemp("made")
    Repository(folder).make()
    return folder


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Repository:
    shutil.copytree(made, tmp_path / "copy")
    return Repository(tmp_path / "copy")


def row(printed: str, name: str) -> str:
    """What the table says of a step."""
    return next(line for line in printed.splitlines() if line.startswith(f"{name}  "))


def test_ready(repository: Repository) -> None:
    """Where nothing is missing, all is checked and nothing is tagged, pushed or uploaded."""
    status, printed = repository.release("--check")
    assert status == 0, printed
    assert "MISSING" not in printed
    assert "not run" not in printed
    assert repository.calls() == DONE


def break_capture(repository: Repository) -> None:
    repository.write("examples/list/say.py", '"""Say it."""\nprint("more")\n')


def lose_capture(repository: Repository) -> None:
    next((repository.root / "docs" / "captures").iterdir()).unlink()


def text(file: str, old: str, new: str) -> Callable[[Repository], None]:
    return lambda repository: repository.write(file, FILES[file].replace(old, new))


DEFECTS = {
    "citation": (text("CITATION.cff", "1.2", "1.1"), "one version", "CITATION.cff 1.1.0"),
    "changelog": (text("CHANGELOG.md", "## 1.2", "## 1.3"), "one version", "CHANGELOG.md 1.3.0"),
    "no heading": (
        lambda repository: repository.write("CHANGELOG.md", "## Unreleased\n"),
        "one version",
        "CHANGELOG.md has no heading `## 1.2.0 - ",
    ),
    "no day": (
        text("CHANGELOG.md", " - 2026-11-22", ""),
        "one version",
        "CHANGELOG.md does not say when 1.2.0 is released",
    ),
    "unreleased": (
        text("CHANGELOG.md", "Unreleased\n", "Unreleased\n\n### Added\n\n- More.\n"),
        "one version",
        "CHANGELOG.md has lines below Unreleased",
    ),
    "no calendar": (
        lambda repository: repository.write("docs/calendar.md", ""),
        "age of calendar",
        "docs/calendar.md does not say it",
    ),
    "no capture": (lose_capture, "captures", "is not there"),
    "old capture": (break_capture, "captures", "is old"),
}


@pytest.mark.parametrize(("spoil", "step", "words"), DEFECTS.values(), ids=DEFECTS)
def test_defects(
    repository: Repository, spoil: Callable[[Repository], None], step: str, words: str
) -> None:
    """Each thing that is missing is named, and what takes long is not begun."""
    spoil(repository)
    repository.commit()
    status, printed = repository.release("--check")
    assert status == 1
    assert f"{step:18} MISSING" in printed
    assert words in row(printed, step)
    assert printed.count("MISSING") == 1
    assert printed.count("not run") == 3
    assert repository.calls() == []


def test_dirty_tree(repository: Repository) -> None:
    """What is not committed is named."""
    repository.write("more.txt", "")
    repository.write("requirements.txt", "x")
    status, printed = repository.release("--check")
    assert status == 1
    assert "2 not committed: requirements.txt, more.txt" in row(printed, "clean tree")


def test_other_branch(repository: Repository) -> None:
    """A release is made of main."""
    repository.git("checkout", "--quiet", "-b", "elsewhere")
    status, printed = repository.release("--check")
    assert status == 1
    assert "this is elsewhere, not main" in row(printed, "clean tree")


@pytest.mark.parametrize("target", ["dist", "smoke"])
def test_failing_build(repository: Repository, target: str) -> None:
    """What fails on the way is named, and ends with status 1."""
    status, printed = repository.release("--check", fails=target)
    assert status == 1
    assert f"`make {target}` ended with status 1" in printed
    assert printed.count("MISSING") == 1


def test_builds_that_differ(repository: Repository) -> None:
    """Two builds of the package that are not the same bytes are no release."""
    status, printed = repository.release("--check", fails="same")
    assert status == 1
    assert "two builds differ: {'it.whl': '" in row(printed, "wheel and sdist")


def test_old_locks(repository: Repository) -> None:
    """Locks that nobody has renewed for long are to be looked at, and stop nothing."""
    repository.write("tests/requirements.txt", "older")
    repository.commit("2020-01-01T12:00:00Z")
    status, printed = repository.release("--check")
    assert status == 0
    assert row(printed, "age of locks").split()[3] == "look"
    assert "`make renew`" in row(printed, "age of locks")


def test_it_asks(repository: Repository) -> None:
    """In a terminal it asks for one step after the other, and still does none of them."""
    pty = pytest.importorskip("pty")
    ours, its = pty.openpty()
    try:
        os.write(ours, b"y\ny\nn\n")
        status, printed = repository.release(stdin=its)
    finally:
        os.close(ours)
        os.close(its)
    assert status == 1
    assert "git tag --annotate v1.2.0" in printed
    assert "Stopped before step 3 was done." in printed
    assert "twine upload" not in printed
    assert repository.calls() == DONE


def test_unknown_word(repository: Repository) -> None:
    """A word that means nothing starts nothing."""
    status, printed = repository.release("--chek")
    assert status == 2
    assert "--check" in printed
    assert not repository.calls_file.exists()
