"""The example scripts: where they are, and what each says of itself."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import io
import re
import shlex
import shutil
import tempfile
import tokenize
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .pictures import lay_beside

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""What a script may be called: it stands in files of captures and in addresses of pages."""

TIME_LIMIT = 60.0
"""Seconds that a script has unless it says otherwise."""

# sphinx-gallery leaves such comments off the page, whatever their names are:
# https://sphinx-gallery.github.io/stable/configuration.html#remove-config-comments
_SETTING = re.compile(
    r"#\s*sphinx_gallery_(exit_status|timeout|parallel|any_order|measures|launcher|figures)\s*=\s*(.+)"
)

WITH_HELPER = "_with_helper"
"""Ends the names of scripts that do with the helper what an example does without."""

HELPER = tuple(
    Path(__file__).with_name(f"{module}.py")
    for module in ("__init__", "methods", "pages", "pools", "transfer", "workers")
)
"""The modules of this package that such a script imports."""


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

    any_order: str = ""
    """Which lines may come in any order: ``# sphinx_gallery_any_order = "regular expression"``.

    They are those in which the expression is found.
    """

    measures: bool = False
    """Whether it prints tables of what it has measured: ``# sphinx_gallery_measures = True``."""

    package: tuple[Path, ...] = ()
    """The modules of a package that it imports, and finds beside it when it is run."""

    launcher: str = ""
    """What starts the interpreter: ``# sphinx_gallery_launcher = "mpiexec -n 2"``."""

    figures: bool = False
    """Whether it leaves pictures in its folder: ``# sphinx_gallery_figures = True``."""

    def digest(self) -> str:
        """A hash of what its output can depend on."""
        return digest(self.package, self.path, self.launcher)

    @contextlib.contextmanager
    def placed(self) -> Iterator[Path]:
        """Where to run it: its own file, or a copy in a new folder with what it needs beside it."""
        if not self.package and not self.figures:
            yield self.path
            return
        folder = tempfile.mkdtemp(prefix="poolcontext-")
        try:
            if self.package:
                beside = Path(folder, self.package[0].parent.name)
                beside.mkdir()
                for module in self.package:
                    shutil.copy(module, beside)
            if self.figures:
                lay_beside(self.path, Path(folder))
            yield Path(shutil.copy(self.path, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def find_scripts(root: Path) -> list[Script]:
    """Find the examples of a checkout, and what does the same with the helper.

    Args:
        root: The folder that holds ``examples`` and ``docs``.

    Raises:
        OSError: A script cannot be read.
        ValueError: Two scripts have one name.
        SyntaxError: As `read_script` does.
    """
    found: dict[str, Script] = {}
    for pattern, package in (
        ("examples/*/*.py", ()),
        (f"docs/with_helper/*{WITH_HELPER}.py", HELPER),
    ):
        for path in sorted(root.glob(pattern)):
            script = read_script(path, package)
            if script.name in found:
                raise ValueError(f"{path} and {found[script.name].path} have one name")
            found[script.name] = script
    return [found[name] for name in sorted(found)]


def read_script(path: Path, package: tuple[Path, ...] = (), timeout: float = TIME_LIMIT) -> Script:
    """Read what a script says of itself in its comments.

    Args:
        path: The file.
        package: The modules of a package that it is to find beside it.
        timeout: Seconds that it has unless it says otherwise.

    Returns:
        A `Script`.

    Raises:
        ValueError: A setting's value is of no use; the message names the line.
        SyntaxError: It is not Python.
    """
    if not NAME.fullmatch(path.stem):
        raise ValueError(f"{path}: a script's name has letters, digits, dots, _ and - only")
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
        timeout=settings.get("timeout", timeout),
        exit_status=settings.get("exit_status", 0),
        alone=not settings.get("parallel", True),
        any_order=settings.get("any_order", ""),
        measures=settings.get("measures", False),
        package=package,
        launcher=settings.get("launcher", ""),
        figures=settings.get("figures", False),
    )


def _value(name: str, text: str, place: str) -> Any:
    wanted = {
        "exit_status": "a whole number",
        "timeout": "a number of seconds above zero",
        "parallel": "True or False",
        "any_order": "a regular expression, as a string",
        "measures": "True or False",
        "launcher": "a command, as a string",
        "figures": "True or False",
    }[name]
    try:
        value = ast.literal_eval(text.strip())
    except (MemoryError, RecursionError, SyntaxError, TypeError, ValueError):
        value = None
    fits = {
        "exit_status": type(value) is int,
        "timeout": type(value) in (int, float) and 0 < value < float("inf"),
        "parallel": type(value) is bool,
        "any_order": type(value) is str and _compiles(value),
        "measures": type(value) is bool,
        "launcher": type(value) is str and _has_words(value),
        "figures": type(value) is bool,
    }[name]
    if not fits:
        raise ValueError(f"{place}: sphinx_gallery_{name} takes {wanted}, not {text.strip()}")
    return value


def _compiles(expression: str) -> bool:
    try:
        re.compile(expression)
    except (OverflowError, RecursionError, re.error):
        return False
    return True


def _has_words(command: str) -> bool:
    try:
        return bool(shlex.split(command))
    except ValueError:  # a quote is not closed
        return False


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
