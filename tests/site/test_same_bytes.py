"""Two clean builds of the whole site are the same, whoever builds it, where and when."""

from __future__ import annotations

import shutil
from pathlib import Path

from .conftest import OUTPUTS, Site, copy_project


def test_same_bytes(site: Site, tmp_path: Path) -> None:
    """All files are byte-identical: pages, twins, archives and pictures.

    Given the outputs of one run: what differs from run to run is no part of an outcome.
    """
    other = Site(tmp_path / "a place with another name")
    copy_project(other.root)
    for path in other.root.rglob("*"):
        path.touch()
    shutil.copytree(site.root / OUTPUTS, other.root / OUTPUTS)
    said = other.build(TZ="Etc/GMT-14", PYTHONHASHSEED="3", LC_ALL="C.UTF-8", HOME=str(tmp_path))
    assert "Examples: 0 ran, " in said
    first, second = (
        {
            path.relative_to(one.html).as_posix(): path.read_bytes()
            for path in one.html.rglob("*")
            if path.is_file()
        }
        for one in (site, other)
    )
    assert {Path(name).suffix for name in first} >= {".html", ".md", ".zip", ".png", ".svg", ".py"}
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
