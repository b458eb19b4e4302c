"""Each example script: complete in itself, and the same as its version with the helper."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from poolcontext.comparing import normalise
from poolcontext.running import Run, run_script
from poolcontext.scripts import HELPER, read_script

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(ROOT.glob("examples/*/*.py"))
WITH_HELPER = sorted(ROOT.glob("docs/with_helper/*.py"))

each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def test_there_are_examples() -> None:
    """The other tests here have something to look at."""
    assert {"list", "check", "set"} <= {path.parent.name for path in EXAMPLES}


def test_names_are_distinct() -> None:
    """Captures go by the names of scripts, so no two may share one."""
    names = [path.stem for path in EXAMPLES + WITH_HELPER]
    assert len(names) == len(set(names))


class TestText:
    """What stands in an example."""

    @each_example
    def test_is_short(self, example: Path) -> None:
        """It has 60 lines at most."""
        assert len(example.read_text(encoding="utf-8").splitlines()) <= 60

    @each_example
    def test_needs_nothing_else(self, example: Path) -> None:
        """It imports the standard library only."""
        imported = set()
        for node in ast.walk(ast.parse(example.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, "a script has no package to be relative to"
                imported.add(str(node.module).partition(".")[0])
        assert imported
        if sys.version_info < (3, 10):
            pytest.skip("this Python cannot list its modules")
        assert imported <= sys.stdlib_module_names

    @each_example
    def test_asserts_what_it_claims(self, example: Path) -> None:
        """It has at least one assert, so that it fails where it is not true."""
        assert any(
            isinstance(node, ast.Assert) for node in ast.walk(ast.parse(example.read_bytes()))
        )

    @each_example
    def test_old_grammar(self, example: Path) -> None:
        """Python 3.9 can read it, and so can it the version with the helper."""
        helper = ROOT / "docs" / "with_helper" / f"{example.stem}_with_helper.py"
        for path in (example, helper):
            ast.parse(path.read_bytes(), path.name, feature_version=(3, 9))

    @pytest.mark.parametrize("helper", WITH_HELPER, ids=lambda path: path.stem)
    def test_helper_version_has_its_example(self, helper: Path) -> None:
        """No version with the helper is left without the example that it stands beside."""
        assert helper.stem.removesuffix("_with_helper") in {path.stem for path in EXAMPLES}


class TestRun:
    """What an example does."""

    @each_example
    def test_runs_alone(self, example: Path, tmp_path: Path) -> None:
        """Copied to an empty folder it runs to its end, and leaves nothing there."""
        shutil.copy(example, tmp_path)
        environ = {name: value for name, value in os.environ.items() if name[:6] != "PYTHON"}
        subprocess.run(
            [sys.executable, example.name],
            cwd=tmp_path,
            env=environ,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=True,
        )
        left = {path.name for path in tmp_path.iterdir() if path.name != "__pycache__"}
        assert left == {example.name}

    @each_example
    def test_helper_says_the_same(self, example: Path) -> None:
        """The version with the helper prints what the example prints; only an error may differ."""
        helper = ROOT / "docs" / "with_helper" / f"{example.stem}_with_helper.py"
        with read_script(helper, HELPER).placed() as placed:
            runs = [run_script(example), run_script(placed)]
        by_hand, helped = (self.lines(run) for run in runs)
        if example.stem == "set_missing_method":
            for lines in (by_hand, helped):
                (error,) = [number for number, line in enumerate(lines) if "Error: " in line]
                lines[error] = "an error"
        assert by_hand == helped
        assert by_hand

    @staticmethod
    def lines(run: Run) -> list[str]:
        assert (run.ended, run.status) == ("exit", 0), run.output
        return normalise(run.output).splitlines()
