"""Hook into sphinx-gallery: all that is private to it is named here only.

sphinx-gallery executes the blocks of an example inside Sphinx's own process, and
has no documented way to run it otherwise:
https://github.com/sphinx-gallery/sphinx-gallery/issues/1149
So its `execute_script` is replaced by one that looks up what an example, run as a process of
its own, has left, and executes all others as before. Everything else stays sphinx-gallery's.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import inspect
import os
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import sphinx_gallery
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx_gallery import gen_rst, py_source_parser, scrapers, utils

from ..capture.script import NAME
from .figures import Picture

Blocks = list[Any]
original: Callable[..., tuple[list[str], float]] = gen_rst.execute_script

CONTRACT = {
    "execute_script": ("script_blocks", "script_vars", "gallery_conf", "file_conf"),
    "generate_file_rst": ("fname", "target_dir", "src_dir", "gallery_conf"),
    "jupyter_notebook": ("script_blocks", "gallery_conf", "target_dir"),
    "handle_exception": ("exc_info", "src_file", "script_vars", "gallery_conf"),
    "executable_script": ("src_file", "gallery_conf"),
    "_get_gallery_header": ("dir_", "gallery_conf", "raise_error"),
}
"""The private functions of sphinx-gallery that are called or replaced here, with what they take."""

REPLACED = ("execute_script", "jupyter_notebook")
"""Those that `generate_file_rst` has to call by their names."""

PROCESS = re.compile(r"^[ \t]*#\s*sphinx_gallery_process\s*=\s*(True|False)\b", re.MULTILINE)
"""What says in an example whether it is run as a process: a comment of its own line."""


class Parts(NamedTuple):
    """What is put on a page, as reStructuredText."""

    directive: str
    """What stands after the last block of code."""

    closing: str = ""
    """What stands at the page's end, or before a last block of text of several after the code."""

    figures: tuple[tuple[int, str], ...] = ()
    """Pictures below the blocks with these lines; those of line 0 below the last outcome."""


class Execution(NamedTuple):
    """What a page of sphinx-gallery's needs to know of a run."""

    parts: Parts
    seconds: float
    failure: str = ""
    """What to report if it ended otherwise than it was meant to."""

    output: str = ""
    """What it printed, if it ended otherwise than it was meant to."""

    figures: int = 0
    """How many pictures of it lie where sphinx-gallery looks for them."""


class ScriptError(Exception):
    """An example ended otherwise than it was meant to."""


# By source file. More than one Sphinx application may live in a process, and
# sphinx-gallery hands over no more than this to tell them apart.
_look_ups: dict[str, Callable[[], Execution]] = {}


def check(config: Config) -> None:
    """Refuse a sphinx-gallery that this cannot serve, in plain words.

    Raises:
        ConfigError: What is private to it is not as it is used here.
    """
    broken = [name for name, words in CONTRACT.items() if _parameters(name) != words]
    called = getattr(gen_rst.generate_file_rst, "__code__", None)
    broken += [name for name in REPLACED if not called or name not in called.co_names]
    if broken:
        raise ConfigError(
            "poolcontext.sphinxext replaces a private function of sphinx-gallery, which "
            f"{sphinx_gallery.__version__} has changed ({', '.join(dict.fromkeys(broken))}): "
            "use a version from 0.19.0 to 0.22.1."
        )
    # Unless they are chosen, they want Matplotlib, which no process of ours needs.
    if importlib.util.find_spec("matplotlib") is None:
        for unused in ("image_scrapers", "reset_modules"):
            config.sphinx_gallery_conf.setdefault(unused, ())


def _parameters(name: str) -> tuple[str, ...]:
    function = original if name == "execute_script" else getattr(gen_rst, name, None)
    return tuple(inspect.signature(function).parameters) if function else ()


def check_settings(app: Sphinx) -> None:
    """Refuse what cannot be served once an example is run as a process.

    Raises:
        ConfigError: There is such a setting.
    """
    if app.config.sphinx_gallery_conf["parallel"]:
        raise ConfigError(
            "sphinx_gallery_conf['parallel'] cannot be used beside examples that run as processes "
            "of their own: leave it out, or say how many of these run at once in poolcontext_jobs."
        )


def unused_resets(app: Sphinx) -> list[str]:
    """The functions of a project's own that set something before each example."""
    resets = app.config.sphinx_gallery_conf["reset_modules"]
    listed = resets if isinstance(resets, (list, tuple)) else [resets]
    return [
        one if isinstance(one, str) else getattr(one, "__name__", repr(one))
        for one in listed
        if one not in ("matplotlib", "seaborn")  # which begin anew with a process
    ]


def as_processes(app: Sphinx) -> dict[Path, Path]:
    """The examples that are run as processes: source files and their copies."""
    pattern = re.compile(app.config.poolcontext_process_pattern)
    return {
        source: target for source, target in selected(app).items() if _is_process(source, pattern)
    }


def _is_process(example: Path, pattern: re.Pattern[str]) -> bool:
    """Whether an example says so itself, or else the pattern that is not empty."""
    said = PROCESS.search(example.read_text(encoding="utf-8", errors="replace"))
    if said:
        return said[1] == "True"
    return bool(pattern.pattern and pattern.search(str(example)))


def names(app: Sphinx, examples: Iterable[Path]) -> dict[Path, str]:
    """What examples are called in captures, and in the directive of each.

    As their files are, without the suffix; where two files have one name, or one that a capture
    cannot hold, as the path within the gallery, with dots.
    """
    folders = [source for source, _ in galleries(app)]
    listed = [*examples]
    count = Counter(example.stem for example in listed)
    found = {}
    for example in listed:
        found[example] = example.stem
        if count[example.stem] > 1 or not NAME.fullmatch(example.stem):
            folder = next(one for one in folders if one in example.parents)
            path = example.relative_to(folder).with_suffix("").as_posix().replace("/", ".")
            found[example] = re.sub(r"[^A-Za-z0-9_.-]", lambda one: f"_{ord(one[0]):x}_", path)
    return found


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


def shows(target: Path, parts: Parts) -> bool:
    """Whether the page that was made of an example has just this, put there by this code."""
    page = target.with_suffix(".rst")
    return page.exists() and _marked(parts) in page.read_text(encoding="utf-8")


def _marked(parts: Parts) -> str:
    """The directive below a comment that tells what else was put there, and which code did."""
    mark = hashlib.sha256(repr(parts).encode() + Path(__file__).read_bytes()).hexdigest()
    return f"{MARK}{mark}\n\n{parts.directive}\n"


MARK = "\n.. poolcontext "
"""A comment: with it begins what is put among the blocks of an example."""


def forget(target: Path) -> None:
    """Have sphinx-gallery ask for an example again, though its file has not changed."""
    Path(f"{target}.md5").unlink(missing_ok=True)


def install(look_ups: Mapping[Path, Callable[[], Execution]]) -> None:
    """Answer from these when sphinx-gallery wants to execute their source files."""
    _look_ups.update({str(example): look_up for example, look_up in look_ups.items()})
    gen_rst.execute_script = execute_script
    gen_rst.jupyter_notebook = jupyter_notebook


@functools.wraps(gen_rst.jupyter_notebook)
def jupyter_notebook(script_blocks: Blocks, *args: Any, **kwargs: Any) -> Any:
    """Make the notebook without what was put among the blocks for the page."""
    blocks = [block for block in script_blocks if not block.content.startswith(MARK)]
    return jupyter_notebook.__wrapped__(blocks, *args, **kwargs)


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
        _report(result, script_vars, gallery_conf)
    elif script_vars["execute_script"]:
        script_vars["passing"] = True
        digest = utils.get_md5sum(script_vars["target_file"], mode="t")
        Path(script_vars["target_file"] + ".md5").write_text(digest, encoding="ascii")
    _put(result.parts, script_blocks, gallery_conf)
    return ["" for _ in script_blocks], result.seconds


def _put(parts: Parts, blocks: Blocks, gallery_conf: dict[str, Any]) -> None:
    """Put a directive after the last code, pictures, and what closes the page, as blocks of text.

    As the output of that code it would come before it where there is no other
    code, and would be dropped with it where it is but a configuration comment.
    """
    blocks[:] = [block for block in blocks if block.type == "text" or _shows(block, gallery_conf)]
    code = [number for number, block in enumerate(blocks) if block.type == "code"]
    last = code[-1] if code else len(blocks) - 1
    line = blocks[last].lineno
    if parts.closing:
        end = len(blocks) - 1 if len(blocks) - last > 2 else len(blocks)
        blocks.insert(end, _text(f"{MARK}closing\n\n{parts.closing}\n", line))
    below = [text for where, text in parts.figures if _place(blocks, code, where) == last]
    blocks.insert(last + 1, _text("\n".join([_marked(parts), *below]), line))
    for number in reversed(code[:-1]):
        above = [text for where, text in parts.figures if _place(blocks, code, where) == number]
        if above:
            text = "\n".join([f"{MARK}figures\n", *above])
            blocks.insert(number + 1, _text(text, blocks[number].lineno))


def _text(content: str, line: int) -> Any:
    return py_source_parser.Block("text", content, line)


def _place(blocks: Blocks, code: list[int], line: int) -> int:
    """Which block of code has a line, the last if none has."""
    before = [number for number in code if blocks[number].lineno <= line]
    return before[-1] if before else (code or [len(blocks) - 1])[-1]


def _shows(block: Any, gallery_conf: dict[str, Any]) -> bool:
    """Whether sphinx-gallery leaves anything of a block of code on the page."""
    content = py_source_parser.remove_ignore_blocks(block.content)
    if gallery_conf["remove_config_comments"]:
        content = py_source_parser.remove_config_comments(content)
    return bool(content.strip())


def figure_rst(app: Sphinx, pictures: Sequence[Picture]) -> str:
    """What sphinx-gallery shows these figures of one block with."""
    shown = [
        scrapers.figure_rst(
            [str(one.file)],
            app.config.sphinx_gallery_conf["src_dir"],
            one.title,
            [{0: str(one.file), **{factor: str(path) for factor, path in one.larger}}],
        )
        for one in pictures
    ]
    if len(shown) == 1:
        return str(shown[0])
    items = [one.replace("sphx-glr-single-img", "sphx-glr-multi-img") for one in shown]
    head, item = scrapers.HLIST_HEADER, scrapers.HLIST_IMAGE_MATPLOTLIB
    return str(head) + "".join(item + textwrap.indent(one, " " * 6) for one in items)


def _report(result: Execution, script_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> None:
    """Have sphinx-gallery log, count and, if so configured, abort as it does on its own.

    It tells of each failure twice: here in a sentence, at the build's end with the output.
    """
    try:
        raise ScriptError(result.failure)
    except ScriptError as error:
        # No traceback: its frames would be this file's, and not the example's.
        exc_info = (type(error), error, None)
        gen_rst.handle_exception(exc_info, script_vars["src_file"], script_vars, gallery_conf)
        assert script_vars["formatted_exception"], sys.exc_info()
    # The last line is the message in a JUnit report.
    script_vars["formatted_exception"] = f"{result.output.rstrip()}\n\n{result.failure}".lstrip()
