"""The search in a real browser: a line of somebody's traceback finds the page that explains it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from .conftest import Readers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# As they stand in other people's terminals, with their own names, folders and numbers.
LINES = {
    "AttributeError: Can't pickle local object 'main.<locals>.work'": "local_function_not_pickled",
    "AttributeError: Can't get local object 'Trainer.fit.<locals>.on_end'": (
        "local_function_not_pickled"
    ),
    "_pickle.PicklingError: Can't pickle <function <lambda> at 0x7fd1a2c0>: "
    "attribute lookup <lambda> on thing.jobs failed": "local_function_not_pickled",
    "_pickle.PicklingError: Can't pickle local object <function train.<locals>.step at 0x7f2b>": (
        "local_function_not_pickled"
    ),
    "TypeError: cannot pickle '_thread.lock' object": "lambda_initializer_not_pickled",
    "        An attempt has been made to start a new process before the": "no_main_guard",
    "        current process has finished its bootstrapping phase.": "no_main_guard",
    "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated "
    "abruptly while the future was running or pending.": "worker_ended_abruptly",
    "Process 4711 terminated abruptly with exit code -11": "worker_ended_abruptly",
    "AttributeError: Can't get attribute 'resize' on <module '__main__' (built-in)>": (
        "function_not_in_main"
    ),
    "AttributeError: Can't get attribute 'resize' on <module '__main__' "
    "(<class '_frozen_importlib.BuiltinImporter'>)>": "function_not_in_main",
    "AttributeError: module '__main__' has no attribute 'resize'": "function_not_in_main",
    "FileNotFoundError: [Errno 2] No such file or directory: '/home/ada/thing/<stdin>'": (
        "script_from_stdin"
    ),
    "RuntimeError: context has already been set": "set_start_method_twice",
    "/usr/lib/python3.12/multiprocessing/popen_fork.py:66: DeprecationWarning: This process "
    "(pid=48213) is multi-threaded, use of fork() may lead to deadlocks in the child.": (
        "fork_with_threads"
    ),
    "RuntimeError: A SemLock created in a fork context is being shared with a process in a spawn "
    "context. This is not supported. Please use the same context to create multiprocessing "
    "objects and Process.": "lock_of_other_context",
    "RuntimeError: Queue objects should only be shared between processes through inheritance": (
        "lock_as_argument"
    ),
    "ValueError: cannot find context for 'fork'": "set_missing_method",
    "ValueError: max_tasks_per_child is incompatible with the 'fork' multiprocessing start method; "
    "supply a different mp_context.": "max_tasks_with_fork",
    "OSError: AF_UNIX path too long": "socket_path_too_long",
    "AttributeError: 'str' object has no attribute 'get_start_method'": "pass_string_as_context",
    "EOFError: Ran out of input": "ran_out_of_input",
    "ValueError: max_workers must be <= 61": "too_many_workers",
    r"OSError: [Errno 22] Invalid argument: 'C:\\Users\\ada\\thing\\<stdin>'": "script_from_stdin",
    r"FileNotFoundError: [Errno 2] No usable temporary directory found in ['C:\\Users\\ada']": (
        "default_without_temporary_folder"
    ),
}
SECTIONS = {
    "TypeError: cannot pickle '_thread.RLock' object": "cannot-pickle-thread-lock-object",
    "AttributeError: module '__main__' has no attribute 'crunch'": (
        "can-t-get-attribute-or-module-main-has-no-attribute"
    ),
    "ConnectionResetError: [Errno 104] Connection reset by peer": (
        "connection-reset-by-peer-or-unexpected-eof"
    ),
    "my global config is empty in the workers after upgrading to Python 3.14": (
        "a-global-variable-has-its-first-value-in-the-worker"
    ),
}
WORDS = {
    "forkserver": "start-methods.html",
    "log records vanish": "examples/break/log_records_vanish.html",
    "fork/spawn": "start-methods.html",
    "python 3.14 default": "moving-to-314.html",
    "worker_start_method": "helper.html",
    "pytest": "testing.html",
}


Find = Callable[[str], list[str]]
"""Search for words, and give the pages that are found with the sections of some, best first."""

ASK = """words => Search._performSearch(...Search._parseQuery(words)).reverse()
    .map(([page, , section]) => `${page}.html${section}`)"""


@pytest.fixture(scope="module")
def find(browser: Browser, address: str) -> Iterator[Find]:
    """Asks the page of the search what it would show, without a visit for each question."""
    readers = Readers(browser, f"{address}/")
    page = readers.new()
    page.goto(f"{address}/search.html")
    page.wait_for_function("Search.hasIndex()")
    yield lambda words: list(page.evaluate(ASK, words))
    readers.leave()


def pages(places: list[str]) -> list[str]:
    return [place.partition("#")[0] for place in places]


@pytest.mark.parametrize("line", LINES, ids=[f"{LINES[line]}-{n}" for n, line in enumerate(LINES)])
def test_pasted_line(find: Find, line: str) -> None:
    """A whole line finds the script that cures it, and the symptoms, among the first three."""
    first = pages(find(line))[:3]
    assert [name for name in first if name.endswith(f"/{LINES[line]}.html")], first
    assert "symptoms.html" in first


@pytest.mark.parametrize("line", SECTIONS, ids=SECTIONS.get)
def test_section(find: Find, line: str) -> None:
    """Of a long page the section is found that has the words in its title."""
    assert f"symptoms.html#{SECTIONS[line]}" in find(line)[:3]


def test_opened(find: Find, page: Page, address: str) -> None:
    """What the page of the search shows is what it finds; a section is opened, without marks."""
    line, section = next(iter(SECTIONS.items()))
    page.goto(f"{address}/search.html?q={quote(line)}")
    page.locator(".search-summary", has_text="finished").wait_for()
    links = page.locator("ul.search li > a").evaluate_all(
        "links => links.map((link) => link.getAttribute('href'))"
    )
    assert [re.sub(r"\?[^#]*", "", link) for link in links] == find(line)
    page.locator(f"ul.search li > a[href*='symptoms.html'][href$='#{section}']").click()
    page.wait_for_url(f"{address}/symptoms.html*#{section}")
    assert page.locator(f"section#{section}").bounding_box() is not None
    assert page.locator("span.highlighted").count() == 0


def test_words(find: Find) -> None:
    """A few words find their page among the first five; what no page has finds none."""
    for words, name in WORDS.items():
        assert name in pages(find(words))[:5]
    for words in ("qwertzuiop", "BlockingIOError: 1234", "/home/ada/"):
        assert find(words) == []


def test_words_of_a_page_that_has_all(find: Find) -> None:
    """A page that has every word comes before those that have most of them."""
    best, *others = pages(find("deadlocks in the child of a multi-threaded process"))
    assert best == "examples/break/fork_with_threads.html"
    assert others


def test_form(page: Page, address: str) -> None:
    """The field on the first page leads to what the search finds."""
    page.goto(f"{address}/index.html")
    page.get_by_label("Paste a line of your error").fill("context has already been set")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("link", name="RuntimeError: context has already been set").click()
    page.get_by_role("heading", name="Cure").wait_for()
