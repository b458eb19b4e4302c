"""Look at the default without freezing it
=======================================

You want to know the start method, or make a lock early, and choose the method afterwards.
Some calls that seem only to look fix the global default, and a later ``set_start_method()`` fails
with ``RuntimeError: context has already been set``.
"""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor  # noqa: F401 (eval uses it)

SAFE = [
    "multiprocessing.get_all_start_methods()",
    "multiprocessing.get_start_method(allow_none=True)",
    "multiprocessing.get_context('spawn')",
    "ProcessPoolExecutor(mp_context=multiprocessing.get_context('spawn'))",
]
FIXING = [
    "multiprocessing.get_start_method()",
    "multiprocessing.get_context()",
    "multiprocessing.Lock()",
    "multiprocessing.Queue()",
    "ProcessPoolExecutor()",
]
WORK = "ProcessPoolExecutor(1, multiprocessing.get_context('spawn')).submit(abs, -2).result(30)"

# %%
# The default is opened again before each call, and a choice after the call shows what it did.


def fixes(call):
    multiprocessing.set_start_method(None, force=True)
    try:
        eval(call)
    except (ImportError, NotImplementedError) as error:
        print(f"cannot be tried: {call}\n    {type(error).__name__}: {error}")
        return None
    try:
        multiprocessing.set_start_method("spawn")
    except RuntimeError:
        print("fixes it:       ", call)
        return True
    print("leaves it open: ", call)
    return False


if __name__ == "__main__":
    assert True not in [fixes(call) for call in SAFE]
    assert False not in [fixes(call) for call in FIXING]
    version = sys.version_info
    mended = version >= (3, 14, 3) or (3, 13, 12) <= version < (3, 14)
    assert fixes(WORK) is not mended
    mended = version < (3, 13, 4) or version >= (3, 14, 4) or (3, 13, 13) <= version < (3, 14)
    assert fixes("multiprocessing.freeze_support()") is not mended

# %%
# Why
# ---
# What needs a context and is given none takes the platform's default, and this is then the choice.
# ``get_start_method()`` does so too, `unless allow_none is true
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_start_method>`__.
# In releases before CPython 3.13.12 and 3.14.3 a worker under spawn or forkserver fixes it all the
# same (`issue 109263 <https://github.com/python/cpython/issues/109263>`__).
# ``freeze_support()`` fixes it `from 3.13.4 <https://github.com/python/cpython/issues/135726>`__
# to 3.13.12 and from 3.14.0 to 3.14.3 (`issue 140814
# <https://github.com/python/cpython/issues/140814>`__).
#
# What to do
# ----------
# Ask with ``get_start_method(allow_none=True)``, which answers ``None`` while the default is open.
# The platform's own default is the first name that ``get_all_start_methods()`` returns.
# Name a context wherever you make a lock, a queue or a pool.
# A program that chooses a default does so before anything else.

# %%
# Related
# -------
# - :doc:`../set/set_start_method_twice`
# - :doc:`../set/library_context`
