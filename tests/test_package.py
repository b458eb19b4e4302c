"""The wheel and the sdist: what they hold and say, that builds are equal, and a wheel alone."""

from __future__ import annotations

import email
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILD = "from flit_core import buildapi as b; b.build_wheel('dist'); b.build_sdist('dist')"
PACKAGE = "src/poolcontext/"


def run(folder: Path, *command: str | Path, umask: int = 0o22, **environ: str) -> str:
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
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build(folder: Path, umask: int = 0o22, **environ: str) -> tuple[Path, Path]:
    """Make a wheel and an sdist of a folder."""
    (folder / "dist").mkdir(exist_ok=True)
    run(folder, sys.executable, "-c", BUILD, umask=umask, **environ)
    return next(folder.glob("dist/*.whl")), next(folder.glob("dist/*.tar.gz"))


@pytest.fixture(scope="module")
def kept() -> set[str]:
    """What git keeps, or would with the next commit of all."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout, and only git knows what belongs to one")
    return {name for name in os.fsdecode(done.stdout).split("\0") if (ROOT / name).is_file()}


def copy(kept: set[str], folder: Path) -> Path:
    for name in kept:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def built(kept: set[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist."""
    return build(copy(kept, tmp_path_factory.mktemp("first")), TZ="UTC")


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, Path]) -> dict[str, bytes]:
    """What the wheel holds."""
    with zipfile.ZipFile(built[0]) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def metadata(wheel: dict[str, bytes]) -> bytes:
    return next(content for name, content in wheel.items() if name.endswith("/METADATA"))


def test_contents(kept: set[str], wheel: dict[str, bytes], built: tuple[Path, Path]) -> None:
    """The wheel holds the package and what describes it, the sdist every file that git keeps."""
    package = {name[len("src/") :] for name in kept if name.startswith(PACKAGE)}
    assert "poolcontext/py.typed" in package
    described = set(wheel) - package
    assert package < set(wheel)
    assert {Path(name).name for name in described} == {
        *("METADATA", "WHEEL", "RECORD", "entry_points.txt", "LICENSE")
    }
    with tarfile.open(built[1]) as sdist:
        assert {name.partition("/")[2] for name in sdist.getnames()} == {*kept, "PKG-INFO"}


def test_same_bytes(kept: set[str], built: tuple[Path, Path], tmp_path: Path) -> None:
    """The same files make the same bytes, elsewhere, among others' leavings, or from the sdist."""
    first = [path.read_bytes() for path in built]
    folder = copy(kept, tmp_path / "in" / "another folder")
    for pattern in (ROOT / ".gitignore").read_text(encoding="utf-8").split():
        name = pattern.strip("/").replace("*", "x") + ("/x" if pattern.endswith("/") else "")
        for above in ("",) if pattern.startswith("/") else ("", PACKAGE, "docs/", "tests/"):
            (folder / above / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / above / name).write_text("not to be given to others", encoding="utf-8")
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
        os.utime(path, (1_600_000_000, 1_600_000_000))
    again = build(folder, umask=0o77, TZ="Pacific/Kiritimati", LC_ALL="C", PYTHONHASHSEED="7")
    assert [path.read_bytes() for path in again] == first

    run(tmp_path, "tar", "-xf", built[1])
    (unpacked,) = tmp_path.glob("poolcontext-*")
    assert os.access(unpacked / ".ci" / "run", os.X_OK)
    assert [path.read_bytes() for path in build(unpacked)] == first


def test_metadata(metadata: bytes) -> None:
    """It is valid, wants something for a site alone, and claims only what is captured."""
    pytest.importorskip("packaging.metadata").Metadata.from_email(metadata)
    fields = email.message_from_bytes(metadata)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for requirement in fields.get_all("Requires-Dist", []):
        words, marker = requirement.split(" ; ")
        assert marker == 'extra == "docs"'
        assert text.count(f'"{words}"') == 2, f"the group docs asks for another {words}"
    captures = " ".join(path.name for path in ROOT.glob("docs/captures/*.json"))
    for classifier in fields.get_all("Classifier", []):
        kind, _, what = classifier.rpartition(" :: ")
        if kind == "Programming Language :: Python" and what[-1].isdigit():
            assert f"cpython-{what}." in captures
        elif kind.endswith("Implementation") or kind.startswith("Operating System"):
            assert what.lower() in captures


IMPORT_ALL = """
import importlib, pkgutil, poolcontext
for module in pkgutil.walk_packages(poolcontext.__path__, "poolcontext."):
    if not {"sphinxext", "pytest_plugin"} & {*module.name.split(".")}:
        print(importlib.import_module(module.name).__file__)
"""


def test_works_alone(
    wheel: dict[str, bytes], metadata: bytes, built: tuple[Path, Path], tmp_path: Path
) -> None:
    """Where nothing else is, its commands and modules run, and its description is true."""
    pytest.importorskip("pip")
    pytest.importorskip("venv").create(tmp_path / "venv")
    programs = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = programs / "python"
    pip = (sys.executable, "-m", "pip", "--python", python)
    run(tmp_path, *pip, "install", "--no-index", "--no-deps", built[0])
    listed = run(tmp_path, programs / "poolcontext", "list", "--json")
    assert listed == run(tmp_path, python, "-m", "poolcontext", "list", "--json")
    assert listed.startswith('{"available": [')
    others = ("sphinxext", "pytest_plugin")  # which want Sphinx, and pytest
    code = {
        name for name in wheel if name.endswith(".py") and not any(one in name for one in others)
    }
    found = run(tmp_path, python, "-c", IMPORT_ALL).splitlines()
    assert len({*found}) == len(code) - 1  # without the package itself
    assert all(Path(file).is_relative_to(tmp_path) for file in found)

    text = email.message_from_bytes(metadata).get_payload()
    assert isinstance(text, str)
    assert "](" not in text  # a package index could not follow it
    assert text.count(">>> ") >= 4
    (tmp_path / "text").write_text(text, encoding="utf-8")
    run(tmp_path, python, "-m", "doctest", "-o", "IGNORE_EXCEPTION_DETAIL", "text")
