"""The pages that are made of captures: they show what is in them, and leave nothing out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from _ext import measures
from bs4 import Tag

from poolcontext.capture.normalize import normalize
from poolcontext.capture.script import WITH_HELPER
from poolcontext.capture.snapshot import Capture
from poolcontext.sphinxext.platform_labels import css_class
from poolcontext.symptoms import KINDS, SYMPTOMS, Symptom, heading, plain

from .conftest import CAPTURES, ROOT

if TYPE_CHECKING:
    from .conftest import Site

# What is known of symptoms beyond this site: a part of each message, in some version's wording.
KNOWN = [
    "Can't pickle local object",
    "Can't get local object",
    "cannot pickle '_thread.lock' object",
    "An attempt has been made to start a new process before the current process has finished its "
    "bootstrapping phase",
    "A process in the process pool was terminated abruptly while the future was running or pending",
    "A child process terminated abruptly, the process pool is not usable anymore",
    "Can't get attribute 'double' on <module '__main__' (built-in)>",
    "Can't get attribute 'double' on <module '__main__' (<class '_frozen_importlib.BuiltinImporter",
    "module '__main__' has no attribute 'double'",
    "/<stdin>",
    "context has already been set",
    "is multi-threaded, use of fork() may lead to deadlocks in the child.",
    "A SemLock created in a fork context is being shared with a process in a spawn context",
    "objects should only be shared between processes through inheritance",
    "cannot find context for '",
    "max_tasks_per_child is incompatible with the 'fork' multiprocessing start method; ",
    "AF_UNIX path too long",
    "'str' object has no attribute 'get_start_method'",
    "This Python build lacks multiprocessing.synchronize",
    "terminated abruptly with exit code",
    "Exception in initializer:",
    "NameError: name 'table' is not defined",
    "ModuleNotFoundError: No module named 'tools'",
    "__init__() missing 1 required positional argument",
    "max_workers must be <= 61",
    "EOFError: Ran out of input",
    "OSError: [Errno 22] Invalid argument: '",
]
SILENT = """global_is_reset fork_with_held_lock max_tasks_stuck log_records_vanish environ_too_late
    mock_not_seen imports_again ask_worker pool_without_guard top_level_is_shared
    top_level_thread_hangs same_random_numbers frozen_program
    frozen_by_pyinstaller"""
"""Examples of what goes wrong without a message."""

each_symptom = pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda one: one.name)


def one_line(text: str) -> str:
    return " ".join(normalize(text).split())


OUTPUTS = {
    css_class(capture.platform): " ".join(
        one_line(snapshot.output)
        for name, snapshot in capture.examples.items()
        if not name.endswith(WITH_HELPER)
    )
    for capture in CAPTURES
}
"""All that a platform's examples have printed, in one line, by the platform's class."""


PAGE_OF = {one: f"symptoms/{kind.name}.html" for kind in KINDS for one in kind.symptoms}
PAGES = ["symptoms.html", *dict.fromkeys(PAGE_OF.values())]


def select(site: Site, what: str) -> list[Tag]:
    """What there is on all pages of symptoms."""
    return [found for page in PAGES for found in site.page(page).select(what)]


def rows(site: Site) -> dict[str, list[str]]:
    """The keys of the platforms of each message on the pages, normalised, by the message."""
    found = select(site, "table.messages-table tbody tr")
    return {one_line(row.select("code")[0].get_text()): row.get("class") or [] for row in found}


def test_each_message_is_in_captures(site: Site) -> None:
    """A message stands in the captures of just the platforms that the page names."""
    messages = rows(site)
    assert len(messages) > 25
    for message, platforms in messages.items():
        have = [name for name, text in OUTPUTS.items() if message in text]
        own = [name for name in platforms if name in OUTPUTS]  # not the build's, if not committed
        assert sorted(own) == sorted(have), message


def test_known_messages(site: Site) -> None:
    """A known message that a capture holds is on the page."""
    messages = rows(site)
    for words in map(one_line, KNOWN):
        assert any(words in text for text in OUTPUTS.values()), f"no capture holds {words}"
        assert any(words in message for message in messages), words


def section_of(site: Site, symptom: Symptom) -> Tag:
    """The part of the page that a symptom's name leads to."""
    place = site.page(PAGE_OF[symptom]).find(id=symptom.name)
    assert isinstance(place, Tag), symptom.name
    found = place if place.name == "section" else place.find_parent("section")
    assert found is not None
    return found


@each_symptom
def test_section(site: Site, symptom: Symptom) -> None:
    """It has its title, its cause, then its cure, an example, and evidence: captured, or quoted."""
    section = section_of(site, symptom)
    title = section.select_one("h2")
    assert title
    assert title.get_text() == heading(symptom) + "¶"
    assert not title.select("strong, em")
    text = " ".join(section.get_text().split())
    first, last = (plain(words)[:20] for words in (symptom.cause, symptom.cure))
    assert -1 < text.find(first) < text.find(last)
    evidence = section.select("div.messages, pre")
    assert evidence
    above = [link for link in section.select("a") if not link.find_parent(class_="messages")]
    assert any(f"/{symptom.examples[0]}.html" in f"/{link['href']}" for link in above) or not (
        section.select("div.messages")
    )
    for quote in symptom.quotes:
        assert quote.text in [block.get_text().strip() for block in section.select("pre")]
        sources = [link.find_parent("p") for link in section.select(f"a[href='{quote.url}']")]
        assert any(quote.evidence.capitalize() in str(source) for source in sources)


@each_symptom
def test_evidence(symptom: Symptom) -> None:
    """Some capture holds one of its messages, and each of its signs; or it is quoted."""
    outputs = [one.output for capture in CAPTURES for one in capture.examples.values()]
    found = [any(re.search(one, text) for text in outputs) for one in symptom.messages]
    assert any(found) or symptom.signs or symptom.quotes
    for sign in symptom.signs:
        assert any(re.search(sign, text) for text in outputs), sign


def test_no_error_is_left_out(site: Site) -> None:
    """Every error in a capture has an entry, as a message or as a sign of what has none."""
    signs = [sign for one in SYMPTOMS for sign in one.signs]
    shown = one_line(" ".join(site.page(page).get_text(" ", strip=True) for page in PAGES))
    for captures in CAPTURES:
        for name, capture in captures.examples.items():
            if name.endswith(WITH_HELPER):
                continue
            for error in re.findall(r"\b([A-Z]\w*(?:Error|ProcessPool): .+)", capture.output):
                if not any(re.search(sign, error) for sign in signs):
                    assert one_line(error) in shown, (captures.platform.title, name)
    others = site.page("symptoms.html").select_one("section#everything-else div.messages")
    assert others.get_text(strip=True) == "There are none."


def test_silent(site: Site) -> None:
    """What goes wrong without a message has an entry that leads to its example."""
    boxes = select(site, "div.messages")
    said = [box for box in boxes if "No message." in box.get_text()]
    for name in SILENT.split():
        assert any(box.select(f"a[href$='/{name}.html']") for box in said), name


def table(site: Site) -> Tag:
    (found,) = site.page("what-reaches-a-worker.html").select("table.captured-table")
    return found


@pytest.mark.parametrize("captures", CAPTURES, ids=lambda captures: captures.platform.id)
def test_what_reaches_a_worker(site: Site, captures: Capture) -> None:
    """Each platform's cells say what its capture says, or below them is why it has none."""
    output = captures.examples["what_reaches_a_worker"].output
    rows = measures.read(output)
    if not rows:
        text = site.page("what-reaches-a-worker.html").get_text()
        assert f"{captures.platform.title}: {output.strip()}" in text
        return
    columns = [cell.get_text() for cell in table(site).select("thead th")][1:]
    found = {}
    for row in table(site).select("tbody tr"):
        title, *cells = row.select("td")
        values = []
        for cell in cells:
            says = cell.select("p.says")
            if len(says) > 1:
                says = [one for one in says if css_class(captures.platform) in one["class"]]
            texts = [str(one.find(string=True)).strip() for one in says] or ["-"]
            (text,) = texts
            values.append(text)
        found[title.get_text()] = dict(zip(columns, values))
    page = site.page("what-reaches-a-worker.html")
    without = [one.get_text() for one in page.select("div.captured > p")]
    for column in columns:  # one in which it has no part is named below
        if all(cells[column] == "-" for cells in rows.values()):
            lines = [line for line in without if re.match(rf"Without .*\b{column}\b", line)]
            assert any(captures.platform.version in line for line in lines)
            for cells in (*rows.values(), *found.values()):
                del cells[column]
    assert found == rows


def test_costs(site: Site) -> None:
    """All quantities of both scripts have a chart, and both scripts can be downloaded."""
    page = site.page("costs.html")
    drawn = [figure.get("aria-label") for figure in page.select("figure.chart svg[role=img]")]
    wanted = []
    for name in ("time_to_first_result", "memory_of_a_worker"):
        wanted += measures.read(CAPTURES[0].examples[name].output)
        (script,) = ROOT.glob(f"examples/cost/{name}.py")
        (download,) = (path for path in site.downloads("costs.html", f"{name}.py"))
        assert download.read_bytes() == script.read_bytes()
    assert [str(label).partition(", on ")[0] for label in drawn] == wanted
