"""The words of this package's errors, which end with the page that explains them."""

from __future__ import annotations

import reprlib

SITE = ""
"""The site's published address with a slash at its end, once it has one."""


def explained(message: str, page: str) -> str:
    """An error's message, and then the page that explains it.

    Args:
        message: A sentence, without a full stop.
        page: An example, such as ``set/set_missing_method``.

    Example:
        >>> from poolcontext.pages import explained
        >>> explained("there is no such method; did you mean 'fork'?", "set/set_missing_method")
        "there is no such method; did you mean 'fork'? See examples/set/set_missing_method.html"
    """
    return f"{message}{'' if message.endswith('?') else '.'} See {SITE}examples/{page}.html"


_short = reprlib.Repr()  # which does not go to the end of what is large or deep
_short.maxstring = 60


def described(value: object) -> str:
    """What something is, for a message about it."""
    kind = type(value)  # what an object itself says of its class may be an error
    if issubclass(kind, (str, list, tuple)):
        try:
            return f"the {kind.__name__} {_short.repr(value):.60}"
        except ValueError:  # a number that is too long, which reprlib shows from Python 3.14 on
            pass
    return f"an object of the type {kind.__module__}.{kind.__qualname__}"
