"""Each page as Markdown beside it, and ``llms.txt``, which lists them: https://llmstxt.org.

By hand, since what sphinx-llm 1.1.0 lists has neither order nor descriptions. A twin is made from
what the page itself is made from, once that has been read, so that it has what directives have put
there: the outcomes and on which platforms they came.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment

SILENT = (nodes.Invisible, nodes.raw, nodes.image, nodes.meta, addnodes.toctree, addnodes.index)
"""What has no words of its own, or only for HTML."""

ASIDE = {"cell-label", "example-parts"}
"""The classes of what only the page needs: titles in a phone's table, links within a page."""

TITLES = {"sd-tab-label", "sd-card-title"}
"""The classes of what is a title and no heading."""

MARKS: dict[type[nodes.Node], str] = {nodes.emphasis: "*", nodes.strong: "**"}
_CAPTION = re.compile(r"<(?:figcaption><strong|title|desc)>([^<]*)<")
_MARKUP = re.compile(r"[\\`*<\[\]]|(?<![^\W_])_+|_+(?![^\W_])")


class Twin:
    """Writes nodes as Markdown."""

    def __init__(self, downloads: str) -> None:
        self.downloads = downloads

    def blocks(self, node: nodes.Node, level: int = 0) -> Iterator[str]:
        """The paragraphs, lists, tables and so on that a node consists of."""
        if isinstance(node, nodes.raw):  # of charts, whose tables stand below them, and trees
            yield from map(escaped, _CAPTION.findall(node.astext()))
        if is_silent(node) or not isinstance(node, nodes.Element):
            return
        if isinstance(node, nodes.section):
            level += 1
        if isinstance(node, nodes.title):
            yield f"{'#' * max(level, 1)} {self.line(node)}"
        elif "heading-level" in node:
            yield f"{'#' * node['heading-level']} {self.line(node)}"
        elif isinstance(node, nodes.FixedTextElement) or "lang" in node:  # links in code
            yield fenced(node)
        elif isinstance(node, nodes.table):
            yield "\n".join(self.table(node))
        elif isinstance(node, (nodes.bullet_list, nodes.enumerated_list)):
            mark = "-" if isinstance(node, nodes.bullet_list) else "1."
            yield "\n".join(self.item(one, mark) for one in node.children)
        elif isinstance(node, addnodes.desc_signature):
            yield f"`{' '.join(node.astext().split())}`"
        elif isinstance(node, (nodes.definition, addnodes.desc_content, nodes.field_body)):
            yield self.item(node, "-")
        elif isinstance(node, nodes.TextElement):
            line = self.line(node)
            bold = isinstance(node, (nodes.term, nodes.rubric, nodes.field_name))
            yield f"**{line}**" if bold or TITLES.intersection(node["classes"]) else line
        else:
            for child in node.children:
                yield from self.blocks(child, level)

    def item(self, node: nodes.Node, mark: str) -> str:
        text = "\n\n".join(filter(None, (b for one in node.children for b in self.blocks(one))))
        indented = re.sub(r"\n(?=[^\n])", "\n" + " " * (len(mark) + 1), text)
        return f"{mark} {indented}"

    def table(self, node: nodes.table) -> Iterator[str]:
        for number, row in enumerate(node.findall(nodes.row)):
            cells = [" ".join(self.cell(entry)) for entry in row.children]
            yield f"| {' | '.join(cells)} |"
            if number == 0:
                yield f"|{' --- |' * len(cells)}"

    def cell(self, entry: nodes.Node) -> Iterator[str]:
        for child in entry.children:
            yield from (" ".join(b.split()).replace("|", r"\|") for b in self.blocks(child))

    def line(self, node: nodes.Node) -> str:
        """The words of a node, in one line."""
        return " ".join("".join(self.words(one) for one in node.children).split())

    def words(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            return escaped(str(node))
        if is_silent(node):
            return ""
        if isinstance(node, nodes.literal):
            text = node.astext()
            return f"`` {text} ``" if "`" in text else f"`{text}`"
        text = "".join(map(self.words, node.children))
        if isinstance(node, addnodes.download_reference) and "filename" in node:
            return f"[{text}]({posixpath.join(self.downloads, node['filename'])})"
        if isinstance(node, nodes.reference) and node.get("refuri"):
            return f"[{text}]({node['refuri']})"
        mark = next((mark for kind, mark in MARKS.items() if isinstance(node, kind)), "")
        return f"{mark}{text}{mark}"


def is_silent(node: nodes.Node) -> bool:
    classes = node["classes"] if isinstance(node, nodes.Element) else []
    return isinstance(node, SILENT) or bool(ASIDE.intersection(classes))


def escaped(text: str) -> str:
    """Text, with all in it that would be Markdown made to stand for itself."""
    return _MARKUP.sub(lambda match: re.sub("(.)", r"\\\1", match[0]), text)


def fenced(node: nodes.Element) -> str:
    """Code, between more backticks than it has in a row."""
    text = node.astext().strip("\n")
    language = str(node.get("language") or node.get("lang") or "").lower()
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{'' if language in ('none', 'default') else language}\n{text}\n{fence}"


def write(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Write the twin of a page that is being written itself."""
    if doctree is not None and app.builder.name == "html":
        assert isinstance(app.builder, StandaloneHTMLBuilder)
        blocks = filter(None, Twin(app.builder.dlpath).blocks(doctree))
        path = Path(f"{app.builder.get_outfilename(page)}.md")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8", newline="\n")


def in_order(env: BuildEnvironment) -> list[str]:
    """All pages, as the tables of contents have them, and then those that are in none."""
    found: dict[str, None] = {}
    left = [*sorted(env.found_docs, reverse=True), env.config.root_doc]
    while left:
        page = left.pop()
        if page not in found:
            found[page] = None
            left += reversed(env.toctree_includes.get(page, []))
    return list(found)


def finish(app: Sphinx, descriptions: Mapping[str, str], base: str) -> None:
    """List the twins of these pages, and remove those of pages that are not there any more."""
    env, root = app.env, app.config.root_doc
    lines = [f"# {app.config.project}", "", f"> {escaped(descriptions[root])}"]
    kinds = {page: page.partition("/")[0] if "/" in page else "" for page in descriptions}
    for kind in dict.fromkeys(kinds.values()):
        head = env.titles.get(f"{kind}/index", env.titles.get(kind))
        lines += ["", f"## {head.astext() if head else 'Pages'}", ""]
        for page in (page for page in descriptions if kinds[page] == kind):
            place = f"{base}{app.builder.get_target_uri(page)}.md"
            title = escaped(env.titles[page].astext())
            lines.append(f"- [{title}]({place}): {escaped(descriptions[page])}")
    Path(app.outdir, "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    for twin in Path(app.outdir).rglob("*.html.md"):
        page = twin.relative_to(app.outdir).as_posix().removesuffix(".html.md")
        if page not in descriptions:
            twin.unlink()


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", write)
