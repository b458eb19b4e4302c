"""RuntimeError: context has already been set
==========================================

You call ``set_start_method()``, and somebody has done so before, or has used the default.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def ask():
    return multiprocessing.get_start_method()


def show(text, **kwargs):
    with ProcessPoolExecutor(max_workers=1, **kwargs) as pool:
        answer = pool.submit(ask).result(timeout=30)
    print(f"{text}: {answer}")
    return answer


# %%
# The first call makes the choice, and the second fails, even if it chooses the same.
# The cure: a context for the one pool that is to differ.

if __name__ == "__main__":
    methods = multiprocessing.get_all_start_methods()
    wanted = "forkserver" if "forkserver" in methods else "spawn"
    if methods == ["spawn"]:
        print("Here spawn is the only method: no pool can differ, and only the error shows.")

    multiprocessing.set_start_method("spawn")
    for method in dict.fromkeys(("spawn", wanted)):
        try:
            multiprocessing.set_start_method(method)
        except RuntimeError as error:
            print(f"{method}, after spawn: {type(error).__name__}: {error}")
    try:
        context = multiprocessing.get_context(wanted)
        assert show("A pool with a context of its own", mp_context=context) == wanted
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    assert show("A pool without") == "spawn"

    # With force there is no error, but every pool that relied on the first choice changes too.
    multiprocessing.set_start_method(wanted, force=True)
    assert show("A pool without, after force=True") == wanted

# sphinx_gallery_before = ["multiprocessing.set_start", "multiprocessing.set_start_method(method"]
# sphinx_gallery_after = ["multiprocessing.set_start", "context =", 'assert show("A pool with a']
# %%
# Why
# ---
# A process has one default, and it can be chosen `once
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_start_method>`__.
# The second call fails whatever it chooses.
# The first need not have been a choice: whatever takes the default, such as a lock, a queue or a
# pool without a context, fixes it, as :doc:`../check/look_without_freezing` shows.
#
# Without the ``__main__`` guard a worker under spawn runs your call again when it imports the
# script, and there the method `is set before
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__.
#
# Cure
# ----
# Pass a `context <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.get_context>`__
# to the pool that is to differ, as ``mp_context``: it belongs to this pool, and changes nothing
# for others, as the outcomes show.
# Leave ``set_start_method()`` to the main script, under its ``__main__`` guard, and call it once,
# before anything else.
#
# ``force=True`` silences the error and takes the choice from whoever made it: a pool elsewhere in
# the program that relied on it starts its workers in another way from then on.
# In a test it is of use, together with ``None``, to open the default again.

# %%
# Related
# -------
# - :doc:`set_pool_context`
# - :doc:`library_context`
# - :doc:`../check/look_without_freezing`
