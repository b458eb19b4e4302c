"""A folder in which a script leaves pictures, and can find what lies beside it all the same."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PICTURES = (".gif", ".jpg", ".png", ".svg", ".webp")
"""What files of pictures end with: those that sphinx-gallery makes thumbnails of, too."""


def lay_beside(script: Path, folder: Path) -> None:
    """Have a folder hold what lies beside a script: links, or copies where links are of no use.

    A picture is copied, as the script may write it anew; its time, the beginning of all
    times, is what tells it from those that the script has written.
    """
    for path in script.parent.iterdir():
        there = folder / path.name
        if path.suffix in PICTURES and path.is_file():
            shutil.copyfile(path, there)
            os.utime(there, (0, 0))
        elif path != script and not there.exists():
            try:
                there.symlink_to(path.resolve(), path.is_dir())
            except OSError:  # Windows wants a privilege
                (shutil.copytree if path.is_dir() else shutil.copyfile)(path, there)


def written(folder: Path) -> list[Path]:
    """The pictures that a script has written into such a folder."""
    return [
        path
        for path in folder.iterdir()
        if path.suffix in PICTURES and not path.is_symlink() and path.is_file()
        if path.stat().st_mtime != 0
    ]
