"""What `read_script` finds in a script's comments, and what a script's digest depends on."""

from __future__ import annotations

from pathlib import Path

import pytest

from poolcontext.scripts import TIME_LIMIT, Script, digest, read_script


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's script is to be."""
    return tmp_path / "some_example.py"


class TestSettings:
    """What a script says of itself."""

    def test_defaults(self, path: Path) -> None:
        """A script without settings has a minute, is to end well, and may run beside others."""
        path.write_text('"""A title"""\nprint("hello")  # says hello\n')
        assert read_script(path) == Script(path, "some_example", TIME_LIMIT, 0, False, ())
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
            "    pass\n"
        )
        read = read_script(path, (tmp_path,))
        assert read == Script(path, "some_example", 2.5, 1, True, (tmp_path,))

    @pytest.mark.parametrize(
        ("comment", "field", "value"),
        [
            ("timeout = 120", "timeout", 120),
            ("exit_status = -15", "exit_status", -15),
            ("parallel = True", "alone", False),
            ("parallel = False", "alone", True),
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

    @pytest.mark.parametrize(
        "module", ["package/module.py", "module.py", "package/inner/module.py"]
    )
    def test_libraries(self, path: Path, tmp_path: Path, module: str) -> None:
        """It follows every module that a library holds: a change, a new one, one that went."""
        path.write_text("import package\n")
        library = tmp_path / "library"
        (library / "package").mkdir(parents=True)
        (library / "package" / "__init__.py").touch()
        script = read_script(path, (library,))
        found = [script.digest()]
        file = library / module
        file.parent.mkdir(exist_ok=True)
        for content in ("", "x = 1\n"):
            file.write_text(content)
            found.append(script.digest())
        assert len(set(found)) == 3
        assert script.digest() == found[-1]
        file.unlink()
        assert script.digest() == found[0]

    def test_what_is_no_module(self, path: Path, tmp_path: Path) -> None:
        """Neither what lies beside the modules nor another library changes it."""
        path.write_text("import package\n")
        for library in ("library", "other"):
            (tmp_path / library / "package").mkdir(parents=True)
        script = read_script(path, (tmp_path / "library",))
        before = script.digest()
        (tmp_path / "library" / "package" / "notes.txt").write_text("x")
        (tmp_path / "other" / "package" / "module.py").write_text("x")
        assert script.digest() == before
        assert read_script(path).digest() == before
