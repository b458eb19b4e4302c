"""What is taken out of an output, and what is written out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from multiprocessing import spawn
from pathlib import Path

import pytest

from poolcontext.capture import storage
from poolcontext.capture.redact import printable, redact

COMMITTED = Path(__file__).parents[2] / "docs" / "captures"
HOME = [("/home/ann", "<home>")]
WINDOWS = [("C:\\Users\\Ann", "<home>")]
NAMES = [("ann", "<user>"), ("box", "<host>")]


class TestRedactPaths:
    """Which paths redact takes out."""

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("/home/ann", "<home>"),
            ("/home/ann/", "<home>/"),
            ("/home/ann.", "<home>."),
            ("File '/home/ann/x.py', line 1", "File '<home>/x.py', line 1"),
            ("PATH=/bin:/home/ann/bin:/home/ann", "PATH=/bin:<home>/bin:<home>"),
            ("file:///home/ann/x", "file://<home>/x"),
            ("/tmp\n/home/ann\n", "/tmp\n<home>\n"),
            ("['a\\n/home/ann/x']", "['a\\n<home>/x']"),
            ("cc -I/home/ann/inc", "cc -I<home>/inc"),
        ],
        ids=[
            "alone",
            "slash after it",
            "end of a sentence",
            "quoted",
            "path list",
            "address",
            "own line",
            "newline in a repr",
            "option",
        ],
    )
    def test_home(self, text: str, shown: str) -> None:
        """A path is taken out wherever it begins a path."""
        assert redact(text, "", HOME) == shown
        assert redact(text, "", [("/home/ann/", "<home>")]) == shown

    @pytest.mark.parametrize(
        "text",
        [
            "/home/anna",
            "/home/ann2/x",
            "/home/ann_old",
            "/home/ann-old",
            "/home/ann.old/x",
            "/srv/home/ann",
            "../home/ann",
            "my-home/ann",
            "/HOME/ANN",
            "\\home\\ann",
        ],
    )
    def test_other_paths(self, text: str) -> None:
        """A path that only begins alike, or that ends alike, stays."""
        assert redact(text, "", HOME) == text

    def test_longest_first(self) -> None:
        """Of places within each other the innermost is named, in whichever order they come."""
        places = [("/home/ann", "<home>"), ("/home/ann/py", "<python>"), ("/home", "<temp>")]
        text = "/home/ann/py/lib /home/ann/x /home/bob"
        for order in (places, places[::-1]):
            assert redact(text, "", order) == "<python>/lib <home>/x <temp>/bob"

    @pytest.mark.parametrize("root", ["/", "", "//", "C:\\", "c:/", "\\"])
    def test_roots(self, root: str) -> None:
        """A home that is a root, or nothing, is ignored."""
        text = "/usr/bin C:\\Windows c:/x a / b \\ '' //"
        assert redact(text, "", [(root, "<home>")]) == text

    @pytest.mark.parametrize("shared", ["/usr", "/usr/", "/usr/local"])
    def test_shared(self, shared: str) -> None:
        """So is what is the same on every machine, though an interpreter may live there."""
        text = "['/tmp', '/var/tmp', '/usr/tmp'] /usr/local/share"
        assert redact(text, "", [(shared, "<python>")]) == text

    @pytest.mark.parametrize("place", ["C:\\Users\\Ann", "C:\\Users\\Ann\\"])
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("C:\\Users\\Ann\\x.py", "<home>\\x.py"),
            ("c:\\users\\ANN\\x.py", "<home>\\x.py"),
            ("'C:\\\\Users\\\\Ann\\\\x.py'", "'<home>\\\\x.py'"),
            ("'c:\\\\users\\\\ann'", "'<home>'"),
            ("C:/Users/Ann/x.py", "<home>/x.py"),
            ("file:///c:/users/ann/x.py", "file:///<home>/x.py"),
            ("C:\\Users\\Anna", "C:\\Users\\Anna"),
            ("D:\\Users\\Ann", "D:\\Users\\Ann"),
        ],
        ids=[
            "as it is",
            "other case",
            "doubled",
            "doubled, other case",
            "slashes",
            "slashes, other case",
            "other user",
            "other disk",
        ],
    )
    def test_windows(self, place: str, text: str, shown: str) -> None:
        """Windows' paths are known in any case, with doubled backslashes and with slashes."""
        assert redact(text, "", [(place, "<home>")]) == shown

    def test_characters_that_patterns_give_a_meaning(self) -> None:
        """A place is text, not a pattern."""
        assert redact("/opt/c++/(x) /opt/ccc", "", [("/opt/c++", "<python>")]) == (
            "<python>/(x) /opt/ccc"
        )

    def test_path_in_the_script(self) -> None:
        """A path is taken out even if the script holds it: only words of a script stay."""
        assert redact("/home/ann/x", "open('/home/ann/x')", HOME) == "<home>/x"


class TestRedactNames:
    """Which names redact takes out."""

    def test_whole_words(self) -> None:
        """A name is taken out as a whole word only."""
        text = "ann@box: annual, Joann, boxes, ann_x, ann-x, 'ann'"
        shown = "<user>@<host>: annual, Joann, boxes, ann_x, <user>-x, '<user>'"
        assert redact(text, "", NAMES) == shown

    def test_longest_first(self) -> None:
        """A host that is called after its user is named as a host."""
        places = [("ann", "<user>"), ("ann-laptop", "<host>"), ("ann-laptop.lan", "<host>")]
        text = "ann ann-laptop ann-laptop.lan"
        for order in (places, places[::-1]):
            assert redact(text, "", order) == "<user> <host> <host>"

    def test_words_of_the_script(self) -> None:
        """A name that is a word of the script stays; one that is part of a word does not."""
        assert redact("ann in a box", "print('ann in a', thing)", NAMES) == "ann in a <host>"
        assert redact("ann in a box", "annual = boxes", NAMES) == "<user> in a <host>"

    @pytest.mark.parametrize("name", ["root", "localhost", ""])
    def test_names_that_say_nothing(self, name: str) -> None:
        """Names that every machine has stay, and no name is none."""
        text = "root@localhost, '' and  more"
        assert redact(text, "", [(name, "<user>")]) == text

    def test_substitutes_are_left_alone(self) -> None:
        """A user who is called as a substitute is does not spoil the substitutes."""
        places = [("/home/ann", "<bob>"), ("bob", "<eve>"), ("eve", "<host>")]
        assert redact("/home/ann bob eve", "", places) == "<bob> <eve> <host>"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("<Peer host=box>", "<Peer host=<host>>"),
            ("Ann <ann@example.org>", "Ann <<user>@example.org>"),
            ("1<box", "1<<host>"),
            ("['x\\nann']", "['x\\n<user>']"),
        ],
    )
    def test_beside_angle_brackets(self, text: str, shown: str) -> None:
        """A name is taken out of an object's printed form and of an address as well."""
        assert redact(text, "", NAMES) == shown

    def test_nothing_known(self) -> None:
        """Without places nothing is taken out."""
        assert redact("/home/ann ann", "", []) == "/home/ann ann"

    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("docs@box", "<user>@box"),
            ("docs@box.lan:22", "<user>@box.lan:22"),
            ("ann@docs", "ann@<host>"),
            ("docs@docs", "<user>@<host>"),
            ("['\\ndocs@docs']", "['\\n<user>@<host>']"),
            ("https://docs@docs/x", "https://<user>@<host>/x"),
            ("/home/docs", "/home/<user>"),
            ("'/home/docs/x.py'", "'/home/<user>/x.py'"),
            ("/Users/docs/x", "/Users/<user>/x"),
            ("C:\\Users\\docs\\x", "C:\\Users\\<user>\\x"),
            ("c:\\\\users\\\\DOCS\\\\x", "c:\\\\users\\\\<user>\\\\x"),
            ("C:/Users/docs", "C:/Users/<user>"),
            ("/c/Users/docs", "/c/Users/<user>"),
        ],
    )
    def test_where_it_can_be_nothing_else(self, text: str, shown: str) -> None:
        """Beside an at sign and in a home folder even a usual name is taken out."""
        assert redact(text, "", [("docs", "<user>"), ("docs", "<host>")]) == shown
        assert redact(text, "# docs", [("docs", "<user>"), ("docs", "<host>")]) == shown
        if "@" not in text:  # what the script itself prints
            assert redact(text, f"print({text})", [("docs", "<user>")]) == text

    @pytest.mark.parametrize(
        "text",
        [
            "https://docs.python.org/3/library/docs.html",
            "docs",
            "the docs: docs-x docs.x /docs /srv/docs",
            "/home/docs-old /home/docs2 /home/docs.old /srv/home/docs /home/ann/docs",
            "mydocs@box docs@0x7f docs @ box @docs",
            "ann@docs2",
        ],
    )
    def test_where_it_can_be_another_word(self, text: str) -> None:
        """Elsewhere a usual name stays."""
        assert redact(text, "", [("docs", "<user>"), ("docs", "<host>")]) == text

    @pytest.mark.parametrize(
        "address", ["https://ann.example/ann/x?a=ann", "HTTP://box/", "(https://x.example/#ann)"]
    )
    def test_address(self, address: str) -> None:
        """A name that is part of a web address stays, and beside the address it goes."""
        assert redact(f"ann {address} ann", "", NAMES) == f"<user> {address} <user>"
        assert redact(f"['{address}\\nann']", "", NAMES) == f"['{address}\\n<user>']"
        assert redact(f"{address}?/home/ann/x", "", HOME) == f"{address}?<home>/x"

    @pytest.mark.parametrize("name", ["7", "1000", "ab", "max", "Thread", "pickle", "peer", "None"])
    def test_other_words(self, name: str) -> None:
        """So do numbers, short names, and words of Python and of the system's errors."""
        text = f"{name} Connection reset by {name}, {name}"
        assert redact(text, "", [(name, "<user>"), (name, "<host>")]) == text

    @pytest.mark.parametrize(
        "name", ["docs", "runner", "root", "test", "python", "ubuntu", "worker", "process"]
    )
    @pytest.mark.parametrize("capitals", [str, str.upper, str.capitalize])
    def test_captured(self, name: str, capitals: Callable[[str], str]) -> None:
        """No committed output is altered, whichever usual name the account or the host has."""
        outputs = [
            capture.output
            for path in sorted(COMMITTED.glob("*.json"))
            for capture in storage.load(path).examples.values()
        ]
        outputs.append(Path(spawn.__file__).read_text(encoding="utf-8"))  # CPython's own messages
        assert "https://docs.python.org/" in outputs[-1] or sys.version_info < (3, 12)
        name = capitals(name)
        for places in ([(name, "<user>")], [(name, "<host>"), (f"{name}.lan", "<host>")]):
            for output in outputs:
                assert redact(output, "", places) == output


class TestPrintable:
    """What printable writes out."""

    def test_what_cannot_be_shown(self) -> None:
        """What a page cannot hold, or a terminal would act on, is written as an escape."""
        text = "\x1b[31mred\0\x7f\x9b\x85\ufffe\uffff\r"
        shown = "\\x1b[31mred\\x00\\x7f\\x9b\\x85\\ufffe\\uffff"
        assert printable(text).startswith(shown)

    def test_all_else(self) -> None:
        """Tabs, form feeds, ends of lines and all other characters stay."""
        text = "a\tb\fc\nd é → 𝄞 \u2028 <b> & \\x1b"
        assert printable(text) == text

    @pytest.mark.parametrize(
        "code",
        [
            *(0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067),
            *(0x2068, 0x2069, 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xFFFE, 0xFFFF, 0, 8, 0x0B, 0x0E),
            *(0x1B, 0x1F, 0x7F, 0x80, 0x9B, 0x9F),
        ],
        ids=hex,
    )
    def test_each(self, code: int) -> None:
        """What changes the direction of text, or is half a character or none, is written out."""
        assert printable(f"a{chr(code)}b") == f"a{ascii(chr(code))[1:-1]}b"

    @pytest.mark.parametrize("code", [0x200D, 0x2028, 0x2029, 0x2065, 0x206A, 0xD7FF, 0xE000])
    def test_neighbours(self, code: int) -> None:
        """What stands beside those in the table of characters stays."""
        assert printable(chr(code)) == chr(code)

    def test_twice(self) -> None:
        """What was written out is not written out again."""
        assert printable(printable("\x1b\u202e\\x1b")) == printable("\x1b\u202e\\x1b")
