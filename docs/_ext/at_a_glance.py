"""What is seen and what cures it, on top of an example's page, before its code.

The message is a capture's, the cure that of the symptom, and the few lines before and after it are
cut out of the script, or of a program that it has as a text, by comments at its end that name the
first line of a statement::

    # sphinx_gallery_before = "def nested"
    # sphinx_gallery_after = ["def top_level", "pool.submit"]

Where the script fills a program in, the setting does so too: ``["PROGRAM.format(None)", "with"]``.
A name that has several values is shown with one of them: ``["method='fork'", "with"]``.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from poolcontext.capture.redact import printable
from poolcontext.sphinxext import results
from poolcontext.sphinxext.results import Results
from poolcontext.symptoms import SYMPTOMS, Symptom, heading, plain

from .messages import matches

logger = logging.getLogger(__name__)

BRIEF = range(1, 13)
"""How many lines may be cut out of a script."""

_CUT = re.compile(r"^# sphinx_gallery_(before|after) = (.+)$", re.M)


def put_first(app: Sphinx, doctree: nodes.document) -> None:
    """Put a box below the first words of an example's page.

    ::

        <container classes="at-a-glance">
            <paragraph> You see: <literal> the message
            <container classes="before">
                <literal_block> lines of the script
            <container classes="after">
            <paragraph> Cure: its words. <pending_xref> More
    """
    here = results.of(app.env)
    page = next(doctree.findall(nodes.section), None)
    if page is None or app.env.docname not in here.pages.values():
        return
    symptom = shown_on(here, app.env.docname)
    if symptom is None:
        return
    box = nodes.container("", classes=["at-a-glance"])
    name = app.env.docname.rpartition("/")[2]
    box += _seen(symptom, _outputs(here, name))
    box += _cuts(here.scripts[name].path)
    cure = nodes.paragraph(
        "", "", nodes.strong("", "Cure: "), nodes.Text(f"{plain(symptom.cure)} ")
    )
    cure += reference(symptom, "What it means")
    box += cure
    for place, node in enumerate(page.children):
        if "example-parts" in getattr(node, "attributes", {}).get("classes", ()):
            page.insert(place, box)
            break


def outdated(
    app: Sphinx, env: BuildEnvironment, added: object, changed: object, removed: object
) -> list[str]:
    """The pages of examples, which have words of symptoms, when those have changed.

    They are no dependencies: a page would have the date of the last change of any.
    """
    digest = hashlib.sha256(repr(SYMPTOMS).encode()).hexdigest()
    before = getattr(env, "poolcontext_symptoms", None)
    env.poolcontext_symptoms = digest  # type: ignore[attr-defined]
    return [] if before == digest else sorted({*results.of(env).pages.values()} & env.found_docs)


def reference(symptom: Symptom, words: str = "") -> addnodes.pending_xref:
    """A link to where a symptom is explained, by its title if by no other words."""
    return addnodes.pending_xref(
        "",
        nodes.inline("", words),
        refdomain="std",
        reftype="ref",
        reftarget=symptom.name,
        refexplicit=bool(words),
        refwarn=True,
    )


def shown_on(here: Results, page: str) -> Symptom | None:
    """The symptom that an example shows: the first that names it, rather as its first example."""
    example = page.removeprefix("examples/")
    outputs = _outputs(here, page.rpartition("/")[2])
    shown = [
        one
        for one in SYMPTOMS
        if example in one.examples
        if any(any(matches(one.messages + one.signs, output)) for output in outputs)
    ]
    return min(shown, key=lambda one: one.examples.index(example), default=None)


def _outputs(here: Results, name: str) -> list[str]:
    return [one.snapshot.output for one in here.of_script(name)]


def _seen(symptom: Symptom, outputs: list[str]) -> nodes.paragraph:
    """The message that the newest platform has, or what is seen where there is none."""
    found = [text for output in outputs for text in matches(symptom.messages, output)]
    text = printable(found[0]) if found else heading(symptom)
    seen = nodes.literal(text, text) if found else nodes.Text(text)
    return nodes.paragraph("", "", nodes.strong("", "You see: "), seen)


def _cuts(script: Path) -> Iterator[nodes.container]:
    """The lines that a script shows of itself: what goes wrong, and what does not."""
    source = script.read_text(encoding="utf-8")
    for which, value in _CUT.findall(source):
        wanted = ast.literal_eval(value)
        text = cut(source, [wanted] if isinstance(wanted, str) else wanted)
        if len(text.splitlines()) not in BRIEF:
            logger.warning(
                "%s: sphinx_gallery_%s finds %d lines",
                script.name,
                which,
                len(text.splitlines()),
                type="poolcontext",
                subtype="excerpt",
            )
        block = nodes.literal_block(text, text, language="python")
        label = nodes.paragraph("", which.capitalize(), classes=["excerpt-label"])
        yield nodes.container("", label, block, classes=["excerpt", which])


def cut(source: str, starts: list[str]) -> str:
    r"""The statements whose first lines begin with some words, one below the other.

    Example:
        >>> print(cut("def f():\n    pass\n\nif f():\n    x = f()\n", ["def f", "x ="]))
        def f():
            pass
        x = f()
        >>> print(cut("for x in 1, 2:\n    f(x)\n", ["x=2", "f("]))
        f(2)
    """
    parts = []
    texts = [source, *_programs(source)]
    values: dict[str, str] = {}
    for start in starts:
        if given := re.fullmatch(r"([^\W\d]\w*)=([^=\s].*)", start):
            values[given[1]] = _known(source, given[2])
            continue
        if filled := re.fullmatch(r"(\w+)\.format\((.*)\)", start):
            texts = [_filled(source, filled[1], ast.literal_eval(f"[{filled[2]}]"))]
            continue
        found = (_statement(text, start) for text in texts)
        parts.append(_with_values(next(filter(None, found), ""), values))
    return "\n".join(filter(None, parts))


def _known(source: str, value: str) -> str:
    """An expression that a script has."""
    wanted = ast.dump(ast.parse(value, mode="eval").body)
    if not any(ast.dump(node) == wanted for node in ast.walk(ast.parse(source))):
        raise ValueError(f"the script has no {value}")
    return value


def _with_values(text: str, values: dict[str, str]) -> str:
    """Statements with values in the place of names."""
    lines = [line.encode() for line in text.splitlines()]  # offsets are those of bytes
    names = [
        node
        for node in ast.walk(ast.parse(text))
        if values and isinstance(node, ast.Name) and node.id in values
    ]
    for one in sorted(names, key=lambda one: (one.lineno, one.col_offset), reverse=True):
        line = lines[one.lineno - 1]
        value = values[one.id].encode()
        lines[one.lineno - 1] = line[: one.col_offset] + value + line[one.end_col_offset :]
    return "\n".join(line.decode() for line in lines) if names else text


def _filled(source: str, name: str, values: list[object]) -> str:
    """The text of a program that a script assigns to a name, with values that it has as well."""
    for value in values:
        _known(source, repr(value))
    text = next(
        node.value.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        if getattr(node.targets[0], "id", "") == name
    )
    return str(text).format(*values)


def _statement(source: str, start: str) -> str:
    lines = source.splitlines()
    for one in ast.walk(ast.parse(source)):
        if isinstance(one, ast.stmt) and lines[one.lineno - 1].lstrip().startswith(start):
            first = min([one.lineno, *(it.lineno for it in getattr(one, "decorator_list", ()))])
            value = getattr(one, "value", None)
            if isinstance(value, ast.Constant) and "\n" in str(value.value):
                return str(value.value).strip("\n")  # the whole of a program that the script runs
            return textwrap.dedent("\n".join(lines[first - 1 : one.end_lineno]))
    return ""


def _programs(source: str) -> Iterator[str]:
    """The programs that a script runs, which it has as texts: each has more than one statement."""
    for node in ast.walk(ast.parse(source)):
        text = getattr(node, "value", None)
        if isinstance(node, ast.Constant) and isinstance(text, str) and re.search(r"[\n;]", text):
            with contextlib.suppress(SyntaxError):
                ast.parse(text)
                yield text


def setup(app: Sphinx) -> None:
    app.connect("env-get-outdated", outdated)
    # Above the line of links, which is there by now.
    app.connect("doctree-read", put_first, priority=410)
