"""Which start methods this interpreter offers, found out without side effects."""

from __future__ import annotations

import functools
import multiprocessing
import os
from typing import NamedTuple

# Every start method that any CPython has had, in the order in which another one is suggested
# where the wanted one is missing: last the one that copies a process with the locks of its threads.
KNOWN = ("forkserver", "spawn", "fork")


class StartMethodError(ValueError):
    """A start method was asked for that a pool cannot use here.

    The message names the platform, what it has and the nearest choice; and the
    page that explains it, where the package was installed with its address.
    It is a `ValueError`, as what `multiprocessing.get_context` raises is.

    Example:
        >>> import poolcontext
        >>> try:
        ...     poolcontext.process_pool("spwn")
        ... except poolcontext.StartMethodError as error:
        ...     print(str(error).partition("; ")[2].partition(" See ")[0])
        did you mean 'spawn'?
    """


class StartMethods(NamedTuple):
    """What `start_methods` found: names of start methods, as CPython spells them.

    Example:
        >>> from poolcontext import StartMethods
        >>> windows = StartMethods(("spawn",), ("spawn",), "spawn", None)
        >>> windows.default
        'spawn'
    """

    available: tuple[str, ...]
    """The methods that a pool can be constructed with here, in the order of the list."""

    listed: tuple[str, ...]
    """What `multiprocessing.get_all_start_methods` names, the platform's default first."""

    default: str | None
    """What a pool gets here if nobody chooses; None if it would get an error."""

    chosen: str | None
    """The global choice that this process has made already, or None."""


def start_methods() -> StartMethods:
    """Say which start methods this interpreter offers on this platform.

    No process is started, and the global default is not fixed by the look:
    `multiprocessing.set_start_method` still works afterwards.
    A method can be listed and yet be of no use: under WebAssembly CPython lists
    three and can construct a pool with none. So what is available is a list of
    its own, which is empty there, and the default is None.

    Returns:
        A `StartMethods` record, which cannot be changed. No error is raised.

    Example:
        >>> from poolcontext import start_methods
        >>> methods = start_methods()
        >>> "spawn" in methods.available
        True
        >>> methods.default == methods.listed[0]
        True

    Source:
        That the first name is the default is said by CPython's documentation
        of `multiprocessing.get_all_start_methods`.
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
