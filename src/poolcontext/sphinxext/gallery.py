"""Hook into sphinx-gallery: all that is private to it is named here only.

sphinx-gallery executes the blocks of an example inside Sphinx's own process, and
has no documented way to run it otherwise:
https://github.com/sphinx-gallery/sphinx-gallery/issues/1149
So its `execute_script` is replaced by one that looks up what the example, run as
a process of its own, has left. Everything else stays sphinx-gallery's.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import sphinx_gallery
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx_gallery import gen_rst, py_source_parser, utils

PINNED = "0.22.1"

Blocks = list[Any]
original: Callable[..., tuple[list[str], float]] = gen_rst.execute_script


class Execution(NamedTuple):
    """What a page of sphinx-gallery's needs to know of a run."""

    directive: str
    """What stands on the page after the last block of code."""

    seconds: float
    failure: str = ""
    """What to report if it ended otherwise than it was meant to."""

    closing: str = ""
    """What stands at the page's end, or before a last block of text of several after the code."""

    figures: int = 0
    """How many pictures of it lie where sphinx-gallery looks for them."""


class ScriptError(Exception):
    """An example ended otherwise than it was meant to."""


# By source file. More than one Sphinx application may live in a process, and
# sphinx-gallery hands over no more than this to tell them apart.
_look_ups: dict[str, Callable[[], Execution]] = {}


def check(app: Sphinx, config: Config) -> None:
    """Refuse what this cannot serve, in plain words."""
    if sphinx_gallery.__version__ != PINNED:
        raise ConfigError(
            f"poolcontext.sphinxext replaces a private function of sphinx-gallery {PINNED}, and "
            f"this is {sphinx_gallery.__version__}. Pin the former; or, if tests/sphinxext pass, "
            "raise PINNED in src/poolcontext/sphinxext/gallery.py."
        )
    # They would see nothing, and the usual ones want Matplotlib.
    for unused in ("image_scrapers", "reset_modules"):
        config.sphinx_gallery_conf.setdefault(unused, ())
    if config.sphinx_gallery_conf.get("parallel"):
        raise ConfigError(
            "sphinx_gallery_conf['parallel'] cannot be used with poolcontext.sphinxext, "
            "which runs one example a core by itself: leave it out."
        )


def selected(app: Sphinx) -> dict[Path, Path]:
    """The examples that sphinx-gallery will make pages of: source files and their copies."""
    conf = app.config.sphinx_gallery_conf
    found = {}
    for source, target in galleries(app):
        for example in sorted([*source.glob("*.py"), *source.glob("*/*.py")]):
            ignored = re.search(conf["ignore_pattern"], example.name)
            if not ignored and gen_rst._get_gallery_header(example.parent, conf, False):
                found[example] = target / example.relative_to(source)
    return found


def overlooked(app: Sphinx) -> list[Path]:
    """The scripts that lie where sphinx-gallery makes no pages."""
    conf = app.config.sphinx_gallery_conf
    folders = [folder for source, _ in galleries(app) for folder in sorted(source.glob("*/"))]
    bare = [folder for folder in folders if not gen_rst._get_gallery_header(folder, conf, False)]
    return [script for folder in bare for script in sorted(folder.glob("*.py"))]


def galleries(app: Sphinx) -> list[tuple[Path, Path]]:
    """The folders of scripts, and those where their pages are made."""
    conf = app.config.sphinx_gallery_conf
    pairs = []
    for key in ("examples_dirs", "gallery_dirs"):
        folders = conf[key]
        folders = folders if isinstance(folders, (list, tuple)) else [folders]
        pairs.append([Path(os.path.normpath(Path(app.srcdir, folder))) for folder in folders])
    return list(zip(*pairs))


def page_sources(app: Sphinx) -> dict[str, Path]:
    """Which file each page of the galleries is made from."""
    conf = app.config.sphinx_gallery_conf
    made = {target.with_suffix(""): source for source, target in selected(app).items()}
    for folder, target in galleries(app):
        for inner in (folder, *folder.glob("*/")):
            header = gen_rst._get_gallery_header(inner, conf, False)
            if header:
                made[target / inner.relative_to(folder) / "index"] = Path(header)
    return {page.relative_to(app.srcdir).as_posix(): source for page, source in made.items()}


def is_run(app: Sphinx, example: Path) -> bool:
    """Whether an example is one of those that are to be executed, if any is."""
    return bool(re.search(app.config.sphinx_gallery_conf["filename_pattern"], str(example)))


def wants(app: Sphinx, example: Path) -> bool:
    """Whether sphinx-gallery is to execute an example at all."""
    return bool(gen_rst.executable_script(str(example), app.config.sphinx_gallery_conf))


def shows(target: Path, directive: str, closing: str) -> bool:
    """Whether the page that was made of an example has just this, put there by this code."""
    page = target.with_suffix(".rst")
    return page.exists() and _marked(directive, closing) in page.read_text(encoding="utf-8")


def _marked(directive: str, closing: str) -> str:
    """The directive below a comment that tells what else was put there, and which code did."""
    words = f"{directive}\0{closing}".encode()
    mark = hashlib.sha256(words + Path(__file__).read_bytes()).hexdigest()
    return f"\n.. {mark}\n\n{directive}\n"


def forget(target: Path) -> None:
    """Have sphinx-gallery ask for an example again, though its file has not changed."""
    Path(f"{target}.md5").unlink(missing_ok=True)


def install(look_ups: Mapping[Path, Callable[[], Execution]]) -> None:
    """Answer from these when sphinx-gallery wants to execute their source files."""
    _look_ups.update({str(example): look_up for example, look_up in look_ups.items()})
    gen_rst.execute_script = execute_script


def execute_script(
    script_blocks: Blocks,
    script_vars: dict[str, Any],
    gallery_conf: dict[str, Any],
    file_conf: dict[str, Any],
) -> tuple[list[str], float]:
    """Do what sphinx-gallery's function of this name does, but execute nothing."""
    look_up = _look_ups.get(script_vars["src_file"])
    if look_up is None:
        return original(script_blocks, script_vars, gallery_conf, file_conf)
    script_vars["example_globals"] = {}
    script_vars["memory_delta"] = 0.0
    result = look_up()
    if result.figures:  # a thumbnail's number may count from the last
        list(zip(range(result.figures), script_vars["image_path_iterator"]))
    if script_vars["execute_script"] and result.failure:
        _report(result.failure, script_vars, gallery_conf)
    elif script_vars["execute_script"]:
        script_vars["passing"] = True
        digest = utils.get_md5sum(script_vars["target_file"], mode="t")
        Path(script_vars["target_file"] + ".md5").write_text(digest, encoding="ascii")
    _put(result, script_blocks, gallery_conf)
    return ["" for _ in script_blocks], result.seconds


def _put(result: Execution, blocks: Blocks, gallery_conf: dict[str, Any]) -> None:
    """Put a directive after the last code, and what closes the page, as blocks of text.

    As the output of that code it would come before it where there is no other
    code, and would be dropped with it where it is but a configuration comment.
    """
    blocks[:] = [block for block in blocks if block.type == "text" or _shows(block, gallery_conf)]
    code = [number for number, block in enumerate(blocks) if block.type == "code"]
    last = code[-1] if code else len(blocks) - 1
    line = blocks[last].lineno
    if result.closing:
        end = len(blocks) - 1 if len(blocks) - last > 2 else len(blocks)
        blocks.insert(end, py_source_parser.Block("text", f"\n{result.closing}\n", line))
    text = _marked(result.directive, result.closing)
    blocks.insert(last + 1, py_source_parser.Block("text", text, line))


def _shows(block: Any, gallery_conf: dict[str, Any]) -> bool:
    """Whether sphinx-gallery leaves anything of a block of code on the page."""
    content = py_source_parser.remove_ignore_blocks(block.content)
    if gallery_conf["remove_config_comments"]:
        content = py_source_parser.remove_config_comments(content)
    return bool(content.strip())


def _report(failure: str, script_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> None:
    """Have sphinx-gallery log, count and, if so configured, abort as it does on its own."""
    try:
        raise ScriptError(failure)
    except ScriptError as error:
        # No traceback: its frames would be this file's, and not the example's.
        exc_info = (type(error), error, None)
        gen_rst.handle_exception(exc_info, script_vars["src_file"], script_vars, gallery_conf)
        assert script_vars["formatted_exception"], sys.exc_info()
