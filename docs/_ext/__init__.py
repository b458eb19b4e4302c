"""What only this site needs: each module here is a Sphinx extension of its own."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from sphinx.application import Sphinx


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect all of them; called by Sphinx."""
    app.setup_extension("poolcontext.sphinxext")
    for module in pkgutil.iter_modules(__path__):
        extension = importlib.import_module(f"{__name__}.{module.name}")
        if hasattr(extension, "setup"):
            extension.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
