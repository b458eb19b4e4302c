"""The words of this package's errors, and the address of the page that explains them."""

from __future__ import annotations

import os
import reprlib


def explained(message: str, place: str) -> str:
    """An error's message, and then the page that explains it, if its address is known.

    Args:
        message: A sentence, without a full stop.
        place: The place on the site, such as ``symptoms.html#cannot-find-context``.

    Example:
        >>> from poolcontext.errors import explained
        >>> message = explained("there is no such method", "symptoms.html#cannot-find-context")
        >>> message.partition(". See ")[0]
        'there is no such method'
    """
    site = _site()
    end = "" if message.endswith("?") else "."
    return f"{message}{end} See {site}{place}" if site else message


def _site() -> str:
    """The documentation's address with a slash at its end, if this package was installed with it.

    What is installed may be another copy than this one, which then does not speak for it.
    """
    from importlib.metadata import distribution

    try:
        installed = distribution("poolcontext")
        if os.path.samefile(str(installed.locate_file("poolcontext/errors.py")), __file__):
            for entry in installed.metadata.get_all("Project-URL") or ():
                label, _, address = entry.partition(",")
                if label.strip().lower() == "documentation":
                    return f"{address.strip().rstrip('/')}/"
    except Exception:  # whatever is wrong there, the error at hand is the one to be told
        pass
    return ""


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
