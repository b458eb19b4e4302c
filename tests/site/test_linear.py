"""No regular expression takes the square of the time on a text that is made to hurt it.

A capture, a page's address and what a script prints are a stranger's, and may be long. Time is not
measured here: the steps are counted that a matcher takes which goes back as `re` does.
"""

from __future__ import annotations

import ast
import functools
import importlib
import itertools
import re
import runpy
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _compiler, _constants, _parser  # type: ignore[attr-defined]
from types import SimpleNamespace
from typing import Any, NamedTuple

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.symptoms import SYMPTOMS

from .conftest import SCRIPTS, THOROUGH

pytestmark = pytest.mark.no_cover  # nothing of ours runs that others do not measure

ROOT = Path(__file__).parents[2]

LENGTH = 20
"""Characters of the shortest texts."""

ENDLESS = 1000
"""Repeats from which on a bound is taken for none."""

MANY = 100
"""How many units a pattern is tried with at least that has more, unless all are."""

TOO_MANY = 400_000
"""Steps after which it is not worth to go on counting."""

LEAVES = (_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN)
REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
LOOKS = (_constants.ASSERT, _constants.ASSERT_NOT)

Groups = dict[int, tuple[int, int]]
Ways = Iterator[tuple[int, Groups]]
"""Ends of matches with the groups that were found, in the order in which `re` tries them."""


class TooManyStepsError(Exception):
    """The matcher has taken more steps than anybody would wait for."""


class Matcher:
    """Matches as `re` does, going back where it went wrong, and counts its steps."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.tree = _parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.leaves: dict[tuple[int, int], Callable[..., bool]] = {}

    def leaf(self, node: Any, flags: int) -> Callable[..., bool]:
        key = (id(node), flags)  # as the tree lives as long as this
        if key not in self.leaves:
            self.leaves[key] = single(node, flags)
        return self.leaves[key]

    def step(self) -> None:
        self.steps += 1
        if self.steps > TOO_MANY:
            raise TooManyStepsError

    def ways(self, tree: Any, flags: int, at: int, groups: Groups, place: int = 0) -> Ways:
        """The ways to match a parse tree, from a node of it on."""
        nodes = tree.data
        while place < len(nodes) and nodes[place][0] in LEAVES:  # without a frame for each of them
            self.step()
            if at == len(self.text) or not self.leaf(nodes[place], flags)(self.text[at]):
                return
            at, place = at + 1, place + 1
        if place == len(nodes):
            yield at, groups
            return
        following = self.node(nodes[place], flags, at, groups)
        if place + 1 == len(nodes):
            yield from following
            return
        for end, found in following:
            yield from self.ways(tree, flags, end, found, place + 1)

    def node(self, node: Any, flags: int, at: int, groups: Groups) -> Ways:
        op, value = node
        self.step()
        if op is _constants.AT:
            if self.leaf(node, flags)(self.text, at):
                yield at, groups
        elif op is _constants.BRANCH:
            for body in value[1]:
                yield from self.ways(body, flags, at, groups)
        elif op is _constants.SUBPATTERN:
            group, added, removed, body = value
            for end, found in self.ways(body, (flags | added) & ~removed, at, groups):
                yield end, {**found, group: (at, end)} if group is not None else found
        elif op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            yield from self.repeat(*value, op is _constants.MAX_REPEAT, flags, at, groups)
        elif op is _constants.POSSESSIVE_REPEAT:
            yield from itertools.islice(self.repeat(*value, True, flags, at, groups), 1)
        elif op is _constants.ATOMIC_GROUP:
            yield from itertools.islice(self.ways(value, flags, at, groups), 1)
        elif op in LOOKS:
            start = at - value[1].getwidth()[0] if value[0] < 0 else at
            way = next(self.ways(value[1], flags, start, groups), None) if start >= 0 else None
            if (way is not None) == (op is _constants.ASSERT):
                yield at, way[1] if way else groups
        elif op is _constants.GROUPREF:
            if value in groups:
                word, fold = self.text[slice(*groups[value])], bool(flags & re.IGNORECASE)
                other = self.text[at : at + len(word)]
                if word == other or (fold and word.lower() == other.lower()):
                    yield at + len(word), groups
        else:
            raise NotImplementedError(op)

    def repeat(
        self,
        least: int,
        most: int,
        body: Any,
        greedy: bool,
        flags: int,
        at: int,
        groups: Groups,
        done: int = 0,
    ) -> Ways:
        (first, *others) = body.data
        if not others and first[0] in LEAVES:  # without a frame for each of them
            fits, end = self.leaf(first, flags), at
            while end - at < most and end < len(self.text) and fits(self.text[end]):
                end += 1
            self.steps += end - at
            ends = range(at + least, end + 1)
            yield from ((one, groups) for one in (reversed(ends) if greedy else ends))
            return
        if not greedy and done >= least:
            yield at, groups
        if done < most:
            for end, found in self.ways(body, flags, at, groups):
                if end != at or done < least:
                    args = (least, most, body, greedy, flags)
                    yield from self.repeat(*args, end, found, done + 1)
        if greedy and done >= least:
            yield at, groups

    def spans(self, text: str, how: str) -> list[tuple[int, int]]:
        """Where `re` finds the pattern: once, or all places one after the other."""
        self.text, self.steps = text, 0
        ends = (end for end, _ in self.ways(self.tree, self.flags, 0, {}))
        if how != "search":
            whole = ((0, end) for end in ends if how == "match" or end == len(text))
            return [*itertools.islice(whole, 1)]
        found: list[tuple[int, int]] = []
        start = 0
        while start <= len(text):
            # Behind an empty match `re` looks once more, for one that is not empty.
            empty = bool(found) and found[-1] == (start, start)
            ways = self.ways(self.tree, self.flags, start, {})
            end = next((end for end, _ in ways if not (empty and end == start)), None)
            if end is None:
                start += 1
            else:
                found.append((start, end))
                start = end
        return found


def single(node: Any, flags: int) -> Callable[..., bool]:
    """Whether a leaf of a parse tree matches a character, or a place in a text; `re` says it."""
    state = _parser.State()
    state.flags = flags
    state.str = ""  # which an error would quote
    made = _compiler.compile(_parser.SubPattern(state, [node]))
    if node[0] is _constants.AT:
        return lambda text, place: made.match(text, place) is not None
    return functools.cache(lambda character: made.match(character) is not None)


class Attack:
    """Texts made of what a pattern wants, over and over, and then of what it does not."""

    ALPHABET = "aA0 _.\n-é\\/:;@<\"\t1xzXZ9,'=>(["

    def __init__(self, pattern: str, flags: int, never: str = "") -> None:
        self.tree = _parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.never = set(never)
        self.sampled: dict[str, list[str]] = {}
        nodes = [node for _, node in self.nodes(self.tree)]
        self.leaves = [node for node in nodes if node[0] in LEAVES]
        self.endless = any(node[0] in REPEATS and node[1][1] >= ENDLESS for node in nodes)
        literals = {chr(value) for op, value in self.leaves if op is _constants.LITERAL}
        self.alphabet = dict.fromkeys([*self.ALPHABET, *sorted(literals)])

    def parts(self, node: Any) -> list[Any]:
        """The parse trees within a node."""
        op, value = node
        if op is _constants.BRANCH:
            return list(value[1])
        if op in (_constants.SUBPATTERN, *LOOKS, *REPEATS):
            return [value[-1]]
        return [value] if op is _constants.ATOMIC_GROUP else []

    def nodes(self, tree: Any, before: str = "", variant: int = -1) -> Iterator[tuple[str, Any]]:
        """All nodes of a tree, each with a text that leads there, of one variant or of none."""
        for place, node in enumerate(tree):
            lead = before + self.example(tree[:place], variant) if variant >= 0 else ""
            yield lead, node
            for part in self.parts(node):
                yield from self.nodes(part, lead, variant)

    def samples(self, node: Any) -> list[str]:
        """Characters that a leaf matches, of as many kinds as there are."""
        key = repr(node)
        if key not in self.sampled:
            matches = single(node, self.flags)
            rare = (chr(number) for number in range(0x110000))
            found = [*filter(matches, self.alphabet)]
            self.sampled[key] = found or [*itertools.islice(filter(matches, rare), 1)]
        return self.sampled[key]

    def example(self, tree: Any, variant: int) -> str:
        """A short text that a tree matches, or nearly so, where it looks around itself."""
        text = ""
        for node in tree:
            parts = self.parts(node)
            if node[0] in LEAVES:
                samples = self.samples(node)
                text += samples[variant % len(samples)] if samples else ""
            elif node[0] in REPEATS:
                text += self.example(parts[0], variant) * max(node[1][0], variant < 2)
            elif parts and node[0] not in LOOKS:
                text += self.example(parts[variant % len(parts)], variant)
        return text

    def units(self) -> list[tuple[str, str]]:
        """What to begin with, and what to say over and over."""
        characters = sorted({one for node in self.leaves for one in self.samples(node)[:2]})
        found = [("", a if a == b else a + b) for a in characters[:5] for b in characters[:5]]
        for variant in range(3):
            for lead, node in self.nodes(self.tree, "", variant):
                if node[0] in REPEATS and node[1][1] > 1:
                    body = self.parts(node)[0]
                    pumps = [self.example(body, each) for each in range(3)]
                    for _, inner in self.nodes(body):
                        pumps += self.samples(inner)[:3] if inner[0] in LEAVES else []
                    for pump in filter(None, pumps):
                        found += [(lead, pump), ("", lead + pump)]
                found.append(("", lead + self.example([node], variant)))
        units = [one for one in dict.fromkeys(found) if one[1] and not self.never & set(one[1])]
        return units if THOROUGH else units[:: len(units) // MANY + 1]

    def texts(self, length: int) -> Iterator[list[str]]:
        """Texts of one length, of its double, and of that one's double, alike in all else."""
        for (before, unit), end in itertools.product(self.units(), ("\0", "\n\0")):
            times = length // len(unit) + 1
            yield [before + unit * each + end for each in (times, 2 * times, 4 * times)]


@functools.cache
def worst(pattern: str, flags: int = 0, how: str = "search", never: str = "") -> str:
    """A text whose double and whose fourfold take more steps than twice and four times as many."""
    # Of a bound, only that there is one counts: with a lower one, texts need not be as long.
    pattern = re.sub(r"(?<=,)\d{2,3}(?=\})", "9", pattern)
    attack = Attack(pattern, flags, never)
    if not attack.endless:  # so each place takes its share, and no more in a longer text
        return ""
    matcher = Matcher(pattern, flags)

    def steps(text: str) -> int:
        matcher.spans(text, how)
        return matcher.steps

    for once, twice, fourfold in attack.texts(LENGTH):
        try:
            more = steps(twice)
            if more < 3 * len(twice):
                continue
            # Of the steps on one length: twice as many again for twice the length again.
            if steps(fourfold) - more > 2.5 * (more - steps(once)) + 4 * LENGTH:
                return once
        except TooManyStepsError:
            return once
    return ""


METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}

ESCAPED = {"_ext.theme", "_ext.page_head", "_ext.markdown", "_ext.cards"}
"""Modules whose patterns with markup meet pages, where what others wrote is without markup."""

GIVEN = {
    *("capture.normalize._sorted", "capture.script._compiles"),
    *("sphinxext.gallery.is_run", "sphinxext.gallery.selected", "symptoms._symptom.Symptom.place"),
    *("sphinxext.gallery.as_processes", "sphinxext.settings._is_pattern"),
    *("_ext.messages.Messages.make_nodes", "_ext.messages._lines"),
    *("_ext.platform_table._described", "_ext.platform_table._found"),
    *("_ext.proofs.Proof.of", "_ext.proofs.Proof.contradictions", "_ext.proofs.check_claims"),
}
"""Functions that are given a pattern: the project's are tested below."""

PLACES = [("/home/ann", "<home>"), ("C:\\Users\\Ann", "<home>"), ("ann-b", "<user>")]
DRAWERS = "".join(
    f'<input type="checkbox" class="sidebar-toggle" name="{name}"><aside class="{drawer}">'
    for name, drawer in (("__navigation", "sidebar-drawer"), ("__toc", "toc-drawer"))
)
BUILT: dict[str, Callable[[Any], object]] = {
    "capture.platform.Platform.checked": lambda module: module.Platform.checked(
        module.describe()._asdict()
    ),
    "capture.redact._without": lambda module: module.redact("/home/ann", "", PLACES),
    "capture.redact.redact": lambda module: module.redact("/home/ann", "", PLACES),
    "_ext.glossary._pattern": lambda module: module._pattern("start method"),
    "_ext.theme._move_drawers": lambda module: module.patched(DRAWERS),
}
"""Functions that build their patterns, each with a call that has it do so."""


class Found(NamedTuple):
    """A pattern, and how it is used."""

    pattern: str
    flags: int
    how: str


def sources() -> Iterator[tuple[str, str]]:
    """The modules, by their names without that of the package, and their text."""
    for folder, prefix in ((ROOT / "src" / "poolcontext", ""), (ROOT / "docs" / "_ext", "_ext.")):
        for path in sorted(folder.rglob("*.py")):
            name = ".".join(path.relative_to(folder).with_suffix("").parts)
            if path.name != "__main__.py":
                yield f"{prefix}{name}", path.read_text(encoding="utf-8")


SOURCES = dict(sources())


def module_of(name: str) -> Any:
    full = name if name.startswith("_ext") else f"poolcontext.{name}"
    return importlib.import_module(full.removesuffix(".__init__"))


class Call(NamedTuple):
    """A call of a function of `re`: its module, the function that it stands in, and itself."""

    module: str
    function: str
    node: ast.Call
    name: str
    """That which its result is assigned to, if it is."""

    @property
    def where(self) -> str:
        return f"{self.module}:{self.node.lineno}"

    @property
    def method(self) -> str:
        return self.node.func.attr  # type: ignore[attr-defined,no-any-return]

    def patterns(self) -> list[Found]:
        """What the call is given, unless this project's scripts and pages give it."""
        words = {one.arg: one.value for one in self.node.keywords}
        place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(self.method, 2)
        flags = words.get("flags", [*self.node.args, *[None] * 4][place])
        try:
            pattern = self.value(self.node.args[0])
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
            return [Found(text, int(self.value(flags) if flags else 0), self.how)]
        except NameError:  # it is known only when it is used
            return self.recorded() if self.function in BUILT else []

    @property
    def how(self) -> str:
        """How its pattern is used: anywhere in a text, if it is not known better."""
        used = {self.method}
        if self.method == "compile":
            used = {*re.findall(rf"\b{self.name}\.(\w+)", "".join(SOURCES.values()))} & METHODS
        return used.pop() if used in ({"match"}, {"fullmatch"}) else "search"

    def value(self, expression: ast.expr) -> Any:
        code = compile(ast.Expression(expression), f"<{self.where}>", "eval")
        return eval(code, vars(module_of(self.module)))

    def recorded(self) -> list[Found]:
        """The patterns that the function builds when it is called."""
        module = module_of(self.module)
        noted: list[Found] = []

        def noting(method: str) -> Callable[..., Any]:
            def note(pattern: str, *args: Any, **kwargs: Any) -> Any:
                if sys._getframe(1).f_lineno in range(
                    self.node.lineno, (self.node.end_lineno or 0) + 1
                ):
                    flags = args[0] if method == "compile" and args else 0
                    noted.append(Found(pattern, int(flags), self.how))
                return getattr(re, method)(pattern, *args, **kwargs)

            return note

        recorder = {**vars(re), **{method: noting(method) for method in {*METHODS, "compile"}}}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "re", SimpleNamespace(**recorder))
            BUILT[self.function](module)
        return noted


def calls() -> Iterator[Call]:
    """All calls of functions of `re` in the package and in the extensions of the site."""

    def within(module: str, node: ast.AST, function: str, name: str) -> Iterator[Call]:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            function = f"{function}.{node.name}"
        if isinstance(node, ast.Assign):
            name = ast.unparse(node.targets[0])
        called = getattr(node, "func", None)
        if isinstance(node, ast.Call) and isinstance(called, ast.Attribute):
            known = called.attr in {"compile", *METHODS}
            if known and ast.unparse(called.value) == "re":
                yield Call(module, function, node, name)
        for child in ast.iter_child_nodes(node):
            yield from within(module, child, function, name)

    for module, text in SOURCES.items():
        yield from within(module, ast.parse(text), module, "")


CALLS = list(calls())


def given() -> Iterator[tuple[str, Found]]:
    """The patterns that this project's own scripts, pages and configuration search for."""
    for script in SCRIPTS:
        if script.any_order:
            yield script.path.name, Found(script.any_order, 0, "search")
    pages = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
    for one in SYMPTOMS:
        for pattern in one.messages + one.signs:
            yield "symptoms", Found(pattern, 0, "search")
    examples = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("examples/*/*.py")}
    entries = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("src/*/symptoms/*.py")}
    for page, text in {**pages, **examples, **entries}.items():
        plain = re.sub(r"\n# ", " ", text)
        for _, role in re.findall(r"(?:\{proof\}|:proof:)(`+)(.+?)\1(?!`)", plain, re.S):
            target = role.partition(" <")[2].strip()[:-1]
            yield page.name, Found(target.partition(": ")[2], re.M, "search")
    for path in (ROOT / "docs").glob("*.toml"):
        for column in tomllib.loads(path.read_text(encoding="utf-8"))["column"]:
            yield from ((path.name, Found(line, re.M, "search")) for line in column["lines"])
    conf = runpy.run_path(str(ROOT / "conf.py"))
    yield "conf.py", Found(conf["poolcontext_claims"], 0, "search")
    yield "conf.py", Found(conf["sphinx_gallery_conf"]["filename_pattern"], 0, "search")


def test_there_are_some() -> None:
    """Calls are found in many modules, and every function that is named above has one."""
    assert len(CALLS) > 60
    assert {call.function for call in CALLS} >= {*BUILT, *GIVEN}
    places = {place.rpartition(".")[2] for place, _ in given()}
    assert places == {"py", "md", "toml", "symptoms"}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.where)
def test_package(call: Call) -> None:
    """Twice as long a text takes twice as many steps, whatever it is made of.

    And what counts the steps matches where `re` does.
    """
    found = call.patterns()
    assert found or call.function in GIVEN
    for one in found:
        never = "<>" if call.module in ESCAPED and "<" in one.pattern else ""
        text = worst(*one, never)
        assert not text, f"{call.where}: {one.pattern!r} takes too long on {text!r}"
        texts = [each[0] for each in Attack(one.pattern, one.flags).texts(9)]
        for text in texts[:: len(texts) // 40 + 1]:
            compare(one.pattern, one.flags, text)


# From each of many equal lines these go on to the end, some seconds of the longest output that a
# file may hold; to mend them, their scripts have to be captured again everywhere.
KNOWN = {
    "^spawn, made by the top level:\\n[^T]+False",
    "^forkserver, made by the top level:\\n[^F]+True",
}


@pytest.mark.parametrize(("place", "found"), dict.fromkeys(given()), ids=itertools.count())
def test_project(place: str, found: Found) -> None:
    """So it is with what this project's scripts, pages and configuration search for."""
    assert bool(worst(*found)) == (found.pattern in KNOWN), (place, found.pattern)


_NUMBER = r"(?:(  ) *)?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        *((r"(a+)+$", True), (r"\s+$", True), (r"A.*B", True), (r"(a|a)*b", True)),
        *((r"(?:a?){0,2000}b", True), (r"\d+\d+x", True), (r"(?=.*x)a", True)),
        *((r"(?<!b)(?:\w+ ?)+!", True), (rf"{_NUMBER} ?(ns|ms|s)\b", True)),
        (r"(?:<user>|[\w.+-]+)@(?!localhost\b|0x)\w[\w.-]*", True),
        (r"(?i:(?:[a-z]:|/[a-z])?(?:/|\\+)Users(?:/|\\+))[\w.~-]+", True),
        *(("a+", False), ("(?<!a)a*b?c", False), (r"^\s+", False), ("A.{0,20}B", False)),
        *((r"\bx\w*y", False), (r"\b(ab|cd)+e", False), ("(a)(b)?c", False)),
    ],
)
def test_slow(pattern: str, slow: bool) -> None:
    """Patterns that take the square of the time, or more, are found out; others are not."""
    assert bool(worst(pattern)) == slow


@hypothesis.given(
    st.sampled_from(
        [
            *("a*", "(a|ab)(c|bcd)(d*)", "(a*)*b", "(a|bb*)*?c", "^a|b$", "a{2,3}?", r"(a)?b\1"),
            *(r"(?i)(A)\1", r"\b", r"\B.", "(?=a)", "(?<!a)b", "(?<=a)b", "(?:a|)+", "a??b"),
            *("(?s:.)a", "(?m:^)a", r"a\Z", "[^a]+", "(?:a)*?b", "(a)|b", "(?!a)b*", "(a*)+b"),
            *("a*+b", "(?>a|ab)c", "(ab){1,2}+b"),
        ]
    ),
    st.text("aAbBcd\n ", max_size=12),
)
def test_matcher(pattern: str, text: str) -> None:
    """What counts the steps finds what `re` finds, with everything that a pattern may have."""
    compare(pattern, 0, text)


def compare(pattern: str, flags: int, text: str) -> None:
    """Fail if the matcher and `re` differ."""
    made = re.compile(pattern, flags)
    matcher = Matcher(pattern, flags)
    found = [match.span() for match in made.finditer(text)]
    assert matcher.spans(text, "search") == found, (pattern, text)
    for how in ("match", "fullmatch"):
        match = getattr(made, how)(text)
        assert matcher.spans(text, how) == ([match.span()] if match else []), (pattern, text)
