"""What a pool's own workers say."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.pool import Pool, ThreadPool
from typing import Union

from .errors import described, explained

__all__ = ["worker_start_method"]

PLACE = "examples/check/ask_worker.html"


def worker_start_method(pool: Union[ProcessPoolExecutor, Pool], timeout: float = 30.0) -> str:
    """Ask a worker of a pool how it was started.

    The worker answers, not the pool: so a worker is started if there is none
    yet, and the question waits for its turn behind the pool's other tasks.
    `poolcontext.start_method_of` asks the pool itself, and starts nothing.

    Args:
        pool: A live `concurrent.futures.ProcessPoolExecutor` or
            `multiprocessing.pool.Pool`.
        timeout: How many seconds to wait for the answer.

    Returns:
        The name of the method, one of ``"fork"``, ``"spawn"`` and ``"forkserver"``.

    Raises:
        TypeError: It is no pool of processes.
        TimeoutError: No worker has answered in time. The pool is left as it is.
        RuntimeError: The pool is shut down; or an executor's worker has died, as
            `concurrent.futures.process.BrokenProcessPool`. Of another pool, the worker
            answers that takes the dead one's place.

    Example:
        >>> from poolcontext import process_pool, worker_start_method
        >>> with process_pool("spawn", max_workers=1) as pool:
        ...     worker_start_method(pool)
        'spawn'

    Source:
        A worker of every method calls `multiprocessing.get_start_method` by its
        name, and so gets its own answer. Submitted as it is, that function is a
        method of the parent's context, which travels with it.

    .. versionadded:: 0.1
    """
    try:
        if isinstance(pool, ProcessPoolExecutor):
            future = pool.submit(ask)
            try:
                return future.result(timeout)
            finally:
                future.cancel()
        if isinstance(pool, Pool) and not isinstance(pool, ThreadPool):
            try:
                answer = pool.apply_async(ask)
            except ValueError as error:
                raise RuntimeError(explained("the pool is shut down", PLACE)) from error
            return answer.get(timeout)
    # Up to Python 3.10 the first is another class than the built-in one.
    except (concurrent.futures.TimeoutError, multiprocessing.TimeoutError) as error:
        late = f"no worker of the pool has answered within {timeout:g} s"
        raise TimeoutError(explained(late, PLACE)) from error
    wanted = "worker_start_method() takes a ProcessPoolExecutor or a multiprocessing.pool.Pool"
    raise TypeError(explained(f"{wanted}, not {described(pool)}", PLACE))


def ask() -> str:
    """How the process that runs this was started."""
    return multiprocessing.get_start_method()
