"""The file that keeps one platform's captures; it may come from a stranger."""

from __future__ import annotations

import contextlib
import json
import os
import re
import threading
from pathlib import Path
from typing import Any

from .captures import Captures
from .checking import MAX_BYTES, SCHEMA, parse
from .redaction import one_line


class FileError(ValueError):
    """A file that holds no captures; the message names it, and the place in it."""


def load(path: Path, trusted: bool = False) -> Captures:
    """Read a file of captures.

    Args:
        path: The file, whose name is its platform's id and ``.json``.
        trusted: Whether it is this machine's own, which may be of any size.

    Raises:
        OSError: It cannot be read.
        FileError: It holds something else.
    """
    try:
        # A pipe or a device would be waited for, and a link may lead anywhere.
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise ValueError("it is no regular file")
        with open(path, "rb") as file:
            content = file.read(-1 if trusted else MAX_BYTES + 1)
        captures = parse(content, trusted)
        if path.name != f"{captures.platform.id}.json":
            raise ValueError(f"platform: {captures.platform.id} has a file of that name, not this")
    except ValueError as error:
        name = str(path).encode("ascii", "backslashreplace").decode("ascii")
        raise FileError(one_line(f"{name}: {error}")) from None
    return captures


def load_folder(folder: Path) -> tuple[list[Captures], list[str]]:
    """Read all files of captures in a folder: what they hold, and what is wrong with others."""
    found, errors = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(load(path))
        except (FileError, OSError) as error:
            errors.append(one_line(str(error)))
    return found, errors


def save(captures: Captures, path: Path, trusted: bool = False) -> None:
    """Replace a file of captures, so that at every moment it is the old one or the new one.

    Args:
        captures: What it is to hold.
        path: The file.
        trusted: Whether it is for this machine only, and so may be of any size.

    Raises:
        OSError: It cannot be written.
        ValueError: `load` would refuse it.
    """
    content = serialise(captures)
    if parse(content, trusted) != captures or path.name != f"{captures.platform.id}.json":
        raise ValueError(f"{path.name} would not hold what was captured")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.stem}-{os.getpid()}-{threading.get_ident()}.draft")
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def serialise(captures: Captures) -> bytes:
    """The content of a file: keys in order, and a line for each line of an output."""
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "platform": {"id": captures.platform.id, **captures.platform._asdict()},
        "date": captures.date,
        "examples": {},
    }
    for name in sorted(captures.examples):
        fields = captures.examples[name]._asdict()
        fields["output"] = re.findall(r"[^\n]*\n|[^\n]+", fields["output"])
        data["examples"][name] = fields
    return (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
