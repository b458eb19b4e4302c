"""How this extension warns: by a type and a subtype, so that a project can suppress it.

https://www.sphinx-doc.org/en/master/usage/configuration.html#confval-suppress_warnings
"""

from __future__ import annotations

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def warn(subtype: str, message: str, *args: object, location: nodes.Node | None = None) -> None:
    """Warn of something; ``suppress_warnings = ["poolcontext.SUBTYPE"]`` silences it."""
    logger.warning(message, *args, location=location, type="poolcontext", subtype=subtype)
