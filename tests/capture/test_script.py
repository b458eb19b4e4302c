"""Which scripts there are, what each says of itself, where it is run, and what its digest is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from poolcontext.capture.digest import digest
from poolcontext.capture.process import run_script
from poolcontext.capture.script import (
    NAME,
    TIME_LIMIT,
    Script,
    find_scripts,
    read_script,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's script is to be."""
    return tmp_path / "some_example.py"


class TestSettings:
    """What a script says of itself."""

    def test_defaults(self, path: Path) -> None:
        """A script without settings has a minute, is to end well, and may run beside others."""
        path.write_text('"""A title"""\nprint("hello")  # says hello\n')
        assert read_script(path) == Script(
            path, "some_example", TIME_LIMIT, 0, True, "", "", "", False, ()
        )
        assert TIME_LIMIT == 60

    def test_all_settings(self, path: Path, tmp_path: Path) -> None:
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
            "    pass\n"
        )
        assert read_script(path) == Script(
            path, "some_example", 2.5, 1, False, r"^worker \d", "measures"
        )

    @pytest.mark.parametrize(
        ("comment", "field", "value"),
        [
            ("timeout = 120", "timeout", 120),
            ("exit_status = -15", "exit_status", -15),
            ("parallel = True", "parallel", True),
            ("parallel = False", "parallel", False),
            ("any_order = 'worker|pid'", "any_order", "worker|pid"),
            ('any_order = "# [0-9]" # which', "any_order", "# [0-9]"),
            ("any_order = ''", "any_order", ""),
            ("renderer = 'measures'", "renderer", "measures"),
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
            "# sphinx_gallery_timeouts = 1\n",
            "# sphinx_gallery_timeout\n",
            "sphinx_gallery_timeout = 1\n",
        ],
        ids=["docstring", "string", "f-string", "quoted", "other name", "no value", "code"],
    )
    def test_only_comments_count(self, path: Path, source: str) -> None:
        """What only looks like a setting is none."""
        path.write_text(source)
        assert read_script(path).timeout == TIME_LIMIT

    @pytest.mark.parametrize(
        "setting",
        [
            "timeout = 0",
            "timeout = -1",
            "timeout = 1e999",
            "timeout = '5'",
            "timeout = True",
            "timeout = None",
            "timeout = five",
            "timeout = 5 s",
            "timeout = [5]",
            "timeout = {[]}",
            "timeout = " + "-" * 5000 + "1",
            "exit_status = 1.0",
            "exit_status = True",
            "exit_status = one",
            "parallel = 0",
            "parallel = 'False'",
            "parallel = no",
            "renderer = 1",
            "renderer = ''",
            "renderer = 'a b'",
            "any_order = worker",
            "any_order = b'worker'",
            "any_order = True",
            "any_order = None",
            "any_order = '('",
            "any_order = '*'",
            "any_order = '(?P<a>x)(?P<a>y)'",
            "any_order = '" + "(" * 50_000 + ")" * 50_000 + "'",
        ],
        ids=lambda setting: setting[:20],
    )
    def test_wrong_value(self, path: Path, setting: str) -> None:
        """A value of no use is an error that names the file, the line and what is wanted."""
        path.write_text(f'"""A title"""\n\n# sphinx_gallery_{setting}\n')
        with pytest.raises(ValueError, match="sphinx_gallery_") as caught:
            read_script(path)
        name, _, value = setting.partition(" = ")
        assert str(caught.value).startswith(f"{path}:3: sphinx_gallery_{name} takes ")
        assert str(caught.value).endswith(f", not {value}")

    @pytest.mark.parametrize(
        "source",
        [b"print(\n", b"if 1:\n    a\n  b\n", b"# coding: no-such\n", b"\n\n\n# \xe9t\xe9\n"],
        ids=["unfinished", "indent", "coding", "no UTF-8"],
    )
    def test_not_python(self, path: Path, source: bytes) -> None:
        """What is no Python is a SyntaxError that names the file."""
        path.write_bytes(source)
        with pytest.raises(SyntaxError) as caught:
            read_script(path)
        assert path.name in str(caught.value)

    def test_other_encoding(self, path: Path) -> None:
        """A script is in UTF-8, since sphinx-gallery reads it so, whatever it declares."""
        path.write_bytes(b"# coding: latin-1\n# \xe9t\xe9\n# sphinx_gallery_timeout = 5\n")
        with pytest.raises(SyntaxError, match=r"some_example\.py is not Python in UTF-8"):
            read_script(path)

    def test_place_of_an_error(self, path: Path) -> None:
        """What is wrong in a script is named with its line."""
        path.write_text("x = 1\n\ny = = 2\n")
        with pytest.raises(SyntaxError, match=r"some_example\.py:3 is not Python: invalid syntax"):
            read_script(path)


SETTINGS = [f"# sphinx_gallery_launcher = 'mpiexec -n {number}'" for number in (1, 2)]

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
    "docstring alone": ("'one'\n", "'two'\n"),
    "docstring of a function": ("def f():\n    'one'\n    return 1\n", "def f():\n    return 1\n"),
    "docstring that is all": ("def f():\n    'one'\n", "def f():\n    'two'  # three\n"),
    "docstring beside": ("class A: 'one'\n", "class A: 'two'\n"),
    "docstring below decorators": (
        "@f\nclass A:\n    @f('x')\n    async def g():\n        'one'\n        return 1\n",
        "@f\nclass A:\n    '''Two.'''\n    @f('x')\n    async def g():\n        return 1\n",
    ),
    "docstring in brackets": ("(\n    'é'\n    'one'\n)\nx = 1\n", "('two')\nx = 1\n"),
    "docstring that goes on": (
        "def f():\n    'one' \\\n    'two'\nx = 1\n",
        "def f():\n    'one'\nx = 1\n",
    ),
    "docstring after a form feed": ("\fdef f():\n    'one'\n", "\fdef f():\n    'two'\n"),
    "form feed": ("x = 1\n\f\ny = 2\n", "x = 1\ny = 2\n"),
    "string under an attribute": ("x = 1\n'''One.'''\n", "x = 1\n'''Two.'''\n"),
    "string in a branch": ("if x: 'one'\nelse: 'two'\n", "if x: 'three'\nelse: 'four'\n"),
    "string between": ("é = 'é'; 'ö'; y = 2\n", "é = 'é'; 'one'; y = 2\n"),
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
}
"""Sources that differ in code."""

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

    def test_content(self, path: Path) -> None:
        """It follows what the file holds, and comes back with it."""
        path.write_text("print(1)\n")
        before = read_script(path).digest()
        path.write_text("print(2)\n")
        assert read_script(path).digest() != before
        path.write_text("print(1)\n")
        assert read_script(path).digest() == before
        assert len(before) == len(bytes.fromhex(before)) * 2 == 64

    def test_ends_of_lines_and_folder(self, path: Path, tmp_path: Path) -> None:
        """It is the same in every checkout, whatever its folder and its ends of lines."""
        (tmp_path / "other").mkdir()
        other = tmp_path / "other" / path.name
        path.write_bytes(b"print(1)\nprint(2)\n")
        other.write_bytes(b"print(1)\r\nprint(2)\r\n")
        assert digest([path]) == digest([other])

    def test_names_and_bounds_of_files(self, tmp_path: Path) -> None:
        """Text that moves to another file, or a file to another name, changes it."""
        found = set()
        for first, second in (("a", "bc"), ("ab", "c"), ("", "abc")):
            (tmp_path / "one").write_text(first)
            (tmp_path / "two").write_text(second)
            found.add(digest([tmp_path / "one", tmp_path / "two"]))
        (tmp_path / "two").rename(tmp_path / "three")
        found.add(digest([tmp_path / "one", tmp_path / "three"]))
        assert len(found) == 4

    def test_package(self, path: Path, tmp_path: Path) -> None:
        """It follows the modules that come with the script, each with its name, and no other."""
        path.write_text("import package\n")
        package = tmp_path / "elsewhere" / "package"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("from . import one\n")
        (package / "one.py").touch()
        script = read_script(path, tmp_path / "elsewhere")
        before = script.digest()
        assert before != read_script(path).digest()
        (package / "other.py").write_text("x = 1\n")
        assert script.digest() == before
        (package / "one.py").write_text("x = 1\n")
        assert script.digest() != before

    def test_launcher(self, path: Path) -> None:
        """It follows what starts the interpreter, though that stands in a comment."""
        found = set()
        for comment in ("# mpiexec", "# some_launcher = 'a'", *SETTINGS):
            path.write_text(f"{comment}\nprint(1)\n")
            found.add(read_script(path).digest())
        assert len(found) == 3

    @pytest.mark.parametrize(
        "source", [b"caf\xe9 # one", b"x = = 1 # one", b"a\0b # one", b"'''one", b"(# one"]
    )
    def test_no_python(self, tmp_path: Path, source: bytes) -> None:
        """What is no Python counts as it is."""
        file = tmp_path / "file.py"
        for take in (lambda: digest([file]), lambda: digest([], file)):
            found = set()
            for content in (source, source.replace(b"one", b"two")):
                file.write_bytes(content)
                found.add(take())
            assert len(found) == 2

    @pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
    def test_prose(self, tmp_path: Path, one: str, other: str) -> None:
        """Comments, docstrings and blank lines of a module do not count."""
        assert self.of_module(tmp_path, one) == self.of_module(tmp_path, other)

    @pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
    def test_code(self, tmp_path: Path, one: str, other: str) -> None:
        """All else of a module counts, and of a script too."""
        assert self.of_module(tmp_path, one) != self.of_module(tmp_path, other)
        assert self.of_script(tmp_path, one) != self.of_script(tmp_path, other)

    @pytest.mark.parametrize(("one", "other"), SAME_SCRIPT.values(), ids=SAME_SCRIPT)
    def test_prose_of_a_script(self, tmp_path: Path, one: str, other: str) -> None:
        """Of a script, prose does not count that leaves each line of code where it is."""
        assert self.of_script(tmp_path, one) == self.of_script(tmp_path, other)

    @pytest.mark.parametrize(("one", "other"), SHOWN.values(), ids=SHOWN)
    def test_tracebacks(self, tmp_path: Path, one: str, other: str) -> None:
        """Of a script, what a traceback shows counts, though nothing else depends on it."""
        assert self.of_script(tmp_path, one) != self.of_script(tmp_path, other)
        assert self.of_module(tmp_path, one) == self.of_module(tmp_path, other)

    @pytest.mark.parametrize(
        ("code", "other", "counts"),
        [
            ("print(1)", "x = 1", False),
            ("# __doc__", "# __doc__", False),
            ("print(f.__doc__)", "x = 1", True),
            ("print(1)", "x = __doc__", True),
        ],
    )
    def test_docstrings_that_are_read(
        self, path: Path, tmp_path: Path, code: str, other: str, counts: bool
    ) -> None:
        """Where the script or a module reads docstrings, those of all of them count."""
        found = set()
        for words in ("one", "two"):
            path.write_text(f"{code}\n")
            (tmp_path / "module.py").write_text(f"def f():\n    '{words}'\n{other}\n")
            found.add(digest([tmp_path / "module.py"], path))
        assert len(found) == 1 + counts

    @staticmethod
    def of_module(folder: Path, source: str) -> str:
        """The digest of a module that is imported."""
        (folder / "module.py").write_bytes(source.encode())
        return digest([folder / "module.py"])

    @staticmethod
    def of_script(folder: Path, source: str) -> str:
        """The digest of a script."""
        (folder / "script.py").write_bytes(source.encode())
        return read_script(folder / "script.py").digest()


class TestPlaced:
    """Where a script is run."""

    @pytest.fixture
    def script(self, path: Path, tmp_path: Path) -> Script:
        """A script that imports a package from another folder."""
        package = tmp_path / "elsewhere" / "package"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("from .one import X\n")
        (package / "one.py").write_text("X = 5\n")
        (package / "not_needed.py").write_text("1 / 0\n")
        path.write_text("import package\nprint(package.X, package.__file__)\n")
        return read_script(path, tmp_path / "elsewhere")

    def test_alone(self, path: Path) -> None:
        """A script without a package is run where it is."""
        path.touch()
        with read_script(path).placed() as place:
            assert place == path
        assert path.exists()

    def test_package_beside(self, script: Script) -> None:
        """One with a package is copied to a folder that holds the two and nothing else."""
        with script.placed() as place:
            assert place.name == script.path.name
            assert place.read_bytes() == script.path.read_bytes()
            found = {each.relative_to(place.parent) for each in place.parent.rglob("*")}
            names = {"package", "package/__init__.py", "package/one.py", place.name}
            assert found == set(map(Path, names))
            number, file = run_script(place).output.split(maxsplit=1)
            assert number == "5"
            beside = place.parent / "package" / "__init__.py"
            assert os.path.realpath(file.strip()) == os.path.realpath(beside)
        assert not place.parent.exists()
        assert script.path.exists()
        assert all(module.exists() for module in script.package)

    def test_exception(self, script: Script) -> None:
        """The folder is gone also after an exception."""
        with pytest.raises(KeyboardInterrupt), script.placed() as place:
            raise KeyboardInterrupt
        assert not place.parent.exists()

    def test_module_that_is_missing(
        self, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where a module cannot be copied, no folder stays."""
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(temporary))
        script.package[1].unlink()
        with pytest.raises(FileNotFoundError), script.placed():
            pytest.fail("it was placed")
        assert not list(temporary.iterdir())

    def test_two_at_once(self, script: Script) -> None:
        """Each time it is a folder of its own."""
        with script.placed() as one, script.placed() as other:
            assert one.parent != other.parent

    def test_helper(self) -> None:
        """What comes with a script that uses the helper is what the helper's import loads."""
        code = (
            "import json, sys, poolcontext\n"
            "names = [name for name in sys.modules if name.partition('.')[0] == 'poolcontext']\n"
            "print(json.dumps([sys.modules[name].__file__ for name in names]))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, timeout=60, check=True
        )
        loaded = {os.path.realpath(file) for file in json.loads(done.stdout)}
        for path in ROOT.glob("docs/with_helper/*.py"):
            package = read_script(path, ROOT / "src").package
            assert {os.path.realpath(module) for module in package} == loaded, path.name


class TestFindScripts:
    """Which scripts a checkout has."""

    @staticmethod
    def write(root: Path, *names: str) -> None:
        for name in names:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text("print(1)\n")

    def test_own(self) -> None:
        """Of this checkout it finds each example, and each with the helper; by name, in order."""
        found = find_scripts(ROOT)
        files = [*ROOT.glob("examples/*/*.py"), *ROOT.glob("docs/with_helper/*.py")]
        assert sorted(script.path for script in found) == sorted(files)
        names = [script.name for script in found]
        assert names == sorted(set(names))
        for script in found:
            helped = script.path.parent.name == "with_helper"
            assert bool(script.package) == helped

    def test_made(self, tmp_path: Path) -> None:
        """It looks in folders of examples and in that of the helper, and nowhere else."""
        self.write(
            tmp_path,
            *("examples/set/b.py", "examples/list/c.py", "docs/with_helper/b_with_helper.py"),
            *("examples/top.py", "examples/set/inner/x.py", "examples/set/README.txt", "src/x.py"),
            *("docs/with_helper/other.py", "docs/examples/set/b.py", "docs/conf.py"),
        )
        found = find_scripts(tmp_path)
        assert [script.name for script in found] == ["b", "b_with_helper", "c"]

    def test_none(self, tmp_path: Path) -> None:
        """A folder without examples has no scripts."""
        assert find_scripts(tmp_path) == find_scripts(tmp_path / "missing") == []

    @pytest.mark.parametrize(
        "names",
        [
            ("examples/set/a.py", "examples/list/a.py"),
            ("examples/set/a_with_helper.py", "docs/with_helper/a_with_helper.py"),
        ],
        ids=["examples", "example and helper"],
    )
    def test_one_name(self, tmp_path: Path, names: tuple[str, str]) -> None:
        """Two scripts of one name are an error that names both."""
        self.write(tmp_path, *names)
        with pytest.raises(ValueError, match="have one name") as caught:
            find_scripts(tmp_path)
        for name in names:
            assert str(tmp_path / name) in str(caught.value)

    @pytest.mark.parametrize("name", ["a b", "é", "-a", ".a", "a" * 101, "a,b", "a+b"])
    def test_bad_name(self, tmp_path: Path, name: str) -> None:
        """A script whose name cannot stand in a file of captures is refused."""
        assert not NAME.fullmatch(name)
        self.write(tmp_path, f"examples/set/{name}.py")
        with pytest.raises(ValueError, match="a script's name has letters, digits, dots"):
            find_scripts(tmp_path)

    @pytest.mark.parametrize("name", ["a", "0", "_a", "a.b-c_D", "a" * 100])
    def test_good_name(self, tmp_path: Path, name: str) -> None:
        """Letters, digits, dots, and both kinds of dashes make a name."""
        self.write(tmp_path, f"examples/set/{name}.py")
        assert [script.name for script in find_scripts(tmp_path)] == [name]

    def test_no_python(self, tmp_path: Path) -> None:
        """One that is no Python is an error that names it."""
        self.write(tmp_path, "examples/set/a.py", "examples/set/b.py")
        (tmp_path / "examples" / "set" / "b.py").write_text("x = = 1\n")
        with pytest.raises(SyntaxError, match=r"b\.py:1 is not Python"):
            find_scripts(tmp_path)

    def test_folder(self, tmp_path: Path) -> None:
        """What cannot be read is an OSError."""
        (tmp_path / "examples" / "set" / "a.py").mkdir(parents=True)
        with pytest.raises(OSError, match=r"a\.py"):
            find_scripts(tmp_path)


def test_expression_too_large(tmp_path: Path) -> None:
    """A count that is too large for a regular expression is a wrong value."""
    path = tmp_path / "x.py"
    path.write_text("# sphinx_gallery_any_order = 'x{99999999999999999999}'\n")
    with pytest.raises(ValueError, match="any_order takes a regular expression"):
        read_script(path)
