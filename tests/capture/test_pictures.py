"""The folder in which a script leaves pictures: what it finds there, and what is taken from it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from poolcontext.capture.interpreter import own
from poolcontext.capture.runner import run_scripts
from poolcontext.capture.script import _lay_beside, read_script, written_pictures

SCRIPT = """\
# sphinx_gallery_figures = True
import os
for name in ("new.png", "old.png", "data.txt"):
    with open(name, "a") as file:
        file.write("x")
os.symlink("old.png", "link.png")
os.mkdir("folder.png")
print(sorted(os.listdir()), os.listdir("inner"), os.getcwd(), os.path.realpath("data.txt"))
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    (folder / "inner").mkdir(parents=True)
    for name in ("old.png", "kept.svg", "data.txt", "inner/one"):
        (folder / name).write_text("old")
    path = folder / "draws.py"
    path.write_text(SCRIPT)
    return path


@pytest.mark.skipif(os.name == "nt", reason="links want a privilege there")
def test_run(script: Path) -> None:
    """What was written anew counts, what was there before does not, nor what is no file."""
    one = read_script(script)
    left = []
    ((_, capture),) = run_scripts(
        [one],
        own(),
        {one.name: one.digest()},
        after=lambda which, folder: left.extend([which, *sorted(written_pictures(folder))]),
    )
    assert left[0] == one
    assert [path.name for path in left[1:]] == ["new.png", "old.png"]
    assert not left[1].parent.exists()
    names = ["data.txt", "draws.py", "folder.png", "inner", "kept.svg", "link.png"]
    names += ["new.png", "old.png"]
    assert capture.output == f"{names} ['one'] <folder> <folder>/data.txt\n"
    assert (script.parent / "old.png").read_text() == "old"
    assert (script.parent / "data.txt").read_text() == "oldx"


def test_where_links_are_refused(
    script: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files and folders are copied."""

    def refuse(*arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(Path, "symlink_to", refuse)
    folder = tmp_path / "other"
    folder.mkdir()
    _lay_beside(script, folder)
    assert (folder / "data.txt").read_text() == "old"
    assert (folder / "inner" / "one").read_text() == "old"
    assert not (folder / "inner").is_symlink()
    assert not (folder / script.name).exists()
    assert written_pictures(folder) == []


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        ("figures = 1", "True or False"),
        ("launcher = ''", "a command, as a string"),
        ("launcher = 'a \"b'", "a command, as a string"),
        ("launcher = ['mpiexec']", "a command, as a string"),
    ],
)
def test_wrong_value(script: Path, setting: str, wanted: str) -> None:
    """A setting of no use is an error that says what is wanted."""
    script.write_text(f"# sphinx_gallery_{setting}\n")
    with pytest.raises(ValueError, match=f"takes {wanted}, not "):
        read_script(script)


def test_launcher(script: Path) -> None:
    """It starts the interpreter; one that is not there is named, with the script."""
    script.write_text(
        "# sphinx_gallery_launcher = 'env WORD=x'\nimport os\nprint(os.environ['WORD'])"
    )
    one = read_script(script)
    if os.name != "nt":
        ((_, capture),) = run_scripts([one], own(), {one.name: ""})
        assert capture.output == "x\n"
    script.write_text("# sphinx_gallery_launcher = 'no-such -n 2'\n")
    one = read_script(script)
    with pytest.raises(OSError, match=r"^draws\.py wants 'no-such', and there is no such command$"):
        list(run_scripts([one], own(), {one.name: ""}))
