"""Hash code, so that the hash stays the same when only comments or docstrings change."""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import re
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# What reads docstrings: this module itself does not.
_READS = re.compile(rb"__doc[_]_|\b(?:(?:doctest|inspect|pydoc)\.\w+|help|unittest\.main)\(")


def digest(modules: Iterable[Path], script: Path | None = None, launcher: str = "") -> str:
    """A hash of what an output can depend on: the code, and the names of its files.

    Comments, blank lines and docstrings do not count, nor does what lines end
    with; docstrings do where the code mentions ``__doc__``. What is no Python
    counts as it is. The hash is the same on every Python that can read the code.

    Args:
        modules: What is imported.
        script: What is run. Of it, all counts that a traceback may show as well: the
            numbers of lines, and the comments in statements.
        launcher: What starts the interpreter.
    """
    sources = [(path.name, path.read_bytes(), False) for path in modules]
    if script:
        sources.append((script.name, script.read_bytes(), True))
    codes = [_code(source, shown) for _, source, shown in sources]
    if any(map(_READS.search, codes)):
        codes = [_code(source, shown, documented=True) for _, source, shown in sources]
    total = hashlib.sha256(launcher.encode("utf-8", "backslashreplace"))
    for (name, _, _), code in zip(sources, codes):
        total.update(f"{name} {len(code)}\n".encode() + code)
    return total.hexdigest()


@functools.lru_cache(maxsize=256)
def _code(source: bytes, shown: bool, documented: bool = False) -> bytes:
    """The lines that hold code; whole and with their numbers, if a traceback may show them."""
    source = re.sub(b"\r\n?", b"\n", source)
    try:
        text = source.decode("utf-8-sig")
        cuts = list(_comments(text, within=not shown))
        bare, open_rows = _strings(text)
    except (MemoryError, RecursionError, SyntaxError, ValueError, tokenize.TokenError):
        return source
    lines = text.encode().split(b"\n")
    for first, start, last, end in sorted(cuts if documented else cuts + bare, reverse=True):
        rest = lines[first - 1][:start] + lines[last - 1][end:]
        if not (shown and rest.strip()):
            lines[first - 1 : last] = [rest, *[b""] * (last - first)]
    code = []
    for row, line in enumerate(lines, 1):
        kept = line if row in open_rows else line.rstrip()
        if kept or row - 1 in open_rows:
            code.append(b"%d %b" % (row, kept) if shown else kept)
    return b"\n".join(code)


_Range = tuple[int, int, int, int]
"""The row and the column of a beginning, then of an end; columns count bytes, as in `ast`."""


def _comments(text: str, within: bool) -> Iterator[_Range]:
    """The comments; those within a statement, or behind it, only if asked for."""
    lines = text.split("\n")
    begun = False
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and (within or not begun):
            row, column = token.start
            start = len(lines[row - 1][:column].encode())
            yield row, start, row, start + len(token.string.encode())
        elif token.type == tokenize.NEWLINE:
            begun = False
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            begun = begun or token.type != tokenize.COMMENT


def _strings(text: str) -> tuple[list[_Range], set[int]]:
    """The strings that are statements, and the rows at whose ends another string goes on."""
    with warnings.catch_warnings():  # of which its author hears when it is run
        warnings.simplefilter("ignore")
        nodes: list[Any] = [ast.parse(text)]
    bare: list[_Range] = []
    open_rows: set[int] = set()
    while nodes:
        node = nodes.pop()
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            bare.append((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset))
        elif isinstance(node, (ast.Constant, ast.JoinedStr)):
            # Not what is in an f-string, whose place Python does not know before 3.12.
            open_rows.update(range(node.lineno, node.end_lineno or 0))
        else:
            nodes += ast.iter_child_nodes(node)
    return bare, open_rows
