"""What may import what, as far as the linter of imports cannot tell."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import poolcontext

MODULES = sorted(Path(poolcontext.__file__).parent.glob("*.py"))


@pytest.mark.skipif(sys.version_info < (3, 10), reason="this Python cannot list its modules")
@pytest.mark.parametrize("module", MODULES, ids=[path.stem for path in MODULES])
def test_core_needs_nothing_but_the_standard_library(module: Path) -> None:
    """Every import of a module outside sphinxext is Python's own or the package's."""
    imported = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imported.add((node.module or "").partition(".")[0])
    assert imported - {"poolcontext"} <= sys.stdlib_module_names, module.name
