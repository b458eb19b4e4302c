"""The command line: ``python -m poolcontext``, or ``python src/poolcontext`` in a checkout."""

import os
import sys

if sys.version_info < (3, 9):  # noqa: UP036 (a checkout can be run with any)
    found = sys.version.split()[0]
    sys.stderr.write("poolcontext: Python 3.9 or newer is needed, and this is " + found + "\n")
    sys.exit(2)

if not __package__:  # a folder was run: the package is beside what was found in it
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from poolcontext.cli import main

if __name__ == "__main__":
    sys.exit(main())
