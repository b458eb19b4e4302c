"""What the tests of the extension share: an application, as far as its parts need one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sphinx.application import Sphinx
from sphinx_gallery import gen_gallery

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
