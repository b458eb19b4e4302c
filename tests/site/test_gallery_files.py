"""What is removed of what earlier builds have made, and what is made beside pages."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from _ext import gallery_files as pages

from poolcontext.capture.platform import Platform
from poolcontext.capture.snapshot import Capture
from poolcontext.sphinxext.results import key

if TYPE_CHECKING:
    from galleries import MakeSite, Other


class TestPrune:
    """What pages.prune(app) removes."""

    # What sphinx-gallery makes of a script STEM.py, beside the folder's own files.
    MADE = (
        "STEM.py",
        "STEM.py.md5",
        "STEM.rst",
        "STEM.zip",
        "STEM.cost.json",
        "STEM.codeobj.json",
        "images/thumb/sphx_glr_STEM_thumb.svg",
    )

    def fill(self, folder: Path, stem: str) -> set[Path]:
        files = {folder / name.replace("STEM", stem) for name in self.MADE}
        for file in files | {folder / "index.rst"}:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("", encoding="utf-8")
        return files

    @pytest.mark.parametrize("many", [False, True], ids=["one-folder", "list-of-folders"])
    def test_removes_what_no_script_made(self, make_site: MakeSite, many: bool) -> None:
        """What was made of a script that is gone goes; what is there stays, also the archive."""
        settings = {"examples_dirs": ["../scripts"], "gallery_dirs": ["made"]} if many else {}
        app = make_site("a/new.py", "a/newer.py", "top.py", **settings)
        made = Path(app.srcdir, "made")
        (made / "made_python.zip").touch()
        stay = {made / "made_python.zip", made / "index.rst", made / "a" / "index.rst"}
        go = self.fill(made / "a", "old")
        stay |= self.fill(made / "a", "new") | self.fill(made / "a", "newer")
        stay |= self.fill(made, "top")
        assert set(pages.prune(app)) == go
        assert {path for path in made.rglob("*") if path.is_file()} == stay

    def test_tells_folders_apart(self, make_site: MakeSite) -> None:
        """A script that has moved from the top into a section leaves nothing at the top."""
        app = make_site("a/moved.py")
        made = Path(app.srcdir, "made")
        (made / "made_python.zip").touch()
        stay = self.fill(made / "a", "moved") | {made / "made_python.zip"}
        stay |= {made / "index.rst", made / "a" / "index.rst"}
        go = self.fill(made, "moved")
        assert set(pages.prune(app)) == go
        assert {path for path in made.rglob("*") if path.is_file()} == stay

    def test_dots_in_a_name(self, make_site: MakeSite) -> None:
        """What was made of a script whose name has a dot in it stays as well."""
        app = make_site("a/new.v2.py")
        made = Path(app.srcdir, "made")
        stay = self.fill(made / "a", "new.v2") | {made / "a" / "index.rst"}
        assert pages.prune(app) == []
        assert {path for path in made.rglob("*") if path.is_file()} == stay

    def test_removes_the_index_of_an_empty_section(self, make_site: MakeSite) -> None:
        """A section whose last script is gone has no page."""
        app = make_site("a/new.py", "b/old.py")
        made = Path(app.srcdir, "made")
        stay = self.fill(made / "a", "new") | {made / "a" / "index.rst"}
        go = self.fill(made / "b", "old") | {made / "b" / "index.rst"}
        Path(app.srcdir, "../scripts/b/old.py").unlink()
        assert set(pages.prune(app)) == go
        assert {path for path in made.rglob("*") if path.is_file()} == stay

    def test_first_build(self, make_site: MakeSite) -> None:
        """Where nothing has been made yet, there is nothing to remove."""
        app = make_site("one.py")
        Path(app.srcdir, "made").rmdir()
        assert pages.prune(app) == []


CONTENT = {"a/z.py": b"print(1)\n" * 100, "a/b.py": b"", "b.py": "print('ä')".encode()}


class TestLevelArchives:
    """What pages.level_archives(app) makes of archives."""

    def put(self, app: Any, names: list[str], day: int) -> Path:
        """Write an archive as sphinx-gallery might have, on another day and in another order."""
        path = Path(app.srcdir, "made", "made_python.zip")
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                info = zipfile.ZipInfo(name, (2026, 1, day, 1, 2, 4))
                info.external_attr = (0o600 + day) << 16
                archive.writestr(info, CONTENT[name])
        return path

    def test_equal(self, make_site: MakeSite) -> None:
        """Equal files make equal archives, whatever their order, times and modes were."""
        app = make_site("top.py")
        made = []
        for names in (sorted(CONTENT), sorted(CONTENT, reverse=True)):
            path = self.put(app, names, len(made) + 1)
            pages.level_archives(app)
            made.append(path.read_bytes())
        assert made[0] == made[1]
        assert [one.name for one in path.parent.iterdir()] == [path.name]

    def test_content(self, make_site: MakeSite) -> None:
        """The archive is sound, and holds the same files, sorted, each of one fixed time."""
        app = make_site("top.py")
        path = self.put(app, ["b.py", "a/z.py", "a/b.py"], 1)
        pages.level_archives(app)
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            assert archive.namelist() == sorted(CONTENT)
            assert {name: archive.read(name) for name in archive.namelist()} == CONTENT
            assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert {info.external_attr >> 16 for info in archive.infolist()} == {0o644}

    def test_sections(self, make_site: MakeSite) -> None:
        """Those in a section's folder are levelled as well."""
        app = make_site("a/one.py")
        path = Path(app.srcdir, "made", "a", "one.zip")
        path.parent.mkdir()
        path.write_bytes(self.put(app, ["b.py", "a/z.py"], 1).read_bytes())
        pages.level_archives(app)
        with zipfile.ZipFile(path) as archive:
            assert archive.namelist() == ["a/z.py", "b.py"]


class TestWriteStatic:
    """What pages.write_static(app, shown) puts into a site."""

    def write(self, folder: Path, *platforms: Platform) -> Path:
        """Call it with an application that has no settings to change, only a folder."""
        app: Any = SimpleNamespace(outdir=folder)
        shown: Any = SimpleNamespace(captures=[Capture(one, {}) for one in platforms])
        pages.write_static(app, shown)
        return folder / "_static" / "platforms.js"

    @staticmethod
    def read(file: Path) -> list[dict[str, str]]:
        found = re.fullmatch(
            r"window\.poolContextPlatforms = (.*);\n", file.read_text(encoding="utf-8"), re.S
        )
        assert found
        value: list[dict[str, str]] = json.loads(found[1])
        return value

    def test_list(self, tmp_path: Path, other: Other) -> None:
        """It names each platform with its title and class, in the order that it was given."""
        platforms = [other(version="3.14.2", flags="free-threading"), other(version="3.9.1")]
        file = self.write(tmp_path, *platforms)
        assert self.read(file) == [
            {"id": one.id, "title": one.title, "key": key(one)} for one in platforms
        ]

    def test_nobody(self, tmp_path: Path) -> None:
        """Without any platform it is an empty list."""
        assert self.read(self.write(tmp_path)) == []

    def test_changes(self, tmp_path: Path, other: Other) -> None:
        """What an earlier build has left there is replaced."""
        file = self.write(tmp_path, other(version="3.9.1"), other(version="3.9.2"))
        script = file.with_name("my-platform.js")
        script.write_text("old", encoding="utf-8")
        self.write(tmp_path, other(version="3.9.3"))
        assert [one["id"] for one in self.read(file)] == [other(version="3.9.3").id]
        assert script.read_text(encoding="utf-8") != "old"

    def test_files(self, tmp_path: Path) -> None:
        """There are the list and my-platform.js, as the package has it, beside what was there."""
        theirs = tmp_path / "_static" / "theirs.js"
        theirs.parent.mkdir()
        theirs.write_text("theirs", encoding="utf-8")
        folder = self.write(tmp_path).parent
        assert {path.name for path in folder.iterdir()} == {
            "my-platform.js",
            "platforms.js",
            "theirs.js",
        }
        assert theirs.read_text(encoding="utf-8") == "theirs"
        source = Path(pages.__file__).with_name("static") / "my-platform.js"
        assert (folder / "my-platform.js").read_bytes() == source.read_bytes()
