"""The wheel and the sdist: what they hold and say, that builds are equal, and a wheel alone."""

from __future__ import annotations

import email
import email.message
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
BUILD = "from flit_core import buildapi as b; b.build_wheel('dist'); b.build_sdist('dist')"
PACKAGE = "src/poolcontext/"


class Built(NamedTuple):
    """What a build has made."""

    wheel: Path
    sdist: Path

    def in_wheel(self) -> set[str]:
        with zipfile.ZipFile(self.wheel) as file:
            return set(file.namelist())

    def in_sdist(self) -> set[str]:
        with tarfile.open(self.sdist) as file:
            return {name.partition("/")[2] for name in file.getnames()}

    def metadata(self) -> email.message.Message:
        with zipfile.ZipFile(self.wheel) as file:
            name = next(name for name in file.namelist() if name.endswith("/METADATA"))
            return email.message_from_bytes(file.read(name))


def run(folder: Path, *command: str, umask: int = 0o22, **environ: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000001", **environ},
        umask=umask,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(folder: Path, umask: int = 0o22, **environ: str) -> Built:
    (folder / "dist").mkdir(exist_ok=True)
    run(folder, sys.executable, "-c", BUILD, umask=umask, **environ)
    return Built(*(next(folder.glob(f"dist/*.{kind}")) for kind in ("whl", "tar.gz")))


@pytest.fixture(scope="module")
def kept() -> list[str]:
    """What git keeps, or would with the next commit of all."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout, and only git knows what belongs to one")
    names = os.fsdecode(done.stdout).split("\0")
    return sorted({name for name in names if (ROOT / name).is_file()})


def copy(kept: list[str], folder: Path) -> Path:
    for name in kept:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return folder


@pytest.fixture(scope="module")
def built(kept: list[str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(copy(kept, tmp_path_factory.mktemp("first")), TZ="UTC")


@pytest.fixture(scope="module")
def again(kept: list[str], tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The same, made elsewhere, among files that git ignores, that others may not read."""
    folder = copy(kept, tmp_path_factory.mktemp("second") / "in" / "another folder")
    for pattern in (ROOT / ".gitignore").read_text(encoding="utf-8").split():
        name = pattern.strip("/").replace("*", "x") + ("/x" if pattern.endswith("/") else "")
        for above in ("",) if pattern.startswith("/") else ("", PACKAGE, "docs/", "tests/"):
            ignored = folder / above / name
            ignored.parent.mkdir(parents=True, exist_ok=True)
            ignored.write_text("not to be given to others", encoding="utf-8")
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (1_600_000_000, 1_600_000_000))
    return build(folder, umask=0o77, TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="7")


def test_equal(built: Built, again: Built) -> None:
    """Two builds of the same files are the same bytes, whatever is around them."""
    assert built.in_wheel() == again.in_wheel()
    assert built.in_sdist() == again.in_sdist()
    assert built.wheel.read_bytes() == again.wheel.read_bytes()
    assert built.sdist.read_bytes() == again.sdist.read_bytes()


def test_wheel_holds_the_package_only(built: Built, kept: list[str]) -> None:
    """The wheel holds what git keeps of the package, and beside it only what describes it."""
    package = {name[len("src/") :] for name in kept if name.startswith(PACKAGE)}
    described = {name for name in built.in_wheel() if name.partition("/")[0].endswith(".dist-info")}
    assert built.in_wheel() - described == package
    assert {Path(name).name for name in described} == {
        *("METADATA", "WHEEL", "RECORD", "entry_points.txt", "LICENSE")
    }


def test_sdist_holds_what_git_keeps(built: Built, kept: list[str]) -> None:
    """The sdist holds every file that git keeps, and none that it ignores."""
    assert built.in_sdist() == {*kept, "PKG-INFO"}


def test_sdist_builds_the_same(built: Built, tmp_path: Path) -> None:
    """The unpacked sdist makes the same bytes, and its programs are still programs."""
    run(tmp_path, "tar", "-xf", str(built.sdist))
    folder = next(tmp_path.iterdir())
    assert os.access(folder / ".ci" / "run", os.X_OK)
    again = build(folder)
    assert built.wheel.read_bytes() == again.wheel.read_bytes()
    assert built.sdist.read_bytes() == again.sdist.read_bytes()


def test_needs_nothing_but_for_a_site(built: Built) -> None:
    """All that the wheel asks for is in its extra, in the words of the lock's own group."""
    metadata = built.metadata()
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert metadata.get_all("Provides-Extra") == ["docs"]
    for requirement in metadata.get_all("Requires-Dist", []):
        words, marker = requirement.split(" ; ")
        assert marker == 'extra == "docs"'
        assert text.count(f'"{words}"') == 2, f"the group docs asks for another {words}"


def test_claims_only_what_is_captured(built: Built) -> None:
    """Each Python and system that the wheel is said to run on has a committed capture."""
    said = built.metadata().get_all("Classifier", [])
    captures = " ".join(path.name for path in ROOT.glob("docs/captures/*.json"))
    for classifier in said:
        kind, _, what = classifier.rpartition(" :: ")
        if kind == "Programming Language :: Python" and what[-1].isdigit():
            assert f"cpython-{what}." in captures
        elif kind.endswith("Implementation") or kind.startswith("Operating System"):
            assert what.lower() in captures
    assert "Typing :: Typed" in said
    assert "poolcontext/py.typed" in built.in_wheel()


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment in which there is nothing but the wheel."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = ("-m", "pip", "--python", str(programs / "python"), "install", "--no-index", "--no-deps")
    run(folder, sys.executable, *pip, str(built.wheel))
    return programs


def test_works_alone(built: Built, installed: Path, tmp_path: Path) -> None:
    """Installed where nothing else is, all of the helper can be imported, and its commands run."""
    python = str(installed / "python")
    listed = run(tmp_path, str(installed / "poolcontext"), "list", "--json")
    assert listed == run(tmp_path, python, "-m", "poolcontext", "list", "--json")
    assert listed.startswith('{"available": [')
    where, *found = run(tmp_path, python, "-c", IMPORT_ALL).splitlines()
    modules = {Path(name).stem for name in built.in_wheel() if re.fullmatch(r"\w+/\w+\.py", name)}
    assert set(found) == modules - {"__init__"}
    assert installed.parent in Path(where).parents


IMPORT_ALL = """
import importlib, pkgutil, poolcontext
print(poolcontext.__file__)
for module in pkgutil.iter_modules(poolcontext.__path__):
    if module.name != "sphinxext":
        importlib.import_module(f"poolcontext.{module.name}")
        print(module.name)
"""


def test_description_is_true(built: Built, installed: Path, tmp_path: Path) -> None:
    """What a package index shows prints what it says, and links nothing beside it."""
    text = built.metadata().get_payload()
    assert isinstance(text, str)
    assert "](" not in text
    assert text.count(">>> ") >= 4
    (tmp_path / "text").write_text(text, encoding="utf-8")
    run(
        tmp_path,
        str(installed / "python"),
        "-m",
        "doctest",
        "-o",
        "IGNORE_EXCEPTION_DETAIL",
        "text",
    )
