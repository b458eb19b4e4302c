"""List the start methods
======================

You want to know which start methods you can choose from here, and which one a pool uses if you
choose none.
The look changes nothing: you can still choose afterwards.
"""

import importlib
import multiprocessing

# %%
# A name in Python's list is no promise, so the method's context is asked for as well.


def is_offered(method):
    try:
        importlib.import_module("multiprocessing.synchronize")
        multiprocessing.get_context(method)
    except (ImportError, ValueError):
        return False
    return True


# %%
# ``get_start_method()`` would fix the default for this process.
# With ``allow_none=True`` it only tells what was chosen before.

if __name__ == "__main__":
    methods = multiprocessing.get_all_start_methods()
    offered = list(filter(is_offered, methods))
    print("This platform offers:", ", ".join(offered) or "none")
    print("A pool uses by default:", methods[0] if offered else "nothing")

    chosen = multiprocessing.get_start_method(allow_none=True)
    print("Chosen in this process so far:", chosen or "nothing")
    assert chosen is None, "looking has fixed the default"

    # This look does fix the default, so it comes last: it proves the second line.
    assert multiprocessing.get_start_method() == methods[0]

# %%
# Why
# ---
# Which methods there are depends on the platform, and which of them is the default on Python's
# version as well.
# ``get_all_start_methods()`` `names the default first
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_all_start_methods>`__.
# On Linux that is fork up to Python 3.13, and `forkserver from 3.14 on
# <https://docs.python.org/3/whatsnew/3.14.html#whatsnew314-multiprocessing-start-method>`__.
#
# The list says which methods Python has code for, not that they work.
# Every pool needs locks that work between processes, and under WebAssembly there are none: the
# list has three names there, as :doc:`../set/set_every_method` shows, and no pool can be made.
# Forkserver needs a way to pass open files to another process, and where that is missing, to ask
# for its context is `a ValueError
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/context.py>`__.
#
# What to do
# ----------
# Look before you choose, with ``get_all_start_methods()``, and take a method that is listed.
# Do not write down what you found: a program that needs one certain method asks for it by name,
# since the default differs from platform to platform and has changed between versions.

# %%
# Related
# -------
# - :doc:`../check/check_pool_context`
# - :doc:`../check/look_without_freezing`
# - :doc:`../set/order_of_preference`
