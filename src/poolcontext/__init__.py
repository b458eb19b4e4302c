"""List, check and set how a process pool starts its processes."""

from .methods import StartMethodError, StartMethods, start_methods
from .pools import process_pool, start_method

__all__ = [
    "StartMethodError",
    "StartMethods",
    "process_pool",
    "start_method",
    "start_methods",
]
