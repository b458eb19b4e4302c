"""Tests of code that uses a pool, under each start method."""

import logging
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


def test_totals(mp_context, paths):
    """Under every start method the totals are the same."""
    assert totals.totals(paths, mp_context) == [6, 9]


@pytest.mark.start_method
def test_default(paths):
    """So they are where nobody passes a context, and the method is the default."""
    assert totals.totals(paths) == [6, 9]


def test_read(process_pool, paths):
    """What a worker calls can be tested without the code that makes the pool."""
    assert process_pool(max_workers=1).submit(totals.read, paths[1]).result() == [4, 5]


def test_mock_in_parent(mp_context, paths):
    """A mock of the parent is seen by forked workers only."""
    with mock.patch("totals.read", return_value=[7]):
        seen = totals.totals(paths, mp_context)
    assert seen == ([7, 7] if mp_context.get_start_method() == "fork" else [6, 9])


def mock_in_worker():
    """Replace a function for as long as the worker lives."""
    mock.patch("totals.read", return_value=[7]).start()


def test_mock_in_worker(mp_context, paths):
    """A mock that an initializer makes is seen by every worker."""
    assert totals.totals(paths, mp_context, initializer=mock_in_worker) == [7, 7]


def log_to(queue):
    """Have all that a worker logs put into a queue, and nowhere else."""
    logging.getLogger().handlers = [QueueHandler(queue)]
    logging.getLogger().setLevel(logging.INFO)


def test_log(mp_context, paths, caplog):
    """What workers log reaches caplog by a queue of the pool's own context."""
    queue = mp_context.Queue()
    totals.totals(paths, mp_context, initializer=log_to, initargs=(queue,))
    for _ in paths:
        caplog.handler.handle(queue.get(timeout=30))
    assert sorted(caplog.messages) == ["added 2 numbers", "added 3 numbers"]


def hang_in_worker():
    """Have a worker's tasks come back much too late."""
    mock.patch("totals.read", side_effect=lambda path: time.sleep(60)).start()


def test_time_limit(mp_context, paths):
    """A task that hangs raises TimeoutError, and its worker ends."""
    with pytest.raises(futures.TimeoutError):
        totals.totals(paths, mp_context, timeout=0.5, initializer=hang_in_worker)
