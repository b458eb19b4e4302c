"""Two builds of one state make the same site, whatever the folder, the time and the disk are."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from poolcontext.capture.platform import describe

if TYPE_CHECKING:
    from galleries import Gallery, NewGallery, Other

VARYING = """
import os, sys, time

began = time.perf_counter()
print(object())

%%

time.sleep(0.05)
print(f"pid {os.getpid()} took {time.perf_counter() - began:.6f} s in {os.getcwd()}")
"""
COMMITTED = "<object object at 0x7f00beef1230>\npid 4711 took 0.050123 s in <folder>\n"
HEADER = "Section\n=======\n\nWords.\n"
FILES = {
    "examples/section/GALLERY_HEADER.rst": HEADER,
    "docs/page.rst": ":orphan:\n\nT\n=\n\n.. poolcontext-outcomes:: varying\n\n"
    ".. poolcontext-platform-matrix:: t.toml\n",
    "docs/t.toml": '[[column]]\ntitle = "Said"\nexample = "varying"\nlines = ["^(pid .+)"]\n'
    '[[row]]\nplatform = "X"\nuntil = "nowhere"\nevidence = "documented"\n'
    'cells = ["x"]\nsources = []\n',
    "docs/with_helper/first_with_helper.py": "print('first')\n",
}
SCRIPTS = {
    "varying": VARYING,
    "first": "print('first')",
    "section/second": "print('second')",
    "section/third": "print('third')",
}


def make(gallery: Gallery, other: Other, backwards: bool) -> Gallery:
    """Write all files, in one order and with one age or the other, and build."""
    step = -1 if backwards else 1
    for name, text in [*FILES.items()][::step]:
        gallery.write(name, text)
    for name, code in [*SCRIPTS.items()][::step]:
        gallery.add(name, code)
    outputs = {"varying": COMMITTED, "first_with_helper": "first\n"}
    outputs.update({name: f"{name}\n" for name in ("first", "second", "third")})
    platforms = [describe(), other(version="3.9.1"), other(version="3.13.2")]
    for platform in platforms[::step]:
        gallery.commit(platform, outputs)
    for number, path in enumerate(sorted(gallery.root.rglob("*"))):
        os.utime(path, (1e9 + 1e5 * number * step,) * 2)
    gallery.build()
    return gallery


@pytest.fixture(scope="module")
def twins(
    new_gallery: NewGallery, other: Other, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Gallery, Gallery]:
    """Two galleries of the same files, in folders of other names, built on other local days."""
    first = new_gallery({"TZ": "Etc/GMT+12", "PYTHONHASHSEED": "1"}, min_reported_time=1e9)
    second = type(first)(
        tmp_path_factory.mktemp("elsewhere") / "a-longer-name" / "site",
        {"TZ": "Etc/GMT-14", "PYTHONHASHSEED": "2"},
        min_reported_time=1e9,
    )
    return make(first, other, False), make(second, other, True)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class TestTwins:
    """What two clean builds have in common."""

    def test_every_file(self, twins: tuple[Gallery, Gallery]) -> None:
        """All files are there twice, and are the same byte by byte."""
        first, second = (contents(gallery.html) for gallery in twins)
        assert first.keys() == second.keys()
        assert len(first) > 30
        assert [name for name in first if first[name] != second[name]] == []

    def test_build_info(self, twins: tuple[Gallery, Gallery], tmp_path: Path) -> None:
        """So is what Sphinx keeps of the settings, as no folder's name is among them."""
        first, second = ((gallery.html / ".buildinfo").read_bytes() for gallery in twins)
        assert first == second
        copy = twins[0].copy(tmp_path / "copy")
        copy.build()
        assert (copy.html / ".buildinfo").read_bytes() == first

    def test_what_is_compared_varies(self, twins: tuple[Gallery, Gallery]) -> None:
        """The builds ran the scripts themselves, which printed something else each time."""
        first, second = (gallery.captures()[0].read_text(encoding="utf-8") for gallery in twins)
        assert first != second
        for gallery in twins:
            assert gallery.output("varying") == COMMITTED

    def test_archives(self, twins: tuple[Gallery, Gallery]) -> None:
        """Among them are archives, which hold the scripts as they are, sorted and of one time."""
        gallery, _ = twins
        archives = list(gallery.html.glob("_downloads/*/*.zip"))
        assert "examples_python.zip" in {path.name for path in archives}
        for path in archives:
            with zipfile.ZipFile(path) as archive:
                assert archive.namelist() == sorted(archive.namelist())
                assert len({info.date_time for info in archive.infolist()}) == 1
                for name in archive.namelist():
                    (script,) = gallery.examples.rglob(Path(name).name)
                    assert archive.read(name) == script.read_bytes()
