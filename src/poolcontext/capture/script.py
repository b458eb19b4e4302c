"""An example script, and what it says of itself: its limits, its exit status, how it is run."""

from __future__ import annotations

import ast
import contextlib
import difflib
import io
import os
import re
import shlex
import shutil
import tempfile
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .digest import digest

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""What a script may be called: its name stands in captures and in addresses of pages."""

TIME_LIMIT = 60.0
"""Seconds that a script has unless it says otherwise."""

WITH_HELPER = "_with_helper"
"""The suffix of a script that does with the helper what an example does without it."""

PICTURES = (".gif", ".jpeg", ".jpg", ".png", ".svg", ".webp")
"""The suffixes of pictures, in any case: those that sphinx-gallery makes thumbnails of, too."""


class Script(NamedTuple):
    """An example, and how it wants to be run."""

    path: Path
    name: str
    """Its name in captures and on pages: the file's name without its suffix."""

    timeout: float = TIME_LIMIT
    """Seconds, from ``# sphinx_gallery_timeout = …``."""

    exit_status: int = 0
    """What it is meant to end with, from ``# sphinx_gallery_exit_status = …``."""

    parallel: bool = True
    """Whether others may run beside it: ``# sphinx_gallery_parallel = False`` says no."""

    any_order: str = ""
    """Which lines may come in any order: ``# sphinx_gallery_any_order = "regular expression"``.

    They are those in which the expression is found.
    """

    renderer: str = ""
    """What shows its outcome in the place of tabs: ``# sphinx_gallery_renderer = "measures"``."""

    launcher: str = ""
    """What starts the interpreter: ``# sphinx_gallery_launcher = "mpiexec -n 2"``."""

    figures: bool | None = None
    """Whether its pictures are shown: ``# sphinx_gallery_figures = True`` says that it leaves some
    in its folder, False that none are."""

    process: bool | None = None
    """Whether a gallery runs it as a process: ``# sphinx_gallery_process = True``."""

    packages: Path = Path()
    """The folder of the packages that lie beside it when it is run."""

    modules: tuple[Path, ...] = ()
    """The files of those that it imports."""

    beside: tuple[Path, ...] = ()
    """The modules that lie beside the file and that it imports."""

    def digest(self) -> str:
        """A hash of what its output can depend on."""
        return digest((*self.modules, *self.beside), self.path, self.launcher)

    @contextlib.contextmanager
    def placed(self) -> Iterator[Path]:
        """Where to run it: its own file, or a copy in a new folder with what it needs beside it."""
        if not self.modules and not self.figures:
            yield self.path
            return
        folder = tempfile.mkdtemp(prefix="poolcontext-")
        try:
            for module in self.modules:
                copy = Path(folder, module.relative_to(self.packages))
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(module, copy)
            if self.figures:
                _lay_beside(self.path, Path(folder))
            yield Path(shutil.copy(self.path, folder))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def checkout() -> Path:
    """The folder of the checkout that this code is in, else the nearest one above here.

    Raises:
        ValueError: There is none.
    """
    folders = [Path(__file__).resolve().parents[3]]
    with contextlib.suppress(OSError):  # the current one may be gone
        folders += [Path.cwd(), *Path.cwd().parents]
    for root in folders:
        if (root / "examples").is_dir() and (root / "src" / "poolcontext").is_dir():
            return root
    raise ValueError("there is no checkout of Pool Context here, whose scripts could be run")


def find_scripts(root: Path) -> list[Script]:
    """Find the examples of a checkout, and what does the same with the helper.

    Args:
        root: The folder that holds ``examples``, ``docs`` and ``src``.

    Raises:
        OSError: A script cannot be read.
        ValueError: Two scripts have one name.
        SyntaxError: As `read_script` does.
    """
    found: dict[str, Script] = {}
    paths = [*root.glob("examples/*/*.py"), *root.glob(f"docs/with_helper/*{WITH_HELPER}.py")]
    for path in sorted(paths):
        script = read_script(path, packages=root / "src")
        if script.name in found:
            raise ValueError(f"{path} and {found[script.name].path} have one name")
        found[script.name] = script
    return [found[name] for name in sorted(found)]


def read_script(
    path: Path,
    packages: Path | None = None,
    timeout: float = TIME_LIMIT,
    launcher: str = "",
    name: str = "",
) -> Script:
    """Read what a script says of itself in its comments.

    Args:
        path: The file.
        packages: A folder; what the script imports from there is to lie beside it.
        timeout: Seconds that it has unless it says otherwise.
        launcher: What starts the interpreter unless it says otherwise.
        name: What it is called, if not as its file is.

    Returns:
        A `Script`.

    Raises:
        ValueError: A setting's value is of no use; the message names the line.
        SyntaxError: It is not Python.
    """
    if not NAME.fullmatch(name or path.stem):
        raise ValueError(f"{path}: a script's name has letters, digits, dots, _ and - only")
    source = path.read_bytes()
    try:
        text = source.decode("utf-8")
        tree = ast.parse(source)
        # Few scripts have settings, and looking for comments takes longer than all else here.
        lines = io.StringIO(text if "sphinx_gallery_" in text else "")
        tokens = list(tokenize.generate_tokens(lines.readline))
    except SyntaxError as error:
        raise SyntaxError(f"{path}:{error.lineno or 1} is not Python: {error.msg}") from None
    except (UnicodeDecodeError, ValueError, tokenize.TokenError) as error:
        raise SyntaxError(f"{path} is not Python in UTF-8: {error}") from None
    settings: dict[str, Any] = {"timeout": timeout, "launcher": launcher}
    for token in tokens:
        match = token.type == tokenize.COMMENT and _SETTING.match(token.string)
        if match:
            place = f"{path}:{token.start[0]}"
            if match[1] in _SETTINGS:
                settings[match[1]] = _value(match[1], match[2].strip(), place)
            elif meant := _meant(match[1]):
                wrong = f"there is no sphinx_gallery_{match[1]}"
                raise ValueError(f"{place}: {wrong}, is sphinx_gallery_{meant} meant?")
    settings["beside"] = _imported(tree, path.parent, strict=False)  # whoever runs it is told
    if packages:
        settings.update(packages=packages, modules=_imported(tree, packages))
    return Script(path, name or path.stem, **settings)


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


_TRUTH = ("True or False", lambda value: type(value) is bool)
_SETTINGS: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "timeout": (
        "a number of seconds above zero",
        lambda value: type(value) in (int, float) and 0 < value < float("inf"),
    ),
    "exit_status": ("a whole number", lambda value: type(value) is int),
    "parallel": _TRUTH,
    "any_order": (
        "a regular expression, as a string",
        lambda value: type(value) is str and _compiles(value),
    ),
    "renderer": ("a name, as a string", lambda value: type(value) is str and value.isidentifier()),
    "launcher": ("a command, as a string", lambda value: type(value) is str and _has_words(value)),
    "figures": _TRUTH,
    "process": _TRUTH,
}
"""The settings, fields of `Script`: what each takes, in words, and whether a value is that."""

# sphinx-gallery leaves such comments off the page, whatever their names are:
# https://sphinx-gallery.github.io/stable/configuration.html#remove-config-comments
_SETTING = re.compile(r"#\s*sphinx_gallery_(\w+)\s*=\s*(.+)")

_OTHERS = {
    *("capture_repr", "capture_repr_block", "defer_figures", "dummy_images", "end_ignore"),
    *("failing_thumbnail", "line_numbers", "multi_image", "multi_image_block", "start_ignore"),
    *("tags", "thumbnail_number", "thumbnail_path"),
}
"""Settings that are sphinx-gallery's own."""


def _meant(name: str) -> str:
    """Which of the settings somebody meant who mistyped it, if one."""
    found = difflib.get_close_matches(name, _SETTINGS, n=1, cutoff=0.75)
    return found[0] if found and name not in _OTHERS else ""


def _value(name: str, text: str, place: str) -> Any:
    """The value of a setting, else a ValueError."""
    wanted, fits = _SETTINGS[name]
    try:
        value = ast.literal_eval(text)
    except (MemoryError, RecursionError, SyntaxError, TypeError, ValueError):
        value = None
    if not fits(value):
        raise ValueError(f"{place}: sphinx_gallery_{name} takes {wanted}, not {text}")
    return value


def _imported(tree: ast.AST, folder: Path, strict: bool = True) -> tuple[Path, ...]:
    """The modules in a folder that code imports, and those that these import.

    What is no Python is an error, or imports nothing.
    """
    found: set[Path] = set()
    waiting: list[tuple[ast.AST, Path]] = [(tree, folder)]
    while waiting:
        code, home = waiting.pop()
        for node in ast.walk(code):
            for path in _named(node, folder, home):
                if path not in found and path.is_file():
                    found.add(path)
                    try:
                        waiting.append((ast.parse(path.read_bytes(), path), path.parent))
                    except (SyntaxError, ValueError):
                        if strict:
                            raise
    return tuple(sorted(found))


def _named(node: ast.AST, folder: Path, home: Path) -> Iterator[Path]:
    """The files that an import statement may mean, in a module of the package in `home`."""
    if isinstance(node, ast.Import):
        names = [(folder, alias.name) for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        around = [home, *home.parents][: len(home.relative_to(folder).parts)]
        if node.level > len(around):  # beyond the package, which fails when it is run
            return
        start = around[node.level - 1] if node.level else folder
        base = f"{node.module}." if node.module else ""
        names = [(start, base + alias.name) for alias in node.names]
    else:
        return
    for start, name in names:
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            yield start.joinpath(*parts[: length - 1], f"{parts[length - 1]}.py")
            yield start.joinpath(*parts[:length], "__init__.py")


def _lay_beside(script: Path, folder: Path) -> None:
    """Have a folder hold what lies beside a script: links, or copies where links are of no use.

    A picture is copied, as the script may write it anew; its time, the beginning of all
    times, is what tells it from those that the script has written.
    """
    for path in script.parent.iterdir():
        there = folder / path.name
        if path.suffix.lower() in PICTURES and path.is_file():
            shutil.copyfile(path, there)
            os.utime(there, (0, 0))
        elif path != script and not there.exists():
            try:
                there.symlink_to(path.resolve(), path.is_dir())
            except OSError:  # Windows wants a privilege
                (shutil.copytree if path.is_dir() else shutil.copyfile)(path, there)


def written_pictures(folder: Path) -> list[Path]:
    """The pictures that a script has written into the folder where it was placed, or below it."""
    return [
        path
        for inner, _, names in os.walk(folder)  # which follows no links
        for path in (Path(inner, name) for name in names)
        if path.suffix.lower() in PICTURES and not path.is_symlink() and path.is_file()
        if path.stat().st_mtime != 0
    ]
