"""Two clean builds of the whole site are the same, whoever builds it, where and when."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from poolcontext.capture import platform as platforms

from .conftest import ROOT, Site, build, copy_project

FILE = Path("docs", "captures", f"{platforms.describe().id}.json")


def contents(site: Site) -> dict[str, bytes]:
    return {
        path.relative_to(site.html).as_posix(): path.read_bytes()
        for path in sorted(site.html.rglob("*"))
        if path.is_file()
    }


@pytest.mark.skipif(not (ROOT / FILE).exists(), reason="this platform's capture is not committed")
@pytest.mark.timeout(300)  # it builds twice where it runs alone
def test_same_bytes(site: Site, tmp_path: Path) -> None:
    """All files are byte-identical: pages, twins, archives and pictures."""
    other = Site(tmp_path / "a place with another name")
    copy_project(other.root)
    for path in other.root.rglob("*"):
        path.touch()
    build(other, TZ="Etc/GMT-14", PYTHONHASHSEED="3", LC_ALL="C.UTF-8", HOME=str(tmp_path))
    first, second = contents(site), contents(other)
    shutil.rmtree(other.root)
    assert {Path(name).suffix for name in first} >= {".html", ".md", ".zip", ".png", ".svg", ".py"}
    differ = {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}
    assert sorted(differ) == []
