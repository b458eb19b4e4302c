"""The project's example scripts, and which of them the helper has to agree with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from poolcontext.capture.normalize import normalize
from poolcontext.capture.script import WITH_HELPER

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(ROOT.glob("examples/*/*.py"))
HELPED = sorted(ROOT.glob("docs/with_helper/*.py"))

THOROUGH = bool(os.environ.get("THOROUGH"))
"""Whether all pages are opened and all programs tried, of which else there are some."""

SAME = {
    *("list_start_methods", "check_pool_context", "set_every_method", "set_missing_method"),
    *("set_pool_context", "ask_worker", "check_max_tasks_context", "order_of_preference"),
    *("hand_over_with_initializer", "log_records_vanish", "mock_not_seen"),
}
"""Examples of which the version with the helper prints just the same."""


def check_helper_agrees(outputs: Mapping[str, str]) -> None:
    """Fail if an example and its version with the helper differ that are meant to agree.

    Where a method is missing, the two raise errors of their own, or only one says so.
    """
    for name in SAME & outputs.keys():
        both = [normalize(outputs[name + end]).splitlines() for end in ("", WITH_HELPER)]
        if name == "set_missing_method":
            for lines in both:
                (error,) = [number for number, line in enumerate(lines) if "Error: " in line]
                lines[error] = "an error"
        if both[0][0] == "There is no fork here.":
            del both[0][0]
        assert both[0] == both[1], name
