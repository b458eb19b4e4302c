"""Every worker imports everything again
=====================================

The workers start slowly where each of them runs the whole top level of your script anew, with all
of its imports; the output counts how many do.
"""

import importlib
import multiprocessing
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

# %%
# Think of ``smtplib`` as a large module, and of ``ftplib`` as another, imported below the guard.

had_to_import = "smtplib" not in sys.modules
importlib.import_module("smtplib")
ran_in = multiprocessing.current_process().pid


def look():
    here = multiprocessing.current_process().pid == ran_in
    return here, here and had_to_import, "ftplib" in sys.modules


def count(method):
    seen = []
    for _ in range(2):  # two workers, one after the other
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(method)) as pool:
            seen.append(pool.submit(look).result(timeout=30))
    counts = [sum(column) for column in zip(*seen)]
    print("  {} ran the top level, {} imported smtplib, {} have ftplib".format(*counts), flush=True)
    return counts


if __name__ == "__main__":
    importlib.import_module("ftplib")
    preload = sys.argv[1:]
    if preload:  # in place of the default, which is ["__main__"]
        multiprocessing.set_forkserver_preload(preload)
    main_works = sys.version_info >= (3, 14, 1) or (3, 13, 8) <= sys.version_info < (3, 14)
    for method in ["forkserver"] if preload else ["fork", "spawn", "forkserver"]:
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        print(f"Of 2 workers under {method}", *preload, sep=", preloading ", flush=True)
        try:
            counts = count(method)
        except NotImplementedError as error:
            print(f"  {type(error).__name__}: {error}")
            raise SystemExit from None
        in_server = method == "forkserver" and main_works and preload != ["smtplib"]
        top_level = 0 if method == "fork" or in_server else 2
        assert counts == [top_level, 0 if preload else top_level, 2 if method == "fork" else 0]
    last = preload or method not in multiprocessing.get_all_start_methods()
    for names in [] if last else (["smtplib"], ["__main__", "smtplib"]):
        subprocess.run([sys.executable, __file__, *names], check=True, timeout=30)

# sphinx_gallery_before = 'importlib.import_module("smtp'
# sphinx_gallery_after = ["preload=['__main__', 'smtplib']", "multiprocessing.set_f"]
# %%
# Why
# ---
# A worker under spawn is a new interpreter that `imports your script
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-safe-main-import>`__.
# Under forkserver the server can do that for all, and passes on what it has `preloaded
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.set_forkserver_preload>`__.
# The default, ``["__main__"]``, `had no effect <https://github.com/python/cpython/issues/126631>`__
# before Python 3.13.8 and 3.14.1, and any other list replaces it, as the outcomes show.
#
# Cure
# ----
# Import what only the main process needs below the guard, and what few tasks need in the task.
# For the rest, name ``"__main__"`` and the large modules in ``set_forkserver_preload()``, before
# the first worker starts: what the top level makes, all its workers share then, for good or bad.

# %%
# Related
# -------
# - :doc:`../set/preload_forkserver`
# - :doc:`top_level_is_shared`
