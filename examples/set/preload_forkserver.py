"""Preload modules in the fork server
==================================

Every worker of your pool imports the same large modules anew, and that takes its time.
Have them imported :proof:`once <preload_forkserver: ^forkserver: decimal is there already>`.
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
# It is the parent process of all workers: forked from it, :proof:`they have these modules
# <preload_forkserver: ^forkserver: decimal is there already>` from the start.
# One server serves all pools of a process, so what you ask for while it runs comes too late.
#
# The list replaces the default, `which names __main__
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/forkserver.py>`__: name it too.
# From CPython 3.13.8 and 3.14.1 on the server then runs the script's top level, `once for all
# <https://github.com/python/cpython/issues/126631>`__; before, the name had no effect, and it has
# none where :doc:`python -m started the program <../worker/started_by_module_name>`.
#
# What to do
# ----------
# Call ``set_forkserver_preload()`` under the guard, before the first pool, process or manager.
# A module that is not found is passed over without a word, unless `on_error of Python 3.15
# <https://github.com/python/cpython/blob/3.15/Lib/multiprocessing/forkserver.py>`__ asks for it.
# Preload no module that starts threads or opens connections when it is imported: the workers would
# be :proof:`forked from a process that has them <top_level_is_shared from 3.13.8 3.14.1:
# ^forkserver, made by the top level:\n[^F]+True>`.
# Your script is such a module if its top level does that: ``__main__`` stands in the default list.

# %%
# Related
# -------
# - :doc:`../break/imports_again`
# - :doc:`../break/top_level_is_shared`
