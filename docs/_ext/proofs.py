"""Proofs beside the claims of pages: the line of an example's output that bears them out.

The role ``proof`` makes of its words a link to an example, and has every capture of that checked
when the page is read::

    Python {proof}`warns of it <fork_with_threads from 3.12: is multi-threaded, use of fork>`.

What stands in the angle brackets is the example, then, if not all platforms and versions are
meant, which ones, and after the colon a regular expression. It has to be found in what the
example printed there, and nowhere else.

``cpython``, ``pypy``, ``linux``
    Only what was captured there is looked at: a name of an implementation, or of a system.
``from 3.13.8 3.14.1``
    From each of these releases on in its own minor version, and from the last one on in all later.
``before 3.13.15 3.14.7``
    The same the other way round; with ``from``, both hold.

A sentence that ``poolcontext_claims`` finds, a regular expression, is to have such a proof, or a
link to other sites, such as CPython's documentation, source or issues.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from poolcontext.sphinxext import results
from poolcontext.sphinxext.results import ALL, PROOFS, Result, few, note, warn

Version = tuple[int, ...]

_RELEASES = r"\d+\.\d+(?:\.\d+)?(?:,? \d+\.\d+(?:\.\d+)?)*"
_TARGET = re.compile(
    rf"(?P<name>\w+)(?P<where>(?: (?!from |before )[a-z]\w*)*)(?: from (?P<since>{_RELEASES}))?"
    rf"(?: before (?P<until>{_RELEASES}))?: (?P<pattern>.+)"
)
WITHOUT_PROCESSES = ("emscripten", "wasi")
"""Systems that have no processes: https://docs.python.org/3/library/multiprocessing.html"""

APART = (addnodes.desc, nodes.thead, nodes.topic)
"""What makes no claims: a docstring, which names its sources, and heads and contents."""

METHODS = {"fork", "spawn", "forkserver"}
_MISSING = re.compile(r"^(\w+) is not there on this platform", re.M)


PROOF = "poolcontext-proof"
OUTCOME = "outcome"
"""The id of the outcome on an example's page, which `example_pages` gives it."""


class Proof(NamedTuple):
    """What of an example's output bears a claim out, and where it has to."""

    name: str
    where: frozenset[str]
    """Names of implementations and systems; none for all."""

    since: Sequence[Version]
    until: Sequence[Version]
    pattern: str

    @classmethod
    def of(cls, text: str) -> Proof:
        """Read what stands in the angle brackets.

        Raises:
            ValueError: It is no proof; the message says why.
        """
        match = _TARGET.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not of the form NAME: PATTERN")
        try:
            re.compile(match["pattern"])
        except (re.error, OverflowError) as error:
            raise ValueError(f"{match['pattern']!r} is no regular expression: {error}") from None
        since, until = (
            [tuple(map(int, one.split("."))) for one in re.findall(r"[\d.]+", releases or "")]
            for releases in (match["since"], match["until"])
        )
        return cls(match["name"], frozenset(match["where"].split()), since, until, match["pattern"])

    def holds(self, version: Version) -> bool:
        """Whether the claim is made of a version of Python.

        Example:
            >>> one = Proof.of("stuck from 3.11 before 3.13.15 3.14.7: tasks wait")
            >>> [one.holds(v) for v in ((3, 10, 1), (3, 13, 14), (3, 14, 7), (3, 15, 0))]
            [False, True, False, False]
        """
        return (not self.since or _is_from(version, self.since)) and (
            not self.until or not _is_from(version, self.until)
        )

    def contradictions(self, results: Sequence[Result]) -> Iterator[str]:
        """What captures say against it: no line where there is to be one, or one elsewhere."""
        borne_out = False
        without: list[str] = []
        beside: list[str] = []
        for one in results:
            platform, output = one.platform, one.snapshot.output
            # What Wine runs is CPython's own code for Windows.
            system = "windows" if platform.system == "wine" else platform.system
            if not self.where <= {platform.implementation, system}:
                continue
            found = re.search(self.pattern, output, re.M) is not None
            wanted = self.holds(platform.age[0][:3])
            borne_out = borne_out or (found and wanted)
            if found != wanted and one.current and not self._is_silent(platform.system, output):
                (beside if found else without).append(platform.title)
        if without and borne_out:
            yield f"not printed by {few(without)}"
        if beside:
            yield f"printed as well by {few(beside)}"
        if not borne_out:
            yield "printed by no capture"

    def _is_silent(self, system: str, output: str) -> bool:
        """Whether a platform can say nothing of it: it has no processes, or not that method."""
        missing = set(_MISSING.findall(output)) & set(re.findall(r"\w+", self.pattern))
        return bool(missing & METHODS) or (system in WITHOUT_PROCESSES and system not in self.where)


def _is_from(version: Version, releases: Sequence[Version]) -> bool:
    same = [release for release in releases if release[:2] == version[:2]]
    return version >= (same[0] if same else max(releases))


class ProofRole(SphinxRole):
    """``:proof:`WORDS <NAME: PATTERN>```: a link to the outcome of an example, which is checked."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        # As it is written: reStructuredText takes backslashes out of the text of a role.
        lines = self.rawtext.partition("`")[2][:-1].split("\n")
        text = " ".join(line.strip() for line in lines).strip()
        words, _, target = text.partition(" <")
        try:
            if not target.endswith(">"):
                raise ValueError(f"{text!r} is not of the form WORDS <NAME: PATTERN>")
            proof = Proof.of(target[:-1])
        except ValueError as error:
            message = self.inliner.reporter.error(str(error), line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        marked_up = list(_marked_up(words))
        found = results.of(self.env)
        wrong = [f"there is no example {proof.name!r}"]
        if proof.name in found.pages:
            said = "%r is not borne out by %s, /%s/ is %s"
            plain = words.replace("`", "")
            wrong = [
                said % (plain, proof.name, proof.pattern, how)
                for how in proof.contradictions(found.of_script(proof.name))
            ]
        for one in wrong:
            warn("proof", "%s", one, location=self.get_location())
        note(self.env, proof.name, PROOFS, wrong=bool(wrong))
        if proof.name not in found.pages:
            return marked_up, []
        return [self._link(found.pages[proof.name], marked_up)], []

    def _link(self, page: str, words: list[nodes.Node]) -> nodes.Node:
        inline = nodes.inline("", "", *words, classes=["proof"])
        if page == self.env.docname:
            return nodes.reference("", "", inline, refid=OUTCOME, internal=True, proof=True)
        # Not one of Sphinx's, which would make mere text of the words.
        return addnodes.pending_xref(
            "", inline, refdomain="", reftype=PROOF, refdoc=self.env.docname, reftarget=page
        )


def _marked_up(words: str) -> Iterator[nodes.Node]:
    """Text, and what stands between backquotes as code."""
    for number, part in enumerate(words.split("`")):
        if part:
            yield nodes.literal(part, part) if number % 2 else nodes.Text(part)


def check_claims(app: Sphinx, doctree: nodes.document) -> None:
    """Warn of the claims of a page that have no proof."""
    claims = app.config.poolcontext_claims
    if claims and not _makes_none(doctree):
        for sentence, location in unproven(doctree, re.compile(claims)):
            warn("claim", "no proof stands beside: %s", sentence, location=location)
            note(app.env, ALL, PROOFS, wrong=True)


def link(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, words: nodes.TextElement
) -> nodes.reference | None:
    """Resolve such a link, once all pages have been read."""
    if node["reftype"] != PROOF:
        return None
    return make_refnode(app.builder, node["refdoc"], node["reftarget"], OUTCOME, words)


def _makes_none(doctree: nodes.document) -> bool:
    """Whether a page says ``claims: none`` at its top."""
    return any(
        [part.astext() for part in field.children] == ["claims", "none"]
        for field in doctree.findall(nodes.field)
    )


def unproven(
    doctree: nodes.document, claims: re.Pattern[str]
) -> Iterator[tuple[str, nodes.paragraph]]:
    """The sentences of a page that make a claim and have no proof; of a table, the rows."""
    for paragraph in doctree.findall(nodes.paragraph):
        above = list(_above(paragraph))
        if paragraph["classes"] or any(
            isinstance(one, APART) or "captured" in one for one in above
        ):
            continue
        row = next((one for one in above if isinstance(one, nodes.row)), None)
        for text, parts in _sentences(paragraph):
            if claims.search(text) and not any(map(_proves, [row] if row else parts)):
                yield " ".join(text.split()), paragraph


def _above(node: nodes.Node) -> Iterator[nodes.Element]:
    while node.parent is not None:
        node = node.parent
        yield node


def _sentences(paragraph: nodes.paragraph) -> Iterator[tuple[str, list[nodes.Node]]]:
    """The text of each sentence, and the nodes of which it has a part."""
    texts = [child.astext() for child in paragraph.children]
    ends = list(itertools.accumulate(map(len, texts)))
    whole = "".join(texts)
    start = 0
    for match in re.finditer(r"[.?!]\W{0,3}?\s|\Z", whole):
        yield (
            whole[start : match.end()],
            [
                child
                for child, text, end in zip(paragraph.children, texts, ends)
                if end > start and end - len(text) < match.end()
            ],
        )
        start = match.end()


def _proves(node: nodes.Node) -> bool:
    return any(
        (isinstance(one, nodes.reference) and (":" in one.get("refuri", "") or "proof" in one))
        or (
            isinstance(one, addnodes.pending_xref)
            and (one["reftype"] == PROOF or one.get("refdomain") == "py")
        )
        for one in node.findall()
    )


def setup(app: Sphinx) -> None:
    app.add_config_value("poolcontext_claims", "", "env", str)
    app.add_role("proof", ProofRole())
    app.connect("doctree-read", check_claims, priority=400)  # before metadata leaves the page
    app.connect("missing-reference", link)
