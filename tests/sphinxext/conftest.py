"""The extension for any gallery."""

from galleries import *  # noqa: F403 (its fixtures)
