"""This build's capture laid over the committed ones, and which pages are read again for it."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from poolcontext.capture import storage
from poolcontext.capture.platform import Platform, describe
from poolcontext.capture.script import Script
from poolcontext.capture.snapshot import Capture, Snapshot
from poolcontext.sphinxext import results
from poolcontext.sphinxext.results import ALL, PROOFS, Results

if TYPE_CHECKING:
    from galleries import Other

NOW, OLD = "1" * 64, "0" * 64
CURE = "What renews one platform's."
DIFFERS = "Warning: not as docs/captures/{0.id}.json has it: a"
OLDER = "Warning: of older scripts than those shown, 1 in number:"


def snapshot(output: str, script: str = NOW, **fields: Any) -> Snapshot:
    given = {"date": "2026-11-22", "ended": "exit", "status": 0, "seconds": 0.5, **fields}
    return Snapshot(script=script, output=output, **given)


class Site:
    """A folder of committed captures, and two scripts whose lines with * are in any order."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def commit(self, platform: Platform, **examples: Snapshot) -> None:
        storage.save(Capture(platform, examples), self.folder / f"{platform.id}.json")

    def results(self, **own: Snapshot) -> Results:
        """The results of a build that has these snapshots of this platform."""
        scripts = {name: Script(Path(f"{name}.py"), name, any_order=r"^\*") for name in "ab"}
        digests = dict.fromkeys("ab", NOW)
        return Results(Capture(describe(), own), scripts, digests, {}, self.folder)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "docs" / "captures")


def told(found: Results, name: str = "a") -> list[tuple[list[str], str]]:
    """Of each outcome, whose it is and what is shown for it."""
    return [
        ([one.platform.id for one in outcome.results], outcome.results[0].snapshot.output)
        for outcome in found.outcomes(name)
    ]


STARRED = snapshot("*1\n*2\nat 0x7f00beef\n", date="2026-01-01", seconds=9.0)


@pytest.mark.parametrize(
    ("committed", "own", "shown", "said"),
    [
        pytest.param(None, snapshot("x\n"), "own", [], id="nothing committed"),
        pytest.param(snapshot("x\n"), None, "committed", [], id="nothing run"),
        pytest.param(
            STARRED,
            snapshot("*2\n*1\nat 0x7f00cafe\n"),
            "committed",
            [],
            id="equal when normalized",
        ),
        pytest.param(snapshot("x\n"), snapshot("y\n"), "own", [DIFFERS, CURE], id="output"),
        pytest.param(
            snapshot("x\n"), snapshot("x\n", status=1), "own", [DIFFERS, CURE], id="status"
        ),
        pytest.param(
            snapshot("x\n"),
            snapshot("x\n", ended="timeout", status=None),
            "own",
            [DIFFERS, CURE],
            id="ended",
        ),
        pytest.param(snapshot("x\n", OLD), snapshot("x\n"), "own", [], id="committed is older"),
        pytest.param(None, snapshot("x\n", OLD), "", [], id="own is older"),
        pytest.param(
            snapshot("c\n", OLD),
            snapshot("x\n", OLD),
            "committed",
            [OLDER, "  {0.title}: a", CURE],
            id="both are older",
        ),
    ],
)
def test_own(
    site: Site, committed: Snapshot | None, own: Snapshot | None, shown: str, said: list[str]
) -> None:
    """The committed snapshot is shown unless this build has one that says something else."""
    if committed:
        site.commit(describe(), a=committed, b=snapshot("b\n"))
    found = site.results(**({"a": own} if own else {}), b=snapshot("b\n"))
    expected = {"own": [own], "committed": [committed], "": []}[shown]
    assert [one.snapshot for outcome in found.outcomes("a") for one in outcome.results] == expected
    assert found.summary(CURE).splitlines() == [line.format(describe()) for line in said]


def test_newest_first(site: Site, other: Other) -> None:
    """The newest platform's outcome is the first, whichever Python builds."""
    new, old = other(version="3.99.0"), other(version="3.1.0")
    for platform, output in ((new, "x\n"), (old, "own\n")):
        site.commit(platform, a=snapshot(output))
    found = site.results(a=snapshot("own\n"))
    assert told(found) == [([new.id], "x\n"), ([describe().id, old.id], "own\n")]


def test_distinct_outcomes(site: Site, other: Other) -> None:
    """Platforms share an outcome if theirs are equal but for what differs from run to run."""
    one, two, three = (other(version=f"3.99.{number}") for number in (3, 2, 1))
    site.commit(one, a=snapshot("*b\nx at 0x12345\n*a\n"))
    site.commit(two, a=snapshot("x at 0x54321\n*a\n*b\n", OLD))
    site.commit(three, a=snapshot("x at 0x54321\n*a\n*b\n", status=1))
    found = site.results()
    assert [ids for ids, _ in told(found)] == [[one.id, two.id], [three.id]]
    assert [result.current for result in found.outcomes("a")[0].results] == [True, False]


def test_unknown_scripts(site: Site, other: Other) -> None:
    """What a file says of scripts that are not there is neither shown nor counted."""
    site.commit(other(), gone=snapshot("x\n", OLD))
    found = site.results(gone=snapshot("y\n"))
    assert found.outcomes("gone") == found.outcomes("a") == ()
    assert found.summary(CURE) == ""


class Environment:
    """What of Sphinx's environment is used to note what pages show."""

    def __init__(self) -> None:
        self.metadata: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self.docname = ""


@pytest.fixture
def environment(site: Site, other: Other) -> Any:
    """Pages that have noted what they show, or rest upon, in all ways."""
    site.commit(other(), a=snapshot("x\n"))
    environment: Any = Environment()
    results.keep(environment, site.results(b=NO_TEXT))
    for page, *noted in (
        ("shows a", {"name": "a"}),
        ("rests upon a", {"name": "a", "use": PROOFS}),
        ("shows b", {"name": "b"}),
        ("shows all", {"name": ALL}),
        ("warns of nobody", {"name": "nobody", "wrong": True}),
        ("warns of b", {"name": "b", "wrong": True}, {"name": "b"}),
        ("shows nothing",),
    ):
        environment.docname = page
        environment.metadata[page] = {}
        for arguments in noted:
            results.note(environment, **arguments)
    return environment


NO_TEXT = snapshot("\udcff\n")
WARNS = {"warns of nobody", "warns of b"}


def again(environment: Any, found: Results) -> set[str]:
    """The pages that are read again, beside those that are for their warnings."""
    pages = results.pages_to_read_again(environment, found.fingerprint)
    assert set(pages) >= WARNS
    return set(pages) - WARNS


@pytest.mark.parametrize(
    "changed",
    [
        snapshot("y\n"),
        snapshot("x\n", status=1),
        snapshot("x\n", seconds=0.6),
        snapshot("x\n", date="2026-11-23"),
        snapshot("x\n", OLD),
        None,
    ],
    ids=["output", "status", "seconds", "date", "script", "gone"],
)
def test_pages_to_read_again(
    site: Site, other: Other, environment: Any, changed: Snapshot | None
) -> None:
    """A page is read again when anything of what it shows has changed, or when it had a warning."""
    assert again(environment, site.results(b=NO_TEXT)) == set()
    site.commit(other(), **({"a": changed} if changed else {"gone": snapshot("x\n")}))
    found = site.results(b=NO_TEXT)
    assert again(environment, found) == {"shows a", "rests upon a", "shows all"}


def test_all_are_read_again(site: Site, other: Other, environment: Any) -> None:
    """What shows all captures is read again for another file, be it one that changes no outcome.

    So it is on another platform, and for another script.
    """
    site.commit(other(version="3.1.0"), gone=snapshot("x\n"))
    assert again(environment, site.results(b=NO_TEXT)) == {"shows all"}
    own = {"a": snapshot("own\n"), "b": NO_TEXT}
    results.keep(environment, before := site.results(**own))
    results.note(environment, ALL)  # of the page that shows nothing else
    site.commit(describe(), a=own["a"])
    after = site.results(**own)
    assert before.outcomes("a") == after.outcomes("a")
    assert "shows nothing" in again(environment, after)
    for attribute, value in (("own", other()), ("digests", {"a": OLD})):
        changed = site.results(**own)
        setattr(changed, attribute, value)
        assert changed.fingerprint(ALL) != after.fingerprint(ALL)
