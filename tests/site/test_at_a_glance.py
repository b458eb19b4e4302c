"""The box on top of an example's page: what is seen, a few lines before and after, the cure."""

from __future__ import annotations

import ast
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from _ext.at_a_glance import BRIEF, cut, shown_on

from poolcontext.symptoms import Symptom, heading, plain

from .conftest import EXAMPLES, each_example, snapshots

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site

RESULTS: Any = SimpleNamespace(
    of_script=lambda name: [SimpleNamespace(snapshot=one) for one in snapshots(name)]
)

CODE = '''
@decorated
def first():
    return 1

CHILD = """
print(1)
if True:
    print(2)
"""
FORM = """
with pool({0}):
    {1}
"""
if __name__ == "__main__":
    with pool:
        pool.submit(
            first
        )
    FORM.format(None, "work()")
    for é in ("a", [1]):
        wait(é, é=é); wait("é")
'''


@pytest.mark.parametrize(
    ("starts", "lines"),
    [
        (["def first"], "@decorated\ndef first():\n    return 1"),
        (["pool.submit"], "pool.submit(\n    first\n)"),
        (["CHILD ="], "print(1)\nif True:\n    print(2)"),
        (
            ["pool.submit", "def first"],
            "pool.submit(\n    first\n)\n@decorated\ndef first():\n    return 1",
        ),
        (["print(2)"], "print(2)"),
        (["nothing"], ""),
        (["FORM.format(None, 'work()')", "with pool"], "with pool(None):\n    work()"),
        (
            ["def first", "FORM.format(1, 'work()')", "work"],
            "@decorated\ndef first():\n    return 1\nwork()",
        ),
        (["é=[1]", "wait("], 'wait([1], é=[1]); wait("é")'),
        (["é='a'", "wait(", "é=[1]"], "wait('a', é='a'); wait(\"é\")"),
    ],
)
def test_cut(starts: list[str], lines: str) -> None:
    """A statement is cut out whole, moved to the left; of a text that it assigns, what it says.

    So it is with the statements of a program in a text, which the script may fill in, and a name
    is shown with the value that it is said to have.
    """
    assert cut(CODE, starts) == lines


def test_filled_with_what_it_has() -> None:
    """A program is filled with values of the script alone, and so is a name."""
    with pytest.raises(ValueError, match="the script has no 'other'"):
        cut(CODE, ["FORM.format(None, 'other')", "with pool"])
    with pytest.raises(ValueError, match="the script has no 'b'"):
        cut(CODE, ["é='b'", "wait("])


def shown_by(example: Path) -> Symptom | None:
    return shown_on(RESULTS, f"examples/{example.parent.name}/{example.stem}")


def is_text(node: Any) -> bool:
    """Whether a statement assigns a text to a name."""
    constant = isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
    return constant and isinstance(node.value.value, str)


@each_example
def test_box(site: Site, example: Path) -> None:
    """It says what is seen, in a capture's words where there are some, and the symptom's cure.

    What it shows of the script are lines of it, and it stands above the code.
    """
    boxes = site.example(example).select(".at-a-glance")
    symptom = shown_by(example)
    assert len(boxes) == (symptom is not None)
    if symptom is None:
        return
    (box,) = boxes
    seen, *_, cure = box.find_all("p", recursive=False)
    assert cure.get_text() == f"Cure: {plain(symptom.cure)} What it means"
    assert str(cure.select("a")[-1]["href"]).endswith(f".html#{symptom.name}")
    message = seen.select_one("code")
    if message is None:
        assert heading(symptom) in seen.get_text()
    else:
        outputs = [snapshot.output for snapshot in snapshots(example.stem)]
        assert any(message.get_text() in " ".join(output.split()) for output in outputs)
    source = example.read_text(encoding="utf-8")
    names = {one.targets[0].id: one.value.value for one in ast.parse(source).body if is_text(one)}
    settings = re.findall(r"# sphinx_gallery_(?:before|after) = (\[.+)", source)
    for given in [one for setting in settings for one in ast.literal_eval(setting)]:
        if filled := re.fullmatch(r"(\w+)\.format\((.*)\)", given):  # as the script does
            source += names[filled[1]].format(*ast.literal_eval(f"[{filled[2]}]"))
        elif named := re.fullmatch(r"(\w+)=([^=\s].*)", given):
            source += re.sub(rf"\b{named[1]}\b(?!=)", lambda _, to=named[2]: to, source)
    shown = box.select("pre")
    assert len(shown) in ((2,) if example.parent.name == "break" else (0, 2))
    for block in shown:
        lines = block.get_text().splitlines()
        assert len(lines) in BRIEF
        assert all(line.strip() in source for line in lines)
    assert box.find_next("div", class_="highlight") is not None


def test_there_are_some() -> None:
    """Every example of what breaks has one, and none is about what its script does not show."""
    assert [one.stem for one in EXAMPLES if one.parent.name == "break" and not shown_by(one)] == []
    assert shown_on(RESULTS, "examples/list/list_start_methods") is None
