"""Run a script as ``__main__`` in this very process, with a start method as its default."""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import SourceFileLoader
from multiprocessing import context as contexts
from types import CodeType, ModuleType, TracebackType
from typing import Any

from .methods import choose

# Kept from being cleared, since functions of it are still at work.
_replaced: list[ModuleType] = []


def set_default(method: str, even_if_chosen: bool = False) -> Callable[[], None]:
    """Make a start method this process's default, as if the platform had it so.

    Nothing is chosen by that: `multiprocessing.set_start_method` still works, once.

    Args:
        method: The method's name.
        even_if_chosen: Whether a choice that the process has made before is to be forgotten.

    Returns:
        What makes all as it was, and undoes a choice that was made since.

    Raises:
        StartMethodError: The platform lacks it, or its name is misspelt.
        RuntimeError: This Python keeps its default under another name.
    """
    context = multiprocessing.get_context(choose((method,)))
    others = [name for name in multiprocessing.get_all_start_methods() if name != method]
    default: Any = contexts._default_context
    # https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/context.py
    if not hasattr(default, "_default_context"):
        raise RuntimeError(
            "this Python's DefaultContext has no attribute _default_context any more; "
            "call multiprocessing.set_start_method() in the script instead"
        )
    kind, names = type(default), multiprocessing.get_all_start_methods
    before = default._default_context, default._actual_context, kind.get_all_start_methods

    def restore() -> None:
        default._default_context, default._actual_context, kind.get_all_start_methods = before
        vars(multiprocessing)["get_all_start_methods"] = names

    default._default_context = context
    if even_if_chosen:
        default._actual_context = None
    if multiprocessing.get_all_start_methods() != [method, *others]:
        # Before Python 3.14 the list is the platform's, whatever the default is.
        # It is the class that is changed, since the object is pickled with its bound methods.
        kind.get_all_start_methods = lambda self: [method, *others]
        vars(multiprocessing)["get_all_start_methods"] = default.get_all_start_methods
    return restore


def read(script: str) -> bytes:
    """Read a script as the interpreter reads it.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no text, but perhaps an archive or compiled code.
    """
    with io.open_code(os.path.abspath(script)) as file:
        source = file.read()
    if b"\0" in source:
        raise ValueError(f"{script!r} is not a file of Python source")
    return source


def run_as_main(
    source: bytes, script: str, arguments: Sequence[str], started: Callable[[str], None]
) -> None:
    """Run a script's text as ``__main__``.

    Whatever it raises goes on to the interpreter, which reports it and ends as
    it always does; only the frames of this package are kept out of the report.

    Args:
        source: The text.
        script: The file's name, as it was typed.
        arguments: The rest of ``sys.argv``.
        started: Is called with a method's name whenever this process starts another one by it.
    """
    path = os.path.abspath(script)
    main = _new_main()
    main.__file__ = path
    main.__loader__ = SourceFileLoader("__main__", path)
    main.__dict__.update(__cached__=None)
    sys.argv = [script, *arguments]
    if not (getattr(sys.flags, "safe_path", False) or sys.flags.isolated):
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    elif sys.modules["__main__"].__package__ == "":
        del sys.path[0]  # the folder that was run
    _install(main)
    _watch(started)
    code = None
    try:
        code = compile(source, path, "exec", dont_inherit=True)
        exec(code, main.__dict__)
    except BaseException:
        sys.excepthook = _without_our_frames(sys.excepthook, code)
        raise


def run_module_as_main(
    module: str, arguments: Sequence[str], started: Callable[[str], None]
) -> None:
    """Run a module, or a package's ``__main__``, as ``python -m`` runs it.

    Args:
        module: Its name.
        arguments: The rest of ``sys.argv``.
        started: As of `run_as_main`.
    """
    _install(_new_main())
    sys.argv = ["-m", *arguments]
    sys.path[0] = os.getcwd()
    _watch(started)
    # The interpreter's own way: https://github.com/python/cpython/blob/3.14/Modules/main.c
    runpy._run_module_as_main(module)  # type: ignore[attr-defined]


def _new_main() -> ModuleType:
    """An empty module, with what the interpreter gives to ``__main__``."""
    main = ModuleType("__main__")
    main.__dict__.update(__builtins__=__builtins__)
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    return main


def _install(main: ModuleType) -> None:
    _replaced.append(sys.modules["__main__"])
    # Children look for their parent's script under the one name, and name its classes by the other.
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main


def _without_our_frames(hook: Callable[..., Any], code: CodeType | None) -> Callable[..., None]:
    """Have a hook report an exception from the script's own frame on."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        while trace is not None and trace.tb_frame.f_code is not code:
            trace = trace.tb_next
        hook(kind, error.with_traceback(trace), trace)

    return report


class Note:
    """Says once that a script starts its processes by another method than its default."""

    def __init__(self, script: str, method: str, say: Callable[[str], None]) -> None:
        self.script, self.method, self.say = script, method, say
        self.noted = False

    def started(self, method: str) -> None:
        """Hear that a process is started."""
        if method == self.method or self.noted:
            return
        self.noted = True
        text = f"{self.script} asks for {method!r} itself, which stands"
        self.say(f"{text}; {self.method!r} is only the default")

    def end(self) -> None:
        """Look at the global choice, with which no process may have been started."""
        self.started(multiprocessing.get_start_method(allow_none=True) or self.method)


def _watch(started: Callable[[str], None]) -> None:
    """Notice when this process, and no other one, starts processes."""
    for name in multiprocessing.get_all_start_methods():
        try:
            context: Any = multiprocessing.get_context(name)
        except ValueError:  # listed, but not to be had
            continue
        context.Process._Popen = _Popen(context.Process._Popen, name, started)


class _Popen:
    """Stands for what starts a process of a context, and tells when it is asked for.

    It hands out the function itself, so that no frame of ours is in a traceback.
    """

    def __init__(
        self, function: Callable[..., Any], method: str, started: Callable[[str], None]
    ) -> None:
        self.function, self.method, self.started = function, method, started
        self.process = os.getpid()

    def __get__(self, process: object, kind: object) -> Callable[..., Any]:
        if os.getpid() == self.process:
            self.started(self.method)
        return self.function
