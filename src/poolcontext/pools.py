"""Which start method a pool uses, and a pool that uses a chosen one."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from multiprocessing.context import BaseContext
from typing import TYPE_CHECKING, Any, Union

from .errors import described, explained
from .methods import KNOWN, StartMethodError, start_methods

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.pool import Pool
    from types import ModuleType
    from typing import TypeGuard

    Context = Union[BaseContext, ModuleType]

# The examples that explain what an error is about.
POOL_PAGE = "check/check_pool_context"
CONTEXT_PAGE = "set/pass_string_as_context"
METHOD_PAGE = "set/set_missing_method"
TASKS_PAGE = "break/max_tasks_with_fork"


def start_method(pool: ProcessPoolExecutor | Pool | Context) -> str:
    """Say which start method a pool uses for its worker processes.

    Nothing is started and nothing is fixed by the look. A context that follows
    the global default, as the module `multiprocessing` does, answers the choice
    that was made, or the platform's default as long as none was.

    Args:
        pool: A `concurrent.futures.ProcessPoolExecutor`, live or shut down; a
            `multiprocessing.pool.Pool`, live or closed; a context that
            `multiprocessing.get_context` returned; or the module
            `multiprocessing`, which CPython takes as a context too.

    Returns:
        The name of the method, one of ``"fork"``, ``"spawn"`` and ``"forkserver"``.

    Raises:
        TypeError: It is something else; the message says what it got.
        RuntimeError: This Python keeps a pool's context under another name.

    Example:
        >>> import multiprocessing
        >>> from poolcontext import start_method
        >>> start_method(multiprocessing.get_context("spawn"))
        'spawn'

    Source:
        No version of CPython has a public name for a pool's context; this
        reads the private one, in a single place.
    """
    context = pool if _is_context(pool) else _context_of(pool)
    chosen = context.get_start_method(allow_none=True)
    return chosen or multiprocessing.get_all_start_methods()[0]


def process_pool(
    method: str | Context | Sequence[str] | None = None, **kwargs: Any
) -> ProcessPoolExecutor:
    """Make a `concurrent.futures.ProcessPoolExecutor` with a chosen start method.

    Args:
        method: A start method's name; or a context, which is used as it is; or
            names in order of preference, of which the first is taken that works
            here with the other arguments; or None for Python's own default.
        **kwargs: What the executor takes, passed on as it is: ``max_workers``,
            ``initializer``, ``initargs``, and from Python 3.11 on ``max_tasks_per_child``.

    Returns:
        An executor that has not started a worker yet.

    Raises:
        StartMethodError: The platform lacks the method, the name is misspelt,
            or ``max_tasks_per_child`` was asked of fork. Raised before any
            process is started. Among several names, one that no Python knows
            is refused even where another one would do, so that a slip of the
            finger does not quietly choose for you.
        TypeError: ``method`` is something else, or ``mp_context`` is given as
            well, or the executor does not know an argument.

    Example:
        >>> from poolcontext import process_pool, start_method
        >>> with process_pool("spawn", max_workers=1) as pool:
        ...     print(start_method(pool), pool.submit(abs, -2).result())
        spawn 2
        >>> start_method(process_pool(["forkserver", "spawn"])) in ("forkserver", "spawn")
        True

    Source:
        ``mp_context`` and ``max_tasks_per_child`` are described in CPython's
        documentation of `concurrent.futures.ProcessPoolExecutor`.
    """
    from concurrent.futures import ProcessPoolExecutor

    if method is None:
        return ProcessPoolExecutor(**kwargs)
    if "mp_context" in kwargs:
        both = "process_pool() takes a method or mp_context, not both"
        raise TypeError(explained(both, CONTEXT_PAGE))
    # Before 3.11 no method helps: there the executor says that it does not know the argument.
    refuse_fork = kwargs.get("max_tasks_per_child") is not None and sys.version_info >= (3, 11)
    if not _is_context(method):
        method = multiprocessing.get_context(choose(_names(method), refuse_fork))
    elif refuse_fork and start_method(method) == "fork":
        raise StartMethodError(_incompatible())
    return ProcessPoolExecutor(mp_context=method, **kwargs)


def _is_context(value: object) -> TypeGuard[BaseContext]:
    """Whether CPython takes it for a context; the module has a context's functions."""
    return isinstance(value, BaseContext) or value is multiprocessing


def _context_of(pool: object) -> BaseContext:
    """The context of a pool: the one place that reads a private attribute."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.pool import Pool, ThreadPool

    if isinstance(pool, ProcessPoolExecutor):
        attribute = "_mp_context"
    elif isinstance(pool, Pool) and not isinstance(pool, ThreadPool):
        attribute = "_ctx"
    else:
        raise TypeError(
            explained(
                "start_method() takes a ProcessPoolExecutor, a multiprocessing.pool.Pool, a "
                f"context or the module multiprocessing, not {described(pool)}",
                POOL_PAGE,
            )
        )
    try:
        context: BaseContext = getattr(pool, attribute)
        return context
    except AttributeError as error:
        raise RuntimeError(
            explained(
                f"this {type(pool).__name__} has no attribute {attribute}: it was not initialised, "
                "or this Python gives it another name; in that case make the context yourself "
                "with multiprocessing.get_context(), pass it to the pool and keep it: "
                "start_method() takes the context as well",
                POOL_PAGE,
            )
        ) from error


def _names(method: object) -> tuple[str, ...]:
    if isinstance(method, str):
        return (method,)
    if isinstance(method, Sequence) and method and all(isinstance(name, str) for name in method):
        return tuple(method)
    raise TypeError(
        explained(
            "process_pool() takes a start method's name, a context, a sequence of at least one "
            f"name, or None, not {described(method)}",
            CONTEXT_PAGE,
        )
    )


def choose(names: tuple[str, ...], refuse_fork: bool = False) -> str:
    """The first of the names that works here, or a StartMethodError that says why none does."""
    methods = start_methods()
    for name in names:
        if name not in KNOWN and name not in methods.listed:
            raise StartMethodError(_unknown(name, methods.available))
    for name in names:
        if name in methods.available and not (name == "fork" and refuse_fork):
            return name
    if "fork" in names and "fork" in methods.available:
        raise StartMethodError(_incompatible())
    raise StartMethodError(_missing(names, methods.available))


def _unknown(name: str, available: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.strip().lower(), available, 1)
    hint = f"did you mean {close[0]!r}?" if close else _nearest(available)
    message = f"there is no start method {name!r:.60}: {_has(available)}; {hint}"
    return explained(message, METHOD_PAGE)


def _missing(names: tuple[str, ...], available: tuple[str, ...]) -> str:
    wanted = f"the start method {names[0]!r} cannot be used"
    if len(names) > 1:
        wanted = f"neither {' nor '.join(map(repr, names))} can be used"
    return explained(f"{wanted}: {_has(available)}; {_nearest(available)}", METHOD_PAGE)


def _incompatible() -> str:
    others = [name for name in start_methods().available if name != "fork"]
    return explained(
        "max_tasks_per_child does not work with the start method 'fork', "
        f"see https://github.com/python/cpython/issues/90622; {_nearest(others)}",
        TASKS_PAGE,
    )


def _has(available: Sequence[str]) -> str:
    import platform

    system = f"{platform.python_implementation()} on {platform.system() or 'this platform'}"
    return f"{system} has {', '.join(map(repr, available)) or 'none that works'}"


def _nearest(available: Sequence[str]) -> str:
    choice = next((name for name in KNOWN if name in available), None)
    return f"the nearest choice is {choice!r}" if choice else "no process pool works here"
