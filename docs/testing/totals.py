"""Add up the numbers in files, each file in a worker process."""

import logging
from concurrent import futures
from pathlib import Path

logger = logging.getLogger(__name__)


def read(path):
    """Give the numbers in a file."""
    return [int(word) for word in Path(path).read_text().split()]


def total(path):
    """Add up one file."""
    numbers = read(path)
    logger.info("added %d numbers", len(numbers))
    return sum(numbers)


def end(pool):
    """End a pool whose workers may hang."""
    if hasattr(pool, "terminate_workers"):  # since Python 3.14
        pool.terminate_workers()
    else:
        for worker in list(pool._processes.values()):
            worker.terminate()


def totals(paths, context=None, timeout=None, **options):
    """Add up each file, in a pool of the context and within as many seconds."""
    with futures.ProcessPoolExecutor(2, mp_context=context, **options) as pool:
        try:
            return list(pool.map(total, paths, timeout=timeout))
        except futures.TimeoutError:
            end(pool)  # or leaving `with` waits for what hangs
            raise
