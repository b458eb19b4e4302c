"""Preload modules in the fork server
==================================

You use forkserver, and every worker imports the same large modules anew.
Have them imported once, in the server that the workers are forked from.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

SCRIPT_RUN_BY = os.getpid()


def look(name):
    by = {os.getpid(): "the worker itself", os.getppid(): "its parent process"}
    return name in sys.modules, by[SCRIPT_RUN_BY]


def show(text, name, context):
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        there, by = pool.submit(look, name).result(timeout=30)
    print(f"{text}: {name} is {'there already' if there else 'not there yet'},")
    print(f"  and the script's top level was run by {by}.")
    return there, by


# %%
# Preload before the first use, which starts the server: the second call is too late.

if __name__ == "__main__":
    try:
        there, by = show("spawn", "decimal", multiprocessing.get_context("spawn"))
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    assert (there, by) == (False, "the worker itself")

    if "forkserver" not in multiprocessing.get_all_start_methods():
        print("forkserver is not there on this platform.")
        raise SystemExit
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["decimal", "__main__"])
    there, by = show("forkserver", "decimal", context)
    mended = sys.version_info >= (3, 14, 1) or (3, 13, 8) <= sys.version_info < (3, 14)
    assert (there, by) == (True, "its parent process" if mended else "the worker itself")

    context.set_forkserver_preload(["decimal", "difflib"])
    assert not show("forkserver, asked again", "difflib", context)[0]

# %%
# Why
# ---
# The server is a process of its own that `imports the modules of the list when it starts
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload>`__.
# It is the parent process of all workers: forked from it, they have these modules from the start.
# One server serves the whole program, so what you ask for while it runs comes too late, in silence.
#
# The list replaces `another that names __main__
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/forkserver.py>`__, so name it too
# if your script is to be preloaded.
# From CPython 3.13.8 and 3.14.1 on the server then runs the script's top level once, and the
# workers no longer do; before, the name had no effect (`issue 126631
# <https://github.com/python/cpython/issues/126631>`__).
#
# What to do
# ----------
# Call ``set_forkserver_preload()`` under the ``__main__`` guard, before the first pool.
# A module that cannot be imported is passed over without a word, unless ``on_error``, which is new
# in Python 3.15, says otherwise.
# Preload no module that starts threads or opens connections when it is imported: the workers would
# be :doc:`forked from a process that has them <../break/top_level_is_shared>`.
# Your script is such a module if its top level does that: ``__main__`` stands in the default list.

# %%
# Related
# -------
# - :doc:`../break/imports_again`
# - :doc:`../break/top_level_is_shared`
