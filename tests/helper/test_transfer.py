"""What `check_transferable` lets pass, what it refuses and why, and that real pools agree."""

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
import weakref
from collections import OrderedDict, deque, namedtuple
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import context
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis
import pytest
from hypothesis import strategies as st

from poolcontext import TransferError, check_transferable, process_pool, transfer

try:
    import psutil
except ImportError:  # where there is no wheel of it, as for PyPy
    psutil = None

PYPY = sys.implementation.name == "pypy"
CACHED = "function" if PYPY else "object"  # what functools.lru_cache makes
TASK = "break/local_function_not_pickled"
INITIALIZER = "break/lambda_initializer_not_pickled"
LOCK = "break/lock_as_argument"
OTHER_LOCK = "break/lock_of_other_context"
MAIN = "break/function_not_in_main"
FILE = "worker/what_reaches_a_worker"
LAMBDA = "a lambda, which has no name to import it by"
THREADS = "a lock of threads, of which another process can have no part"
FORKED = "it needs a lock of the fork context, which a spawned process cannot open"


@pytest.fixture(autouse=True, scope="module")
def _published() -> Iterator[None]:
    """Errors end with a page's address, as they do where the package has one of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("poolcontext.errors._site", lambda: "https://x.example/")
        yield


def refused(*args: Any, function: Any = print, **kwargs: Any) -> tuple[str, str, str]:
    """The part that is refused, the reason, and the page."""
    with pytest.raises(TransferError) as caught:
        check_transferable(function, *args, **kwargs)
    pattern = r"(\S+) cannot reach a spawned worker: (.+)\. See https://x\.example/examples/(\w+/\w+)\.html"
    found = re.fullmatch(pattern, str(caught.value), re.DOTALL)
    assert found, caught.value
    part, reason, page = found.groups()
    assert not reason.endswith(".")
    return part, reason, page


def hand(*initargs: object) -> None:
    """Check what is handed to an initializer."""
    check_transferable(print, initializer=print, initargs=initargs)


def not_handed(*initargs: object) -> tuple[str, str, str]:
    """The same, where it is refused."""
    return refused(initializer=print, initargs=initargs)


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


class MendedError(TwoArgumentsError):
    """Can be made again."""

    def __reduce__(self) -> Any:
        return MendedError, (1, 2)


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


class RaisingState:
    """Raises in the other method that a class may have for that."""

    def __getstate__(self) -> Any:
        raise LookupError("there is no state.")


class RaisingThere:
    """Raises when it is made again."""

    def __setstate__(self, state: Any) -> None:
        raise LookupError("there is no state")

    def __getstate__(self) -> int:
        return 1


class Secretive:
    """Fails for whatever is asked of it that it does not have."""

    def __reduce__(self) -> Any:
        raise TypeError("cannot")

    def __getattr__(self, name: str) -> Any:
        raise ValueError(name)


class Liar:
    """An object that fails as soon as it is asked for its class."""

    @property
    def __class__(self) -> Any:
        raise RuntimeError("there is no request")


class OwnSocket(socket.socket):
    """Of which CPython does not know how to send it."""


Pair = namedtuple("Pair", "one two")


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
SHARED: dict[str, Callable[[Any], Any]] = {
    "Lock": lambda ctx: ctx.Lock(),
    "RLock": lambda ctx: ctx.RLock(),
    "Semaphore": lambda ctx: ctx.Semaphore(),
    "BoundedSemaphore": lambda ctx: ctx.BoundedSemaphore(),
    "Condition": lambda ctx: ctx.Condition(),
    "Event": lambda ctx: ctx.Event(),
    "Barrier": lambda ctx: ctx.Barrier(2),
    "Queue": lambda ctx: ctx.Queue(),
    "JoinableQueue": lambda ctx: ctx.JoinableQueue(),
    "SimpleQueue": lambda ctx: ctx.SimpleQueue(),
    "Value": lambda ctx: ctx.Value("i"),
    "Array": lambda ctx: ctx.Array("i", 3),
}
"""What multiprocessing makes with locks in it."""
GOOD: dict[str, object] = {
    "nothing": None,
    "number": 2**100,
    "text": "x" * 1_000_000,
    "surrogate": "\ud800",
    "bytes": bytearray(b"x"),
    "containers": [(1, {"a": {2, frozenset([3])}}), deque([4]), OrderedDict(b=5)],
    "decimal": decimal.Decimal("1.5"),
    "instance": Plain(Plain()),
    "namedtuple": Pair(1, 2),
    "class": Plain,
    "built-in class": dict,
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
    "operator": operator.itemgetter(1),
    "iterator": iter([1]),
    "exception": OSError(2, "gone"),
    "mended exception": MendedError(1, 2),
    "path": Path("a"),
    "context": multiprocessing.get_context("spawn"),
    "text in memory": io.StringIO("x"),
}


class TestPasses:
    """What reaches a worker."""

    @pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
    def test_everywhere(self, value: object) -> None:
        """What can be pickled passes as an argument and in initargs."""
        check_transferable(print, value, initializer=print, initargs=[value])
        if callable(value):
            check_transferable(value, initializer=value)

    def test_nothing_but_a_function(self) -> None:
        """A function is all it needs, and it gives nothing back."""
        assert check_transferable(print) is None  # type: ignore[func-returns-value]

    def test_any_initargs(self) -> None:
        """What initargs are made of does not matter, as it does not to a pool."""
        for initargs in ([1], (1,), {1: 2}, iter([1]), "a"):
            check_transferable(print, initializer=print, initargs=initargs)

    def test_itself_within(self) -> None:
        """A list that holds itself can be sent."""
        value: list[Any] = []
        value.append(value)
        check_transferable(print, value)


class TestFunctions:
    """Functions and classes without a name of their own."""

    @pytest.mark.parametrize(
        ("value", "what"),
        [(local_function(), "function"), (local_class(), "class")],
        ids=["function", "class"],
    )
    def test_local(self, value: Any, what: str) -> None:
        """What is made inside a function is refused by its name, and so is what needs it."""
        reason = f"the {what} {value.__qualname__}, which is made inside a function"
        assert "<locals>" in reason
        assert refused(function=value) == ("function", f"it is {reason}", TASK)
        assert refused(value) == ("args[0]", f"it is {reason}", TASK)
        assert refused([value]) == ("args[0]", f"it needs {reason}", TASK)
        assert refused(initializer=value) == ("initializer", f"it is {reason}", INITIALIZER)
        assert not_handed(value) == ("initargs[0]", f"it is {reason}", INITIALIZER)
        assert not_handed({1: value}) == ("initargs[0]", f"it needs {reason}", INITIALIZER)

    def test_instance_of_a_local_class(self) -> None:
        """An object is refused for its class."""
        kind = local_class()
        reason = f"it needs the class {kind.__qualname__}, which is made inside a function"
        assert refused(kind()) == ("args[0]", reason, TASK)
        assert refused(1, [kind()]) == ("args[1]", reason, TASK)

    @pytest.mark.parametrize("value", [lambda: 1, lambda: (yield)], ids=["plain", "generator"])
    def test_lambda(self, value: Any) -> None:
        """A lambda is refused wherever it stands."""
        assert refused(function=value) == ("function", f"it is {LAMBDA}", TASK)
        assert refused(value) == ("args[0]", f"it is {LAMBDA}", TASK)
        assert refused(initializer=value) == ("initializer", f"it is {LAMBDA}", INITIALIZER)
        assert not_handed(1, value) == ("initargs[1]", f"it is {LAMBDA}", INITIALIZER)

    @pytest.mark.parametrize(
        "around",
        [
            lambda value: [value],
            lambda value: (1, value, 2),
            lambda value: {"a": [value]},
            lambda value: {value: 1},
            lambda value: {value},
            lambda value: frozenset([value]),
            lambda value: deque([value]),
            lambda value: functools.partial(value, 1),
            lambda value: functools.partial(print, value),
            lambda value: functools.partial(print, key=[value]),
            lambda value: Plain(value),
            lambda value: Plain(Plain([value])).method,
            lambda value: map(value, [1]),
            lambda value: Pair(1, value),
            lambda value: types.SimpleNamespace(a=value),
            lambda value: ValueError(value),
        ],
    )
    def test_nested(self, around: Callable[[Any], Any]) -> None:
        """What holds a lambda is refused for it."""
        value = around(lambda: 1)
        assert refused(1, value, lambda: 2) == ("args[1]", f"it holds {LAMBDA}", TASK)
        assert not_handed(value) == ("initargs[0]", f"it holds {LAMBDA}", INITIALIZER)
        if callable(value):
            assert refused(function=value) == ("function", f"it holds {LAMBDA}", TASK)
            assert refused(initializer=value)[:2] == ("initializer", f"it holds {LAMBDA}")

    def test_first_is_named(self) -> None:
        """Of several that are unfit, the first is named, in the order of the parameters."""
        bad = lambda: 1  # noqa: E731 - as somebody might write it
        everything: dict[str, Any] = {"initializer": bad, "initargs": [1, bad]}
        assert refused(bad, function=bad, **everything)[0] == "function"
        assert refused(1, bad, bad, **everything)[0] == "args[1]"
        assert refused(1, **everything)[0] == "initializer"
        assert refused(1, initargs=[1, bad])[0] == "initargs[1]"

    def test_another_under_its_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A function whose name means another one by now is refused in Python's words."""
        first = local_function
        monkeypatch.setattr(sys.modules[__name__], "local_function", print)
        part, reason, page = refused(function=first)
        assert (part, page) == ("function", TASK)
        assert reason.startswith("it is an object of the type builtins.function, and Python says: ")
        assert "PicklingError" in reason
        assert "not the same object" in reason

    @pytest.mark.parametrize("value", [3, None, "print", [print]], ids=repr)
    def test_cannot_be_called(self, value: Any) -> None:
        """What is no function is a plain TypeError, as is an initializer that is none."""
        with pytest.raises(TypeError, match="takes a callable function, not ") as caught:
            check_transferable(value)
        assert type(caught.value) is TypeError
        if value is not None:
            with pytest.raises(TypeError, match="takes a callable initializer, not ") as caught:
                check_transferable(print, initializer=value)
            assert type(caught.value) is TypeError

    def test_initializer_that_equals_none(self) -> None:
        """Only None itself stands for no initializer."""
        with pytest.raises(TypeError, match="callable initializer"):
            check_transferable(print, initializer=mock.ANY)

    def test_initargs_that_are_none(self) -> None:
        """Initargs that cannot be gone through are refused; what going through raises is not."""
        with pytest.raises(TypeError, match="takes initargs that can be gone through, not "):
            check_transferable(print, initargs=3)  # type: ignore[arg-type]
        with pytest.raises(ZeroDivisionError):
            check_transferable(print, initargs=(1 // number for number in [0]))


class TestThreads:
    """Locks of threads, and what is made of them."""

    @pytest.mark.parametrize(
        "kind",
        [
            threading.Lock,
            threading.RLock,
            threading.Event,
            threading.Condition,
            threading.Semaphore,
            queue.Queue,
            queue.LifoQueue,
        ],
    )
    def test_lock(self, kind: Any) -> None:
        """A lock of threads is refused, and so is what holds one."""
        if PYPY and kind in (threading.RLock, threading.Condition):
            check_transferable(print, kind())
            pytest.skip("PyPy sends a new one in its place")
        is_one = kind in (threading.Lock, threading.RLock)
        verb = "is" if is_one else "holds"
        assert refused(kind()) == ("args[0]", f"it {verb} {THREADS}", LOCK)
        assert refused(1, [kind()]) == ("args[1]", f"it holds {THREADS}", LOCK)
        assert not_handed(kind()) == ("initargs[0]", f"it {verb} {THREADS}", INITIALIZER)

    def test_method(self) -> None:
        """A method needs what it is a method of."""
        assert refused(function=threading.Lock().acquire)[:2] == ("function", f"it holds {THREADS}")

    def test_unlike_a_lock(self) -> None:
        """What else the module of locks has is not called a lock."""
        if PYPY:
            pytest.skip("PyPy sends a new one in its place")
        reason = refused(threading.local())[1]
        assert reason.startswith("it is an object of the type _thread._local, and Python says: ")


class TestFiles:
    """Open files."""

    @pytest.mark.parametrize(
        ("mode", "buffering"),
        [("r", -1), ("w", -1), ("r+", -1), ("rb", -1), ("wb", -1), ("rb+", -1), ("rb", 0)],
    )
    def test_file(self, mode: str, buffering: int, tmp_path: Path) -> None:
        """A file is refused, whichever way it is open."""
        path = tmp_path / "a"
        path.write_bytes(b"abc")
        with open(path, mode, buffering) as file:
            assert refused(file) == ("args[0]", "it is an open file", FILE)
            assert refused([file]) == ("args[0]", "it holds an open file", FILE)
            assert not_handed(file) == ("initargs[0]", "it is an open file", FILE)
            assert refused(function=file.read)[:2] == ("function", "it holds an open file")
            file.seek(0)  # it still is open

    def test_file_within(self) -> None:
        """A class of Python's own that holds a file is refused for it."""
        with tempfile.NamedTemporaryFile() as file:
            assert refused(file) == ("args[0]", "it holds an open file", FILE)


class TestShared:
    """What multiprocessing shares between processes."""

    @pytest.mark.parametrize("make", SHARED.values(), ids=SHARED)
    def test_argument(self, make: Callable[[Any], Any], method: str) -> None:
        """None of it can be an argument, of whichever context it is."""
        shared = make(multiprocessing.get_context(method))
        pattern = r"it (is|holds) a \w+, which has to be handed over in initargs"
        for value in (shared, [shared], functools.partial(print, shared)):
            part, reason, page = refused(0, value)
            assert (part, page) == ("args[1]", LOCK)
            assert re.fullmatch(pattern, reason)

    def test_name(self) -> None:
        """The message names the class of what has to be handed over."""
        ctx = multiprocessing.get_context("spawn")
        assert refused(ctx.Lock())[1].startswith("it is a Lock, which")
        assert refused([ctx.Queue()])[1].startswith("it holds a Queue, which")
        assert refused(ctx.Event())[1].startswith("it holds a Condition, which")

    @pytest.mark.parametrize("make", SHARED.values(), ids=SHARED)
    def test_initargs(self, make: Callable[[Any], Any], clean: str) -> None:
        """All of it can be handed over if it is of a context that gives its locks names."""
        shared = make(multiprocessing.get_context(clean))
        hand(shared)
        hand(0, [shared, {"a": shared}])
        check_transferable(print, initializer=functools.partial(print, shared))

    @needs_fork
    @pytest.mark.parametrize("make", SHARED.values(), ids=SHARED)
    def test_of_fork(self, make: Callable[[Any], Any]) -> None:
        """None of it can be handed over if it is of the fork context."""
        shared = make(multiprocessing.get_context("fork"))
        assert not_handed(shared) == ("initargs[0]", FORKED, OTHER_LOCK)
        assert not_handed(0, [shared]) == ("initargs[1]", FORKED, OTHER_LOCK)
        initializer = functools.partial(print, shared)
        assert refused(initializer=initializer) == ("initializer", FORKED, OTHER_LOCK)

    def test_memory(self, method: str) -> None:
        """Shared memory without a lock can be handed over, of whichever context it is."""
        ctx = multiprocessing.get_context(method)
        number, numbers = ctx.RawValue("i", 3), ctx.RawArray("i", 100_000)
        hand(number, numbers)
        assert (number.value, len(numbers)) == (3, 100_000)
        assert refused(number)[2] == LOCK

    def test_lock_without_semaphores(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nobody has imported multiprocessing's locks, there is none to look for."""
        for name in ("synchronize", "heap", "connection"):
            monkeypatch.delitem(sys.modules, f"multiprocessing.{name}", raising=False)
        hand([1])
        check_transferable(print, OSError(1))
        assert "multiprocessing.synchronize" not in sys.modules


class TestConnections:
    """Pipes and sockets."""

    def test_pipe(self, method: str) -> None:
        """A pipe's end can be sent and handed over, and works afterwards."""
        one, two = multiprocessing.get_context(method).Pipe()
        check_transferable(print, one, [two], initializer=print, initargs=[one, (two,)])
        one.send("a")
        assert two.recv() == "a"
        two.send("b")
        assert one.recv() == "b"
        one.close()
        two.close()

    def test_socket(self) -> None:
        """So can a socket."""
        one, two = socket.socketpair()
        with one, two:
            check_transferable(print, one, [two], initializer=print, initargs=[one, (two,)])
            one.sendall(b"a")
            assert two.recv(1) == b"a"

    def test_closed(self) -> None:
        """Neither can if it is closed."""
        one, two = multiprocessing.Pipe()
        other = socket.socket()
        for end in (one, two, other):
            end.close()
            part, reason, page = refused(end)
            assert (part, page) == ("args[0]", TASK)
            assert re.search("OSError: (it|handle) is closed", reason)
            assert not_handed(end)[0] == "initargs[0]"

    def test_own_class(self) -> None:
        """A class of one's own that extends a socket cannot, as CPython's for TLS cannot."""
        with OwnSocket() as own:
            assert refused(own)[0] == "args[0]"
            assert not_handed(own)[0] == "initargs[0]"


class TestOwnMethods:
    """Objects whose own methods fail, here or there."""

    @pytest.mark.parametrize(
        ("value", "said"),
        [
            (Raising(LookupError("no such thing")), "LookupError: no such thing"),
            (Raising(LookupError("It ends.")), "LookupError: It ends"),
            (Raising(SystemError()), "SystemError:"),
            (Raising(pickle.PicklingError("x")), "PicklingError: x"),
            (Raising(UnspeakableError()), "UnspeakableError"),
            (RaisingState(), "LookupError: there is no state"),
            (Secretive(), "TypeError: cannot"),
        ],
        ids=["reduce", "full stop", "silent", "pickle", "unspeakable", "getstate", "secretive"],
    )
    def test_pickling(self, value: object, said: str) -> None:
        """The error that an object raises is passed on in words, with its type."""
        what = f"an object of the type {__name__}.{type(value).__name__}, and Python says: {said}"
        part, reason, page = refused(value)
        assert (part, reason.rstrip(), page) == ("args[0]", f"it is {what}", TASK)
        part, reason, page = refused(0, [value])
        assert (part, reason.rstrip(), page) == ("args[1]", f"it holds {what}", TASK)
        part, reason, page = not_handed(value)
        assert (part, reason.rstrip(), page) == ("initargs[0]", f"it is {what}", INITIALIZER)

    @pytest.mark.parametrize(
        ("value", "cause"),
        [
            (RaisingThere(), LookupError),
            (TwoArgumentsError(1, 2), TypeError),
            (threading.Lock(), TypeError),
            (counted(), TypeError),
            (lambda: 1, (AttributeError, pickle.PicklingError)),
        ],
        ids=["own error", "made again", "lock", "generator", "lambda"],
    )
    def test_cause(self, value: object, cause: Any) -> None:
        """What Python raised is the cause of what is raised, with its traceback."""
        for arguments in ({}, {"initializer": print, "initargs": [value]}):
            with pytest.raises(TransferError) as caught:
                check_transferable(print, *([] if arguments else [value]), **arguments)
            assert isinstance(caught.value.__cause__, cause)
            assert caught.value.__cause__.__traceback__

    def test_own_cause(self) -> None:
        """What is refused though Python might have taken it has no cause."""
        with pytest.raises(TransferError) as caught:
            check_transferable(type("made", (), {"__module__": "made"}))
        assert caught.value.__cause__ is caught.value.__context__ is None

    def test_initargs_of_no_use(self) -> None:
        """The error that initargs raise themselves is the cause of the TypeError."""

        class Failing:
            def __iter__(self) -> Iterator[object]:
                raise TypeError("there is no request")

        with pytest.raises(TypeError, match="that can be gone through") as caught:
            check_transferable(print, initargs=Failing())
        assert str(caught.value.__cause__) == "there is no request"

    def test_lies(self) -> None:
        """An object that cannot be asked for its class is refused for what it is."""
        if not PYPY:
            reason = refused(Liar())[1]
            assert reason.startswith(f"it is an object of the type {__name__}.Liar, and Python")
        assert refused(Liar())[0] == "args[0]"
        assert not_handed([Liar()])[0] == "initargs[0]"

    def test_stands_for_nothing(self) -> None:
        """So is one that stands for another, which is gone."""
        plain = Plain()
        proxy = weakref.proxy(plain)
        del plain
        gc.collect()
        assert refused(proxy)[0] == "args[0]"

    def test_unpickling(self) -> None:
        """What cannot be made again is found out, with Python's reason."""
        again = "it cannot be made again there: "
        part, reason, page = refused(TwoArgumentsError(1, 2))
        assert (part, page) == ("args[0]", TASK)
        assert reason.startswith(f"{again}TypeError: ")
        assert "missing 1 required positional argument" in reason
        assert not_handed([TwoArgumentsError(1, 2)])[0] == "initargs[0]"
        reason = f"{again}LookupError: there is no state"
        assert refused(1, {"a": RaisingThere()}) == ("args[1]", reason, TASK)

    def test_generator(self) -> None:
        """A generator is refused in Python's words."""
        for value in (counted(), (number for number in [1])):
            part, reason, page = refused(value)
            assert (part, page) == ("args[0]", TASK)
            assert "and Python says: " in reason
            assert "'generator'" in reason
            assert not_handed(value)[::2] == ("initargs[0]", INITIALIZER)

    def test_deep(self) -> None:
        """What is nested too deeply to be pickled is refused, and shortly."""
        value: list[Any] = []
        for _ in range(100_000):
            value = [value]
        part, reason, page = refused(value)
        assert (part, page) == ("args[0]", TASK)
        assert re.match(r"it (is|holds) the list \[+\.\.\.\]+, and Python says: ", reason)
        assert "RecursionError" in reason
        assert len(reason) < 200
        check_transferable(print, value[0][0][0][:0])

    def test_interruption(self) -> None:
        """What is no error of the object's is not caught."""
        for error in (KeyboardInterrupt, SystemExit):
            with pytest.raises(error):
                check_transferable(print, Raising(error()))
            with pytest.raises(error):
                hand(Raising(error()))
            assert context.get_spawning_popen() is None

    def test_check_within_the_check(self) -> None:
        """An object may itself check others while it is pickled."""
        ctx = multiprocessing.get_context("spawn")

        class Asking:
            def __reduce__(self) -> Any:
                check_transferable(print, 1)
                hand(1)
                return print, ()

        hand([Asking(), ctx.Lock()])
        assert refused([Asking(), ctx.Lock()])[2] == LOCK


def module_by_hand(monkeypatch: pytest.MonkeyPatch, name: str) -> Any:
    """A module that is made by hand, with a function, a class and a cached function in it."""
    module = types.ModuleType(name)
    code = (
        "import functools\n"
        "def function(): pass\n"
        "class Class: pass\n"
        "cached = functools.lru_cache(maxsize=None)(function)\n"
        "cached.__qualname__ = 'cached'\n"
    )
    exec(code, vars(module))
    monkeypatch.setitem(sys.modules, name.partition(".")[0], types.ModuleType("outer"))
    monkeypatch.setitem(sys.modules, name, module)
    return module


class TestModules:
    """Functions of modules that a worker cannot import."""

    @pytest.mark.parametrize("name", ["made_by_hand", "made_by_hand.within"])
    def test_made_by_hand(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is in a module that was made by hand is refused, though it can be pickled."""
        made = module_by_hand(monkeypatch, name)
        pickle.dumps([made.function, made.Class(), made.cached])
        there = f"is in {name}, which cannot be imported"
        assert refused(function=made.function) == (
            "function",
            f"its function function {there}",
            MAIN,
        )
        assert refused(made.Class()) == ("args[0]", f"its class Class {there}", MAIN)
        assert refused([made.cached]) == ("args[0]", f"its {CACHED} cached {there}", MAIN)
        assert not_handed(made.Class) == ("initargs[0]", f"its class Class {there}", MAIN)
        assert not_handed(made.cached) == ("initargs[0]", f"its {CACHED} cached {there}", MAIN)

    def test_nowhere(self) -> None:
        """So is what is in no module at all."""
        for module in ("no_such_module", "no_such_module.within", ".within", "."):
            value = type("Class", (), {"__module__": module})
            reason = f"its class Class is in {module}, which cannot be imported"
            assert refused(value) == ("args[0]", reason, MAIN)

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
        check_transferable(colorsys.rgb_to_hls, 1, 2, 3)

    def test_without_a_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A function that has lost its module's name is looked for by pickle, and so refused."""
        monkeypatch.setattr(local_function, "__module__", None)
        check_transferable(local_function)
        nameless = types.FunctionType((lambda: 1).__code__, {}, "nameless")
        nameless.__module__ = None  # type: ignore[assignment]
        nameless.__qualname__ = "nameless"
        part, reason, _ = refused(function=nameless)
        assert part == "function"
        assert "PicklingError" in reason or "its object nameless is in __main__" in reason


SCRIPT = """
import functools, os, sys
from poolcontext import TransferError, check_transferable, process_pool

def function():
    return 3

class Class:
    pass

@functools.lru_cache(maxsize=None)
def cached():
    return 3

def verdict(function, *args):
    try:
        check_transferable(function, *args)
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

if __name__ == "__main__":
    for name, args in {
        "function": [function], "class": [repr, Class()], "cached": [cached], "lambda": [lambda: 1],
    }.items():
        print(name, truth(*args), verdict(*args), sep="|")
"""


def run(*arguments: str, cwd: Path, stdin: str = "") -> dict[str, tuple[str, str]]:
    """What a real pool and the check say of each part of the script."""
    done = subprocess.run(
        [sys.executable, *arguments],
        input=stdin,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, map(os.path.abspath, sys.path))),
        },
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert [name for name, *_ in lines] == ["function", "class", "cached", "lambda"]
    return {name: (true, said) for name, true, said in lines}


class TestMain:
    """Functions of the program itself, and that a real pool agrees."""

    @staticmethod
    def refusals(said: dict[str, tuple[str, str]], where: str) -> None:
        """All of it fails, and is refused for where it is."""
        assert {true for true, _ in said.values()} == {"fails"}
        for name, what in [("function", "function function"), ("class", "class Class")]:
            assert f"its {what} is in {where}" in said[name][1]
        assert f"its {CACHED} cached is in {where}" in said["cached"][1]
        assert f"function cannot reach a spawned worker: it is {LAMBDA}" in said["lambda"][1]

    @pytest.mark.parametrize("name", ["__main__", "__mp_main__"])
    @pytest.mark.parametrize(
        ("spec", "file", "where"),
        [
            (None, None, "__main__, which is no file here"),
            (None, "", "__main__, which is no file here"),
            (None, "<stdin>", "__main__, which is no file here"),
            (None, __file__, None),
            ("program", None, None),
            ("package.__main__x", None, None),
            ("__main__", __file__, "the __main__.py of a package, which no worker imports"),
            ("package.__main__", None, "the __main__.py of a package, which no worker imports"),
        ],
    )
    def test_here(
        self,
        spec: str | None,
        file: str | None,
        where: str | None,
        name: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """What a worker will find is told from how the program was started."""
        main = module_by_hand(monkeypatch, name)
        monkeypatch.setitem(sys.modules, "__main__", main)
        if file is not None:
            main.__file__ = file
        main.__spec__ = spec and importlib.machinery.ModuleSpec(spec, None)
        if where is None:
            check_transferable(main.function, [main.Class()], main.cached)
        else:
            reason = f"its function function is in {where}"
            assert refused(function=main.function) == ("function", reason, MAIN)
            assert refused(main.Class())[1:] == (f"its class Class is in {where}", MAIN)
            assert not_handed(main.cached)[1:] == (f"its {CACHED} cached is in {where}", MAIN)

    def test_main_without_anything(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A program may have replaced its main module by something that knows nothing of files."""
        main = module_by_hand(monkeypatch, "__main__")
        del main.__spec__
        assert refused(function=main.function)[2] == MAIN

    def test_command(self, tmp_path: Path) -> None:
        """What is defined in `python -c` reaches no worker."""
        self.refusals(run("-c", SCRIPT, cwd=tmp_path), "__main__, which is no file here")

    def test_standard_input(self, tmp_path: Path) -> None:
        """Neither does what comes from standard input."""
        said = run("-", cwd=tmp_path, stdin=SCRIPT)
        self.refusals(said, "__main__, which is no file here")

    def test_package(self, tmp_path: Path) -> None:
        """Neither does what is in the module that is run for a package, or for a folder."""
        package = tmp_path / "package"
        package.mkdir()
        package.joinpath("__init__.py").touch()
        package.joinpath("__main__.py").write_text(SCRIPT)
        where = "the __main__.py of a package, which no worker imports"
        self.refusals(run("-m", "package", cwd=tmp_path), where)
        self.refusals(run("package", cwd=tmp_path), where)

    @pytest.mark.parametrize("how", ["script", "module"])
    def test_file(self, how: str, tmp_path: Path) -> None:
        """What is in a file reaches the workers, except for a lambda."""
        tmp_path.joinpath("program.py").write_text(SCRIPT)
        arguments = ["program.py"] if how == "script" else ["-m", "program"]
        said = run(*arguments, cwd=tmp_path)
        assert said.pop("lambda")[0] == "fails"
        assert set(said.values()) == {("works", "passes")}

    def test_other_folder(self, tmp_path: Path) -> None:
        """That holds if the program has changed its folder, too."""
        changed = SCRIPT.replace('"__main__":\n', '"__main__":\n    os.chdir(os.sep)\n')
        tmp_path.joinpath("program.py").write_text(changed)
        said = run("program.py", cwd=tmp_path)
        assert said["function"] == ("works", "passes")

    def test_file_is_gone(self, tmp_path: Path) -> None:
        """What was in a file that is gone reaches no worker."""
        gone = SCRIPT.replace('"__main__":\n', '"__main__":\n    os.remove(__file__)\n')
        tmp_path.joinpath("program.py").write_text(gone)
        said = run("program.py", cwd=tmp_path)
        assert said["function"][0] == "fails"
        assert "which is no file here" in said["function"][1]

    def test_in_a_worker(self, tmp_path: Path) -> None:
        """In a worker, where the program has another name, it is the same."""
        script = SCRIPT.partition("if __name__")[0] + (
            "def both():\n"
            "    return truth(function), verdict(function), verdict(cached)\n"
            "if __name__ == '__main__':\n"
            "    with process_pool('spawn', max_workers=1) as pool:\n"
            "        print(*pool.submit(both).result(60))\n"
        )
        tmp_path.joinpath("program.py").write_text(script)
        command = [sys.executable, "program.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100)
        assert done.stdout == "works passes passes\n", done.stderr


# What CPython, an object's own methods, and the operating system raise in the parent's process.
FAILURES = (TypeError, AttributeError, RuntimeError, LookupError, OSError, pickle.PicklingError)


def outcome(
    method: str, function: Any, *args: Any, initializer: Any = None, initargs: Any = ()
) -> object:
    """What comes of a task in a real pool."""
    with process_pool(method, max_workers=1, initializer=initializer, initargs=initargs) as pool:
        return pool.submit(function, *args).result(30)


class TestRealPools:
    """That a real pool fails with what is refused, and works with what passes."""

    @pytest.mark.parametrize("value", GOOD.values(), ids=GOOD)
    def test_same_for_pickle(self, value: object) -> None:
        """What passes can be pickled without the check's own pickler."""
        pickle.loads(pickle.dumps(value))

    def test_arguments_that_pass(self, clean: str) -> None:
        """All that passes as an argument is an argument of a task that works."""
        values = [value for name, value in GOOD.items() if name != "text"]
        check_transferable(repr, values)
        assert str(outcome(clean, repr, values)).startswith("[None, 1267")

    def test_functions_that_pass(self, clean: str) -> None:
        """So is what passes as a function."""
        for function, *args in [
            (pow, 2, 3),
            (cached,),
            (Plain().method,),
            (functools.partial(pow, 2), 3),
            (Plain,),
        ]:
            check_transferable(function, *args)
            outcome(clean, function, *args)

    def test_connections_that_pass(self, clean: str) -> None:
        """A pipe's end and a socket that pass work in the worker."""
        one, two = multiprocessing.Pipe()
        here, there = socket.socketpair()
        with one, two, here, there:
            for function, *args in [
                (operator.methodcaller("send", "a"), two),
                (operator.methodcaller("sendall", b"b"), there),
            ]:
                check_transferable(function, *args)
                outcome(clean, function, *args)
                check_transferable(print, initializer=function, initargs=args)
                outcome(clean, int, initializer=function, initargs=args)
            assert (one.recv(), one.recv()) == ("a", "a")
            assert (here.recv(1), here.recv(1)) == (b"b", b"b")

    @pytest.mark.parametrize("other", ["spawn", "forkserver"])
    def test_initargs_that_pass(self, clean: str, other: str) -> None:
        """What passes in initargs is shared with the worker, also of the other context."""
        if other not in multiprocessing.get_all_start_methods():
            pytest.skip(f"{other} is not there on this platform")
        ctx = multiprocessing.get_context(other)
        lock, event, simple, value = ctx.Lock(), ctx.Event(), ctx.SimpleQueue(), ctx.Value("i")
        for initializer, *initargs in [
            (operator.methodcaller("acquire"), lock),
            (operator.methodcaller("set"), event),
            (operator.methodcaller("put", "a"), simple),
            (setattr, value, "value", 7),
        ]:
            check_transferable(int, initializer=initializer, initargs=initargs)
            assert outcome(clean, int, initializer=initializer, initargs=initargs) == 0
        assert not lock.acquire(False)
        assert event.is_set()
        assert simple.get() == "a"
        assert value.value == 7
        simple.close()

    def test_queue_that_passes(self, clean: str) -> None:
        """A queue that passes brings what the worker puts in."""
        shared = multiprocessing.get_context(clean).Queue()
        initializer = operator.methodcaller("put", "a")
        check_transferable(int, initializer=initializer, initargs=[shared])
        outcome(clean, int, initializer=initializer, initargs=[shared])
        assert shared.get(timeout=30) == "a"
        shared.close()
        shared.join_thread()

    def test_arguments_that_are_refused(self, clean: str, tmp_path: Path) -> None:
        """No argument that is refused reaches a task."""
        ctx = multiprocessing.get_context(clean)
        one, two = multiprocessing.Pipe()
        one.close()
        with open(tmp_path / "a", "w") as file, OwnSocket() as own, two:
            for value in (
                lambda: 1,
                local_function(),
                local_class()(),
                [threading.Lock()],
                queue.Queue(),
                file,
                ctx.Lock(),
                ctx.Queue(),
                ctx.Event(),
                ctx.Value("i"),
                ctx.SimpleQueue(),
                own,
                one,
                counted(),
                RaisingState(),
                Raising(LookupError()),
                Liar(),
            ):
                assert refused(value)[0] == "args[0]"
                with pytest.raises(FAILURES):
                    outcome(clean, type, value)

    def test_arguments_that_break_the_pool(
        self, clean: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of those that cannot be made again, the worker dies."""
        made = module_by_hand(monkeypatch, "made_by_hand")
        for value in (TwoArgumentsError(1, 2), RaisingThere(), made.Class, made.cached):
            assert refused(value)[0] == "args[0]"
            with pytest.raises(BrokenProcessPool):
                outcome(clean, type, value)

    def test_initargs_that_are_refused(self, clean: str, tmp_path: Path) -> None:
        """No initializer runs with what is refused."""
        with open(tmp_path / "a", "w") as file, OwnSocket() as own:
            for value in (lambda: 1, threading.Lock(), file, own, counted(), local_class()):
                assert not_handed(value)[0] == "initargs[0]"
                with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
                    outcome(clean, int, initializer=print, initargs=[value])
        for initializer in (lambda: 1, local_function()):
            assert refused(initializer=initializer)[0] == "initializer"
            with pytest.raises((AttributeError, pickle.PicklingError)):
                outcome(clean, int, initializer=initializer)

    @needs_fork
    def test_lock_of_fork(self, clean: str) -> None:
        """A worker cannot acquire a lock of the fork context."""
        lock = multiprocessing.get_context("fork").Lock()
        initializer = operator.methodcaller("acquire")
        assert refused(initializer=initializer, initargs=[lock])[1] == FORKED
        with pytest.raises(RuntimeError):  # in newer Pythons CPython's own; else the worker dies
            outcome(clean, int, initializer=initializer, initargs=[lock])
        assert lock.acquire(False)

    def test_lock_in_a_pool_of_fork(self) -> None:
        """What is refused in initargs can still be what a pool of fork takes."""
        if "fork" not in multiprocessing.get_all_start_methods():
            pytest.skip("fork is not there on this platform")
        lock = multiprocessing.get_context("fork").Lock()
        initializer = lambda lock: lock.acquire()  # noqa: E731 - it is what is tested
        assert refused(initializer=initializer, initargs=[lock])[0] == "initializer"
        assert outcome("fork", int, initializer=initializer, initargs=[lock]) == 0
        assert not lock.acquire(False)


class TestNoSideEffects:
    """That a look changes nothing."""

    def test_locks_stay_usable(self, method: str) -> None:
        """A lock is neither taken nor given back, and what holds one still works."""
        ctx = multiprocessing.get_context(method)
        lock, shared, value = ctx.Lock(), ctx.Queue(), ctx.Value("i", 3)
        for held in (False, True):
            if held:
                lock.acquire()
            for check in (hand, functools.partial(check_transferable, print)):
                for _ in range(3):
                    for one in (lock, shared, value):
                        if method == "fork" or check is not hand:
                            with pytest.raises(TransferError):
                                check(one)
                        else:
                            check(one)
            assert lock.acquire(False) != held
            lock.release()
        shared.put("a")
        assert shared.get(timeout=30) == "a"
        shared.close()
        shared.join_thread()
        assert value.value == 3

    def test_lock_of_threads_stays_usable(self) -> None:
        """So it is with a lock of threads."""
        lock = threading.Lock()
        with lock:
            refused(lock)
            not_handed(lock)
            assert lock.locked()
        assert not lock.locked()

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
            handles = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
            return threading.enumerate(), children, len(handles)

        before = everything()
        for _ in range(5):
            hand(*shared, shared)
            check_transferable(print, *ends, other)
            for value in shared[:-3]:
                refused(value)
            not_handed(*shared, threading.Lock())
            not_handed([*shared, TwoArgumentsError(1, 2)])
            refused([*ends, other, lambda: 1])
        assert everything() == before
        for end in (*ends, other):
            end.close()

    def test_fresh_process(self) -> None:
        """It chooses no start method, and does not start CPython's helper processes."""
        code = (
            "import multiprocessing, threading\n"
            "from multiprocessing import resource_tracker\n"
            "from poolcontext import TransferError, check_transferable\n"
            "one, two = multiprocessing.get_context('spawn').Pipe()\n"
            "check_transferable(pow, one, initializer=print, initargs=[two, [1]])\n"
            "for value in (threading.Lock(), lambda: 1, 1):\n"
            "    try:\n"
            "        check_transferable(print, value, initializer=value)\n"
            "    except TypeError as error:\n"
            "        pass\n"
            "assert multiprocessing.get_start_method(allow_none=True) is None\n"
            "assert threading.active_count() == 1\n"
            "assert resource_tracker._resource_tracker._fd is None\n"
            "assert 'multiprocessing.pool' not in __import__('sys').modules\n"
            "multiprocessing.set_start_method(multiprocessing.get_all_start_methods()[-1])\n"
        )
        subprocess.run([sys.executable, "-c", code], timeout=60, check=True)

    @pytest.mark.parametrize(
        "value", [1, Raising(LookupError()), RaisingThere(), local_class()], ids=repr
    )
    def test_popen_is_restored(self, value: object) -> None:
        """What CPython has noted of a process that is being started is there again afterwards."""
        for before in (None, object()):
            context.set_spawning_popen(before)  # type: ignore[arg-type]
            try:
                for parts in ({"initargs": [value]}, {"initializer": value}, {}):
                    with contextlib.suppress(TypeError):
                        check_transferable(print, value, **parts)  # type: ignore[arg-type]
                    assert context.get_spawning_popen() is before
            finally:
                context.set_spawning_popen(None)

    def test_argument_while_a_process_starts(self) -> None:
        """Even where CPython is about to start a process, no argument is handed over to it."""
        lock = multiprocessing.get_context("spawn").Lock()
        context.set_spawning_popen(mock.Mock())
        try:
            assert refused(lock)[2] == LOCK
        finally:
            context.set_spawning_popen(None)

    def test_windows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a simulated Windows a handle is duplicated, as there it is pickled by its number."""
        monkeypatch.setattr(sys, "platform", "win32")
        duplicate = lambda handle: handle + 1  # noqa: E731 - of an operating system
        monkeypatch.setattr("multiprocessing.reduction.duplicate", duplicate, raising=False)
        assert transfer._Handed.duplicate_for_child(3) == 4
        assert transfer._Handed().duplicate_for_child(4) == 5


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


@st.composite
def around(draw: st.DrawFn, bad: object) -> object:
    """Something unfit, somewhere in containers with other things."""
    value = bad
    for _ in range(draw(st.integers(0, 4))):
        before, after = draw(st.lists(plain, max_size=2)), draw(st.lists(plain, max_size=2))
        value = draw(
            st.sampled_from(
                [
                    [*before, value, *after],
                    (*before, value, *after),
                    {**dict(enumerate(before)), "a": value, "b": after},
                    Plain(value),
                    functools.partial(print, *before, value, key=after),
                    deque([*before, value, *after]),
                ]
            )
        )
    return value


UNFIT = {
    "lambda": (lambda: 1, LAMBDA),
    "lock": (threading.Lock(), THREADS),
    "function": (
        local_function(),
        "local_function.<locals>.inner, which is made inside a function",
    ),
    "generator": (counted(), "'generator'"),
}


# Each example is pickled several times over: 10_000 would take minutes.
some = hypothesis.settings(max_examples=min(500, hypothesis.settings.default.max_examples))


class TestProperties:
    """What holds for whatever is handed in."""

    @some
    @hypothesis.given(st.lists(plain, max_size=3), st.lists(plain, max_size=3))
    def test_plain_values_pass(self, args: list[object], initargs: list[object]) -> None:
        """Containers of plain values pass, however they are nested."""
        check_transferable(print, *args, initializer=print, initargs=initargs)

    @some
    @hypothesis.given(
        st.data(),
        st.lists(plain, max_size=3),
        st.lists(plain, max_size=3),
        st.sampled_from(sorted(UNFIT)),
    )
    def test_part_is_named(
        self, data: st.DataObject, good: list[object], more: list[object], unfit: str
    ) -> None:
        """With one unfit thing anywhere within, the right part is named, and why."""
        bad, why = UNFIT[unfit]
        value = data.draw(around(bad))
        pages = {TASK, INITIALIZER, LOCK}

        def agrees(found: tuple[str, str, str], part: str) -> None:
            assert found[0] == part
            assert why in found[1]
            assert found[2] in pages
            if unfit == "lambda":
                assert found[1] == f"it {'is' if value is bad else 'holds'} {LAMBDA}"

        agrees(refused(*good, value, *more), f"args[{len(good)}]")
        agrees(not_handed(*good, value, *more), f"initargs[{len(good)}]")
        agrees(refused(*more, initializer=print, initargs=[*good, value]), f"initargs[{len(good)}]")
        agrees(refused(*good, value, initializer=print, initargs=[value]), f"args[{len(good)}]")
