"""Which start method a pool uses, and a pool that uses a chosen one."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from multiprocessing.pool import Pool, ThreadPool
from types import ModuleType
from typing import TYPE_CHECKING, Any, Optional, Union

from .errors import described, explained
from .methods import StartMethod, choose, incompatible

if TYPE_CHECKING:
    from typing import TypeGuard

__all__ = ["context_of", "get_context", "process_pool", "start_method_of"]

Context = Union[BaseContext, ModuleType]

# What explains the errors.
POOL_PLACE = "examples/check/check_pool_context.html"
CONTEXT_PLACE = "symptoms.html#string-as-context"


def start_method_of(pool: Union[ProcessPoolExecutor, Pool, Context]) -> str:
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
        >>> from poolcontext import start_method_of
        >>> start_method_of(multiprocessing.get_context("spawn"))
        'spawn'

    .. versionadded:: 0.1
    """
    context = pool if _is_context(pool) else _context_of("start_method_of", pool)
    chosen = context.get_start_method(allow_none=True)
    return chosen or multiprocessing.get_all_start_methods()[0]


def context_of(pool: Union[ProcessPoolExecutor, Pool]) -> BaseContext:
    """Give the context of a pool, which its locks, queues and events have to come from.

    Args:
        pool: A `concurrent.futures.ProcessPoolExecutor`, live or shut down; or a
            `multiprocessing.pool.Pool`, live or closed.

    Returns:
        The very object that the pool was given, or has taken by itself.

    Raises:
        TypeError: It is something else; the message says what it got.
        RuntimeError: This Python keeps a pool's context under another name.

    Example:
        >>> from poolcontext import context_of, process_pool
        >>> pool = process_pool("spawn")
        >>> lock = context_of(pool).Lock()  # which an initializer can be given
        >>> context_of(pool).get_start_method()
        'spawn'

    Source:
        No version of CPython has a public name for a pool's context; this
        reads the private one, in a single place.

    .. versionadded:: 0.1
    """
    return _context_of("context_of", pool)


def get_context(*methods: StartMethod) -> BaseContext:
    """Give the context of the first of some start methods that works here.

    Args:
        *methods: Their names, in order of preference; at least one.

    Returns:
        What `multiprocessing.get_context` gives for it.

    Raises:
        StartMethodError: The platform has none of them, or a name is misspelt. A name
            that no Python knows is refused even where another one would do, so that a
            slip of the finger does not quietly choose for you.
        ValueError: There is no name at all.
        TypeError: One of them is no name.

    Example:
        >>> from poolcontext import get_context
        >>> get_context("forkserver", "spawn").get_start_method() in ("forkserver", "spawn")
        True

    .. versionadded:: 0.1
    """
    context: BaseContext = multiprocessing.get_context(choose(_names("get_context", methods)))
    return context


def process_pool(
    method: Union[StartMethod, Context, Sequence[StartMethod], None] = None,
    max_workers: Optional[int] = None,
    *,
    initializer: Optional[Callable[..., object]] = None,
    initargs: tuple[Any, ...] = (),
    max_tasks_per_child: Optional[int] = None,
) -> ProcessPoolExecutor:
    """Make a `concurrent.futures.ProcessPoolExecutor` with a chosen start method.

    Args:
        method: A start method's name; or a context, which is used as it is; or
            names in order of preference, of which the first is taken that works
            here with the other arguments; or None for Python's own default.
        max_workers: How many worker processes at most; None for the executor's own choice.
        initializer: What each worker calls before its first task.
        initargs: The arguments of that.
        max_tasks_per_child: After how many tasks a worker is replaced, from Python 3.11 on.

    Returns:
        An executor that has not started a worker yet.

    Raises:
        StartMethodError: As of `get_context`; or ``max_tasks_per_child`` was asked of
            fork. Raised before any process is started.
        ValueError: The sequence of methods is empty, or the executor refuses a number.
        TypeError: ``method`` is something else; or ``max_tasks_per_child`` was asked for
            before Python 3.11.

    Example:
        >>> from poolcontext import process_pool, start_method_of
        >>> with process_pool("spawn", 1) as pool:
        ...     print(start_method_of(pool), pool.submit(abs, -2).result())
        spawn 2
        >>> start_method_of(process_pool(["forkserver", "spawn"])) in ("forkserver", "spawn")
        True

    Source:
        What an executor takes is described in CPython's documentation of
        `concurrent.futures.ProcessPoolExecutor`.

    .. versionadded:: 0.1
    """
    limit = {} if max_tasks_per_child is None else {"max_tasks_per_child": max_tasks_per_child}
    # Before 3.11 no method helps: there the executor says that it does not know the argument.
    refuse_fork = bool(limit) and sys.version_info >= (3, 11)
    context: Any = method
    if method is not None and not _is_context(method):
        context = multiprocessing.get_context(choose(_names("process_pool", method), refuse_fork))
    elif method is not None and refuse_fork and start_method_of(method) == "fork":
        raise incompatible()
    return ProcessPoolExecutor(
        max_workers, mp_context=context, initializer=initializer, initargs=initargs, **limit
    )


def _is_context(value: object) -> TypeGuard[BaseContext]:
    """Whether CPython takes it for a context; the module has a context's functions."""
    return isinstance(value, BaseContext) or value is multiprocessing


def _context_of(function: str, pool: object) -> BaseContext:
    """The context of a pool: the one place that reads a private attribute."""
    if isinstance(pool, ProcessPoolExecutor):
        attribute = "_mp_context"
    elif isinstance(pool, Pool) and not isinstance(pool, ThreadPool):
        attribute = "_ctx"
    else:
        also = ", a context or the module multiprocessing" if function == "start_method_of" else ""
        raise TypeError(
            explained(
                f"{function}() takes a ProcessPoolExecutor, a multiprocessing.pool.Pool{also}, "
                f"not {described(pool)}",
                POOL_PLACE,
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
                "it is what you would get here",
                POOL_PLACE,
            )
        ) from error


def _names(function: str, methods: object) -> tuple[str, ...]:
    """The names, of which there is to be one at least."""
    if isinstance(methods, str):
        return (methods,)
    if isinstance(methods, Sequence) and all(isinstance(name, str) for name in methods):
        if methods:
            return tuple(methods)
        message = f"{function}() takes the name of at least one start method, not none"
        raise ValueError(explained(message, CONTEXT_PLACE))
    wanted = "names of start methods, each by itself"
    if function == "process_pool":
        wanted = "a start method's name, a context, a sequence of names, or None"
    else:  # the first that is none, as each is an argument
        methods = next(one for one in methods if not isinstance(one, str))  # type: ignore[attr-defined]
    message = f"{function}() takes {wanted}, not {described(methods)}"
    raise TypeError(explained(message, CONTEXT_PLACE))
