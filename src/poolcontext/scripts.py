"""The example scripts: where they are, and what each says of itself."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

TIME_LIMIT = 60.0
"""Seconds that a script has unless it says otherwise."""

# sphinx-gallery leaves such comments off the page, whatever their names are:
# https://sphinx-gallery.github.io/stable/configuration.html#remove-config-comments
_SETTING = re.compile(r"#\s*sphinx_gallery_(exit_status|timeout|parallel)\s*=\s*(.+)")


class Script(NamedTuple):
    """An example, and how it wants to be run."""

    path: Path
    name: str
    """What it is called in captures and on pages: the file's name without its ending."""

    timeout: float = TIME_LIMIT
    """Seconds, from ``# sphinx_gallery_timeout = …``."""

    exit_status: int = 0
    """What it is meant to end with, from ``# sphinx_gallery_exit_status = …``."""

    alone: bool = False
    """Whether nothing else may run beside it: ``# sphinx_gallery_parallel = False``."""

    libraries: tuple[Path, ...] = ()
    """Folders on its module search path beside the interpreter's own."""

    def digest(self) -> str:
        """A hash of the script, and of all modules in its libraries."""
        files = [self.path]
        for folder in self.libraries:
            files += sorted(folder.rglob("*.py"))
        return digest(files)


def read_script(path: Path, libraries: tuple[Path, ...] = ()) -> Script:
    """Read what a script says of itself in its comments.

    Args:
        path: The file.
        libraries: Folders that it is to find modules in.

    Returns:
        A `Script`.

    Raises:
        ValueError: A setting's value is of no use; the message names the line.
        SyntaxError: It is not Python.
    """
    settings: dict[str, Any] = {}
    source = path.read_bytes()
    try:
        text = source.decode("utf-8")
        ast.parse(source)
        # Few scripts have settings, and looking for comments takes longer than all else here.
        lines = io.StringIO(text if "sphinx_gallery_" in text else "")
        tokens = list(tokenize.generate_tokens(lines.readline))
    except SyntaxError as error:
        raise SyntaxError(f"{path}:{error.lineno or 1} is not Python: {error.msg}") from None
    except (UnicodeDecodeError, ValueError, tokenize.TokenError) as error:
        raise SyntaxError(f"{path} is not Python in UTF-8: {error}") from None
    for token in tokens:
        match = token.type == tokenize.COMMENT and _SETTING.match(token.string)
        if match:
            settings[match[1]] = _value(match[1], match[2], f"{path}:{token.start[0]}")
    return Script(
        path=path,
        name=path.stem,
        timeout=settings.get("timeout", TIME_LIMIT),
        exit_status=settings.get("exit_status", 0),
        alone=not settings.get("parallel", True),
        libraries=libraries,
    )


def _value(name: str, text: str, place: str) -> Any:
    wanted = {
        "exit_status": "a whole number",
        "timeout": "a number of seconds above zero",
        "parallel": "True or False",
    }[name]
    try:
        value = ast.literal_eval(text.strip())
    except (MemoryError, RecursionError, SyntaxError, TypeError, ValueError):
        value = None
    fits = {
        "exit_status": type(value) is int,
        "timeout": type(value) in (int, float) and 0 < value < float("inf"),
        "parallel": type(value) is bool,
    }[name]
    if not fits:
        raise ValueError(f"{place}: sphinx_gallery_{name} takes {wanted}, not {text.strip()}")
    return value


def digest(files: Iterable[Path]) -> str:
    """A hash of files' names and contents, whatever their lines end with."""
    total = hashlib.sha256()
    for path in files:
        content = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    return total.hexdigest()
