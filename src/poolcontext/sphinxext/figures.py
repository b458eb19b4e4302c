"""The pictures of a script: Matplotlib's figures, and what it has left as files.

The former are saved by a backend that is brought in by `environ`; they are those of this build.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..capture.script import written_pictures

MOST = 100
"""How many pictures of a script are shown."""

LARGEST = 5_000_000
"""Bytes that one of them may have."""

BACKEND = Path(__file__).with_name("backend")
"""The folder with the backend, and nothing else, for a script's ``PYTHONPATH``."""

INDEX = "index.json"


class Picture(NamedTuple):
    """A picture that is kept."""

    file: Path
    title: str
    """What it shows, as far as its title or its file's name tells."""

    line: int = 0
    """The line of the script that showed it; 0 for its end."""

    larger: tuple[tuple[float, Path], ...] = ()
    """The same by factors larger."""


def environ(kept: Path, scales: Sequence[float], path: str) -> Mapping[str, str]:
    """The variables that have a script's figures saved.

    Args:
        kept: The folder for its pictures.
        scales: The factors by which each is saved larger as well.
        path: Its ``PYTHONPATH`` without them.
    """
    shutil.rmtree(_saving(kept), ignore_errors=True)
    _saving(kept).mkdir(parents=True)
    return {
        "MPLBACKEND": "module://poolcontext_figures",
        "POOLCONTEXT_FIGURES": str(_saving(kept)),
        "POOLCONTEXT_SCALES": " ".join(map(str, scales)),
        "PYTHONPATH": os.pathsep.join(filter(None, [path, str(BACKEND)])),
    }


def _saving(kept: Path) -> Path:
    """Where figures are saved while a script runs; no script's name begins with a dot."""
    return kept.with_name(f".{kept.name}")


def keep(folder: Path | None, kept: Path) -> None:
    """Keep the figures that were saved while a script ran, and the pictures that it has left.

    Args:
        folder: The folder that it ran in, if it leaves some there.
        kept: Where they are kept.
    """
    fresh = _saving(kept) / "kept"
    fresh.mkdir(parents=True, exist_ok=True)
    found = [_saved(index) for index in sorted(fresh.parent.glob("*.json"))]
    # Two files may have been written in one tick of the clock, so their times give no order.
    left = sorted(written_pictures(folder), key=_natural) if folder else []
    found = [one for one in found if one.file.exists()] + [Picture(one, _said(one)) for one in left]
    fitting = [one for one in found if one.file.stat().st_size <= LARGEST][:MOST]
    rows = []
    for number, one in enumerate(fitting, 1):
        larger = {str(factor): path.name for factor, path in one.larger}
        row: dict[str, Any] = {
            "file": f"{number:03}{_suffix(one.file)}",
            "title": one.title,
            "line": one.line,
        }
        shutil.copyfile(one.file, fresh / row["file"])
        for _, path in one.larger:
            shutil.copyfile(path, fresh / path.name)
        rows.append({**row, "larger": larger})
    left_out = ", ".join(one.file.name for one in found if one not in fitting)
    text = json.dumps({"pictures": rows, "left out": left_out})
    (fresh / INDEX).write_text(text, encoding="utf-8")
    shutil.rmtree(kept, ignore_errors=True)
    fresh.rename(kept)
    shutil.rmtree(fresh.parent)


def _saved(index: Path) -> Picture:
    """A figure that the backend has saved."""
    said = json.loads(index.read_text(encoding="utf-8") or "{}")  # it may have been ended meanwhile
    larger = sorted(
        (float(re.split("[_x]", path.stem)[1]), path)
        for path in index.parent.glob(f"{index.stem}_*")
    )
    return Picture(
        index.with_suffix(".png"), said.get("title", ""), said.get("line", 0), tuple(larger)
    )


def _natural(path: Path) -> list[tuple[str, int]]:
    """Sorts `rate_10` behind `rate_9`."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", path.name)]


def _suffix(file: Path) -> str:
    """The suffix by which sphinx-gallery knows such a picture."""
    return file.suffix.lower().replace(".jpeg", ".jpg")


def _said(path: Path) -> str:
    """What a picture shows, as far as its file's name tells."""
    return " ".join(re.findall(r"[^\W_]+", path.stem)) or "figure"


def found(kept: Path) -> list[Picture]:
    """The pictures that are kept, in their order."""
    return [
        Picture(
            kept / row["file"],
            row["title"],
            row["line"],
            tuple((float(factor), kept / name) for factor, name in row["larger"].items()),
        )
        for row in _index(kept)["pictures"]
    ]


def left_out(kept: Path) -> str:
    """The names of those that were too many or too large."""
    return str(_index(kept)["left out"])


def _index(kept: Path) -> dict[str, Any]:
    try:
        index: dict[str, Any] = json.loads((kept / INDEX).read_text(encoding="utf-8"))
        return index
    except (OSError, ValueError):
        return {"pictures": [], "left out": ""}


def published(pictures: Sequence[Picture], target: Path) -> list[Picture]:
    """The pictures where sphinx-gallery looks for those of a page."""
    images, name = target.parent / "images", f"sphx_glr_{target.stem}"
    return [
        Picture(
            images / f"{name}_{number:03}{one.file.suffix}",
            one.title,
            one.line,
            tuple(
                (factor, images / f"{name}_{number:03}_{_in_name(factor)}x.png")
                for factor, _ in one.larger
            ),
        )
        for number, one in enumerate(pictures, 1)
    ]


def publish(pictures: Sequence[Picture], target: Path) -> bool:
    """Put them where sphinx-gallery looks for pictures of a page, and say if that is news."""
    images = target.parent / "images"
    there = {
        new: old
        for one, to in zip(pictures, published(pictures, target))
        for new, old in zip(_files(to), _files(one))
    }
    number = "[0-9]" * 3
    before = [
        path
        for pattern in (f"{number}.*", f"{number}_*x.*")
        for path in images.glob(f"sphx_glr_{target.stem}_{pattern}")
    ]
    if {*before} == {*there} and all(
        filecmp.cmp(new, old, shallow=False) for new, old in there.items()
    ):
        return False
    # Else sphinx-gallery would leave the thumbnail of a picture that is not made any more.
    for path in (*before, *images.glob(f"thumb/sphx_glr_{target.stem}_thumb.*")):
        path.unlink()
    images.mkdir(parents=True, exist_ok=True)
    for new, old in there.items():
        shutil.copyfile(old, new)
    return True


def _in_name(factor: float) -> str:
    return f"{factor:.2f}".replace(".", "_")


def _files(picture: Picture) -> list[Path]:
    return [picture.file, *(path for _, path in picture.larger)]
