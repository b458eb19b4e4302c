"""What the syntax of a program's files tells: where it does what does not reach a worker."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


def place(file: str, line: int) -> str:
    """A line of a file, from here where it is below."""
    short = os.path.relpath(file)
    return f"{file if short.startswith('..') else short}:{line}"


class Syntax(NamedTuple):
    """The syntax trees of a program's files, each with its name."""

    trees: tuple[tuple[str, ast.Module], ...]

    @classmethod
    def of(cls, files: Iterable[str]) -> Syntax:
        trees = []
        for file in dict.fromkeys(files):
            try:
                trees.append((file, ast.parse(Path(file).read_bytes())))
            except (OSError, SyntaxError, ValueError):
                continue
        return cls(tuple(trees))

    def printed(self) -> set[str]:
        """The texts that the top level prints."""
        return {
            str(one.value)
            for _, tree in self.trees
            for node in tree.body
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
            if _name(node.value.func) == "print"
            for one in ast.walk(node.value)
            if isinstance(one, ast.Constant)
        }

    def imports(self, name: str) -> bool:
        """Whether a module, or something in one, of this name is imported."""
        return any(
            name in alias.name.split(".") or name in (getattr(node, "module", "") or "").split(".")
            for _, tree in self.trees
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        )

    def calls(self, *names: str) -> list[str]:
        """Where functions of these names are called: ``file:line``."""
        return [
            place(file, node.lineno)
            for file, tree in self.trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and _name(node.func) in names
        ]

    def choices(self, method: str) -> list[str]:
        """Where the program asks for a start method: ``file:line``."""
        return [
            place(file, node.lineno)
            for file, tree in self.trees
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and _name(node.func) in ("set_start_method", "get_context", "process_pool")
            and any(isinstance(one, ast.Constant) and one.value == method for one in ast.walk(node))
        ]

    def environ(self) -> list[str]:
        """Where a variable of the environment is set."""
        found = self.calls("putenv", "setenv")
        for file, tree in self.trees:
            for node in ast.walk(tree):
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                of = _name(target.value) if isinstance(target, ast.Subscript) else ""
                if isinstance(node, ast.Assign) and of == "environ":
                    found.append(place(file, node.lineno))
        return found

    def patched(self) -> list[str]:
        """Where something of an imported module is replaced."""
        found = []
        for file, tree in self.trees:
            imports = [one for one in ast.walk(tree) if isinstance(one, ast.Import)]
            modules = {
                alias.asname or alias.name.split(".")[0] for one in imports for alias in one.names
            }
            for node in ast.walk(tree):
                for target in node.targets if isinstance(node, ast.Assign) else ():
                    if isinstance(target, ast.Attribute) and _name(target.value) in modules:
                        found.append(place(file, target.lineno))
        return found

    def globals_set(self) -> list[str]:
        """Where a global is set that a function reads, after the top level has set it."""
        return [place(file, line) for file, tree in self.trees for line in _sets_globals(tree)]


def _sets_globals(tree: ast.Module) -> list[int]:
    functions = [one for one in tree.body if isinstance(one, ast.FunctionDef)]
    nodes = [node for function in functions for node in ast.walk(function)]
    read = {
        node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    found: list[ast.AST] = [node for node in nodes if declared & {*_assigned(node)}]
    first = {name for one in tree.body if not _is_guard(one) for name in _assigned(one)}
    for block in filter(_is_guard, tree.body):
        found += [node for node in ast.walk(block) if {*_assigned(node, deep=True)} & first & read]
    return [node.lineno for node in found if isinstance(node, ast.stmt)]


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__main__" in ast.dump(node.test)


def _assigned(node: ast.AST, deep: bool = False) -> list[str]:
    """The names that a statement sets, or changes by an item or a method if it is to go deep."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, (ast.AugAssign, ast.AnnAssign)):
        targets = [node.target]
    elif deep and isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func
        changes = ("append", "add", "update", "extend", "insert", "setdefault", "clear", "pop")
        if isinstance(function, ast.Attribute) and function.attr in changes:
            targets = [function.value]
    names = []
    for target in targets:
        while deep and isinstance(target, (ast.Subscript, ast.Attribute)):
            target = target.value
        names += [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
    return names
