"""Which start methods this interpreter offers, found out without side effects."""

from __future__ import annotations

import dataclasses
import functools
import multiprocessing
import os
from collections.abc import Sequence
from typing import Literal, Optional

from .errors import explained

__all__ = ["StartMethod", "StartMethodError", "StartMethods", "list_start_methods"]

StartMethod = Literal["fork", "spawn", "forkserver"]
"""The name of a start method, as CPython spells it.

.. versionadded:: 0.1
"""

# Every start method that any CPython has had, in the order in which another one is suggested
# where the wanted one is missing: last the one that copies a process with the locks of its threads.
KNOWN = ("forkserver", "spawn", "fork")

# What explains the errors.
METHOD_PLACE = "symptoms.html#cannot-find-context"
TASKS_PLACE = "symptoms.html#max-tasks-with-fork"


class StartMethodError(ValueError):
    """A start method was asked for that a pool cannot use here.

    The message names the platform, what it has and the nearest choice; and the
    page that explains it, where the package was installed with its address.
    It is a `ValueError`, as what `multiprocessing.get_context` raises is.
    It can be pickled.

    Args:
        message: The message.
        method: The name that was asked for; of several, the first that is to blame.
        available: The methods that could be used instead.

    Example:
        >>> import poolcontext
        >>> try:
        ...     poolcontext.get_context("spwn")
        ... except poolcontext.StartMethodError as error:
        ...     print(error.method, "spawn" in error.available)
        ...     print(str(error).partition("; ")[2].partition(" See ")[0])
        spwn True
        did you mean 'spawn'?

    .. versionadded:: 0.1
    """

    method: str
    """The name that was asked for; of several, the first that is to blame."""

    available: tuple[str, ...]
    """The methods that could be used instead."""

    def __init__(self, message: str, method: str = "", available: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.method, self.available = method, available


@dataclasses.dataclass(frozen=True)
class StartMethods:
    """What `list_start_methods` found: names of start methods, as CPython spells them.

    Example:
        >>> from poolcontext import StartMethods
        >>> windows = StartMethods(("spawn",), ("spawn",), "spawn", None)
        >>> windows.default
        'spawn'

    .. versionadded:: 0.1
    """

    available: tuple[str, ...]
    """The methods that a pool can be constructed with here, in the order of the list."""

    listed: tuple[str, ...]
    """What `multiprocessing.get_all_start_methods` names, the platform's default first."""

    default: Optional[str]
    """What a pool gets here if nobody chooses; None if it would get an error."""

    chosen: Optional[str]
    """The global choice that this process has made already, or None."""


def list_start_methods() -> StartMethods:
    """Say which start methods this interpreter offers on this platform.

    No process is started, and the global default is not fixed by the look:
    `multiprocessing.set_start_method` still works afterwards.
    A method can be listed and yet be of no use: under WebAssembly CPython lists
    three and can construct a pool with none. So what is available is a list of
    its own, which is empty there, and the default is None.

    Returns:
        A `StartMethods` record, which cannot be changed. No error is raised.

    Example:
        >>> from poolcontext import list_start_methods
        >>> methods = list_start_methods()
        >>> "spawn" in methods.available
        True
        >>> methods.default == methods.listed[0]
        True

    Source:
        That the first name is the default is said by CPython's documentation
        of `multiprocessing.get_all_start_methods`.

    .. versionadded:: 0.1
    """
    listed = tuple(multiprocessing.get_all_start_methods())
    works = _has_semaphores()
    available = tuple(name for name in listed if works and _has_context(name))
    return StartMethods(
        available=available,
        listed=listed,
        default=listed[0] if listed[0] in available else None,
        chosen=multiprocessing.get_start_method(allow_none=True),
    )


def _has_context(name: str) -> bool:
    """Whether `get_context` gives out the context that CPython lists.

    It refuses forkserver where open files cannot be passed between processes:
    https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/context.py
    """
    try:
        multiprocessing.get_context(name)
    except ValueError:
        return False
    return True


@functools.lru_cache(maxsize=1)
def _has_semaphores() -> bool:
    """Whether the semaphores that the queues of every pool are made of work here.

    The checks are those of `ProcessPoolExecutor`'s constructor, and then one
    semaphore is made, since there are systems that have the function and
    refuse the call. It is made from the fork context where there is one: of
    another context, a semaphore would start the resource tracker's process.
    https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/synchronize.py
    It is found out once, as CPython finds it out, since it would be most of what
    `process_pool` takes.
    """
    listed = multiprocessing.get_all_start_methods()
    try:
        multiprocessing.get_context("fork" if "fork" in listed else "spawn").Lock()
        most = os.sysconf("SC_SEM_NSEMS_MAX")
    except (ImportError, NotImplementedError, OSError):
        return False
    except (AttributeError, ValueError):  # Windows has no sysconf, others not this name
        return True
    return most == -1 or most >= 256


def choose(names: Sequence[str], refuse_fork: bool = False) -> str:
    """The first of the names that works here, or a StartMethodError that says why none does.

    Args:
        names: In order of preference.
        refuse_fork: Whether the pool is to have ``max_tasks_per_child``.

    Raises:
        StartMethodError: None works here, or one is known to no Python.
    """
    methods = list_start_methods()
    for name in names:
        if name not in KNOWN and name not in methods.listed:
            raise StartMethodError(_unknown(name, methods.available), name, methods.available)
    for name in names:
        if name in methods.available and not (name == "fork" and refuse_fork):
            return name
    if "fork" in names and "fork" in methods.available:
        raise incompatible()
    raise StartMethodError(_missing(names, methods.available), names[0], methods.available)


def incompatible() -> StartMethodError:
    """The error for ``max_tasks_per_child`` with fork."""
    others = tuple(name for name in list_start_methods().available if name != "fork")
    message = (
        "max_tasks_per_child does not work with the start method 'fork', "
        f"see https://github.com/python/cpython/issues/90622; {_nearest(others)}"
    )
    return StartMethodError(explained(message, TASKS_PLACE), "fork", others)


def _unknown(name: str, available: tuple[str, ...]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.strip().lower(), available, 1)
    hint = f"did you mean {close[0]!r}?" if close else _nearest(available)
    message = f"there is no start method {name!r:.60}: {_has(available)}; {hint}"
    return explained(message, METHOD_PLACE)


def _missing(names: Sequence[str], available: tuple[str, ...]) -> str:
    wanted = f"the start method {names[0]!r} cannot be used"
    if len(names) > 1:
        wanted = f"neither {' nor '.join(map(repr, names))} can be used"
    return explained(f"{wanted}: {_has(available)}; {_nearest(available)}", METHOD_PLACE)


def _has(available: Sequence[str]) -> str:
    import platform

    system = f"{platform.python_implementation()} on {platform.system() or 'this platform'}"
    return f"{system} has {', '.join(map(repr, available)) or 'none that works'}"


def _nearest(available: Sequence[str]) -> str:
    choice = next((name for name in KNOWN if name in available), None)
    return f"the nearest choice is {choice!r}" if choice else "no process pool works here"
