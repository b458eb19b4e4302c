"""What is taken out of an output, and what is written out."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable
from multiprocessing import spawn
from pathlib import Path

import pytest
from processes import posix

from poolcontext.capture import storage
from poolcontext.capture.platform import places
from poolcontext.capture.redact import known_places, one_line, printable, redact

COMMITTED = Path(__file__).parents[2] / "docs" / "captures"
HOME = [("/home/ann", "<home>")]
NAMES = [("ann", "<user>"), ("box", "<host>")]
DOCS = [("docs", "<user>"), ("docs", "<host>")]


class TestPaths:
    """Which paths are taken out."""

    @pytest.mark.parametrize("place", ["/home/ann", "/home/ann/"])
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            *(("/home/ann", "<home>"), ("/home/ann/", "<home>/"), ("/home/ann.", "<home>.")),
            ("File '/home/ann/x.py', line 1", "File '<home>/x.py', line 1"),
            ("PATH=/bin:/home/ann/bin:/home/ann", "PATH=/bin:<home>/bin:<home>"),
            *(("file:///home/ann/x", "file://<home>/x"), ("/tmp\n/home/ann\n", "/tmp\n<home>\n")),
            *(("['a\\n/home/ann/x']", "['a\\n<home>/x']"), ("cc -I/home/ann/i", "cc -I<home>/i")),
            *(
                (same, same)
                for same in ("/home/anna", "/home/ann2/x", "/home/ann_old", "a/home/ann")
            ),
            *((same, same) for same in ("/home/ann-old", "/home/ann.old/x", "../home/ann", "")),
            *((same, same) for same in ("my-home/ann", "/HOME/ANN", "\\home\\ann")),
        ],
    )
    def test_home(self, place: str, text: str, shown: str) -> None:
        """A path is taken out wherever it begins a path; one that is only alike stays."""
        assert redact(text, "", [(place, "<home>")]) == shown
        assert redact(text, f"open({text!r})", [(place, "<home>")]) == shown
        assert redact(text, "", []) == text

    @pytest.mark.parametrize("place", ["C:\\Users\\Ann", "C:\\Users\\Ann\\"])
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("C:\\Users\\Ann\\x.py c:\\users\\ANN\\x.py", "<home>\\x.py <home>\\x.py"),
            ("'C:\\\\Users\\\\Ann\\\\x.py' 'c:\\\\users\\\\ann'", "'<home>\\\\x.py' '<home>'"),
            ("C:/Users/Ann/x.py file:///c:/users/ann/x.py", "<home>/x.py file:///<home>/x.py"),
            ("C:\\Users\\Anna D:\\Users\\Ann", "C:\\Users\\Anna D:\\Users\\Ann"),
            (r"\\?\C:\Users\Ann\x '\\\\?\\c:\\users\\ann'", r"\\?\<home>\x '\\\\?\\<home>'"),
            ("/c/Users/ann/x //c/users/ann /mnt/c/Users/Ann", "<home>/x <home> <home>"),
            ("/cygdrive/c/Users/Ann /srv/c/Users/Ann", "<home> /srv/c/Users/Ann"),
            ("file:///C%3A/Users/Ann ?at=c%3a%5cusers%5cann%5cx", "file:///<home> ?at=<home>%5cx"),
            ("file:///C:/Users/Ann%20Smith", "file:///C:/Users/Ann%20Smith"),
            (repr("['C:\\\\Users\\\\Ann\\\\x']"), repr("['<home>\\\\x']")),
        ],
    )
    def test_windows(self, place: str, text: str, shown: str) -> None:
        """Windows' paths are known in any case, with any slashes, and as others write them."""
        assert redact(text, "", [(place, "<home>")]) == shown

    @pytest.mark.parametrize("around", ["{}", "['{}\\\\x.py']", "file:///{}/x", "\\\\?\\{}\\x"])
    @pytest.mark.parametrize(
        "written",
        [
            *("C:\\Users\\Jörg Smith", "c:/users/jörg smith", "C:\\\\USERS\\\\JÖRG SMITH"),
            *(
                "C:/Users/J%C3%B6rg%20Smith",
                "C:\\Users\\J\\xf6rg Smith",
                "C:/Users/J\\u00f6rg Smith",
            ),
            *("C:\\Users\\JÖRGSM~1", "c:\\\\users\\\\JÖRG~YW3", "C:/USERS/J_A1B2~1.LAN"),
        ],
    )
    def test_ways_to_write(self, written: str, around: str) -> None:
        """What a folder's name has is escaped in many ways, and shortened; the user's name too."""
        for found in ([("C:\\Users\\Jörg Smith", "<home>")], [("Jörg Smith", "<user>")]):
            redacted = redact(around.format(written), "", found)
            shown = "<home>" if found[0][1] == "<home>" else re.sub(r"(?i)j.*", "<user>", written)
            assert redacted == around.format(shown)

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            *(
                ("file:///home/j%C3%B6rg%20b/x", "file://<home>/x"),
                ("'/home/j\\xf6rg b'", "'<home>'"),
            ),
            *(("%2Fhome%2Fj%C3%B6rg%20b", "<home>"), ('"/home/j\\u00f6rg b/x"', '"<home>/x"')),
            *((same, same) for same in ("/home/JÖRG B", "/home/jörg%20bob", "/home/JÖRG~1")),
        ],
    )
    def test_ways_to_write_on_posix(self, written: str, shown: str) -> None:
        """Elsewhere names are escaped as well; the case counts, and there are no short names."""
        assert redact(written, "", [("/home/jörg b", "<home>")]) == shown

    def test_network(self) -> None:
        """A folder of another machine is known in any case, and with slashes."""
        text = "\\\\box\\Ann\\x.py '\\\\\\\\BOX\\\\ann' file://box/ann/y //box/anna"
        shown = "<home>\\x.py '<home>' file:<home>/y //box/anna"
        assert redact(text, "", [("\\\\Box\\Ann", "<home>")]) == shown

    @pytest.mark.parametrize(
        "root", ["/", "", "//", "C:\\", "c:/", "\\", "/usr", "/usr/", "/usr/local"]
    )
    def test_shared(self, root: str) -> None:
        """A home that is a root, or nothing, is ignored, and so is what every machine has."""
        text = "/usr/bin C:\\Windows c:/x a / b \\ '' // ['/tmp', '/usr/tmp'] /usr/local/share"
        assert redact(text, "", [(root, "<home>")]) == text

    def test_order(self) -> None:
        """Of places within each other the innermost is named; a place is text, and no pattern."""
        found = [("/home/ann", "<home>"), ("/home/ann/c++", "<python>"), ("/home", "<temp>")]
        text = "/home/ann/c++/(x) /home/ann/x /home/bob /home/ann/ccc"
        for order in (found, found[::-1]):
            assert redact(text, "", order) == "<python>/(x) <home>/x <temp>/bob <home>/ccc"


@functools.cache
def committed_outputs() -> str:
    """What all captures have, each output once, and CPython's own messages."""
    outputs = {
        snapshot.output
        for path in sorted(COMMITTED.glob("*.json"))
        for snapshot in storage.load(path).examples.values()
    }
    messages = Path(spawn.__file__).read_text(encoding="utf-8")
    assert "https://docs.python.org/" in messages or sys.version_info < (3, 12)
    return "\n".join([*sorted(outputs), messages])


class TestNames:
    """Which names are taken out."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("ann@box: annual, Joann, boxes", "<user>@<host>: annual, Joann, boxes"),
            ("ann_x, ann-x, 'ann'", "ann_x, <user>-x, '<user>'"),
            ("<Peer host=box>", "<Peer host=<host>>"),
            ("Ann <ann@example.org>", "Ann <<user>@example.org>"),
            ("1<box ['x\\nann']", "1<<host> ['x\\n<user>']"),
            (
                "ann https://ann.example/ann?a=ann ann",
                "<user> https://ann.example/ann?a=ann <user>",
            ),
            ("HTTP://box/ box (https://x.org/#ann)", "HTTP://box/ <host> (https://x.org/#ann)"),
            ("['https://ann.example\\nann']", "['https://ann.example\\n<user>']"),
            ("https://x.org?/home/ann/x", "https://x.org?/home/<user>/x"),
        ],
    )
    def test_whole_words(self, text: str, shown: str) -> None:
        """A name is taken out as a whole word, and not of a web address."""
        assert redact(text, "", NAMES) == shown

    @pytest.mark.parametrize("author", ["oudkerk", "Quinlan"])
    def test_authors(self, author: str) -> None:
        """Who has written Python's pools, and stands in their sources, is no usual word."""
        assert redact(f"by {author}", "", [(author, "<user>")]) == "by <user>"

    def test_script(self) -> None:
        """A name that is a word of the script stays; one that is part of a word does not."""
        assert redact("ann in a box", "print('ann in a', thing)", NAMES) == "ann in a <host>"
        assert redact("ann in a box", "annual = boxes", NAMES) == "<user> in a <host>"

    def test_order(self) -> None:
        """The longest name is taken first, and what was put in is not looked at again."""
        found = [("ann", "<user>"), ("ann-laptop", "<host>"), ("ann-laptop.lan", "<host>")]
        for order in (found, found[::-1]):
            assert redact("ann ann-laptop ann-laptop.lan", "", order) == "<user> <host> <host>"
        found = [("/home/ann", "<bob>"), ("bob", "<eve>"), ("eve", "<host>")]
        assert redact("/home/ann bob eve", "", found) == "<bob> <eve> <host>"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            *(("docs@box", "<user>@box"), ("docs@box.lan:22", "<user>@box.lan:22")),
            *(("ann@docs", "ann@<host>"), ("['\\ndocs@docs']", "['\\n<user>@<host>']")),
            ("https://docs@docs/x", "https://<user>@<host>/x"),
            *(("/home/docs", "/home/<user>"), ("'/home/docs/x.py'", "'/home/<user>/x.py'")),
            *(("/Users/docs/x", "/Users/<user>/x"), ("/c/Users/docs", "/c/Users/<user>")),
            *(("C:\\Users\\docs\\x", "C:\\Users\\<user>\\x"), ("C:/Users/docs", "C:/Users/<user>")),
            ("c:\\\\users\\\\DOCS\\\\x", "c:\\\\users\\\\<user>\\\\x"),
        ],
    )
    def test_where_it_can_be_nothing_else(self, text: str, shown: str) -> None:
        """Beside an at sign and in a home folder even a usual name is taken out."""
        assert redact(text, "", DOCS) == redact(text, "# docs", DOCS) == shown
        if "@" not in text:  # what the script itself prints
            assert redact(text, f"print({text})", DOCS) == text

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("docs", "https://docs.python.org/3/library/docs.html"),
            ("docs", "the docs: docs-x docs.x /docs /srv/docs"),
            ("docs", "/home/docs-old /home/docs2 /home/docs.old /srv/home/docs /home/ann/docs"),
            ("docs", "mydocs@box docs@0x7f docs @ box @docs ann@docs2"),
            *((name, "root@localhost, '' and  more") for name in ("root", "localhost", "")),
            *((name, f"{name} reset by {name}, {name}") for name in ("7", "1000", "ab", "max")),
            *((name, f"{name} reset by {name}, {name}") for name in ("Thread", "pickle", "None")),
            *((name, f"{name} reset by {name}, {name}") for name in ("peer", "ubuntu", "vagrant")),
        ],
    )
    def test_where_it_can_be_another_word(self, name: str, text: str) -> None:
        """Elsewhere usual names, numbers, short names and words of Python and systems stay."""
        assert redact(text, "", [(name, "<user>"), (name, "<host>")]) == text

    @pytest.mark.parametrize("name", ["docs", "runner", "root", "test", "python", "worker"])
    @pytest.mark.parametrize("capitals", [str, str.upper, str.capitalize])
    def test_captured(self, name: str, capitals: Callable[[str], str]) -> None:
        """No committed output is altered, whichever usual name the account or the host has."""
        name = capitals(name)
        for found in ([(name, "<user>")], [(name, "<host>"), (f"{name}.lan", "<host>")]):
            assert redact(committed_outputs(), "", found) == committed_outputs()


FOUND = {
    **{"python": ["/py"], "temp": ["/tmp"], "home": ["/h"], "user": ["ann"], "host": ["box"]},
    "folder": ["/mnt/checkout"],
}


class TestKnownPlaces:
    """Which places a script's output may hold."""

    def test_all_kinds(self, tmp_path: Path) -> None:
        """The script's folder and those above, and every place of the interpreter have a word."""
        assert dict(known_places(tmp_path, FOUND)) == {
            **{str(tmp_path): "<folder>", os.path.realpath(tmp_path): "<folder>"},
            **{"/mnt/checkout": "<folder>", "/py": "<python>", "/tmp": "<temp>", "/h": "<home>"},
            **{"ann": "<user>", "box": "<host>", str(tmp_path.parent): "<folder>/.."},
            str(tmp_path.parent.parent): "<folder>/../..",
        }
        known = {place for place, _ in known_places(tmp_path, places())}
        assert {place for texts in places().values() for place in texts} <= known

    def test_checkout(self, tmp_path: Path) -> None:
        """The checkout of an example is named by its way from there, but not what has a name."""
        folder = tmp_path / "home" / "checkout" / "examples" / "set"
        text = f"{folder}/x.py {folder.parents[0]}/y {folder.parents[1]}/src {folder.parents[2]}/z"
        for home, shown in (
            (folder.parents[2], "<folder>/x.py <folder>/../y <folder>/../../src <home>/z"),
            (folder.parents[1], "<folder>/x.py <folder>/../y <home>/src "),
        ):
            found = known_places(folder, {**FOUND, "home": [str(home)]})
            assert redact(text, "", found).startswith(shown)

    @posix
    def test_names_of_a_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A folder that a link leads to has both names; one that is named from here is a path."""
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        found = known_places(tmp_path / "link", FOUND)
        both = {str(tmp_path / "link"), os.path.realpath(tmp_path / "real"), "/mnt/checkout"}
        assert {place for place, word in found if word == "<folder>"} == both
        monkeypatch.chdir(tmp_path)
        for path, folder in ((".", tmp_path), ("real", tmp_path / "real")):
            found = known_places(Path(path), FOUND)
            assert redact("real ...", "", found) == "real ..."
            assert redact(f"{folder}/x.py", "", found) == "<folder>/x.py"


class TestPrintable:
    """What is written out, for HTML and for terminals."""

    def test_kept(self) -> None:
        """Tabs, form feeds, ends of lines and all other characters stay."""
        text = "a\tb\fc\rd\nd é → 𝄞 \u2028 <b> & \\x1b"
        beside = map(chr, (0x200D, 0x2028, 0x2029, 0x2065, 0x206A, 0xD7FF, 0xE000))
        for one in (text, *beside):
            assert printable(one) == one

    def test_written_out(self) -> None:
        """What a terminal acts on, changes the direction of text, or is no whole character."""
        codes = (
            *(0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067),
            *(0x2068, 0x2069, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xFFFE, 0xFFFF, 0, 8, 0x0B, 0x0E),
            *(0x1B, 0x1F, 0x7F, 0x80, 0x85, 0x9B, 0x9F),
        )
        for one in map(chr, codes):
            assert printable(f"a{one}b") == f"a{ascii(one)[1:-1]}b"
            assert printable(printable(one)) == printable(one)

    def test_one_line(self) -> None:
        """The ends of lines too, for a message that is to be one line."""
        assert one_line("a\tb\nc\fd\re\u2028f\u2029g\x1b é") == (
            "a\\tb\\nc\\x0cd\\re\\u2028f\\u2029g\\x1b é"
        )
