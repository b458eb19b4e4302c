"""A global variable is back at its first value in the worker
=============================================================

Your program sets a global variable and then hands tasks to a pool.
In the worker processes the variable has the value that it got when the script was imported.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

language = "not set"


def greet(name):
    return f"{name} ({language})"


def set_language(value):
    global language
    language = value


def ask(label, context, **kwargs):
    with ProcessPoolExecutor(max_workers=1, mp_context=context, **kwargs) as pool:
        answer = pool.submit(greet, "Ada").result(timeout=30)
    print(f"  {label}: {answer}")
    return answer


# %%
# The same function is the cure: as the pool's ``initializer``, each worker calls it as it starts.

if __name__ == "__main__":
    set_language("Polish")
    print("The main process:", greet("Ada"))

    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(method + ":", flush=True)
        context = multiprocessing.get_context(method)
        try:
            answer = ask("without an initializer", context)
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            continue
        assert answer == ("Ada (Polish)" if method == "fork" else "Ada (not set)")
        answer = ask("with an initializer", context, initializer=set_language, initargs=[language])
        assert answer == "Ada (Polish)"

# sphinx_gallery_before = ["language =", "def greet", "set_language(", 'answer = ask("without']
# sphinx_gallery_after = ["def set_language", 'answer = ask("with an']
# %%
# Why
# ---
# A forked worker begins as a copy of the main process, :proof:`with each variable as it is then
# <global_is_reset: ^fork:\n  without an initializer: Ada \(Polish\)>`.
# Under spawn and forkserver it comes from a new process that `imports the main module anew
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming-spawn>`__.
# That runs the top level, where it gets its first value, not what changes it below the guard.
# A variable that you change later changes in your process only, under any method.
#
# So a program that relies on the copy works where `fork is the default
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__: on
# Linux up to Python 3.13, and on macOS up to 3.7.
# The results are wrong, without an error; where the top level sets no value, there is
# :doc:`a NameError <name_error_in_worker>`.
#
# Cure
# ----
# Hand the value over with `initializer and initargs
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__,
# as here, or to the tasks as an argument: it then is the same under every method.
# A value that never changes may stay at the top level, run in each process or, from Python 3.13.8
# and 3.14.1 on, `in the fork server for all <https://github.com/python/cpython/issues/126631>`__.

# %%
# Related
# -------
# - :doc:`../worker/hand_over_with_initializer`
# - :doc:`name_error_in_worker`
# - :doc:`mock_not_seen`
