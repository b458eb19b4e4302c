"""Look at the default without freezing it
=======================================

You want to look at the start method, and to choose one afterwards.
Some looks fix the default, and then comes ``RuntimeError: context has already been set``.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from sys import version_info as version

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

# %%
# The default is opened again before each call, and a choice after the call shows what it did.


def use_pool(context):
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        pool.submit(abs, -2).result(timeout=30)


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
    mended = version >= (3, 14, 3) or (3, 13, 12) <= version < (3, 14)
    assert fixes("use_pool(multiprocessing.get_context('spawn'))") is not mended
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
# to 3.13.12 and from 3.14.0 `to 3.14.3 <https://github.com/python/cpython/issues/140814>`__.
#
# What to do
# ----------
# Ask with ``get_start_method(allow_none=True)``, which answers ``None`` while the default is open.
# Name a context wherever you make a lock, a queue or a pool.
# A program that chooses a default does so before anything else.

# %%
# Related
# -------
# - :doc:`../set/set_start_method_twice`
# - :doc:`../set/library_context`
