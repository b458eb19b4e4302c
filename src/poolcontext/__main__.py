"""The command line: ``python -m poolcontext``, or ``python src/poolcontext`` in a checkout."""

import os
import sys

if not __package__:  # a folder was run: the package is beside what was found in it
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from poolcontext.commands import main

if __name__ == "__main__":
    sys.exit(main())
