"""What the checks let pass, what they refuse and why, and that real pools agree."""

from __future__ import annotations

import contextlib
import decimal
import functools
import gc
import importlib.machinery
import io
import multiprocessing
import multiprocessing.connection
import multiprocessing.heap
import multiprocessing.sharedctypes
import operator
import os
import pickle
import queue
import re
import socket
import subprocess
import sys
import tempfile
import threading
import types
import typing
from collections import OrderedDict, deque, namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import context
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext import (
    TransferError,
    check_initializer,
    check_result,
    check_task,
    process_pool,
    transfer,
)

try:
    import psutil
except ImportError:  # where there is no wheel of it, as for PyPy
    psutil = None

pytestmark = pytest.mark.usefixtures("published", "_surroundings")

PYPY = sys.implementation.name == "pypy"
CACHED = "function" if PYPY else "object"  # what functools.lru_cache makes
TASK, INITIALIZER, AGAIN = transfer.TASK_PLACE, transfer.INITIALIZER_PLACE, transfer.AGAIN_PLACE
LOCK, SHARED_LOCK = transfer.LOCK_PLACE, transfer.SHARED_PLACE
OTHER_LOCK, MAIN, OBJECT = transfer.OTHER_LOCK_PLACE, transfer.MAIN_PLACE, transfer.OBJECT_PLACE
LAMBDA = "a lambda, which has no name to import it by"
THREADS = "a lock of threads, of which another process can have no part"
NO_FILE = "__main__, which is no file here"
PACKAGE = "the __main__.py of a package, which no worker imports"
FORKED = "it needs a lock of the fork context, which a spawned process cannot open"


def check(
    function: Any, *args: Any, initializer: Any = None, initargs: Any = (), **kwargs: Any
) -> None:
    """Check all that a pool is given."""
    check_task(function, *args, **kwargs)
    check_initializer(initializer, initargs)


def without_address(value: object) -> str:
    """The id of a case, which is the same in every process that runs some of the tests."""
    return re.sub(" at 0x[0-9a-fA-F]+", "", repr(value))


def refused(*args: Any, function: Any = print, **kwargs: Any) -> tuple[str, str, str]:
    """The part that is refused, the reason, and the place; Python's error, if any, is the cause."""
    with pytest.raises(TransferError) as caught:
        check(function, *args, **kwargs)
    return told(caught.value, "reach a spawned worker")


def told(error: TransferError, way: str) -> tuple[str, str, str]:
    """What an error says, and has as its data."""
    pattern = rf"(\S+) cannot {way}: (.+)\. See https://x\.example/(\S+)"
    found = re.fullmatch(pattern, str(error), re.DOTALL)
    assert found, error
    part, reason, place = found.groups()
    assert (error.part, error.reason) == (part, reason)
    assert not reason.endswith(".")
    cause = error.__cause__
    if reason.startswith("its ") or reason == FORKED:  # Python might have taken it
        assert cause is error.__context__ is None
    else:
        assert cause
        assert cause.__traceback__
        said = re.search(r"(?:says|again there): (\w+)", reason)
        assert not said or said[1] == type(cause).__name__
    return part, reason, place


def not_handed(*initargs: object) -> tuple[str, str, str]:
    """The same of what is handed to an initializer."""
    return refused(initializer=print, initargs=initargs)


def hand(*initargs: object) -> None:
    """Check what is handed to an initializer."""
    check_initializer(print, initargs)


def local_function() -> Callable[[], None]:
    """A function that is made inside this one."""

    def inner() -> None:
        """Nobody calls it."""

    return inner


def local_class() -> type:
    """A class that is made inside this function."""

    class Inner:
        """Has no contents."""

    return Inner


def counted() -> Iterator[int]:
    """Stop in the middle."""
    yield 1


@functools.lru_cache
def cached() -> int:
    """An object, and not a function."""
    return 1


class Plain:
    """Can be pickled."""

    def __init__(self, value: object = None) -> None:
        self.value = value

    def method(self) -> object:
        """Anything."""
        return self.value


class TwoArgumentsError(Exception):
    """Cannot be made again from its message, which is all that an exception keeps."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} {two}")


class UnspeakableError(Exception):
    """Cannot even be shown."""

    def __str__(self) -> str:
        raise ValueError


class Raising:
    """Raises what it is made with as soon as it is pickled."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def __reduce__(self) -> Any:
        raise self.error


class Hostile:
    """Fails for whatever is asked of it: its class, what it does not have, and to be pickled."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("there is no request")

    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)

    def __reduce__(self) -> Any:
        raise TypeError("cannot")


class RaisingThere:
    """Fails to be made again."""

    def __reduce__(self) -> Any:
        return operator.truediv, (1, 0)


class OwnSocket(socket.socket):
    """Of which CPython does not know how to send it, as it does not of its own for TLS."""


Pair = namedtuple("Pair", "one two")
OPEN = contextlib.ExitStack()
"""The files of the cases."""


def made_by_hand(name: str) -> Any:
    """A module of no file, with a function, a class and a cached function in it."""
    module = types.ModuleType(name)
    code = (
        "import functools\n"
        "def function(): pass\n"
        "class Class: pass\n"
        "cached = functools.lru_cache(maxsize=None)(function)\n"
        "cached.__qualname__ = 'cached'\n"
    )
    exec(code, vars(module))
    return module


MADE = {name: made_by_hand(name) for name in ("made_by_hand", "made_by_hand.within")}


@pytest.fixture(scope="module")
def _surroundings() -> Iterator[None]:
    """The modules of the cases can be found here; their files are closed in the end."""
    with pytest.MonkeyPatch.context() as patch, OPEN:
        for name, module in MADE.items():
            patch.setitem(sys.modules, name, module)
        yield


def closed(end: Any) -> Any:
    """What is closed."""
    end.close()
    return end


def closed_pipe() -> Any:
    """An end of a pipe of which both are closed."""
    one, two = multiprocessing.Pipe()
    two.close()
    return closed(one)


def deep() -> list[Any]:
    """More lists within each other than Python can go through."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def namesake() -> Any:
    """A function whose name means another one by now."""
    function = types.FunctionType(local_function.__code__, globals(), "local_function")
    assert function.__module__ == __name__
    return function


class Unfit(NamedTuple):
    """Something that cannot reach a worker, and what is said of it."""

    make: Callable[[], Any]
    reason: str
    """A pattern, with {} for the verb."""

    verbs: list[str]
    """If it is the part itself, and if it is within."""

    task: str
    """The place, if it is the task's."""

    handed: str
    """The place, if it is the initializer's."""


UNFIT: dict[str, Unfit] = {}


def add(
    reason: str,
    verbs: str = "is holds",
    task: str = TASK,
    handed: str = INITIALIZER,
    **makes: Callable[[], Any],
) -> None:
    """Add all that is refused for one reason."""
    for name, make in makes.items():
        UNFIT[name] = Unfit(make, reason, verbs.split(), task, handed)


add_said = functools.partial(add, task=OBJECT, handed=OBJECT)


def says(kind: str, said: str) -> str:
    """The reason that Python gives for a type of this module, or another one."""
    name = kind if "." in kind else f"{__name__}.{kind}"
    return f"it {{}} an object of the type {re.escape(name)}, and Python says: {said}"


def kept(make: Callable[..., Any], *how: Any) -> Any:
    """Something open, which is closed in the end."""
    return OPEN.enter_context(make(*how))


WORDS = f"it {{}} {LAMBDA}"
add(WORDS, plain_lambda=lambda: lambda: 1, lambda_with_yield=lambda: lambda: (yield))
add(WORDS, "holds holds", partial=lambda: functools.partial(lambda: 1))
add(WORDS, "holds holds", method=lambda: Plain([lambda: 1]).method)
WORDS = "it {} the %s, which is made inside a function"
add(WORDS % "function local_function.<locals>.inner", "is needs", function=local_function)
add(WORDS % "class local_class.<locals>.Inner", "is needs", local_class=local_class)
add(WORDS % "class local_class.<locals>.Inner", "needs needs", instance=lambda: local_class()())
add_said(says("builtins.function", "PicklingError: .*not the same object.*"), namesake=namesake)
WORDS = f"it {{}} {THREADS}"
add(WORDS, task=LOCK, lock=threading.Lock)
add(WORDS, "holds holds", LOCK, event=threading.Event, queue=queue.Queue)
add(WORDS, "holds holds", LOCK, method_of_lock=lambda: threading.Lock().acquire)
if not PYPY:  # which sends new ones in their place
    add(WORDS, task=LOCK, rlock=threading.RLock)
    add_said(says("_thread._local", ".*"), thread_local=threading.local)
WORDS = "it {} an open file"
add(WORDS, "is holds", OBJECT, OBJECT, text_file=lambda: kept(open, __file__))
add(WORDS, "is holds", OBJECT, OBJECT, raw_file=lambda: kept(open, __file__, "rb", 0))
add(WORDS, "is holds", OBJECT, OBJECT, output=lambda: kept(open, os.devnull, "wb"))
add(WORDS, "holds holds", OBJECT, OBJECT, method_of_file=lambda: kept(open, __file__).read)
add(WORDS, "holds holds", OBJECT, OBJECT, wrapped_file=lambda: kept(tempfile.NamedTemporaryFile))
add_said(says("OwnSocket", ".*"), own_socket=lambda: kept(OwnSocket))
WORDS = r"it {} an object of the type \S+, .*OSError: (it|handle) is closed"
add_said(WORDS, closed_socket=lambda: closed(socket.socket()), closed_pipe=closed_pipe)
add_said("it {} .*, and Python says: .*'generator'.*", generator=counted)
WORDS = says("Raising", "LookupError: It ends")
add_said(WORDS, own_error=lambda: Raising(LookupError("It ends.")))
add_said(says("Raising", "SystemError: "), silent=lambda: Raising(SystemError()))
add_said(says("Raising", "UnspeakableError"), unspeakable=lambda: Raising(UnspeakableError()))
add_said("it .*" if PYPY else says("Hostile", "TypeError: cannot"), hostile=Hostile)
WORDS = r"it (is|holds) (the list \[+\.\.\.\]+|.* builtins.dict), and Python says: RecursionError.*"
add_said(WORDS, deep=deep)
WORDS = "it cannot be made again there: "
add(WORDS + "ZeroDivisionError: .*", task=AGAIN, handed=AGAIN, raising_there=RaisingThere)
WORDS += "TypeError: .*missing 1 required positional argument.*"
add(WORDS, task=AGAIN, handed=AGAIN, two_arguments=lambda: TwoArgumentsError(1, 2))
for name, module in MADE.items():
    for what in ("function function", "class Class", f"{CACHED} cached"):
        make = functools.partial(getattr, module, what.split()[1])
        WORDS = f"its {what} is in {name}, which cannot be imported"
        add(WORDS, task=MAIN, handed=MAIN, **{f"{what} of {name}": make})
for name in ("no_such_module", "no_such_module.within", ".within", "."):
    make = functools.partial(type, "Class", (), {"__module__": name})
    WORDS = f"its class Class is in {re.escape(name)}, which cannot be imported"
    add(WORDS, task=MAIN, handed=MAIN, **{f"class of {name}": make})

CYCLE: list[Any] = []
CYCLE.append(CYCLE)
GOOD: dict[str, object] = {
    "text": "x" * 1_000_000,
    "containers": [(1, {"a": {2, frozenset([3])}}), deque([4]), OrderedDict(b=5)],
    "namedtuple": Pair(1, 2),
    "class": Plain,
    "class of None": type(None),
    "generic class": typing.List[int],  # noqa: UP006 - PyPy makes the other one unlike CPython
    "built-in generic class": list[int],
    "function": local_function,
    "cached function": cached,
    "built-in function": len,
    "method": Plain().method,
    "method of a class": Plain.method,
    "method of a built-in object": [].append,
    "partial": functools.partial(pow, 2, mod=3),
    "iterator": iter([1]),
    "path": Path("a"),
    "context": multiprocessing.get_context("spawn"),
    "text in memory": io.StringIO("x"),
    "itself within": CYCLE,
}
LOCKS = ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event")
QUEUES = ("Queue", "JoinableQueue", "SimpleQueue")
SHARED: dict[str, Callable[[Any], Any]] = {
    **{name: operator.methodcaller(name) for name in LOCKS + QUEUES},
    "Barrier": operator.methodcaller("Barrier", 2),
    "Value": operator.methodcaller("Value", "i"),
    "Array": operator.methodcaller("Array", "i", 3),
}
"""What multiprocessing makes with locks in it."""


@pytest.fixture(params=["spawn", "forkserver"])
def clean(request: pytest.FixtureRequest) -> str:
    """Each start method that pickles what it hands over."""
    name: str = request.param
    if name not in multiprocessing.get_all_start_methods():
        pytest.skip(f"{name} is not there on this platform")
    return name


needs_fork = pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(),
    reason="fork is not there on this platform",
)


class TestPasses:
    """What reaches a worker."""

    @pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
    def test_everywhere(self, value: object) -> None:
        """What can be pickled passes as an argument, in initargs, and as what is called."""
        pickle.loads(pickle.dumps(value))
        passed = check(print, value, initializer=print, initargs=[value])  # type: ignore[func-returns-value]
        assert passed is None
        if callable(value):
            check(value, initializer=value)

    @pytest.mark.parametrize("initargs", [[1], (1,), {1: 2}, iter([1]), "a"], ids=without_address)
    def test_initargs(self, initargs: Any) -> None:
        """What initargs are made of does not matter, as it does not to a pool."""
        check_initializer(print, initargs)


class TestRefused:
    """What does not, as any part of what a pool is given."""

    @pytest.mark.parametrize("case", UNFIT.values(), ids=UNFIT)
    def test_case(self, case: Unfit) -> None:
        """The part is named, why it is refused, and the page that explains it."""
        value = case.make()

        def agrees(found: tuple[str, str, str], part: str, verb: str, page: str) -> None:
            assert found[::2] == (part, page)
            assert re.fullmatch(case.reason.format(verb), found[1], re.DOTALL)
            assert len(found[1]) < 300

        alone, within = case.verbs
        agrees(refused(value), "args[0]", alone, case.task)
        agrees(refused(1, [value], lambda: 2), "args[1]", within, case.task)
        agrees(not_handed(value), "initargs[0]", alone, case.handed)
        agrees(not_handed(1, {1: value}), "initargs[1]", within, case.handed)
        if callable(value):
            agrees(refused(function=value), "function", alone, case.task)
            agrees(refused(initializer=value), "initializer", alone, case.handed)
        if case.reason.endswith("an open file") and alone == "is":
            assert not value.closed

    def test_first_is_named(self) -> None:
        """Of several that are unfit, the first is named, in the order of the parameters."""
        bad = lambda: 1  # noqa: E731 - as somebody might write it
        everything: dict[str, Any] = {"initializer": bad, "initargs": [1, bad]}
        assert refused(bad, function=bad, **everything)[0] == "function"
        assert refused(1, bad, bad, **everything)[0] == "args[1]"
        assert refused(1, **everything)[0] == "initializer"
        assert refused(1, initargs=[1, bad])[0] == "initargs[1]"

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            *[({"function": value}, "callable function") for value in (3, None, "print", [print])],
            *[({"initializer": value}, "callable initializer") for value in (3, "", mock.ANY)],
            ({"initargs": 3}, "initargs that can be gone through"),
            ({"initargs": Hostile()}, "initargs that can be gone through"),
        ],
        ids=without_address,
    )
    def test_type_error(self, wrong: dict[str, Any], message: str) -> None:
        """What cannot be called, or gone through, is a plain TypeError that says so."""
        with pytest.raises(TypeError, match=f"takes (a )?{message}, not ") as caught:
            check(**{"function": print, **wrong})
        assert type(caught.value) is TypeError
        assert bool(caught.value.__cause__) == ("initargs" in wrong)

    def test_error_of_initargs(self) -> None:
        """What going through initargs raises is passed on."""
        with pytest.raises(ZeroDivisionError):
            check(print, initargs=(1 // number for number in [0]))

    @pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
    def test_interruption(self, error: type[BaseException]) -> None:
        """What is no error of the object's is not caught."""
        for checked in (hand, functools.partial(check_task, print)):
            with pytest.raises(error):
                checked(Raising(error()))
            assert context.get_spawning_popen() is None

    def test_check_within_the_check(self) -> None:
        """An object may itself check others while it is pickled."""
        ctx = multiprocessing.get_context("spawn")

        class Asking:
            def __reduce__(self) -> Any:
                check(print, 1)
                hand(1)
                return print, ()

        hand([Asking(), ctx.Lock()])
        assert refused([Asking(), ctx.Lock()])[2] == SHARED_LOCK


class TestShared:
    """What multiprocessing shares between processes."""

    @pytest.mark.parametrize("make", SHARED.values(), ids=SHARED)
    def test_argument(self, make: Callable[[Any], Any], method: str) -> None:
        """None of it can be an argument, of whichever context it is."""
        shared = make(multiprocessing.get_context(method))
        for value in (shared, [shared], functools.partial(print, shared)):
            part, reason, place = refused(0, value)
            assert (part, place) == ("args[1]", SHARED_LOCK)
            names = {type(shared).__name__, "Lock", "RLock", "Condition", "Semaphore", "Arena"}
            found = re.fullmatch(
                r"it (is|holds) a (\w+), which has to be handed over in initargs", reason
            )
            assert found
            assert found[2] in names
            assert found[1] == "holds" or value is shared

    @pytest.mark.parametrize("make", SHARED.values(), ids=SHARED)
    def test_initargs(self, make: Callable[[Any], Any], method: str) -> None:
        """All of it can be handed over, if it is of a context that gives its locks names."""
        shared = make(multiprocessing.get_context(method))
        parts = ([shared], [[shared, {"a": shared}]])
        initializer = functools.partial(print, shared)
        if method != "fork":
            for initargs in parts:
                hand(*initargs)
            check(print, initializer=initializer)
            return
        for initargs in parts:
            assert not_handed(0, *initargs) == ("initargs[1]", FORKED, OTHER_LOCK)
        assert refused(initializer=initializer) == ("initializer", FORKED, OTHER_LOCK)

    def test_memory(self, method: str) -> None:
        """Shared memory without a lock can be handed over, of whichever context it is."""
        ctx = multiprocessing.get_context(method)
        number, numbers = ctx.RawValue("i", 3), ctx.RawArray("i", 100_000)
        hand(number, numbers)
        assert (number.value, len(numbers)) == (3, 100_000)
        assert refused(number)[2] == SHARED_LOCK

    def test_not_imported(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nobody has imported multiprocessing's locks, there is none to look for."""
        for name in ("synchronize", "heap", "connection"):
            monkeypatch.delitem(sys.modules, f"multiprocessing.{name}", raising=False)
        hand([1])
        check(print, OSError(1))
        assert "multiprocessing.synchronize" not in sys.modules


class TestModules:
    """Functions of modules that a worker may not find."""

    def test_finder_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A module that cannot even be looked for cannot be imported."""

        class Finder:
            @staticmethod
            def find_spec(*_: Any) -> None:
                raise ImportError("the server with the modules is down")

        value = type("Class", (), {"__module__": "no_such_module"})
        monkeypatch.setattr(sys, "meta_path", [Finder])
        assert refused(value)[1] == "its class Class is in no_such_module, which cannot be imported"

    def test_module_that_hides_its_origin(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A module that looks as if it was made by hand is looked for as a worker would do it."""
        import colorsys

        monkeypatch.setattr(colorsys, "__spec__", None)
        check(colorsys.rgb_to_hls, 1, 2, 3)

    def test_without_a_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A function that has lost its module's name is looked for by pickle, and so refused."""
        monkeypatch.setattr(local_function, "__module__", None)
        check(local_function)
        nameless = types.FunctionType((lambda: 1).__code__, {}, "nameless")
        nameless.__module__ = None  # type: ignore[assignment]
        nameless.__qualname__ = "nameless"
        part, reason, _ = refused(function=nameless)
        assert part == "function"
        assert "PicklingError" in reason or "its object nameless is in __main__" in reason

    @pytest.mark.parametrize(
        ("spec", "file", "where"),
        [
            (None, None, NO_FILE),
            (None, "", NO_FILE),
            (None, "<stdin>", NO_FILE),
            (None, __file__, None),
            ("program", None, None),
            ("package.__main__x", None, None),
            ("__main__", __file__, PACKAGE),
            ("package.__main__", None, PACKAGE),
        ],
    )
    def test_main(
        self, spec: str | None, file: str | None, where: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a worker will find is told from how the program was started."""
        for name in ("__main__", "__mp_main__"):
            main = made_by_hand(name)
            monkeypatch.setitem(sys.modules, "__main__", main)
            monkeypatch.setitem(sys.modules, name, main)
            if file is not None:
                main.__file__ = file
            main.__spec__ = spec and importlib.machinery.ModuleSpec(spec, None)
            if where is None:
                check(main.function, [main.Class()], main.cached)
                continue
            reason = f"its function function is in {where}"
            assert refused(function=main.function) == ("function", reason, MAIN)
            assert refused(main.Class())[1:] == (f"its class Class is in {where}", MAIN)
            assert not_handed(main.cached)[1:] == (f"its {CACHED} cached is in {where}", MAIN)
            if not spec:  # a program may have replaced its main module by one that has none
                del main.__spec__
                assert refused(function=main.function)[2] == MAIN


SCRIPT = """
import functools, os, sys
from poolcontext import TransferError, check_task, process_pool

def function():
    return 3

class Class:
    pass

@functools.lru_cache(maxsize=None)
def cached():
    return 3

def verdict(function, *args):
    try:
        check_task(function, *args)
    except TransferError as error:
        return str(error)
    return "passes"

def truth(function, *args):
    with process_pool("spawn", max_workers=1) as pool:
        try:
            pool.submit(function, *args).result(30)
        except Exception:
            return "fails"
        return "works"

def both():
    return truth(function), verdict(function), verdict(cached)

if __name__ == "__main__":
    for name, args in {
        "function": [function], "class": [repr, Class()], "cached": [cached], "lambda": [lambda: 1],
    }.items():
        print(name, truth(*args), verdict(*args), sep="|")
    if "worker" in sys.argv:
        with process_pool("spawn", max_workers=1) as pool:
            print(*pool.submit(both).result(60))
"""
GUARD = '"__main__":\n'


@pytest.mark.parametrize(
    ("words", "source", "where"),
    [
        (["-c", SCRIPT], "", NO_FILE),
        (["-"], "", NO_FILE),
        (["program.py"], SCRIPT.replace(GUARD, f"{GUARD}    os.remove(__file__)\n"), NO_FILE),
        (["-m", "package"], SCRIPT, PACKAGE),
        (["package"], SCRIPT, PACKAGE),
        (["-m", "program"], SCRIPT, None),
        (["program.py", "worker"], SCRIPT, None),
        (["program.py"], SCRIPT.replace(GUARD, f"{GUARD}    os.chdir(os.sep)\n"), None),
    ],
    ids=["command", "stdin", "gone", "package", "folder", "module", "script", "other folder"],
)
def test_program(words: list[str], source: str, where: str | None, tmp_path: Path) -> None:
    """What is in a program reaches a real pool's worker, or not, as the check says."""
    (tmp_path / "package").mkdir()
    for file in ("package/__init__.py", "package/__main__.py", "program.py"):
        (tmp_path / file).write_text(source, encoding="utf-8")
    path = os.pathsep.join(filter(None, map(os.path.abspath, sys.path)))
    done = subprocess.run(
        [sys.executable, *words],
        input=SCRIPT if words == ["-"] else "",
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    if "worker" in words:  # where the program has another name
        assert lines.pop() == "works passes passes"
    name, truth, verdict = lines.pop().split("|")
    assert (name, truth) == ("lambda", "fails")
    assert f"function cannot reach a spawned worker: it is {LAMBDA}" in verdict
    whatever = {"function": "function", "class": "class", "cached": CACHED}
    assert [line.partition("|")[0] for line in lines] == [*whatever]
    for line in lines:
        name, truth, verdict = line.split("|")
        if where is None:
            assert (truth, verdict) == ("works", "passes")
        else:
            assert truth == "fails"
            assert re.search(f"its {whatever[name]} {name} is in {where}", verdict, re.IGNORECASE)


def outcome(
    method: str, function: Any, *args: Any, initializer: Any = None, initargs: Any = ()
) -> object:
    """What comes of a task in a real pool."""
    with process_pool(method, max_workers=1, initializer=initializer, initargs=initargs) as pool:
        return pool.submit(function, *args).result(30)


class TestRealPools:
    """That a real pool fails with what is refused, and works with what passes."""

    def test_arguments(self, clean: str) -> None:
        """All that passes as an argument is an argument of a task that works."""
        values = [value for name, value in GOOD.items() if name != "text"]
        assert str(outcome(clean, repr, values)).startswith("[[(1, {")

    def test_functions(self, clean: str) -> None:
        """So is what passes as a function."""
        with process_pool(clean, max_workers=1) as pool:
            for function, *args in [
                (pow, 2, 3),
                (cached,),
                (Plain().method,),
                (functools.partial(pow, 2), 3),
                (Plain,),
            ]:
                check(function, *args)
                pool.submit(function, *args).result(30)

    def test_connections(self, clean: str) -> None:
        """A pipe's end and a socket that pass work in the worker, and here."""
        one, two = multiprocessing.get_context(clean).Pipe()
        here, there = socket.socketpair()
        with one, two, here, there:
            for function, *args in [
                (operator.methodcaller("send", "a"), two),
                (operator.methodcaller("sendall", b"b"), there),
            ]:
                check(function, *args, initializer=function, initargs=[args[0]])
                check(print, args, initializer=print, initargs=[args])
                outcome(clean, function, *args)
                outcome(clean, int, initializer=function, initargs=args)
                function(*args)
            assert [one.recv() for _ in range(3)] == ["a"] * 3
            assert [here.recv(1) for _ in range(3)] == [b"b"] * 3

    @pytest.mark.parametrize("other", ["spawn", "forkserver"])
    def test_shared(self, clean: str, other: str) -> None:
        """What passes in initargs is shared with the worker, also of the other context."""
        if other not in multiprocessing.get_all_start_methods():
            pytest.skip(f"{other} is not there on this platform")
        ctx = multiprocessing.get_context(other)
        lock, event, simple, value = ctx.Lock(), ctx.Event(), ctx.SimpleQueue(), ctx.Value("i")
        full = ctx.Queue()
        for initializer, *initargs in [
            (operator.methodcaller("acquire"), lock),
            (operator.methodcaller("set"), event),
            (operator.methodcaller("put", "a"), simple),
            (operator.methodcaller("put", "a"), full),
            (setattr, value, "value", 7),
        ]:
            check(int, initializer=initializer, initargs=initargs)
            assert outcome(clean, int, initializer=initializer, initargs=initargs) == 0
        assert not lock.acquire(False)
        assert event.is_set()
        assert simple.get() == full.get(timeout=30) == "a"
        assert value.value == 7
        simple.close()
        full.close()
        full.join_thread()

    def test_refused_arguments(self, clean: str) -> None:
        """No argument that is refused reaches a task."""
        ctx = multiprocessing.get_context(clean)
        values = {name: case.make() for name, case in UNFIT.items()}
        values.update((name, make(ctx)) for name, make in SHARED.items())
        pool = process_pool(clean, max_workers=1)
        for name, value in values.items():
            refused(value)
            error = pool.submit(type, value).exception(30)
            assert error, f"{name} reaches a worker"
            if isinstance(error, BrokenProcessPool):
                pool.shutdown()
                pool = process_pool(clean, max_workers=1)
        pool.shutdown()

    def test_refused_initargs(self, clean: str) -> None:
        """No initializer runs with what is refused, or is refused."""
        # Kept, as an error holds the process that could not be started, whose handles its child
        # still wants on Windows: examples/break/lambda_initializer_not_pickled.py.
        errors = []
        for name, case in UNFIT.items():
            if (clean, name) == ("forkserver", "closed_socket"):  # of which CPython's server ends
                continue
            value = case.make()
            not_handed(value)
            called = [{"initializer": value}] if callable(value) else []
            for parts in [{"initializer": print, "initargs": [value]}, *called]:
                with pytest.raises(Exception) as caught:  # noqa: PT011 - raised here, or there
                    outcome(clean, int, **parts)
                assert caught.type.__name__ not in ("TimeoutError", "ConnectionRefusedError"), name
                errors.append(caught.value)
        assert outcome(clean, int) == 0

    @needs_fork
    def test_lock_of_fork(self, clean: str) -> None:
        """A worker cannot acquire a lock of the fork context, save a forked one."""
        lock = multiprocessing.get_context("fork").Lock()
        initializer = operator.methodcaller("acquire")
        assert not_handed(lock)[1] == FORKED
        with pytest.raises(RuntimeError):  # in newer Pythons CPython's own; else the worker dies
            outcome(clean, int, initializer=initializer, initargs=[lock])
        assert lock.acquire(False)
        lock.release()
        assert outcome("fork", int, initializer=lambda lock: lock.acquire(), initargs=[lock]) == 0
        assert not lock.acquire(False)


class TestNoSideEffects:
    """That a look changes nothing."""

    def test_locks_stay_usable(self, method: str) -> None:
        """A lock is neither taken nor given back, and what holds one still works."""
        ctx = multiprocessing.get_context(method)
        lock, threads, shared, value = ctx.Lock(), threading.Lock(), ctx.Queue(), ctx.Value("i", 3)
        for held in (False, True):
            if held:
                lock.acquire()
                threads.acquire()
            for checked in (hand, functools.partial(check_task, print)):
                for one in (lock, threads, shared, value):
                    if method == "fork" or checked is not hand or one is threads:
                        with pytest.raises(TransferError):
                            checked(one)
                    else:
                        checked(one)
            assert lock.acquire(False) == threads.acquire(False) != held
            lock.release()
            threads.release()
        shared.put("a")
        assert shared.get(timeout=30) == "a"
        shared.close()
        shared.join_thread()
        assert value.value == 3

    def test_nothing_is_started(self, clean: str) -> None:
        """No thread and no process is started, and no descriptor is left open."""
        ctx = multiprocessing.get_context(clean)
        ends, other = ctx.Pipe(), socket.socket()
        shared = [make(ctx) for make in SHARED.values()]
        shared += [ctx.RawArray("i", 1000), *ends, other]

        def everything() -> tuple[object, ...]:
            gc.collect()
            gc.collect()  # PyPy closes at the second
            children = psutil.Process().children(recursive=True) if psutil else []
            # Which is there under Wine as well, and holds Wine's own.
            known = os.name == "posix" and os.path.isdir("/proc/self/fd")
            handles = os.listdir("/proc/self/fd") if known else []
            return threading.enumerate(), children, len(handles)

        before = everything()
        for _ in range(5):
            hand(*shared, shared)
            check(print, *ends, other)
            for value in shared[:-3]:
                refused(value)
            not_handed(*shared, threading.Lock())
            not_handed([*shared, TwoArgumentsError(1, 2)])
            refused([*ends, other, lambda: 1])
        assert everything() == before
        for end in (*ends, other):
            end.close()

    def test_fresh_process(self, fresh: Callable[[str], None]) -> None:
        """It chooses no start method, and does not start CPython's helper processes."""
        fresh("""
            import multiprocessing, sys, threading
            from multiprocessing import resource_tracker
            from poolcontext import check_initializer, check_task
            one, two = multiprocessing.get_context('spawn').Pipe()
            check_task(pow, one)
            check_initializer(print, [two, [1]])
            for value in (threading.Lock(), lambda: 1, 1):
                try:
                    check_task(print, value)
                    check_initializer(value)
                except TypeError:
                    pass
            assert multiprocessing.get_start_method(allow_none=True) is None
            assert threading.active_count() == 1
            assert resource_tracker._resource_tracker._fd is None
            assert 'multiprocessing.pool' not in sys.modules
            multiprocessing.set_start_method(multiprocessing.get_all_start_methods()[-1])
        """)

    @pytest.mark.parametrize(
        "value",
        [1, Raising(LookupError()), TwoArgumentsError(1, 2), local_class()],
        ids=without_address,
    )
    def test_popen_is_restored(self, value: object) -> None:
        """What CPython has noted of a process that is being started is there again afterwards."""
        lock = multiprocessing.get_context("spawn").Lock()
        for before in (None, mock.Mock()):
            context.set_spawning_popen(before)
            try:
                for parts in ({"initargs": [value]}, {"initializer": value}, {}):
                    with contextlib.suppress(TypeError):
                        check(print, value, **parts)  # type: ignore[arg-type]
                    assert context.get_spawning_popen() is before
                assert refused(lock)[2] == SHARED_LOCK  # no argument is handed to that process
            finally:
                context.set_spawning_popen(None)

    def test_windows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a simulated Windows a handle is duplicated, as there it is pickled by its number."""
        monkeypatch.setattr(sys, "platform", "win32")
        duplicate = lambda handle: handle + 1  # noqa: E731 - of an operating system
        monkeypatch.setattr("multiprocessing.reduction.duplicate", duplicate, raising=False)
        assert transfer._Handed().duplicate_for_child(3) == 4


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.frozensets(st.integers(), max_size=3)
    | st.sampled_from([len, dict, local_function, Plain, decimal.Decimal(1)]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.builds(Plain, inner)
        | st.builds(functools.partial, st.just(print), inner)
    ),
    max_leaves=8,
)
AROUND: list[Callable[[Any, list[Any], list[Any]], Any]] = [
    lambda value, before, after: [*before, value, *after],
    lambda value, before, after: (*before, value, *after),
    lambda value, before, after: {**dict(enumerate(before)), "a": value, "b": after},
    lambda value, before, after: functools.partial(print, *before, value, key=after),
    lambda value, before, after: deque([*before, value, *after]),
    lambda value, before, after: Plain(Plain(value)).method,
    lambda value, before, after: Pair(before, value),
    lambda value, before, after: types.SimpleNamespace(a=before, b=value),
    lambda value, before, after: ValueError(value, after),
    lambda value, before, after: map(print, [value]),
]


@st.composite
def around(draw: st.DrawFn, bad: object) -> object:
    """Something unfit, somewhere in containers with other things."""
    value = bad
    if draw(st.booleans()):
        value = draw(st.sampled_from([{bad: 1}, {bad}, frozenset([bad])]))
    for _ in range(draw(st.integers(0, 4))):
        before, after = draw(st.lists(plain, max_size=2)), draw(st.lists(plain, max_size=2))
        value = draw(st.sampled_from(AROUND))(value, before, after)
    return value


# Each example is pickled several times over: 10_000 would take minutes.
some = hypothesis.settings(max_examples=min(500, hypothesis.settings.default.max_examples))


class TestProperties:
    """What holds for whatever is handed in."""

    @some
    @hypothesis.given(st.lists(plain, max_size=3), st.lists(plain, max_size=3))
    def test_plain_values_pass(self, args: list[object], initargs: list[object]) -> None:
        """Containers of plain values pass, however they are nested."""
        check(print, *args, initializer=print, initargs=initargs)

    @some
    @hypothesis.given(
        st.data(),
        st.lists(plain, max_size=3),
        st.lists(plain, max_size=3),
        st.sampled_from(["plain_lambda", "lock", "function", "generator"]),
    )
    def test_part_is_named(
        self, data: st.DataObject, good: list[object], more: list[object], unfit: str
    ) -> None:
        """With one unfit thing anywhere within, the right part is named, and why."""
        case = UNFIT[unfit]
        bad = case.make()
        value = data.draw(around(bad))
        verb = case.verbs[value is not bad]

        def agrees(found: tuple[str, str, str], part: str) -> None:
            assert found[0] == part
            assert re.fullmatch(case.reason.format(verb), found[1])
            assert found[2] == (case.handed if "init" in part else case.task)

        agrees(refused(*good, value, *more), f"args[{len(good)}]")
        agrees(not_handed(*good, value, *more), f"initargs[{len(good)}]")
        agrees(refused(*more, initializer=print, initargs=[*good, value]), f"initargs[{len(good)}]")
        agrees(refused(*good, value, initializer=print, initargs=[value]), f"args[{len(good)}]")


class TestResult:
    """What comes back from a worker."""

    @pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
    def test_passes(self, value: object) -> None:
        """What can be pickled comes back, an error too."""
        for one in (value, OSError(value)):
            check_result(one)

    @pytest.mark.parametrize("name", UNFIT)
    def test_refused(self, name: str) -> None:
        """What cannot reach a worker as an argument does not come back either."""
        unfit = UNFIT[name]
        with pytest.raises(TransferError) as caught:
            check_result(unfit.make())
        part, reason, place = told(caught.value, "come back from a worker")
        assert (part, place) == ("result", unfit.task)
        assert re.fullmatch(unfit.reason.format(unfit.verbs[0]), reason, re.DOTALL)

    def test_real_pool(self) -> None:
        """A real pool hands over what passes, and fails with what is refused."""
        made = ["[1]", "OSError('no')", "lambda: 1", "iter([1]).__next__", "(one for one in [1])"]
        made += ["__import__('threading').Lock()", "__import__('sys').stdout"]
        with process_pool("spawn", 1) as pool:
            futures = [pool.submit(eval, one) for one in made]
            comes = [future.exception(60) is None for future in futures]
        passes = []
        for one in made:
            try:
                check_result(eval(one))
                passes.append(True)
            except TransferError:
                passes.append(False)
        assert passes == comes
        assert {*passes} == {True, False}
