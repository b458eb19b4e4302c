"""The search in a real browser: a line of somebody's traceback finds the page that explains it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext.symptoms import KINDS, SYMPTOMS, find, plain

from .conftest import REPOSITORY, Readers

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from .conftest import Site

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
WORDS = {
    "forkserver": "start-methods.html",
    "log records vanish": "examples/break/log_records_vanish.html",
    "fork/spawn": "start-methods.html",
    "python 3.14 default": "moving-to-314.html",
    "worker_start_method": "helper.html",
    "pytest": "testing.html",
}
LEADS = """\
RuntimeError: An attempt has been made to start a new process before the current process
FileNotFoundError: [Errno 2] No such file or directory: '/psm_1a2b3c4d'
"""
TRACEBACK = """
concurrent.futures.process._RemoteTraceback:
_pickle.PicklingError: Can't pickle local object <function train.<locals>.step at 0x7f2b>
The above exception was the direct cause of the following exception:
  File "/home/ada/thing/jobs.py", line 12, in <module>
concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated abruptly
"""
ASCII = st.characters(codec="ascii", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e")
BY_NAME = {one.name: one for one in SYMPTOMS}

Look = Callable[[str], dict[str, Any]]
"""Search for a text, and give what the page of the search would show."""

ASK = """text => {
    const known = Search.look(text);
    const pages = Search._performSearch(...Search._parseQuery(known.line)).reverse();
    return {
        exact: known.exact,
        symptoms: known.symptoms.map((one) => one.place.split("#")[1]),
        unknown: known.unknown,
        pages: pages.map(([page]) => `${page}.html`),
    };
}"""


@pytest.fixture(scope="module")
def searching(browser: Browser, address: str) -> Iterator[Page]:
    """The page of the search, which can be asked for many texts in one visit."""
    readers = Readers(browser, f"{address}/")
    page = readers.new()
    page.goto(f"{address}/search.html")
    page.wait_for_function("Search.hasIndex()")
    yield page
    readers.leave()


@pytest.fixture(scope="module")
def look(searching: Page) -> Look:
    return lambda text: dict(searching.evaluate(ASK, text))


@pytest.mark.parametrize("line", LINES, ids=[f"{LINES[line]}-{n}" for n, line in enumerate(LINES)])
def test_pasted_line(look: Look, line: str) -> None:
    """A whole line finds first the symptom that has it, with the script that cures it."""
    found = look(line)
    assert found["exact"]
    assert not found["unknown"]
    first = BY_NAME[found["symptoms"][0]]
    assert LINES[line] in [example.rpartition("/")[2] for example in first.examples]


@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=5)
def test_foreign_names(searching: Page, data: st.DataObject) -> None:
    """A message with any names in it finds what the package finds, in the same order."""
    patterns = [pattern for one in SYMPTOMS for pattern in one.messages]
    first = data.draw(st.integers(0, len(patterns) - 1))
    patterns = [*patterns, *patterns][first : first + 70]
    texts = [data.draw(st.from_regex(one, fullmatch=True, alphabet=ASCII)) for one in patterns]
    texts = [f"here it is\n{text}\n" for text in texts]
    names = """texts => texts.map((text) =>
        Search.look(text).symptoms.map((one) => one.place.split("#")[1]))"""
    assert searching.evaluate(names, texts) == [[one.name for one in find(text)] for text in texts]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (TRACEBACK, ["local-function", "terminated-abruptly"]),
        (LEADS, ["no-main-guard", "shared-memory-vanishes"]),
        ("identical random numbers in every worker", ["same-random-numbers"]),
        ("my global config is empty in the workers after upgrading to 3.14", ["global-is-reset"]),
        ("unittest.mock patch is not seen by the workers", ["mock-not-seen"]),
        ("pyinstaller executable starts again and again", ["frozen"]),
        ("my fit is slower with a pool than with a plain loop", ["sent-with-every-task"]),
        ("GridSearchCV freezes as soon as n_jobs is more than 1", ["fork-with-threads"]),
        ("the list stays empty although each process appends to it", ["copy-in-each-process"]),
        ("matplotlib segfaults in child processes on a Mac", ["objc-fork"]),
        ("no breakpoint of PyCharm is hit in a worker", ["debugger"]),
        ("mutiprocessing counter is too small, updates are lost", ["counter-loses"]),
        ("tqdm bar of my Pool stays at 0 until the end", ["progress-bar"]),
        ("os.cpu_count is wrong in a Docker container", ["how-many-workers"]),
        ("how do I give pool.map a function of two arguments", ["arguments-of-a-task"]),
        ("set a time limit for each task and kill it then", ["task-goes-on"]),
        ("queue.empty() says True but items are left", ["queue-seems-empty"]),
        ("lightning pauses between epochs with workers", ["dataloader-starts-anew"]),
        ("lines of the child process are missing in coverage", ["coverage-of-workers"]),
        ("SQLite is locked when several processes write", ["database-is-locked"]),
        ("executor.map of a huge generator fills the memory", ["map-takes-all-at-once"]),
        ("my pool hangs forever", ["hangs-without-a-word"]),
        (
            "process pool errors vanish nothing is printed",
            ["console-shows-nothing", "exceptions-vanish"],
        ),
        ("buffered file is empty after the process, atexit was not called", ["nothing-at-its-end"]),
    ],
)
def test_symptoms(look: Look, text: str, names: list[str]) -> None:
    """A traceback finds its cause before what follows from it; plain words find what they name."""
    assert look(text)["symptoms"][: len(names)] == names


@pytest.mark.parametrize(
    "text",
    [
        "This  process is multi-threaded, use of fork() may lead\n  to deadlocks",
        "OSError:[Errno 12]  Cannot allocate memory",
    ],
)
def test_wrapped(look: Look, text: str) -> None:
    """A message is found as the package finds it though it is wrapped, or has more spaces."""
    found = look(text)
    assert found["exact"]
    assert found["symptoms"] == [one.name for one in find(text)]


@pytest.mark.parametrize("words", WORDS)
def test_words(look: Look, words: str) -> None:
    """A few words find their page among the first five."""
    assert WORDS[words] in look(words)["pages"][:5]


def test_words_of_a_page_that_has_all(look: Look) -> None:
    """A page that has every word comes before those that have most of them."""
    best, *others = look("deadlocks in the child of a multi-threaded process")["pages"]
    assert best == "examples/break/fork_with_threads.html"
    assert others


@pytest.mark.parametrize(
    "text",
    [
        *("qwertzuiop", "BlockingIOError: 1234", "/home/ada/", "KeyError: 'learning_rate'"),
        *("OSError: [Errno 5] Input/output error", "ZeroDivisionError: division by zero"),
        "AttributeError: 'DataFrame' object has no attribute 'frobnicate'",
        "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
        "ssl.SSLCertVerificationError: certificate verify failed: self-signed certificate",
    ],
)
def test_unknown(look: Look, text: str) -> None:
    """What no entry has leads nowhere: not to a message that shares a class or a few words."""
    found = look(text)
    assert not found["exact"]
    assert (found["symptoms"], found["pages"]) == ([], [])


def test_no_word(look: Look) -> None:
    """What is too long for a word, such as what is encoded, is left out of the search."""
    found = look(f"the process pool hangs with {'a_B' * 70_000}")
    assert "hangs-without-a-word" in found["symptoms"]
    assert not found["unknown"]


def test_unknown_words(look: Look) -> None:
    """The words that no page has are named, as they were typed."""
    assert look("process pool and Qwertzuiop")["unknown"] == ["Qwertzuiop"]
    assert look("start methods")["unknown"] == []


def test_shown(page: Page, address: str) -> None:
    """The page shows the symptom, its cause, its cure, where it was seen, and then other pages."""
    page.goto(f"{address}/index.html")
    box = page.get_by_label("Paste your error")
    box.fill("Traceback:\n  File 'x.py'\nRuntimeError: context has already been set")
    box.press("Enter")
    item = page.locator(".found-symptoms li")
    item.wait_for()
    entry = BY_NAME["context-already-set"]
    text = item.inner_text()
    assert plain(entry.cause).partition(". ")[0] in text
    assert plain(entry.cure) in text
    assert "Seen on" in text
    assert page.get_by_label("Paste your error").input_value().count("\n") == 2
    page.locator("ul.search li > a").first.wait_for()
    item.get_by_role("link", name=entry.title).click()
    page.wait_for_url(f"{address}/symptoms/calling.html#{entry.name}")
    assert page.locator("h2", has_text=entry.title).is_visible()
    assert page.locator("span.highlighted").count() == 0


def test_what_is_seen(page: Page, address: str) -> None:
    """Who says what they see is shown all symptoms that people look for there, and back again."""
    page.goto(f"{address}/search.html?q={quote('my pool hangs with coverage')}")
    titles = page.locator(".found-symptoms li > a")
    titles.first.wait_for()
    before = titles.all_inner_texts()
    seen = page.get_by_label("What do you see?")
    for kind in KINDS:
        seen.select_option(kind.heading)
        names = {one.name for one in kind.symptoms} | set(kind.others)
        places = [link.get_attribute("href") or "" for link in titles.all()]
        assert {place.partition("#")[2] for place in places} == names
        if kind.name == "hanging":
            assert "coverage" in titles.first.inner_text()
    seen.select_option("")
    assert titles.all_inner_texts() == before


def test_nothing_is_shown(page: Page, address: str) -> None:
    """Where nothing fits the page says so, names the words, and leads to the symptoms."""
    page.goto(f"{address}/search.html?q=Qwertzuiop")
    note = page.locator(".found-symptoms [role=status]")
    assert note.inner_text() == (
        "No page has: Qwertzuiop. "
        "No entry on the page of symptoms has this. Propose it, with what you saw."
    )
    propose = note.get_by_role("link", name="Propose it")
    assert propose.get_attribute("href") == f"{REPOSITORY}/issues/new?template=new-symptom.yml"
    page.locator(".search-summary", has_text="not match").wait_for()
    assert page.get_by_label("What do you see?").is_visible()
    note.get_by_role("link", name="symptoms").click()
    page.wait_for_url(f"{address}/symptoms.html")


def test_address_that_stays(page: Page, address: str) -> None:
    """What a terminal shows as a symptom's address leads to its section, and back again."""
    page.goto(f"{address}/index.html")
    page.goto(f"{address}/symptoms.html#context-already-set")
    page.wait_for_url(f"{address}/symptoms/calling.html#context-already-set")
    page.go_back()
    page.wait_for_url(f"{address}/index.html")


def test_only_symptoms(page: Page, address: str) -> None:
    """Where a symptom fits and no page does, nothing says that nothing was found."""
    page.goto(f"{address}/search.html?q={quote('zombie worker')}")
    page.locator(".found-symptoms li").first.wait_for()
    page.locator(".search-summary", has_text="not match").wait_for(state="hidden")
    assert page.locator("#search-results h2").is_hidden()


@pytest.mark.parametrize(
    "text",
    """how to bake bread/django template does not exist/git merge conflict/CSS grid not aligned
    numpy broadcasting shapes mismatch/ssl certificate verify failed/requests timeout
    pandas groupby aggregate wrong result/regex catastrophic backtracking/pytest fixture not found
    matplotlib legend overlaps axes/mypy cannot find stub""".replace("\n", "/").split("/"),
)
def test_of_something_else(look: Look, text: str) -> None:
    """What has nothing to do with processes finds no symptom."""
    assert look(text)["symptoms"] == []


def test_keyboard(page: Page, address: str) -> None:
    """The slash leads to a field, the arrows from result to result, and Enter opens one."""
    page.goto(f"{address}/search.html?q={quote('context has already been set')}")
    page.locator("ul.search li > a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/symptoms/calling.html#context-already-set")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"


def test_from_disk(browser: Browser, site: Site) -> None:
    """It works for pages that are opened from a disk."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{site.html.as_uri()}/search.html?q=AF_UNIX+path+too+long")
        page.locator(".found-symptoms li").first.wait_for()
