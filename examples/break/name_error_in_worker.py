"""NameError: name 'table' is not defined, in a worker
===================================================

A task reads a global variable that your script sets below the ``__main__`` guard, or in ``main()``.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor


def look_up(key):
    return table[key]


# %%
# Two cures: an initializer sets the variable in each worker, or the task gets it as an argument.


def set_table(value):
    global table
    table = value


def look_up_in(value, key):
    return value[key]


def try_to_run(label, context, call, initializer=None, initargs=()):
    with ProcessPoolExecutor(1, context, initializer, initargs) as pool:
        future = pool.submit(*call)
        error = future.exception(timeout=30)
    print(f"  {label}:", f"{type(error).__name__}: {error}" if error else future.result())
    assert isinstance(error, NameError) or future.result() == 42
    return not error


if __name__ == "__main__":
    table = {"key": 42}
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":")
        context = multiprocessing.get_context(method)
        call = look_up, "key"
        try:
            works = try_to_run("the global variable", context, call)
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        assert works == (method == "fork")
        assert try_to_run("set by an initializer", context, call, set_table, [table])
        assert try_to_run("handed over as an argument", context, (look_up_in, table, "key"))

# sphinx_gallery_before = "def look_up(key)"
# sphinx_gallery_after = ["def look_up_in", 'assert try_to_run("handed']
# %%
# Why
# ---
# A forked worker is a copy of your process, :proof:`in which the variable is set
# <name_error_in_worker: ^fork:\n  the global variable: 42>`.
# Under spawn and forkserver the worker or its server `imports your script
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__ and
# runs its top level, but not what stands below the guard, nor a ``main()`` that is called there.
# So the name is not defined, or, where the top level gives it a value too, :doc:`it has that value
# <global_is_reset>`.
# On Linux the error comes with Python 3.14, where forkserver is `the default
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__.
#
# Cure
# ----
# Set the variable by the pool's `initializer
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__,
# which each worker calls once as it starts, or hand the value over as an argument of the task.
# Both work under every method, as the outcomes show.
# Imports and constants of the top level every worker has without that.

# %%
# Related
# -------
# - :doc:`global_is_reset`
# - :doc:`../worker/hand_over_with_initializer`
