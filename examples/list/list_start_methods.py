"""List the start methods
======================

You want to know which start methods you can choose from here, and which one a
pool uses if you choose none.

Python `names the default first
<https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_all_start_methods>`__.
The look changes nothing: you can still choose afterwards.
"""

import importlib
import multiprocessing

# %%
# A name in Python's list is no promise.
# Every pool needs locks that work between processes, which WebAssembly has not.
# Ask for the method's context as well: where it cannot work, that is a ``ValueError``.


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
