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
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.capture import redact as redaction
from poolcontext.capture.script import find_scripts

if sys.version_info >= (3, 11):
    from re import _compiler as compiler
    from re import _constants as constants
    from re import _parser as parser
else:
    import sre_compile as compiler
    import sre_constants as constants
    import sre_parse as parser

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "poolcontext"

MANY = 1_000
"""Repetitions from which on a repeat's bound is taken for none."""

SPHINX = (3, 11)
"""The Python that the extension needs."""

TOO_MANY = 400_000
"""Steps after which it is not worth to go on counting."""


class TooManyStepsError(Exception):
    """The matcher has taken more steps than anybody would wait for."""


class Matcher:
    """Matches as `re` does, going back where it went wrong, and counts its steps.

    The pattern becomes instructions, as in https://swtch.com/~rsc/regexp/regexp2.html; each one
    that is carried out is a step.
    """

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.tree = parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.groups = self.tree.state.groups
        self.registers = 2 * self.groups
        self.program = self.compiled(self.tree, self.flags)
        self.steps = 0

    def compiled(self, tree: Any, flags: int) -> list[tuple[Any, ...]]:
        program: list[tuple[Any, ...]] = []
        self.emit(program, tree, flags)
        program.append(("matched",))
        return program

    def emit(self, program: list[tuple[Any, ...]], tree: Any, flags: int) -> None:
        for node in tree:
            op, value = node
            name = op.name.lower()
            if name == "branch":
                self.branch(program, value[1], flags)
            elif name == "subpattern":
                group, added, removed, body = value
                self.group(program, group, body, (flags | added) & ~removed)
            elif name in ("max_repeat", "min_repeat"):
                self.repeat(program, *value, flags, name == "max_repeat")
            elif name == "possessive_repeat":
                inner: list[tuple[Any, ...]] = []
                self.repeat(inner, *value, flags, True)
                program.append(("atomic", [*inner, ("matched",)]))
            elif name == "atomic_group":
                program.append(("atomic", self.compiled(value, flags)))
            elif name in ("assert", "assert_not"):
                back = value[1].getwidth()[0] if value[0] < 0 else 0
                program.append((name, self.compiled(value[1], flags), back))
            elif name == "groupref":
                program.append((name, value, bool(flags & re.IGNORECASE)))
            elif name in ("at", "any", "in", "literal", "not_literal"):
                program.append(("at" if name == "at" else "one", single(node, flags)))
            else:
                raise NotImplementedError(name)

    def branch(self, program: list[tuple[Any, ...]], bodies: list[Any], flags: int) -> None:
        jumps = []
        for number, body in enumerate(bodies, 1):
            fork = len(program)
            if number < len(bodies):
                program.append(())
            self.emit(program, body, flags)
            if number < len(bodies):
                jumps.append(len(program))
                program.append(())
                program[fork] = ("split", fork + 1, len(program))
        for jump in jumps:
            program[jump] = ("jump", len(program))

    def group(
        self, program: list[tuple[Any, ...]], group: int | None, body: Any, flags: int
    ) -> None:
        if group is not None:
            program.append(("save", 2 * group))
        self.emit(program, body, flags)
        if group is not None:
            program.append(("save", 2 * group + 1))

    def repeat(
        self,
        program: list[tuple[Any, ...]],
        least: int,
        most: int,
        body: Any,
        flags: int,
        greedy: bool,
    ) -> None:
        for _ in range(least):
            self.emit(program, body, flags)
        if most >= MANY:
            register, self.registers = self.registers, self.registers + 1
            fork = len(program)
            program += [(), ("save", register)]
            self.emit(program, body, flags)
            program += [("progress", register), ("jump", fork)]
            program[fork] = self.split(fork + 1, len(program), greedy)
            return
        forks = []
        for _ in range(most - least):
            forks.append(len(program))
            program.append(())
            self.emit(program, body, flags)
        for fork in forks:
            program[fork] = self.split(fork + 1, len(program), greedy)

    @staticmethod
    def split(into: int, past: int, greedy: bool) -> tuple[str, int, int]:
        return ("split", into, past) if greedy else ("split", past, into)

    def run(
        self,
        program: list[tuple[Any, ...]],
        text: str,
        start: int,
        saved: tuple[int, ...],
        **ends: int,
    ) -> tuple[int, ...] | None:
        """The registers after a match, of which the first is its end; None if there is none."""
        stack = [(0, start, saved)]
        while stack:
            at, place, saved = stack.pop()
            while True:
                self.steps += 1
                if self.steps > TOO_MANY:
                    raise TooManyStepsError
                name, *values = program[at]
                at += 1
                if name == "one":
                    if place == len(text) or not values[0](text[place]):
                        break
                    place += 1
                elif name == "split":
                    stack.append((values[1], place, saved))
                    at = values[0]
                elif name == "jump":
                    at = values[0]
                elif name == "save":
                    saved = (*saved[: values[0]], place, *saved[values[0] + 1 :])
                elif name == "progress":
                    if saved[values[0]] == place:
                        break
                elif name == "at":
                    if not values[0](text, place):
                        break
                elif name == "groupref":
                    first, last = saved[2 * values[0] : 2 * values[0] + 2]
                    if first < 0 or last < 0:
                        break
                    word = text[place : place + last - first]
                    wanted = text[first:last]
                    if word != wanted and not (values[1] and word.lower() == wanted.lower()):
                        break
                    place += last - first
                elif name == "atomic":
                    found = self.run(values[0], text, place, saved)
                    if found is None:
                        break
                    place, saved = found[0], found
                elif name in ("assert", "assert_not"):
                    inner, back = values
                    found = None if place < back else self.run(inner, text, place - back, saved)
                    if (found is None) == (name == "assert"):
                        break
                    saved = found or saved
                elif place in (ends.get("end", place),) and place != ends.get("after"):
                    return (place, *saved[1:])
                else:
                    break
        return None

    def spans(self, text: str, how: str) -> list[tuple[int, int]]:
        """Where `re` finds the pattern: once, or all places one after the other."""
        empty = (-1,) * self.registers
        found = []
        if how != "search":
            ends = {"end": len(text)} if how == "fullmatch" else {}
            match = self.run(self.program, text, 0, empty, **ends)
            return [(0, match[0])] if match else []
        start, after = 0, -1
        while start <= len(text):
            match = self.run(
                self.program, text, start, empty, after=after if start == after else -1
            )
            if match is None:
                start += 1
                continue
            found.append((start, match[0]))
            # Behind an empty match `re` looks once more, for one that is not empty.
            after = match[0] if match[0] == start else -1
            start = match[0]
        return found


def single(node: Any, flags: int) -> Callable[..., bool]:
    """Whether a leaf of a parse tree matches a character, or a place in a text; `re` says it."""
    state = parser.State()
    state.flags = flags
    state.str = ""  # which an error would quote
    made = compiler.compile(parser.SubPattern(state, [node]))
    if node[0] is constants.AT:
        return lambda text, place: made.match(text, place) is not None
    return functools.lru_cache(maxsize=None)(lambda character: made.match(character) is not None)


class Attack:
    """Texts made of what a pattern wants, over and over, and then of what it does not."""

    ALPHABET = "aA0 _.\n-é\\/:;@<\"\t1xzXZ9,'=>(["

    def __init__(self, pattern: str, flags: int, never: str = "") -> None:
        self.tree = parser.parse(pattern, flags)
        self.flags = self.tree.state.flags
        self.never = never
        literals = sorted({chr(node[1]) for node in self.leaves(self.tree) if node[0] is LITERAL})
        self.alphabet = dict.fromkeys([*self.ALPHABET, *literals])
        self.sampled: dict[str, list[str]] = {}

    def units(self) -> list[tuple[str, str]]:
        """What to begin with, and what to say over and over."""
        characters = {one for node in self.leaves(self.tree) for one in self.samples(node)[:2]}
        runs = ["".join(pair) for pair in itertools.product(sorted(characters)[:8], repeat=2)]
        found = [("", run if run[0] != run[1] else run[0]) for run in runs]
        for variant in range(3):
            for before, body in self.repeats(self.tree, "", variant):
                inner = [self.example(body, each) for each in range(3)]
                inner += [one for node in self.leaves(body) for one in self.samples(node)[:3]]
                for pump in filter(None, dict.fromkeys(inner)):
                    found += [(before, pump), ("", before + pump)]
            found += [("", before) for before in self.prefixes(self.tree, "", variant)]
        return [one for one in dict.fromkeys(found) if one[1] and not set(one[1]) & set(self.never)]

    def texts(self, length: int) -> Iterator[list[str]]:
        """Texts of one length, of its double, and of that one's double, alike in all else."""
        ends = ("", "\0", "\n\0")
        for (before, unit), end in itertools.product(self.units(), ends):
            times = length // len(unit) + 1
            yield [before + unit * each + end for each in (times, 2 * times, 4 * times)]

    @property
    def longest(self) -> int:
        """The greatest number up to which something is repeated."""
        return max([most for _, most in self.bounds(self.tree) if most < MANY], default=1)

    def parts(self, node: Any) -> list[Any]:
        """The parse trees within a node."""
        op, value = node
        name = op.name.lower()
        if name == "branch":
            return list(value[1])
        if name in ("subpattern", "assert", "max_repeat", "min_repeat", "possessive_repeat"):
            return [value[-1]]
        return [value] if name == "atomic_group" else []

    def leaves(self, tree: Any) -> Iterator[Any]:
        for node in tree:
            if node[0] in LEAVES:
                yield node
            for part in self.parts(node):
                yield from self.leaves(part)

    def bounds(self, tree: Any) -> Iterator[tuple[int, int]]:
        for node in tree:
            if node[0] in REPEATS:
                yield int(node[1][0]), int(node[1][1])
            for part in self.parts(node):
                yield from self.bounds(part)

    def samples(self, node: Any) -> list[str]:
        """Characters that a leaf matches, of as many kinds as there are."""
        key = repr(node)
        if key not in self.sampled:
            matches = single(node, self.flags)
            self.sampled[key] = list(filter(matches, self.alphabet))
            if not self.sampled[key]:  # a rare range
                self.sampled[key] = list(filter(matches, map(chr, range(0x110000))))[:1]
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
                text += self.example(parts[0], variant) * max(node[1][0], 1 if variant < 2 else 0)
            elif parts and node[0] not in (constants.ASSERT, constants.ASSERT_NOT):
                text += self.example(parts[variant % len(parts)], variant)
        return text

    def repeats(self, tree: Any, before: str, variant: int) -> Iterator[tuple[str, Any]]:
        """What is repeated, and a text that leads there."""
        for place, node in enumerate(tree):
            lead = before + self.example(tree[:place], variant)
            for part in self.parts(node):
                if node[0] in REPEATS and node[1][1] > 1:
                    yield lead, part
                yield from self.repeats(part, lead, variant)

    def prefixes(self, tree: Any, before: str, variant: int) -> Iterator[str]:
        """Texts that come as far as each node that is no character."""
        for place, node in enumerate(tree):
            for part in self.parts(node):
                yield from self.prefixes(
                    part, before + self.example(tree[:place], variant), variant
                )
            if node[0] is not LITERAL or place + 1 == len(tree):
                yield before + self.example(tree[: place + 1], variant)


LITERAL = constants.LITERAL
LEAVES = (LITERAL, constants.NOT_LITERAL, constants.ANY, constants.IN)
REPEATS = tuple(
    getattr(constants, name)
    for name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
    if hasattr(constants, name)
)


@functools.cache
def worst(pattern: str, flags: int = 0, how: str = "search", escaped: bool = False) -> str:
    """A text whose double and whose fourfold take more steps than twice and four times as many.

    With ``escaped``, only of such as can stand in a page whose markup is not a stranger's.
    """
    attack = Attack(pattern, flags, "<>" if escaped else "")
    if not list(attack.bounds(attack.tree)):  # nothing is repeated, so each place takes its share
        return ""
    matcher = Matcher(pattern, flags)
    for texts in attack.texts(max(LENGTH, 2 * attack.longest)):
        counts = []
        for text in texts:
            matcher.steps = 0
            try:
                matcher.spans(text, how)
            except TooManyStepsError:
                return texts[0]
            counts.append(matcher.steps)
        # Of the steps on a text of one length: twice as many again for twice the length again.
        if counts[2] - counts[1] > 2.5 * (counts[1] - counts[0]) + 2 * LENGTH:
            return texts[0]
    return ""


LENGTH = 32
"""Characters of the shortest texts."""


# Where the patterns are.

METHODS = {"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}

GIVEN = {
    "comparing._sorted": "any_order",
    "scripts._compiles": "any_order",
    "sphinxext.finding._lines": "messages",
    "sphinxext.matrix._described": "lines",
    "sphinxext.matrix._found": "lines",
    "sphinxext.messages.Messages.run": "messages",
    "sphinxext.proofs.Proof.contradictions": "proofs",
    "sphinxext.proofs.Proof.of": "proofs",
    "sphinxext.proofs.resolve": "conf.py",
    "sphinxext.seam.is_run": "conf.py",
    "sphinxext.seam.selected": "conf.py",
}
"""Functions that are given a pattern, and what of this project gives it: see `given`."""

PLACES = [
    ("/home/ann", "<home>"),
    ("C:\\Users\\Ann", "<home>"),
    ("ann-b", "<user>"),
    ("box", "<host>"),
]

BUILT: dict[str, Callable[[], object]] = {
    "redaction.redact": lambda: redaction.redact("/home/ann", "", PLACES),
    "redaction._without": lambda: redaction.redact("/home/ann", "", PLACES),
    "sphinxext.terms._pattern": lambda: module_of("sphinxext.terms")._pattern("start method"),
    "sphinxext.proofs.Proof._is_silent": lambda: (
        module_of("sphinxext.proofs")
        .Proof.of("name: spawn")
        ._is_silent("linux", "fork is not there on this platform")
    ),
}
"""Functions that build their patterns, each with a call that has it do so."""


ESCAPED = {"sphinxext.accessible", "sphinxext.findable", "sphinxext.mended", "sphinxext.twins"}
"""Modules whose patterns with markup meet pages, where what others wrote is without markup."""


class Found(NamedTuple):
    """A pattern, how it is used, and where that stands."""

    where: str
    pattern: str
    flags: int
    how: str


class UnresolvedError(Exception):
    """What a pattern is made of is known only when it is used."""


def module_of(name: str) -> Any:
    """A module of the package, if all that it imports is here."""
    if name.startswith("sphinxext"):
        pytest.importorskip("sphinx_gallery")
        pytest.importorskip("sphinx_design")
    return importlib.import_module(f"poolcontext.{name}".replace(".__init__", ""))


@functools.cache
def sources() -> dict[str, ast.Module]:
    """The modules' names without that of the package, and their syntax."""
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name != "__main__.py"
        and ("sphinxext" not in path.parts or sys.version_info >= SPHINX)
    }


@functools.cache
def uses(name: str) -> set[str]:
    """The methods that are taken from anything of a name, in the whole package."""
    return {
        node.attr
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in METHODS
        and name in map(ast.unparse, alternatives(node.value))
    }


def alternatives(node: ast.expr) -> list[ast.expr]:
    """What an expression may be."""
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


class Call(NamedTuple):
    """A call of a function of `re`, in a function and among what surrounds that."""

    module: str
    around: tuple[ast.AST, ...]
    node: ast.Call
    name: str

    @property
    def function(self) -> str:
        """The function that it stands in, as it is named from without."""
        kinds = (ast.FunctionDef, ast.ClassDef)
        return ".".join([self.module, *(one.name for one in self.around if isinstance(one, kinds))])

    @property
    def where(self) -> str:
        return f"{self.module}:{self.node.lineno}"

    @property
    def how(self) -> str:
        """How its pattern is used: anywhere in a text, if it is not known better."""
        used = {self.name}
        above = self.around[-1]
        if self.name == "compile":
            named = isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name)
            used = uses(above.targets[0].id) if named else set()  # type: ignore[attr-defined]
        return used.pop() if used in ({"match"}, {"fullmatch"}) else "search"

    def found(self) -> Iterator[Found]:
        """Its patterns, else an UnresolvedError."""
        arguments = dict(enumerate(self.node.args))
        arguments.update({one.arg: one.value for one in self.node.keywords})  # type: ignore[misc]
        place = {"compile": 1, "sub": 4, "subn": 4, "split": 3}.get(self.name, 2)
        flags = arguments.get("flags", arguments.get(place, ast.parse("0", mode="eval").body))  # type: ignore[call-overload]
        for pattern in self.values(arguments.get(0, arguments.get("pattern"))):  # type: ignore[call-overload]
            text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
            yield Found(self.where, text, int(*self.values(flags)), self.how)

    def values(self, expression: Any) -> list[Any]:
        """All that an expression can be, as far as the module itself says it."""
        known = vars(module_of(self.module))
        names = {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
        free = sorted(name for name in names if name not in known and name not in vars_of_builtins)
        code = compile(ast.Expression(expression), f"<{self.where}>", "eval")
        return [
            eval(code, {**known, **dict(zip(free, chosen))})
            for chosen in itertools.product(*map(self.local, free))
        ]

    def local(self, name: str) -> list[Any]:
        """All that a local name can be."""
        functions = [one for one in self.around if isinstance(one, (ast.FunctionDef, ast.Lambda))]
        found: list[Any] = []
        for node in ast.walk(functions[-1]) if functions else ():
            if isinstance(node, ast.Assign):
                pairs = [
                    (target, self.values(node.value))
                    for target in node.targets
                    if binds(target, name)
                ]
            elif isinstance(node, (ast.For, ast.comprehension)) and binds(node.target, name):
                pairs = [(node.target, [one for each in self.values(node.iter) for one in each])]
            else:
                continue
            found += [unpacked(target, value, name) for target, values in pairs for value in values]
        if not found:
            raise UnresolvedError(name)
        return found


vars_of_builtins = vars(importlib.import_module("builtins"))


def binds(target: ast.AST, name: str) -> bool:
    """Whether an assignment gives a name its value."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(target))


def unpacked(target: Any, value: Any, name: str) -> Any:
    """The part of a value that an assignment gives to a name."""
    if isinstance(target, ast.Name):
        return value
    part = next(number for number, one in enumerate(target.elts) if binds(one, name))
    return unpacked(target.elts[part], list(value)[part], name)


def calls() -> Iterator[Call]:
    """All calls of functions of `re` in the package."""

    def within(module: str, node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[Call]:
        function = getattr(node, "func", None)
        if isinstance(node, ast.Call) and isinstance(function, ast.Attribute):
            of = getattr(function.value, "id", "")
            if of == "re" and function.attr in {"compile", *METHODS}:
                yield Call(module, around, node, function.attr)
        for child in ast.iter_child_nodes(node):
            yield from within(module, child, (*around, node))

    for module, tree in sources().items():
        yield from within(module, tree, ())


class Recorder:
    """Stands for `re` in a module, and notes from which lines its functions are called."""

    def __init__(self) -> None:
        self.noted: list[tuple[int, str, int, str]] = []

    def __getattr__(self, name: str) -> Any:
        if name not in {"compile", *METHODS}:
            return getattr(re, name)

        def noting(pattern: str, *args: Any, **kwargs: Any) -> Any:
            flags = int(kwargs.get("flags", args[0] if name == "compile" and args else 0))
            how = name if name in ("match", "fullmatch") else "search"
            self.noted.append((sys._getframe(1).f_lineno, pattern, flags, how))
            return getattr(re, name)(pattern, *args, **kwargs)

        return noting


def built(call: Call) -> Iterator[Found]:
    """The patterns that a function builds when it is called."""
    module = module_of(call.module)
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "re", recorder)
        BUILT[call.function]()
    for line, pattern, flags, how in recorder.noted:
        if call.node.lineno <= line <= (call.node.end_lineno or 0):
            yield Found(call.where, pattern, flags, how)


def given() -> Iterator[tuple[str, Found]]:
    """The patterns that this project's own scripts and pages give to the package."""
    for script in find_scripts(ROOT):
        if script.any_order:
            yield "any_order", Found(script.path.name, script.any_order, 0, "search")
    for page in sorted((ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"^```\{(?:poolcontext-)?messages\}\n(.*?)^```", text, re.M | re.S):
            for line in block.splitlines():
                if line.strip() and not line.startswith(":"):
                    yield "messages", Found(page.name, line, 0, "search")
    for page in sorted([*(ROOT / "docs").glob("*.md"), *ROOT.glob("examples/*/*.py")]):
        text = re.sub(r"\n# ", " ", page.read_text(encoding="utf-8"))
        for _, role in re.findall(r"(?:\{proof\}|:proof:)(`+)(.+?)\1(?!`)", text, re.S):
            target = role.partition(" <")[2].strip()[:-1]
            yield "proofs", Found(page.name, target.partition(": ")[2], re.M, "search")
    for table in sorted((ROOT / "docs").glob("*.toml")):
        for literal in re.findall(
            r"^lines = (\[.*?\])$", table.read_text(encoding="utf-8"), re.M | re.S
        ):
            for line in ast.literal_eval(literal):
                yield "lines", Found(table.name, line, re.M, "search")
    for node in ast.walk(ast.parse((ROOT / "conf.py").read_text(encoding="utf-8"))):
        for name, value in settings(node):
            if name in ("filename_pattern", "ignore_pattern", "poolcontext_claims"):
                yield "conf.py", Found(f"conf.py:{name}", ast.literal_eval(value), 0, "search")


def settings(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """The names and values of an assignment or of a dictionary."""
    if isinstance(node, ast.Assign):
        yield from ((getattr(target, "id", ""), node.value) for target in node.targets)
    if isinstance(node, ast.Dict):
        yield from (
            (getattr(key, "value", ""), value) for key, value in zip(node.keys, node.values)
        )


CALLS = list(calls())


def patterns(call: Call) -> list[Found]:
    """What a call of `re` is given, unless this project's scripts and pages give it."""
    try:
        return list(call.found())
    except UnresolvedError as error:
        if call.function in GIVEN:
            return []
        if call.function in BUILT:
            return list(built(call))
        message = f"{call.where}: nobody knows what {error} is in {call.function}"
        raise AssertionError(message) from None


class TestPatterns:
    """The package's own patterns, and those that this project gives to it."""

    def test_there_are_some(self) -> None:
        """Calls are found in many modules, and every function that is named above has one."""
        assert len(CALLS) > 60 or sys.version_info < SPHINX
        assert {call.function for call in CALLS} >= {
            name for name in (*GIVEN, *BUILT) if name.partition(".")[0] in sources()
        }
        assert {source for source, _ in given()} >= {*GIVEN.values()} - {"any_order"}

    @pytest.mark.parametrize("call", CALLS, ids=lambda call: call.where)
    def test_package(self, call: Call) -> None:
        """Twice as long a text takes twice as many steps, whatever it is made of."""
        found = patterns(call)
        assert found or call.function in GIVEN
        for one in found:
            escaped = call.module in ESCAPED and "<" in one.pattern
            text = worst(one.pattern, one.flags, one.how, escaped)
            assert not text, f"{one.where}: {one.pattern!r} takes too long on {text!r}"

    def test_project(self) -> None:
        """So it is with what this project's scripts, pages and configuration search for."""
        slow = [f"{one.where}: {one.pattern}" for _, one in given() if worst(*one[1:])]
        assert not slow


_NUMBER = r"(?:(  ) *)?\b\d+(?:\.\d+)?(?:e[+-]?\d+)?"


class TestMatcher:
    """What counts the steps: it finds what `re` finds, and sees what is slow."""

    @pytest.mark.parametrize(
        "pattern",
        [
            r"(a+)+$",
            r"\s+$",
            r"A.*B",
            r"(a|a)*b",
            r"(?:a?){0,2000}b",
            r"\d+\d+x",
            r"(?=.*x)a",
            r"(?<!b)(?:\w+ ?)+!",
            rf"{_NUMBER} ?(ns|ms|s)\b",
            r"(?:<user>|[\w.+-]+)@(?!localhost\b|0x)\w[\w.-]*",
            r"(?i:(?:[a-z]:|/[a-z])?(?:/|\\+)Users(?:/|\\+))[\w.~-]+",
        ],
    )
    def test_slow(self, pattern: str) -> None:
        """Patterns that take the square of the time, or more, are found out."""
        assert worst(pattern)

    @pytest.mark.parametrize(
        "pattern",
        ["a+", "(?<!a)a*b?c", r"^\s+", "A.{0,20}B", r"\bx\w*y", r"\b(ab|cd)+e", "(a)(b)?c"],
    )
    def test_fast(self, pattern: str) -> None:
        """Others are not."""
        assert not worst(pattern)

    @pytest.mark.parametrize("call", CALLS, ids=lambda call: call.where)
    def test_agrees(self, call: Call) -> None:
        """On texts that are made to hurt a pattern, it matches where `re` does."""
        for one in patterns(call):
            texts = [each[0] for each in Attack(one.pattern, one.flags).texts(9)]
            for text in texts[:: len(texts) // 40 + 1]:
                self.compare(one.pattern, one.flags, text)

    @hypothesis.given(
        st.sampled_from(
            [  # Without a lazy repeat of what may be nothing, over which PyPy's `re` does not end.
                *(
                    "a*",
                    "(a|ab)(c|bcd)(d*)",
                    "(a*)*b",
                    "(a|bb*)*?c",
                    "^a|b$",
                    "a{2,3}?",
                    r"(a)?b\1",
                ),
                *(r"(?i)(A)\1", r"\b", r"\B.", "(?=a)", "(?<!a)b", "(?<=a)b", "(?:a|)+", "a??b"),
                *("(?s:.)a", "(?m:^)a", r"a\Z", "[^a]+", "(?:a)*?b", "(a)|b", "(?!a)b*", "(a*)+b"),
            ]
        ),
        st.text("aAbBcd\n ", max_size=12),
    )
    def test_agrees_on_all(self, pattern: str, text: str) -> None:
        """So it does on patterns with everything that there is, and on any text."""
        self.compare(pattern, 0, text)

    @staticmethod
    def compare(pattern: str, flags: int, text: str) -> None:
        """Fail if there is a difference."""
        made = re.compile(pattern, flags)
        matcher = Matcher(pattern, flags)
        found = [match.span() for match in made.finditer(text)]
        assert matcher.spans(text, "search") == found, (pattern, text)
        for how in ("match", "fullmatch"):
            match = getattr(made, how)(text)
            assert matcher.spans(text, how) == ([match.span()] if match else []), (pattern, text)
