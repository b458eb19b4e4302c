"""A test that passes where workers are copies of its process."""

import tally


def test_totals():
    """A basket has the sum of its prices."""
    assert tally.totals([["apple"], ["apple", "pear"]]) == [3, 7]
