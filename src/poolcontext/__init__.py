"""List, check and set how a process pool starts its processes."""

from .methods import StartMethodError, StartMethods, start_methods
from .pools import process_pool, start_method
from .transfer import TransferError, check_transferable
from .workers import worker_start_method

__all__ = [
    "StartMethodError",
    "StartMethods",
    "TransferError",
    "check_transferable",
    "process_pool",
    "start_method",
    "start_methods",
    "worker_start_method",
]
