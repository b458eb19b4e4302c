"""The contract with sphinx-gallery's private parts, and what the seam itself does.

If a test of `TestContract` fails, sphinx-gallery has changed: its message names
the part of src/poolcontext/sphinxext/seam.py that has to follow.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError
from sphinx_gallery import gen_gallery, gen_rst, py_source_parser, utils

from poolcontext.sphinxext import gallery as seam

EXAMPLE = '"""Title\n=====\n\nWords.\n"""\n\nprint(1)\n\n# %%\n# More words.\n\nprint(2)\n'

MakeSite = Callable[..., Sphinx]


def parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


class TestContract:
    """What seam.py takes for granted of sphinx-gallery."""

    def test_version(self) -> None:
        """The one that is installed is the one that the seam was made for."""
        assert version("sphinx-gallery") == seam.PINNED, (
            "another sphinx-gallery is installed: if all other tests here pass, raise PINNED "
            "in seam.py and the version in pyproject.toml"
        )

    @pytest.mark.parametrize(
        ("function", "expected", "part"),
        [
            (
                seam.original,
                ["script_blocks", "script_vars", "gallery_conf", "file_conf"],
                "execute_script, which takes its place, has to take the same",
            ),
            (
                gen_rst.handle_exception,
                ["exc_info", "src_file", "script_vars", "gallery_conf"],
                "_report calls it",
            ),
            (gen_rst.executable_script, ["src_file", "gallery_conf"], "wants calls it"),
            (
                gen_rst._get_gallery_header,
                ["dir_", "gallery_conf", "raise_error"],
                "selected calls it",
            ),
            (utils.get_md5sum, ["src_file", "mode"], "execute_script calls it for the .md5"),
            (py_source_parser.remove_ignore_blocks, ["code_block"], "_shows calls it"),
            (py_source_parser.remove_config_comments, ["code_block"], "_shows calls it"),
            (py_source_parser.Block, ["type", "content", "lineno"], "_put makes one"),
        ],
        ids=[
            "execute_script",
            "handle_exception",
            "executable_script",
            "_get_gallery_header",
            "get_md5sum",
            "remove_ignore_blocks",
            "remove_config_comments",
            "Block",
        ],
    )
    def test_parameters(self, function: Callable[..., Any], expected: list[str], part: str) -> None:
        """Each function that the seam calls or replaces takes what it took."""
        assert parameters(function) == expected, f"look at seam.py: {part}"

    def test_original_is_sphinx_gallerys(self) -> None:
        """What the seam falls back to is the function that it replaced."""
        assert seam.original.__module__ == "sphinx_gallery.gen_rst", "look at `original` in seam.py"
        assert seam.original.__name__ == "execute_script", "look at `original` in seam.py"

    def test_called_by_its_name_in_the_module(
        self, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A page is made by the execute_script of the moment, from what the seam reads."""
        app = make_site("one.py")
        conf = app.config.sphinx_gallery_conf
        calls: list[tuple[Any, ...]] = []

        def execute_script(*arguments: Any) -> tuple[list[str], float]:
            calls.append(arguments)
            arguments[1].update(example_globals={}, memory_delta=0.0)
            arguments[0].append(py_source_parser.Block("text", "PUT THERE\n", 9))
            return [f"OUTPUT {number}\n\n" for number, _ in enumerate(arguments[0])], 0.0

        monkeypatch.setattr(gen_rst, "execute_script", execute_script)
        source, target = next(iter(seam.selected(app).items()))
        gen_rst.generate_file_rst(source.name, target.parent, source.parent, conf)

        assert len(calls) == 1, "look at install in seam.py: it sets gen_rst.execute_script"
        blocks, script_vars, given, file_conf = calls[0]
        place = "look at execute_script in seam.py:"
        assert [block.type for block in blocks] == ["text", "code", "text", "code", "text"], (
            f"{place} it finds code by a block's .type"
        )
        assert blocks[1].content.strip() == "print(1)", f"{place} it reads a block's .content"
        assert script_vars["src_file"] == str(source), f"{place} it looks up by src_file"
        assert script_vars["target_file"] == str(target), f"{place} it puts the .md5 beside it"
        assert script_vars["execute_script"] is True, f"{place} it honours execute_script"
        assert given is conf, f"{place} it takes the configuration third"
        assert file_conf == {}, f"{place} it takes the script's configuration last"
        page = target.with_suffix(".rst").read_text(encoding="utf-8")
        assert "OUTPUT 3" in page, f"{place} what it returns is shown"
        assert page.index("print(2)") < page.index("PUT THERE"), "look at _put in seam.py"

    def test_names_of_its_own_variables_are_read(
        self, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the seam's execute_script notes of a script reaches sphinx-gallery."""
        app = make_site("one.py")
        conf = app.config.sphinx_gallery_conf
        source, target = next(iter(seam.selected(app).items()))
        monkeypatch.setattr(gen_rst, "execute_script", gen_rst.execute_script)
        monkeypatch.setattr(seam, "_look_ups", {})
        folders = (source.name, target.parent, source.parent)

        seam.install({source: lambda: seam.Result("SHOWN", 0.5)})
        *_, (seconds, _), said = gen_rst.generate_file_rst(*folders, conf)
        assert said.get("passing") is True, "look at `passing` in seam.py's execute_script"
        assert seconds == 0.5, "look at what seam.py's execute_script returns"
        assert gen_rst.md5sum_is_current(target, mode="t"), "look at the .md5 in execute_script"
        said = gen_rst.generate_file_rst(*folders, conf)[-1]
        assert said.get("stale") == str(target), "look at the .md5 in seam.py's execute_script"

        seam.forget(target)
        seam.install({source: lambda: seam.Result("SHOWN", 0.5, "It failed.\n")})
        said = gen_rst.generate_file_rst(*folders, conf)[-1]
        assert "It failed." in said["formatted_exception"], "look at _report in seam.py"
        assert not said.get("passing"), "look at `passing` in seam.py's execute_script"
        assert not gen_rst.md5sum_is_current(target, mode="t"), "look at forget in seam.py"

    def test_sources_of_pages(self, make_site: MakeSite) -> None:
        """Each page's source is known: an example's script, an index page's header."""
        app = make_site("top.py", "a/one.py")
        assert seam.page_sources(app) == {
            "made/index": "scripts/GALLERY_HEADER.rst",
            "made/top": "scripts/top.py",
            "made/a/index": "scripts/a/GALLERY_HEADER.rst",
            "made/a/one": "scripts/a/one.py",
        }, "look at page_sources in seam.py"

    def test_selected_is_what_sphinx_gallery_finds(self, make_site: MakeSite) -> None:
        """The seam's own list of examples is the one that sphinx-gallery makes pages of."""
        names = ("top.py", "a/one.py", "a/__init__.py", "b/two.py")
        app = make_site(*names)
        no_header = Path(app.srcdir, "../scripts/c/three.py").resolve()
        no_header.parent.mkdir()
        no_header.write_text(EXAMPLE, encoding="utf-8")
        conf = app.config.sphinx_gallery_conf
        scripts = Path(app.srcdir, "../scripts").resolve()
        sections = gen_gallery.get_subsections(app.srcdir, scripts, conf)
        folders = [scripts, *(scripts / section for section in sections)]
        theirs = utils._collect_gallery_files(folders, conf)
        assert {path.name for path in seam.selected(app)} == {Path(name).name for name in theirs}, (
            "look at selected in seam.py"
        )
        assert {path.name for path in seam.selected(app)} == {"top.py", "one.py", "two.py"}


class TestCheck:
    """What seam.check(app, config) refuses."""

    @staticmethod
    def config(parallel: Any = False) -> Config:
        config: Any = SimpleNamespace(sphinx_gallery_conf={"parallel": parallel})
        return config

    def test_what_is_pinned_passes(self, make_site: MakeSite) -> None:
        """Nothing is said of the pinned version without `parallel`."""
        seam.check(make_site(), self.config())

    def test_another_version(self, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
        """The error names both versions, the test to run and the line to change."""
        monkeypatch.setattr("sphinx_gallery.__version__", "99.1.2")
        with pytest.raises(ConfigError) as caught:
            seam.check(make_site(), self.config())
        message = str(caught.value)
        for word in (seam.PINNED, "99.1.2", "PINNED", "seam.py", "test_seam.py"):
            assert word in message
        assert "\n" not in message

    def test_parallel(self, make_site: MakeSite) -> None:
        """The error names the setting and says what to do."""
        with pytest.raises(ConfigError, match=r"sphinx_gallery_conf\['parallel'\].*leave it out"):
            seam.check(make_site(), self.config(2))


class TestExecuteScript:
    """What seam.execute_script does instead of sphinx-gallery's function."""

    SOURCE = "/examples/one.py"

    def call(self, monkeypatch: pytest.MonkeyPatch, result: seam.Result, **variables: Any) -> Any:
        """Call it for a script with one block of code whose outcome is known."""
        monkeypatch.setattr(seam, "_look_ups", {self.SOURCE: lambda: result})
        script_vars = {"src_file": self.SOURCE, "execute_script": True, **variables}
        blocks = [py_source_parser.Block("text", "Title", 1)]
        blocks += [py_source_parser.Block("code", "print(1)\n", 2)]
        conf = gen_gallery._fill_gallery_conf_defaults({"image_scrapers": (), "reset_modules": ()})
        conf["src_dir"] = "/"
        outputs, seconds = seam.execute_script(blocks, script_vars, conf, {})
        assert len(outputs) == len(blocks)
        return script_vars, seconds

    def test_unknown_source(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A script that no build of ours knows is left to sphinx-gallery, with all arguments."""
        calls: list[tuple[Any, ...]] = []

        def original(*arguments: Any) -> tuple[list[str], float]:
            calls.append(arguments)
            return ["theirs"], 7.0

        monkeypatch.setattr(seam, "original", original)
        monkeypatch.setattr(seam, "_look_ups", {"/other.py": pytest.fail})
        arguments: Any = ([], {"src_file": self.SOURCE}, {"conf": 1}, {"file_conf": 2})
        assert seam.execute_script(*arguments) == (["theirs"], 7.0)
        assert calls == [arguments]

    def test_success(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        """It passes, and is written down so that it need not be asked for again."""
        target = tmp_path / "one.py"
        target.write_text(EXAMPLE, encoding="utf-8")
        result = seam.Result("DIRECTIVE", 1.5)
        script_vars, seconds = self.call(monkeypatch, result, target_file=str(target))
        assert seconds == 1.5
        assert script_vars["passing"] is True
        assert gen_rst.md5sum_is_current(target, mode="t")

    def test_failure(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        """It is reported with its output, and is asked for again the next time."""
        target = tmp_path / "one.py"
        result = seam.Result("DIRECTIVE", 1.5, "It printed:\n\noops\n")
        script_vars, _ = self.call(monkeypatch, result, target_file=str(target))
        assert "oops" in script_vars["formatted_exception"]
        assert "passing" not in script_vars
        assert list(tmp_path.iterdir()) == []

    def test_failure_without_output(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """sphinx-gallery's report for machines takes the last line, so there has to be one."""
        script_vars, _ = self.call(monkeypatch, seam.Result("DIRECTIVE", 1.5, "It printed:\n\n"))
        assert script_vars["formatted_exception"].splitlines()

    @pytest.mark.parametrize("failure", ["", "It failed."], ids=["passed", "failed"])
    def test_not_to_be_executed(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: str
    ) -> None:
        """Of what was not to be executed nothing is reported or written down."""
        script_vars, _ = self.call(
            monkeypatch,
            seam.Result("DIRECTIVE", 0.0, failure),
            target_file=str(tmp_path / "one.py"),
            execute_script=False,
        )
        assert "passing" not in script_vars
        assert "formatted_exception" not in script_vars
        assert list(tmp_path.iterdir()) == []
