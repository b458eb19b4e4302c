"""Tests of code that uses a pool, under each start method."""

import logging
import multiprocessing
import threading
import time
from concurrent import futures
from logging.handlers import QueueHandler
from unittest import mock

import pytest
import totals


@pytest.fixture
def paths(tmp_path):
    """Make two files of numbers."""
    (tmp_path / "a").write_text("1 2 3")
    (tmp_path / "b").write_text("4 5")
    return [tmp_path / "a", tmp_path / "b"]


@pytest.fixture(params=["fork", "spawn", "forkserver"])
def context(request):
    """Give each start method's context in turn, and see that a test leaves nothing."""
    try:
        context = multiprocessing.get_context(request.param)
    except ValueError as error:  # this platform has no such method
        pytest.skip(str(error))
    threads = set(threading.enumerate())
    yield context
    for thread in set(threading.enumerate()) - threads:
        thread.join(timeout=10)  # since terminate_workers() does not wait
    assert not multiprocessing.active_children()


def test_totals(context, paths):
    """Under every start method the totals are the same."""
    assert totals.totals(paths, context) == [6, 9]


def test_mock_in_parent(context, paths):
    """A mock of the parent is seen by forked workers only."""
    with mock.patch("totals.read", return_value=[7]):
        seen = totals.totals(paths, context)
    assert seen == ([7, 7] if context.get_start_method() == "fork" else [6, 9])


def mock_in_worker():
    """Replace a function for as long as the worker lives."""
    mock.patch("totals.read", return_value=[7]).start()


def test_mock_in_worker(context, paths):
    """A mock that an initializer makes is seen by every worker."""
    assert totals.totals(paths, context, initializer=mock_in_worker) == [7, 7]


def log_to(queue):
    """Have all that a worker logs put into a queue, and nowhere else."""
    logging.getLogger().handlers = [QueueHandler(queue)]
    logging.getLogger().setLevel(logging.INFO)


def test_log(context, paths, caplog):
    """What workers log reaches caplog by a queue of the pool's own context."""
    queue = context.Queue()
    totals.totals(paths, context, initializer=log_to, initargs=(queue,))
    for _ in paths:
        caplog.handler.handle(queue.get(timeout=30))
    assert sorted(caplog.messages) == ["added 2 numbers", "added 3 numbers"]


def hang_in_worker():
    """Have a worker's tasks come back much too late."""
    mock.patch("totals.read", side_effect=lambda path: time.sleep(60)).start()


def test_time_limit(context, paths):
    """A task that hangs raises TimeoutError, and its worker ends."""
    with pytest.raises(futures.TimeoutError):
        totals.totals(paths, context, timeout=0.5, initializer=hang_in_worker)
