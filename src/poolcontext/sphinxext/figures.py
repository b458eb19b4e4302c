"""The pictures that a script has left as files, below its outcome: those of this build only."""

from __future__ import annotations

import filecmp
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ..capture.script import written_pictures

MOST = 20
"""How many pictures of a script are shown."""

LARGEST = 5_000_000
"""Bytes that one of them may have."""

LEFT_OUT = "left-out.txt"


def keep(folder: Path, kept: Path) -> None:
    """Keep what a script has left in the folder that it ran in, by its files' names.

    Two files may have been written in one tick of the clock, so their times give no order.
    """
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir(parents=True)
    found = sorted(written_pictures(folder), key=lambda path: _natural(path.name))
    fitting = [path for path in found if path.stat().st_size <= LARGEST][:MOST]
    for number, path in enumerate(fitting, 1):
        shutil.copyfile(path, kept / f"{number:03} {path.name}")
    names = ", ".join(path.name for path in found if path not in fitting)
    if names:
        (kept / LEFT_OUT).write_text(names, encoding="utf-8")


def _natural(name: str) -> list[tuple[str, int]]:
    """Sorts `rate_10` behind `rate_9`."""
    return [(text, int(number or 0)) for text, number in re.findall(r"(\D*)(\d*)", name)]


def found(kept: Path) -> list[Path]:
    """The pictures that are kept, in their order."""
    return sorted(path for path in kept.glob("*") if path.name != LEFT_OUT)


def left_out(kept: Path) -> str:
    """The names of those that were too many or too large."""
    file = kept / LEFT_OUT
    return file.read_text(encoding="utf-8") if file.exists() else ""


def publish(pictures: Sequence[Path], target: Path) -> bool:
    """Put them where sphinx-gallery looks for pictures of a page, and say if that is news."""
    images, name = target.parent / "images", target.stem
    there = {
        f"sphx_glr_{name}_{number:03}{path.suffix}": path for number, path in enumerate(pictures, 1)
    }
    old = sorted(images.glob(f"sphx_glr_{name}_[0-9][0-9][0-9].*"))
    if [path.name for path in old] == list(there) and all(
        filecmp.cmp(path, there[path.name], shallow=False) for path in old
    ):
        return False
    # Else sphinx-gallery would leave the thumbnail of a picture that is not made any more.
    for path in (*old, *images.glob(f"thumb/sphx_glr_{name}_thumb.*")):
        path.unlink()
    images.mkdir(parents=True, exist_ok=True)
    for file, path in there.items():
        shutil.copyfile(path, images / file)
    return True


def directives(pictures: Sequence[Path], name: str) -> str:
    """What shows them on the script's page."""
    return "".join(
        f"\n.. image:: images/sphx_glr_{name}_{number:03}{path.suffix}\n"
        f"   :alt: {_said(path)}\n   :class: poolcontext-figure\n"
        for number, path in enumerate(pictures, 1)
    )


def _said(path: Path) -> str:
    """What a picture shows, as far as its file's name tells."""
    return " ".join(re.findall(r"[^\W_]+", path.stem.partition(" ")[2])) or "figure"
