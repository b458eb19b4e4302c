"""Which scripts there are, what each says of itself, where it is run, and what its digest is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

import pytest
from processes import posix

from poolcontext.capture.digest import digest
from poolcontext.capture.interpreter import own
from poolcontext.capture.process import run_script
from poolcontext.capture.runner import run_scripts
from poolcontext.capture.script import (
    NAME,
    TIME_LIMIT,
    Script,
    _lay_beside,
    find_scripts,
    read_script,
    written_pictures,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's script is to be."""
    return tmp_path / "some_example.py"


def write(root: Path, sources: Mapping[str, str] | Iterable[str]) -> None:
    """Write modules by their names, empty ones if there are names only."""
    for name in sources:
        file = root / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sources[name] if isinstance(sources, Mapping) else "")


class TestSettings:
    """What a script says of itself."""

    def test_all(self, path: Path) -> None:
        """Each setting is read, in every manner of spacing, among sphinx-gallery's own."""
        path.write_text(
            '"""A title"""\n'
            "# sphinx_gallery_timeout = 2.5\n"
            "#sphinx_gallery_parallel=False\n"
            "# sphinx_gallery_thumbnail_number = 3\n"
            "def f():\n"
            "    #  sphinx_gallery_exit_status  =  1   # as a crash has\n"
            "    # sphinx_gallery_any_order = r'^worker \\d'\n"
            "# sphinx_gallery_renderer = 'measures'\n"
            "# sphinx_gallery_launcher = 'mpiexec -n 2'\n"
            "# sphinx_gallery_figures = True\n"
            "# sphinx_gallery_process = True\n"
            "    pass\n"
        )
        settings = (2.5, 1, False, r"^worker \d", "measures", "mpiexec -n 2", True, True)
        assert read_script(path) == Script(path, "some_example", *settings)
        path.write_text('"""A title"""\nprint("hello")  # says hello\n')
        settings = (TIME_LIMIT, 0, True, "", "", "", None)
        assert read_script(path) == Script(path, "some_example", *settings)
        assert TIME_LIMIT == 60
        given = read_script(path, timeout=5, launcher="srun", name="other")
        assert (given.timeout, given.launcher, given.name) == (5, "srun", "other")

    @pytest.mark.parametrize(
        ("comment", "field", "value"),
        [
            ("timeout = 120", "timeout", 120),
            ("exit_status = -15", "exit_status", -15),
            ("parallel = True", "parallel", True),
            ('any_order = "# [0-9]" # which', "any_order", "# [0-9]"),
            ("any_order = ''", "any_order", ""),
            ("figures = False", "figures", False),
        ],
    )
    def test_values(self, path: Path, comment: str, field: str, value: object) -> None:
        """Values are Python's own literals."""
        path.write_text(f"# sphinx_gallery_{comment}\n")
        assert getattr(read_script(path), field) == value

    @pytest.mark.parametrize(
        "source",
        [
            '"""A title\n\n# sphinx_gallery_timeout = 1\n"""\n',
            "text = '# sphinx_gallery_timeout = 1'\n",
            "text = f'# sphinx_gallery_timeout = 1{2}'\n",
            "# Set it so: # sphinx_gallery_timeout = 1\n",
            "# sphinx_gallery_tags = 1\n# sphinx_gallery_timeout\nsphinx_gallery_timeout = 1\n",
        ],
        ids=["docstring", "string", "f-string", "quoted", "others"],
    )
    def test_only_comments_count(self, path: Path, source: str) -> None:
        """What only looks like a setting is none."""
        path.write_text(source)
        assert read_script(path).timeout == TIME_LIMIT

    @pytest.mark.parametrize("name", ["timeouts", "time_out", "figure", "launchers", "processes"])
    def test_mistyped(self, path: Path, name: str) -> None:
        """A name that is nearly that of a setting is refused with the right one and its place."""
        path.write_text(f"\n# sphinx_gallery_{name} = 1\n")
        with pytest.raises(ValueError, match=rf"^.*some_example\.py:2: .*_{name}, is .* meant\?$"):
            read_script(path)
        for other in (
            "thumbnail_number",
            "multi_image",
            "dummy_images",
            "line_numbers",
            "whatever",
        ):
            path.write_text(f"# sphinx_gallery_{other} = 1\n")
            assert read_script(path) == Script(path, "some_example")

    def test_modules_beside(self, path: Path) -> None:
        """A module beside it counts, whatever it is; but no other one that lies there."""
        path.write_text("import beside\n")
        before = read_script(path).digest()
        for text in ("import further\n", "x = = 1\n", "import further\n"):
            write(path.parent, {"beside": text, "further": "", "other": ""})
            assert read_script(path).digest() != before
        before = read_script(path).digest()
        write(path.parent, {"other": "changed = 1\n"})
        assert read_script(path).digest() == before
        write(path.parent, {"further": "changed = 1\n"})
        assert read_script(path).digest() != before

    WRONG: ClassVar = {
        "timeout": (
            *("0", "-1", "1e999", "'5'", "True", "None", "five", "5 s", "[5]", "{[]}"),
            "-" * 5000 + "1",
        ),
        "exit_status": ("1.0", "True", "one"),
        "parallel": ("0", "'False'", "no"),
        "any_order": (
            *("worker", "b'worker'", "True", "None", "'('", "'*'", "'(?P<a>x)(?P<a>y)'"),
            *(f"'{'(' * 50_000}{')' * 50_000}'", f"'x{{{'9' * 20}}}'"),
        ),
        "renderer": ("1", "''", "'a b'", "measures"),
        "launcher": ("''", "'a \"b'", "['mpiexec']", "' '"),
        "figures": ("1",),
    }
    WANTED: ClassVar = {
        "timeout": "a number of seconds above zero",
        "exit_status": "a whole number",
        "parallel": "True or False",
        "any_order": "a regular expression, as a string",
        "renderer": "a name, as a string",
        "launcher": "a command, as a string",
        "figures": "True or False",
    }

    @pytest.mark.parametrize("name", WRONG)
    def test_wrong_value(self, path: Path, name: str) -> None:
        """A value of no use is an error that names the file, the line and what is wanted."""
        for value in self.WRONG[name]:
            path.write_text(f'"""A title"""\n\n# sphinx_gallery_{name} = {value}\n')
            with pytest.raises(ValueError, match="sphinx_gallery_") as caught:
                read_script(path)
            start = f"{path}:3: sphinx_gallery_{name} takes {self.WANTED[name]}"
            assert str(caught.value) == f"{start}, not {value}"

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            (b"x = 1\n\ny = = 2\n", ":3 is not Python: invalid syntax"),
            (b"print(\n", r"(:\d)? is not Python"),
            (b"if 1:\n    a\n  b\n", r"(:\d)? is not Python"),
            (b"# coding: no-such\n", r"(:\d)? is not Python"),
            (b"x = 1\0\n", r"(:\d)? is not Python"),
            (b"\n\n\n# \xe9t\xe9\n", r"(:\d)? is not Python"),
            (b"# coding: latin-1\n# \xe9t\xe9\n", " is not Python in UTF-8: "),
        ],
    )
    def test_not_python(self, path: Path, source: bytes, message: str) -> None:
        """What is no Python in UTF-8, as sphinx-gallery reads it, is named with its line."""
        path.write_bytes(source)
        with pytest.raises(SyntaxError) as caught:
            read_script(path)
        assert re.search(path.name + message, str(caught.value))


EVERYTHING = (
    "json one one/_b one/a one/deep one/deep/c one/deep/d one/sibling one/unused other single"
)


class TestImports:
    """Which modules come with a script."""

    PACKAGES: ClassVar = {
        "one/__init__": "from . import a, _b\nfrom .deep import c\nimport other\n",
        "one/a": "from .deep.d import x\n",
        "one/_b": "import os\n",
        "one/unused": "1 / 0",
        "one/deep/__init__": "",
        "one/deep/c": "from .. import a\nfrom ..sibling import y\nfrom ....conf import z\n",
        "one/deep/d": "def f():\n    import single\n",
        "one/sibling": "import one.a\n",
        "single": "from json import dumps\n",
        "json": "",
        "other": "from .single import x\n",
    }

    @pytest.mark.parametrize(
        ("source", "names"),
        [
            ("import os, sys, none\nfrom none import x\nfrom os import *\n", ""),
            ("from . import single\nfrom .. import conf\nfrom .one import a\n", ""),
            ("import other\n", "other"),
            ("def f():\n    from single import anything\n", "json single"),
            ("import one.unused\n", EVERYTHING),
        ],
    )
    def test_found(self, tmp_path: Path, path: Path, source: str, names: str) -> None:
        """Those in a folder that it names, with all that they name; others' packages are not."""
        write(tmp_path, ["conf"])
        write(tmp_path / "packages", self.PACKAGES)
        path.write_text(source)
        assert read_script(path).modules == ()
        found = read_script(path, tmp_path / "packages").modules
        assert list(found) == sorted(found)
        there = [one.relative_to(tmp_path / "packages").as_posix()[:-3] for one in found]
        assert [one.replace("/__init__", "") for one in there] == names.split()

    def test_no_python(self, tmp_path: Path, path: Path) -> None:
        """A module that is no Python is named."""
        write(tmp_path / "packages", {"single": "x = = 1\n"})
        path.write_text("import single\n")
        with pytest.raises(SyntaxError, match=r"single\.py, line 1"):
            read_script(path, tmp_path / "packages")

    def test_helper(self) -> None:
        """What comes with an example that uses the helper is what all of the helper loads."""
        code = (
            "import json, sys, poolcontext\n"
            "from poolcontext import *\n"
            "names = [name for name in sys.modules if name.partition('.')[0] == 'poolcontext']\n"
            "print(json.dumps([sys.modules[name].__file__ for name in names]))\n"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
        loaded = {os.path.realpath(file) for file in json.loads(done.stdout)}
        for script in find_scripts(ROOT):
            helped = script.path.parent.name == "with_helper"
            assert set(map(os.path.realpath, script.modules)) == (loaded if helped else set())


class TestPlaced:
    """Where a script is run."""

    @pytest.fixture
    def script(self, path: Path, tmp_path: Path) -> Script:
        """A script that imports from another folder."""
        sources = {"one/__init__": "from .deep.two import X\n", "one/unused": "1 / 0\n"}
        sources.update({"one/deep/two": "import three\nX = 5\n", "three": ""})
        write(tmp_path / "elsewhere", sources)
        path.write_text("import one\nprint(one.X, one.__file__)\n")
        return read_script(path, tmp_path / "elsewhere")

    def test_alone(self, path: Path) -> None:
        """A script that imports nothing from there is run where it is."""
        path.touch()
        with read_script(path, path.parent).placed() as place:
            assert place == path
        assert path.exists()

    def test_modules_beside(self, script: Script) -> None:
        """Another is copied to a folder of its own that holds what it needs and nothing else."""
        with script.placed() as place, script.placed() as other:
            assert place.parent != other.parent
            assert place.read_bytes() == script.path.read_bytes()
            found = {
                each.relative_to(place.parent).as_posix() for each in place.parent.rglob("*.*")
            }
            assert found == {"one/__init__.py", "one/deep/two.py", "three.py", place.name}
            number, file = run_script(place).output.split(maxsplit=1)
            assert number == "5"
            beside = place.parent / "one" / "__init__.py"
            assert os.path.realpath(file.strip()) == os.path.realpath(beside)
        assert not place.parent.exists()
        assert all(module.exists() for module in (script.path, *script.modules))

    def test_errors(self, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """No folder stays after an exception, nor where a module cannot be copied."""
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(temporary))
        with pytest.raises(KeyboardInterrupt), script.placed():
            raise KeyboardInterrupt
        script.modules[1].unlink()
        with pytest.raises(FileNotFoundError), script.placed():
            pytest.fail("it was placed")
        assert not list(temporary.iterdir())


DRAWS = """\
# sphinx_gallery_figures = True
import os
for name in ("new.png", "old.png", "data.txt"):
    with open(name, "a") as file:
        file.write("x")
os.symlink("old.png", "link.png")
os.mkdir("folder.png")
print(sorted(os.listdir()), os.listdir("inner"), os.getcwd(), os.path.realpath("data.txt"))
"""


class TestPictures:
    """The folder in which a script leaves pictures: what it finds there, and what is taken."""

    @pytest.fixture
    def script(self, tmp_path: Path) -> Script:
        """A script that draws, and what lies beside it."""
        folder = tmp_path / "scripts"
        (folder / "inner").mkdir(parents=True)
        for name in ("old.png", "kept.svg", "data.txt", "inner/one"):
            (folder / name).write_text("old")
        (folder / "draws.py").write_text(DRAWS)
        return read_script(folder / "draws.py")

    @posix
    def test_run(self, script: Script) -> None:
        """What was written anew counts, what was there before does not, nor what is no file."""
        left: list[object] = []
        ((_, snapshot),) = run_scripts(
            [script],
            own(),
            {script.name: script.digest()},
            after=lambda one, folder: left.extend([one, folder, *written_pictures(folder)]),
        )
        assert left[0] == script
        folder = left[1]
        assert isinstance(folder, Path)
        assert not folder.exists()
        assert set(left[2:]) == {folder / "new.png", folder / "old.png"}
        names = ["data.txt", "draws.py", "folder.png", "inner", "kept.svg", "link.png"]
        names += ["new.png", "old.png"]
        assert snapshot.output == f"{names} ['one'] <folder> <folder>/data.txt\n"
        assert (script.path.parent / "old.png").read_text() == "old"
        assert (script.path.parent / "data.txt").read_text() == "oldx"

    def test_where_links_are_refused(
        self, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Files and folders are copied."""

        def refuse(*arguments: object) -> None:
            raise OSError

        monkeypatch.setattr(Path, "symlink_to", refuse)
        folder = tmp_path / "other"
        folder.mkdir()
        _lay_beside(script.path, folder)
        assert {path.name for path in folder.iterdir()} == {
            "data.txt",
            "inner",
            "kept.svg",
            "old.png",
        }
        assert (folder / "data.txt").read_text() == (folder / "inner" / "one").read_text() == "old"
        assert written_pictures(folder) == []


class TestFindScripts:
    """Which scripts a checkout has."""

    def test_own(self) -> None:
        """Of this checkout it finds each example, and each with the helper; by name, in order."""
        found = find_scripts(ROOT)
        files = [*ROOT.glob("examples/*/*.py"), *ROOT.glob("docs/with_helper/*.py")]
        assert sorted(script.path for script in found) == sorted(files)
        names = [script.name for script in found]
        assert names == sorted(set(names))

    def test_made(self, tmp_path: Path) -> None:
        """It looks in folders of examples and in that of the helper, and nowhere else."""
        assert find_scripts(tmp_path) == []
        write(tmp_path / "examples", ["set/b", "list/c", "top", "set/inner/x"])
        names = ["with_helper/b_with_helper", "with_helper/other", "examples/set/b", "conf"]
        write(tmp_path / "docs", names)
        assert [script.name for script in find_scripts(tmp_path)] == ["b", "b_with_helper", "c"]

    @pytest.mark.parametrize(
        "other", ["examples/list/a_with_helper", "docs/with_helper/a_with_helper"]
    )
    def test_one_name(self, tmp_path: Path, other: str) -> None:
        """Two scripts of one name are an error that names both."""
        names = ("examples/set/a_with_helper", other)
        write(tmp_path, names)
        with pytest.raises(ValueError, match="have one name") as caught:
            find_scripts(tmp_path)
        assert all(str(tmp_path / name) in str(caught.value) for name in names)

    def test_names(self, tmp_path: Path) -> None:
        """Letters, digits, dots, and both kinds of dashes make a name; others are refused."""
        for name in ("a", "0", "_a", "a.b-c_D", "a" * 100):
            write(tmp_path / name, [f"examples/set/{name}"])
            assert [script.name for script in find_scripts(tmp_path / name)] == [name]
        for number, name in enumerate(("a b", "é", "-a", ".a", "a" * 101, "a,b", "a+b")):
            assert not NAME.fullmatch(name)
            write(tmp_path / str(number), [f"examples/set/{name}"])
            with pytest.raises(ValueError, match="a script's name has letters, digits, dots"):
                find_scripts(tmp_path / str(number))

    def test_unreadable(self, tmp_path: Path) -> None:
        """One that is no Python is an error that names it, and a folder is an OSError."""
        write(tmp_path / "examples", {"set/a": "", "set/b": "x = = 1\n"})
        with pytest.raises(SyntaxError, match=r"b\.py:1 is not Python"):
            find_scripts(tmp_path)
        (tmp_path / "examples" / "set" / "a.py").unlink()
        (tmp_path / "examples" / "set" / "a.py").mkdir()
        with pytest.raises(OSError, match=r"a\.py"):
            find_scripts(tmp_path)


SAME = {
    "comment": ("x = 1\n", "# one\nx = 1  # two\n# three\n"),
    "comment that changes": ("x = 1  # one\n", "x = 1 # other \n"),
    "comment in brackets": ("x = (\n    1,\n)\n", "x = (  # one\n    # two\n    1,  # three\n)\n"),
    "comment after a string": ("x = '#'\n", "x = '#'  # '\n"),
    "comment that is not ASCII": ("é = 'ü'  # é\n", "é = 'ü'  # 漢\n"),
    "blank lines": ("x = 1\ny = 2\n", "\n\nx = 1\n  \n\ny = 2\n\n"),
    "last end of line": ("x = 1\n", "x = 1"),
    "ends of lines": ("x = 1\ny = '''a\nb'''\n", "x = 1\r\ny = '''a\r\nb'''\r\n"),
    "mark of UTF-8": ("x = 1\n", "\ufeffx = 1\n"),
    "docstring": ("'one'\nx = 1\n", "r'''two\n\n# three\n'''\nx = 1\n"),
    "docstring that is new": ("x = 1\n", "'one'\n\nx = 1\n"),
    "docstring of a function": ("def f():\n    'one'\n    return 1\n", "def f():\n    return 1\n"),
    "docstring that is all": ("def f():\n    'one'\n", "def f():\n    'two'  # three\n"),
    "docstring beside": ("class A: 'one'\n", "class A: 'two'\n"),
    "docstring below decorators": (
        "@f\nclass A:\n    @f('x')\n    async def g():\n        'one'\n        return 1\n",
        "@f\nclass A:\n    '''Two.'''\n    @f('x')\n    async def g():\n        return 1\n",
    ),
    "docstring in brackets": ("(\n    'é'\n    'one'\n)\nx = 1\n", "('two')\nx = 1\n"),
    "docstring that goes on": ("def f():\n 'one' \\\n 'two'\nx = 1\n", "def f():\n 'one'\nx = 1\n"),
    "docstring after a form feed": ("\fdef f():\n    'one'\n", "\fdef f():\n    'two'\n"),
    "form feed": ("x = 1\n\f\ny = 2\n", "x = 1\ny = 2\n"),
    "string under an attribute": ("x = 1\n'''One.'''\n", "x = 1\n'''Two.'''\n"),
    "string in a branch": ("if x: 'one'\nelse: 'two'\n", "if x: 'three'\nelse: 'four'\n"),
    "string between": ("é = 'é'; 'ö'; y = 2\n", "é = 'é'; 'one'; y = 2\n"),
    "escape that is none": ("x = '\\d'\n", "x = '\\d'  # one\n"),
    "mention of __doc__ in a comment": ("# __doc__\n'one'\n", "# __doc__\n'two'\n"),
}
"""Sources of modules that differ in prose alone."""

DIFFERENT = {
    "number": ("x = 1\n", "x = 2\n"),
    "order": ("x = 1\ny = 2\n", "y = 2\nx = 1\n"),
    "indentation": ("if x:\n    y\n    z\n", "if x:\n    y\nz\n"),
    "string with a mark": ("x = 'a # b'\n", "x = 'a # c'\n"),
    "f-string with a mark": ("x = f'a # {b} # c'\n", "x = f'a # {b} # d'\n"),
    "f-string alone": ("f'{a()}'\n", "f'{b()}'\n"),
    "bytes alone": ("b'a'\n", "b'b'\n"),
    "string with an attribute": ("'one'.x\n", "'two'.x\n"),
    "string that is given": ("f('one')\n", "f('two')\n"),
    "string in a tuple": ("'one',\n", "'two',\n"),
    "annotation": ("x: 'one'\n", "x: 'two'\n"),
    "lambda": ("lambda: 'one'\n", "lambda: 'two'\n"),
    "default": ("def f(x='one'): 'a'\n", "def f(x='two'): 'a'\n"),
    "blanks in a string": ("x = '''a  \nb'''\n", "x = '''a\nb'''\n"),
    "blank line in a string": ("x = '''a\n\nb'''\n", "x = '''a\nb'''\n"),
    "blank line in an f-string": ("x = f'''{a}\n\n{b}'''\n", "x = f'''{a}\n{b}'''\n"),
    "blanks after an f-string's name": ("x = f'''{a}  \n'''\n", "x = f'''{a}\n'''\n"),
    "mark in a string": ("x = '''\n# a\n'''\n", "x = '''\n# b\n'''\n"),
    "mark in an f-string": ("x = f'''\n# a{b}\n'''\n", "x = f'''\n# c{b}\n'''\n"),
    "string that goes on": ("x = 'a \\\n # b'\n", "x = 'a \\\n # c'\n"),
    "docstring in a string": ("x = '''def f():\n 'a'\n'''\n", "x = '''def f():\n 'b'\n'''\n"),
    "string before a comment": ("x = 'é'  # a\n", "x = 'ö'  # a\n"),
    "docstring that is read": ("'''One.'''\nprint(__doc__)\n", "'''Two.'''\nprint(__doc__)\n"),
    "no UTF-8": ("\udce9 # one\n", "\udce9 # two\n"),
    "no Python": ("x = = 1 # one\n", "x = = 1 # two\n"),
    "a zero": ("a\0b # one\n", "a\0b # two\n"),
    "string without end": ("'''one", "'''two"),
    "bracket without end": ("(# one", "(# two"),
}
"""Sources that differ in code, or that are none."""

SAME_SCRIPT = {
    "comment": ("# one\nx = 1\n", "# two\nx = 1\n"),
    "comment that is gone": ("# one\nx = 1\n", "\nx = 1\n"),
    "docstring": ("'''One\n\ntwo.\n'''\nx = 1\n", "'''Three\n\n# four.\n'''\nx = 1\n"),
    "docstring of a function": ("def f():\n    'one'\n    g()\n", "def f():\n    'two'\n    g()\n"),
    "prose at the end": ("x = 1\n# %%\n# One.\n", "x = 1\n\n# %%\n# Two.\n# Three.\n"),
    "ends of lines": ("x = 1  # a\n'''b\nc'''\n", "x = 1  # a\r\n'''b\r\nc'''\r\n"),
    "blanks at an end": ("x = 1\n", "x = 1  \n"),
}
"""Sources of scripts that differ in prose, and whose code is on the same lines."""

SHOWN = {
    "number of a line": ("f()\n", "\nf()\n"),
    "number of a line after a docstring": ("'''a'''\nf()\n", "'''a\n'''\nf()\n"),
    "comment behind code": ("f()  # one\n", "f()  # two\n"),
    "comment within a statement": ("f(\n    # one\n    x\n)\n", "f(\n    # two\n    x\n)\n"),
    "string behind code": ("if f(): 'one'\n", "if f(): 'two'\n"),
}
"""Sources that differ in what only a traceback shows."""


class TestDigest:
    """What a digest depends on."""

    @pytest.mark.parametrize(
        ("sources", "module", "script"),
        [
            *(pytest.param(one, True, None, id=name) for name, one in SAME.items()),
            *(pytest.param(one, False, False, id=name) for name, one in DIFFERENT.items()),
            *(pytest.param(one, None, True, id=name) for name, one in SAME_SCRIPT.items()),
            *(pytest.param(one, True, False, id=name) for name, one in SHOWN.items()),
        ],
    )
    def test_same(
        self, path: Path, sources: tuple[str, str], module: bool | None, script: bool | None
    ) -> None:
        """Prose of a module does not count, nor that of a script unless a traceback shows it."""
        found = []
        for source in sources:
            path.write_bytes(source.encode(errors="surrogateescape"))
            found.append((digest([path]), digest([], path)))
        as_module, as_script = (one == other for one, other in zip(*found))
        assert module in (None, as_module)
        assert script in (None, as_script)

    def test_files(self, tmp_path: Path, path: Path) -> None:
        """Names and bounds of files count, their folder and what is not imported do not."""
        write(tmp_path / "packages", {"one": "x = 1\n", "two": "y = 2\n", "other": ""})
        path.write_text("import one, two\n")
        script = read_script(path, tmp_path / "packages")
        before = script.digest()
        assert len(bytes.fromhex(before)) == 32
        write(tmp_path / "packages", {"other": "z = 1\n"})
        assert script.digest() == before == read_script(path, tmp_path / "packages").digest()
        found = {before, read_script(path).digest()}
        for one, two in (("x = 1\ny = 2\n", ""), ("", "x = 1\ny = 2\n"), ("x = 1\n", "y = 3\n")):
            write(tmp_path / "packages", {"one": one, "two": two})
            found.add(script.digest())
        path.rename(tmp_path / "renamed.py")
        found.add(read_script(tmp_path / "renamed.py").digest())
        assert len(found) == 6
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "renamed.py").rename(tmp_path / "elsewhere" / "renamed.py")
        assert read_script(tmp_path / "elsewhere" / "renamed.py").digest() in found

    def test_launcher(self, path: Path) -> None:
        """What starts the interpreter counts, though that stands in a comment."""
        found = set()
        settings = [f"# sphinx_gallery_launcher = 'mpiexec -n {number}'" for number in (1, 2)]
        for comment in ("# mpiexec", "# some_launcher = 'a'", *settings):
            path.write_text(f"{comment}\nprint(1)\n")
            found.add(read_script(path).digest())
        assert len(found) == 3

    @pytest.mark.parametrize(
        ("code", "other", "counts"),
        [
            ("print(1)", "x = 1", False),
            ("print(f.__doc__)", "x = 1", True),
            ("print(1)", "x = __doc__", True),
            ("doctest.testmod()", "x = 1", True),
            ("print(1)", "help(f)", True),
        ],
    )
    def test_docstrings_that_are_read(
        self, path: Path, tmp_path: Path, code: str, other: str, counts: bool
    ) -> None:
        """Where the script or a module reads docstrings, those of all of them count."""
        found = set()
        for words in ("one", "two"):
            path.write_text(f"{code}\n")
            write(tmp_path, {"module": f"def f():\n    '{words}'\n{other}\n"})
            found.add(digest([tmp_path / "module.py"], path))
        assert len(found) == 1 + counts
