"""When a build is to do everything anew, so that what earlier builds have kept is of no use."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.cmd.build import get_parser


def is_refused(app: Sphinx) -> bool:
    """Whether somebody has asked for all pages anew: by `sphinx-build -E`, or by `-a`."""
    program = Path(sys.argv[0])
    if program.stem == "sphinx-build" or program.parts[-2:] == ("sphinx", "__main__.py"):
        # Of `-a` an application is told too late; and it is fresh in a moved folder as well.
        with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()):
            asked, _ = get_parser().parse_known_args(sys.argv[1:])
            return bool(asked.force_all or asked.freshenv)
    return bool(app.fresh_env_used and Path(app.doctreedir, ENV_PICKLE_FILENAME).exists())
