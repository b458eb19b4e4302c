"""Runs alone, in the interpreter that is tried: ``python probe.py NOTES METHOD SECONDS SCRIPT``.

What it does is in `notes`, imported by its name: the program is about to replace this text.
"""

import os
import sys

if __name__ == "__main__":
    # In the place of this file's folder, until the program's own takes it.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

    from poolcontext.trial.notes import main

    main(*sys.argv[1:])
