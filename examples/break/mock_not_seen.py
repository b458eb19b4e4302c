"""A mock or monkeypatch is not seen in the worker
===============================================

Your test replaces a function with ``unittest.mock.patch`` or pytest's ``monkeypatch``, and the
worker process calls the real one.
"""

import calendar
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from unittest import mock


def task():
    return calendar.isleap(2023)


# %%
# Two cures: patch in the worker for as long as it lives, or for one task.


def patch_in_worker():
    mock.patch("calendar.isleap", return_value="a mock").start()


def patched_task():
    with mock.patch("calendar.isleap", return_value="a mock"):
        return task()


def run(method, function, **options):
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(1, mp_context=context, **options) as pool:
        return pool.submit(function).result(timeout=30)


# %%
# The year 2023 is no leap year, so ``False`` comes from the real function.

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        with mock.patch("calendar.isleap", return_value="a mock"):
            try:
                seen = run(method, task)
            except NotImplementedError as error:
                print(f"{type(error).__name__}: {error}")
                raise SystemExit from None
        print(f"{method}, patched in the main process: the worker gets", seen)
        assert seen == ("a mock" if method == "fork" else False)
        seen = run(method, task, initializer=patch_in_worker)
        print(f"{method}, patched in the initializer: the worker gets", seen)
        seen_in_task = run(method, patched_task)
        print(f"{method}, patched in the task: the worker gets", seen_in_task)
        assert seen == seen_in_task == "a mock"

# sphinx_gallery_before = ["def task", "seen = run(method, task)", 'print(f"{method}, patched']
# sphinx_gallery_after = ["def patch_in_worker", "seen = run(method, task, initializer"]
# %%
# Why
# ---
# A patch replaces `an attribute of an object
# <https://docs.python.org/3/library/unittest.mock.html#where-to-patch>`__, in one process.
# A worker that is forked while the patch holds is a copy of that process, :proof:`mock included
# <mock_not_seen: ^fork, patched in the main process: the worker gets a mock>`.
# Under spawn and forkserver its modules are `imported anew
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-spawn>`__, so
# a test that passed on Linux can fail on macOS, on Windows and with Python 3.14.
#
# Cure
# ----
# Patch in the worker as here, or test the function in the main process, without any pool.
# Do not name ``__main__`` as the place to patch: in such a worker that is `a copy of your script's
# names <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__, in which its
# functions do not look.

# %%
# Related
# -------
# - :doc:`global_is_reset`
# - :doc:`../worker/hand_over_with_initializer`
