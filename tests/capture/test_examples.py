"""Each example script: complete in itself, and the same as its version with the helper."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from poolcontext.capture.normalize import normalize
from poolcontext.capture.process import Run, run_script
from poolcontext.capture.script import read_script

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(ROOT.glob("examples/*/*.py"))
WITH_HELPER = sorted(ROOT.glob("docs/with_helper/*.py"))

SAME = (
    "list_start_methods",
    "check_pool_context",
    "set_every_method",
    "set_missing_method",
    "set_pool_context",
    "ask_worker",
    "check_max_tasks_context",
    "order_of_preference",
    "hand_over_with_initializer",
    "log_records_vanish",
    "mock_not_seen",
)
"""Examples of which the version with the helper prints just the same."""

TABLES = ("what_reaches_a_worker", "time_to_first_result", "memory_of_a_worker")

THE_SAME = [path for path in WITH_HELPER if path.stem.removesuffix("_with_helper") in SAME]

each_helper = pytest.mark.parametrize("helper", WITH_HELPER, ids=lambda path: path.stem)
each_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)


def prose(example: Path) -> str:
    """What an example's page says beside its code."""
    source = example.read_text(encoding="utf-8")
    blocks = re.findall(r"^# %%\n((?:#.*\n)*)", source, flags=re.MULTILINE)
    docstring = ast.get_docstring(ast.parse(source)) or ""
    return "\n\n".join([docstring, *(re.sub(r"^# ?", "", one, flags=re.M) for one in blocks)])


def test_there_are_examples() -> None:
    """The other tests here have something to look at."""
    assert len(EXAMPLES) >= 30
    topics = {"list", "check", "set", "worker", "break", "cost", "beyond"}
    assert {path.parent.name for path in EXAMPLES} == topics


def test_names_are_distinct() -> None:
    """Capture go by the names of scripts, so no two may share one."""
    names = [path.stem for path in EXAMPLES + WITH_HELPER]
    assert len(names) == len(set(names))


class TestText:
    """What stands in an example."""

    @each_example
    def test_is_short(self, example: Path) -> None:
        """It has 80 lines at most; those that print tables have 120."""
        most = 120 if example.stem in TABLES else 80
        assert len(example.read_text(encoding="utf-8").splitlines()) <= most

    @each_example
    def test_says_why_and_what_to_do(self, example: Path) -> None:
        """Its page has a cause, a cure, related pages, and 150 to 400 words, some with a link."""
        text = prose(example)
        headings = re.findall(r"^(\w.*)\n-+$", text, flags=re.MULTILINE)
        assert headings[0] == "Why"
        assert headings[1] in ("Cure", "What to do")
        assert headings[2:] == ["Related"]
        assert re.search(r"<https://(docs\.python\.org|github\.com/python/cpython)/", text)
        words = re.sub(r":\w+:|<(?:https?:|\w[\w.\s]*:\s)[^>]*>|[`=*-]+", " ", text).split()
        assert 150 <= len(words) <= 400, len(words)

    @each_example
    def test_related_pages_are_there(self, example: Path) -> None:
        """Its related pages are two to four other examples."""
        related = prose(example).partition("Related\n-------\n")[2]
        found = re.findall(r"^- :doc:`([\w./]+)`$", related, flags=re.MULTILINE)
        assert 2 <= len(found) <= 4
        assert len(found) == len(related.split("\n- "))
        paths = [(example.parent / f"{name}.py").resolve() for name in found]
        assert len({*paths, example}) == len(found) + 1
        assert all(path in EXAMPLES for path in paths), found

    @each_example
    def test_needs_nothing_else(self, example: Path) -> None:
        """It imports the standard library only; Dask and numpy where it is about them, if there."""
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
        wanted = {"run_on_dask": {"distributed"}, "same_random_numbers": {"numpy"}}
        assert imported - sys.stdlib_module_names == wanted.get(example.stem, set())

    @each_example
    def test_asserts_what_it_claims(self, example: Path) -> None:
        """It has at least one assert, so that it fails where it is not true."""
        assert any(
            isinstance(node, ast.Assert) for node in ast.walk(ast.parse(example.read_bytes()))
        )

    @each_example
    def test_old_grammar(self, example: Path) -> None:
        """Python 3.9 can read it."""
        ast.parse(example.read_bytes(), example.name, feature_version=(3, 9))

    @each_helper
    def test_helper_version_has_its_example(self, helper: Path) -> None:
        """It stands beside an example, is short, uses the helper, and Python 3.9 can read it."""
        assert helper.stem.removesuffix("_with_helper") in {path.stem for path in EXAMPLES}
        text = helper.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40
        assert "from poolcontext import" in text
        ast.parse(text, helper.name, feature_version=(3, 9))


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

    @each_helper
    def test_helper_version(self, helper: Path) -> None:
        """The version with the helper runs to its end, and prints something."""
        with read_script(helper, ROOT / "src").placed() as placed:
            assert self.lines(run_script(placed))

    @pytest.mark.parametrize("helper", THE_SAME, ids=lambda path: path.stem)
    def test_helper_says_the_same(self, helper: Path) -> None:
        """It prints what the example prints, where both do the same; only an error may differ."""
        (example,) = (path for path in EXAMPLES if f"{path.stem}_with_helper" == helper.stem)
        with read_script(helper, ROOT / "src").placed() as placed:
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
        return normalize(run.output).splitlines()
