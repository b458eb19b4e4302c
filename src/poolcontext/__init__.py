"""List, check and set how a process pool starts its processes."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .methods import StartMethod, StartMethodError, StartMethods, list_start_methods
    from .pools import context_of, get_context, process_pool, start_method_of
    from .transfer import TransferError, check_initializer, check_result, check_task
    from .workers import worker_start_method

__all__ = [
    "StartMethod",
    "StartMethodError",
    "StartMethods",
    "TransferError",
    "check_initializer",
    "check_result",
    "check_task",
    "context_of",
    "get_context",
    "list_start_methods",
    "process_pool",
    "start_method_of",
    "worker_start_method",
]


def __getattr__(name: str) -> object:
    """Import a module of the helper when it is asked for.

    Pytest imports this package for its plugin wherever it is installed, mostly for nothing.
    https://peps.python.org/pep-0562/
    """
    if name in __all__:
        for module in ("methods", "transfer", "pools", "workers"):
            home = importlib.import_module(f"{__name__}.{module}")
            if name in home.__all__:
                found: object = getattr(home, name)
                return globals().setdefault(name, found)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
