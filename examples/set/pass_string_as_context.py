"""AttributeError: 'str' object has no attribute 'get_start_method'
================================================================

You pass a pool :proof:`the name <pass_string_as_context: ^.spawn.: AttributeError>` of a method, as
``mp_context="spawn"``, in place of a context.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def ask():
    return multiprocessing.get_start_method()


# %%
# Three values are tried: the name, the module, and a context, which is right.
# The module is accepted since it has a context's functions, but it follows the global default.

if __name__ == "__main__":
    default = multiprocessing.get_all_start_methods()[0]
    context = multiprocessing.get_context("spawn")
    tries = [
        ('"spawn"', "spawn", None),
        ("multiprocessing", multiprocessing, default),
        ('get_context("spawn")', context, "spawn"),
    ]
    for text, value, expected in tries:
        answer = None
        try:
            with ProcessPoolExecutor(max_workers=1, mp_context=value) as pool:
                answer = pool.submit(ask).result(timeout=30)
            print(f"{text}: a worker started by {answer}")
        except (AttributeError, NotImplementedError) as error:
            print(f"{text}: {type(error).__name__}: {error}")
            if isinstance(error, NotImplementedError):
                raise SystemExit from None
        assert answer == expected

# %%
# Why
# ---
# ``mp_context`` takes `an object
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__,
# not a name, and the executor asks this object for its start method `first of all
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__.
# A string has no such function.
#
# The module ``multiprocessing`` has one, and all others that a pool needs, because it offers `those
# of the default context
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/__init__.py>`__ as its own.
# So it passes for a context, and says nothing about the start method: that is the platform's
# default, or what ``set_start_method()`` chose, as the outcomes show for each platform.
#
# Cure
# ----
# Make a context of the name with `get_context
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_context>`__, and pass
# this: ``mp_context=multiprocessing.get_context("spawn")``.
# A name that is misspelt, or missing on the platform, is then a ``ValueError`` in that call.

# %%
# Related
# -------
# - :doc:`set_pool_context`
# - :doc:`set_missing_method`
# - :doc:`../check/check_pool_context`
