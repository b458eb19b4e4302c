"""Whether what a pool is given can reach its workers, found out before there is a pool."""

from __future__ import annotations

import importlib.util
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterable
from multiprocessing import context
from multiprocessing.reduction import ForkingPickler
from types import FunctionType
from typing import Any, Optional

from .errors import described, explained

__all__ = ["TransferError", "check_initializer", "check_result", "check_task"]

# What explains the errors.
TASK_PLACE = "symptoms.html#local-function"
INITIALIZER_PLACE = "examples/break/lambda_initializer_not_pickled.html"
LOCK_PLACE = "symptoms.html#cannot-pickle-lock"
SHARED_PLACE = "symptoms.html#shared-through-inheritance"
OTHER_LOCK_PLACE = "symptoms.html#lock-of-other-context"
MAIN_PLACE = "symptoms.html#not-in-main"
OBJECT_PLACE = "symptoms.html#cannot-pickle-object"
AGAIN_PLACE = "symptoms.html#not-unpickled-in-your-process"


class TransferError(TypeError):
    """Something could not reach a worker, or come back from it.

    The message names the part and the cause; and the page that explains it, where
    the package was installed with its address. What Python raised is its ``__cause__``.
    It can be pickled, without that.

    Args:
        message: The message.
        part: Which part it is about.
        reason: Why that does not pass.

    Example:
        >>> import poolcontext
        >>> try:
        ...     poolcontext.check_task(print, lambda: 1)
        ... except poolcontext.TransferError as error:
        ...     print(error.part, "-", error.reason)
        args[0] - it is a lambda, which has no name to import it by

    .. versionadded:: 0.1
    """

    part: str
    """Which it is, as ``function``, ``args[0]``, ``kwargs['key']``, ``initargs[0]``, ``result``."""

    reason: str
    """Why it does not pass, in a sentence without a full stop."""

    def __init__(self, message: str, part: str = "", reason: str = "") -> None:
        super().__init__(message)
        self.part, self.reason = part, reason


def check_task(function: Callable[..., object], /, *args: object, **kwargs: object) -> None:
    """Check that a task could reach a spawned worker.

    No process is started. Each part is pickled and unpickled here, as it would
    be on its way, so its own methods for that are called. What passes reaches
    the workers of fork and of a forkserver too. The task's result is not looked
    at: `check_result` does that, of one that you have.

    Args:
        function: What is to be submitted.
        *args: Its arguments.
        **kwargs: Its arguments by keyword.

    Raises:
        TransferError: A part cannot reach the worker. The message names the
            first that cannot, and why.
        TypeError: The function cannot be called.

    Example:
        >>> from poolcontext import TransferError, check_task
        >>> check_task(pow, 2, 3)
        >>> try:
        ...     check_task(sorted, [2, 1], key=lambda number: -number)
        ... except TransferError as error:
        ...     print(str(error).partition(",")[0])
        kwargs['key'] cannot reach a spawned worker: it is a lambda

    Source:
        What can be pickled is in CPython's documentation of `pickle`. What a
        worker cannot import for another reason is not seen: a function that the
        ``__main__`` guard keeps from it, or a module that it would not find.

    .. versionadded:: 0.1
    """
    if not callable(function):
        message = f"check_task() takes a callable function, not {described(function)}"
        raise TypeError(explained(message, TASK_PLACE))
    _check("function", function)
    for number, value in enumerate(args):
        _check(f"args[{number}]", value)
    for name, value in kwargs.items():
        _check(f"kwargs[{name!r}]", value)


def check_initializer(
    initializer: Optional[Callable[..., object]], initargs: Iterable[object] = ()
) -> None:
    """Check that a pool's initializer, and its arguments, could reach a spawned worker.

    No process is started, as of `check_task`. Locks, queues and events of the
    pool's context pass here, since a worker inherits them, and as a task's
    arguments they do not. For the workers of fork, an initializer need not pass.

    Args:
        initializer: The pool's; or None, which it has if it has none.
        initargs: The initializer's arguments.

    Raises:
        TransferError: As of `check_task`.
        TypeError: The initializer cannot be called, or ``initargs`` cannot be gone through.

    Example:
        >>> import threading
        >>> from poolcontext import TransferError, check_initializer
        >>> try:
        ...     check_initializer(print, [threading.Lock()])
        ... except TransferError as error:
        ...     print(str(error).partition(",")[0])
        initargs[0] cannot reach a spawned worker: it is a lock of threads

    .. versionadded:: 0.1
    """
    takes = "check_initializer() takes"
    if initializer is not None and not callable(initializer):
        message = f"{takes} a callable initializer, not {described(initializer)}"
        raise TypeError(explained(message, INITIALIZER_PLACE))
    try:
        handed = iter(initargs)
    except TypeError as error:
        message = f"{takes} initargs that can be gone through, not {described(initargs)}"
        raise TypeError(explained(message, INITIALIZER_PLACE)) from error
    _check("initializer", initializer, inherited=True)
    for number, value in enumerate(handed):
        _check(f"initargs[{number}]", value, inherited=True)


def check_result(result: object) -> None:
    """Check that a task's result, or an error that it raises, could come back from a worker.

    It is pickled and unpickled here, as it would be on its way.

    Args:
        result: What a task has returned, such as in a test that calls it without a pool;
            or an exception that it would raise.

    Raises:
        TransferError: It cannot come back; the message says why.

    Example:
        >>> from poolcontext import TransferError, check_result
        >>> check_result([1, 2])
        >>> try:
        ...     check_result(number for number in [1, 2])
        ... except TransferError as error:
        ...     print(str(error).partition(":")[0])
        result cannot come back from a worker

    .. versionadded:: 0.1
    """
    _check("result", result)


class _UnfitError(Exception):
    """The object at hand cannot reach a worker, though it might be pickled: why, and the place."""


class _Handed:
    """Stands for the worker's process while what it is to inherit is pickled.

    CPython asks it for what only the new process can have:
    https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/popen_spawn_posix.py
    """

    class DupFd:
        def __init__(self, fd: int) -> None:
            self.fd = fd

        def detach(self) -> int:
            return os.dup(self.fd)

    @staticmethod
    def duplicate_for_child(handle: int) -> int:
        if sys.platform == "win32":
            from multiprocessing.reduction import duplicate

            return duplicate(handle)
        return handle


class _Pickler(ForkingPickler):
    """Pickles as a pool does, and knows which object was the last that it has met."""

    reached: object
    inherited: bool

    def reducer_override(self, obj: Any) -> Any:
        self.reached = obj
        # What an object says of its class may be wrong, or an error; pickle does not ask either.
        kind = type(obj)
        if issubclass(kind, (FunctionType, type)) and "<" not in obj.__qualname__:
            what = "class" if issubclass(kind, type) else "function"
            module = str(getattr(obj, "__module__", None) or "builtins")
            _require_module(module, f"{what} {obj.__qualname__}")
        if kind is _class("socket", "socket") or (not self.inherited and _is_connection(kind)):
            # Can be sent, for which CPython starts a thread; of a second socket it would warn.
            if obj.fileno() < 0:
                raise OSError("it is closed")
            return object, ()
        if self.inherited and sys.platform != "win32":
            _require_shared(obj)
            if kind is _class("multiprocessing.heap", "Arena"):
                # Shared memory, whose descriptor CPython would leave open on this side.
                return kind, (obj.size,)
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Unpickles as a worker does, and imports only what a worker could import."""

    def find_class(self, module: str, name: str) -> Any:
        # Not all of it was a function or a class: functools.lru_cache makes objects.
        _require_module(module, f"object {name}")
        return super().find_class(module, name)


def _check(part: str, value: object, inherited: bool = False) -> None:
    """Send a value round, as a task's part, or as one that a new process inherits."""
    file = io.BytesIO()
    pickler = _Pickler(file)
    pickler.reached = value
    pickler.inherited = inherited
    before = context.get_spawning_popen()
    cause: Exception | None = None
    try:
        context.set_spawning_popen(_Handed() if inherited else None)  # type: ignore[arg-type]
        pickler.dump(value)
    except _UnfitError as error:
        why, place = error.args
    except Exception as error:  # whatever an object's own methods raise
        cause = error
        why, place = _explain(pickler.reached, value, error, inherited)
    else:
        try:
            file.seek(0)
            _Unpickler(file).load()
            return
        except _UnfitError as error:
            why, place = error.args
        except Exception as error:
            cause = error
            why, place = f"it cannot be made again there: {_said(error)}", AGAIN_PLACE
    finally:
        context.set_spawning_popen(before)
    way = "come back from a worker" if part == "result" else "reach a spawned worker"
    raise TransferError(explained(f"{part} cannot {way}: {why}", place), part, why) from cause


def _require_module(module: str, what: str) -> None:
    """Refuse what the worker would have to import from where there is nothing to import."""
    if module not in ("__main__", "__mp_main__"):  # the latter is a worker's own name for it
        if not _is_importable(module.partition(".")[0]):
            raise _UnfitError(f"its {what} is in {module}, which cannot be imported", MAIN_PLACE)
        return
    main = sys.modules["__main__"]
    file = getattr(main, "__file__", None)
    run = getattr(getattr(main, "__spec__", None), "name", "")
    if run.rpartition(".")[2] == "__main__":
        # https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py
        why = f"its {what} is in the __main__.py of a package, which no worker imports"
        raise _UnfitError(why, MAIN_PLACE)
    if not run and not (file and os.path.exists(file)):
        raise _UnfitError(f"its {what} is in __main__, which is no file here", MAIN_PLACE)


def _is_importable(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ImportError:
        return False
    except ValueError:  # a module made by hand, or one of PyPy's own, which look like those
        return package != "" and any(f.find_spec(package, None) for f in sys.meta_path)


def _require_shared(obj: Any) -> None:
    """Refuse a lock that has no name, by which alone another process can open it."""
    lock = _class("multiprocessing.synchronize", "SemLock")
    if lock and issubclass(type(obj), lock) and obj._semlock.name is None:
        why = "it needs a lock of the fork context, which a spawned process cannot open"
        raise _UnfitError(why, OTHER_LOCK_PLACE)


def _is_connection(kind: type) -> bool:
    """Whether it is one of the classes of a pipe's end; one that extends them cannot be sent."""
    module = "multiprocessing.connection"
    return kind in (_class(module, "Connection"), _class(module, "PipeConnection"))


def _class(module: str, name: str) -> type | None:
    """A class, if somebody has imported its module."""
    return getattr(sys.modules.get(module), name, None)


def _explain(last: Any, value: object, error: Exception, initializer: bool) -> tuple[str, str]:
    """Why a value could not be pickled, from the object at which it ended; and the place."""
    # PyPy ends at a lock's class.
    verb = "is" if last is value or last is type(value) else "holds"
    place = INITIALIZER_PLACE if initializer else TASK_PLACE
    kind = type(last)
    is_class = issubclass(kind, type)
    if issubclass(kind, FunctionType) and last.__name__ == "<lambda>":
        return f"it {verb} a lambda, which has no name to import it by", place
    if issubclass(kind, (FunctionType, type)) and "<locals>" in last.__qualname__:
        what = "class" if is_class else "function"
        verb = "is" if last is value else "needs"
        return f"it {verb} the {what} {last.__qualname__}, which is made inside a function", place
    if issubclass(kind, io.IOBase):
        return f"it {verb} an open file", OBJECT_PLACE
    kind = last if is_class else kind
    if kind.__module__ == "_thread" and "lock" in kind.__name__.lower():
        lock = "a lock of threads, of which another process can have no part"
        return f"it {verb} {lock}", place if initializer else LOCK_PLACE
    said = _said(error)
    if "through inheritance" in said:
        return f"it {verb} a {kind.__name__}, which has to be handed over in initargs", SHARED_PLACE
    return f"it {verb} {described(last)}, and Python says: {said}", OBJECT_PLACE


def _said(error: Exception) -> str:
    name = type(error).__name__
    try:
        return f"{name}: {error}".rstrip(".")
    except Exception:  # an error that cannot even be shown
        return name
