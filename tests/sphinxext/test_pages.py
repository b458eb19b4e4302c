"""What is removed of what earlier builds have made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sphinx.application import Sphinx

from poolcontext.sphinxext import pages

MakeSite = Callable[..., Sphinx]


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
