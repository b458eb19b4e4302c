"""Each example script: complete in itself, and the same as its version with the helper."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import sys
from pathlib import Path

import pytest

from examples import EXAMPLES, HELPED, ROOT, SAME, check_helper_agrees
from poolcontext.capture.interpreter import own
from poolcontext.capture.runner import run_scripts
from poolcontext.capture.script import WITH_HELPER, read_script

TOPICS = ("list", "check", "set", "worker", "break", "cost", "beyond")

TABLES = (
    "what_reaches_a_worker",
    "tree_of_processes",
    "time_to_first_result",
    "memory_of_a_worker",
)

each_helper = pytest.mark.parametrize("helper", HELPED, ids=lambda path: path.stem)
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
    assert {path.parent.name for path in EXAMPLES} == set(TOPICS)
    assert {path.stem for path in HELPED} >= {name + WITH_HELPER for name in SAME}


class TestText:
    """What stands in an example."""

    @each_example
    def test_is_short(self, example: Path) -> None:
        """It has 80 lines at most, but for settings; those that print tables have 120."""
        most = 120 if example.stem in TABLES else 80
        text = example.read_text(encoding="utf-8")
        assert len(re.sub(r"\n\n(# sphinx_gallery_.*\n)+", "\n", text).splitlines()) <= most

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
        """Python 3.9 can read it; it has an assert, and imports the standard library only.

        Or Dask, numpy and PyTorch where it is about them, if they are there.
        """
        nodes = list(ast.walk(ast.parse(example.read_bytes(), feature_version=(3, 9))))
        assert any(isinstance(node, ast.Assert) for node in nodes)
        imported = set()
        for node in nodes:
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, "a script has no package to be relative to"
                imported.add(str(node.module).partition(".")[0])
        assert imported
        if sys.version_info < (3, 10):
            pytest.skip("this Python cannot list its modules")
        wanted = {
            "run_on_dask": {"distributed"},
            "same_random_numbers": {"numpy"},
            "cuda_in_forked_worker": {"torch"},
        }
        assert imported - sys.stdlib_module_names == wanted.get(example.stem, set())

    @each_helper
    def test_helper_version_has_its_example(self, helper: Path) -> None:
        """It stands beside an example, is short, uses the helper, and Python 3.9 can read it."""
        assert helper.stem.removesuffix(WITH_HELPER) in {path.stem for path in EXAMPLES}
        text = helper.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 40
        assert "from poolcontext import" in text
        ast.parse(text, helper.name, feature_version=(3, 9))


@pytest.mark.skipif(
    importlib.util.find_spec("sphinx") is not None,
    reason="the site's build runs all of them: tests/site/test_site.py",
)
@pytest.mark.timeout(400)  # some of them measure, alone, how long something takes
@pytest.mark.parametrize("topic", TOPICS)
def test_run(topic: str, tmp_path: Path) -> None:
    """Copied to an empty folder each runs to its end, prints something, and leaves nothing there.

    What does the same with the helper prints the same, where that is meant; only an error differs.
    """
    examples = [path for path in EXAMPLES if path.parent.name == topic]
    names = {path.stem for path in examples}
    helped = [path for path in HELPED if path.stem.removesuffix(WITH_HELPER) in names]
    scripts = []
    for path in examples + helped:
        folder = tmp_path / path.stem
        folder.mkdir()
        scripts.append(read_script(Path(shutil.copy(path, folder)), ROOT / "src"))
    digests = {script.name: "" for script in scripts}
    outputs = {}
    for script, snapshot in run_scripts(scripts, own(), digests):
        assert snapshot[2:4] == ("exit", 0), f"{script.name}\n{snapshot.output}"
        left = {path.name for path in script.path.parent.iterdir()} - {"__pycache__"}
        assert left == {script.path.name}
        outputs[script.name] = snapshot.output
    assert all(outputs.values())
    check_helper_agrees(outputs)
