"""All workers have the same uuid, and share an open file, under forkserver
=========================================================================

Your workers write one id into their records, take turns in one file, or use one connection; the
top level of your script makes what they share.
"""

import io
import multiprocessing
import random
import sys
import uuid
from concurrent.futures import ProcessPoolExecutor


def make():
    global token, generator, file
    token, generator, file = uuid.uuid4(), random.Random(), io.FileIO(__file__)


make()  # at the top level: this is the fault


def use():
    file.read(1)
    return token, generator.random(), file.tell()


def compare(method, case, preload=None, **options):
    context = multiprocessing.get_context(method)
    if preload is not None:
        context.set_forkserver_preload(preload)
    used = []
    for _ in range(2):  # two workers, one after the other
        with ProcessPoolExecutor(1, mp_context=context, **options) as pool:
            used.append(pool.submit(use).result(timeout=30))
    same = used[0][0] == used[1][0], used[0][1] == used[1][1], used[1][2] == 2
    text = "one uuid for both {}, one random number {}, one place in the file {}"
    print(f"{method}, {case}:", text.format(*same), sep="\n  ", flush=True)
    return same


if __name__ == "__main__":
    since = sys.version_info >= (3, 14, 1) or (3, 13, 8) <= sys.version_info < (3, 14)
    for method, shared in {"fork": True, "spawn": False, "forkserver": since}.items():
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        try:
            assert compare(method, "made by the top level") == 3 * (shared,)
        except NotImplementedError as error:
            print(f"{method}: {type(error).__name__}: {error}")
            continue
        assert not any(compare(method, "made by an initializer", initializer=make))
        if method == "forkserver":  # its server has started, so in a process with another one
            case = "made by the top level, with nothing preloaded"
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
                assert not any(process.submit(compare, method, case, []).result(timeout=30))

# sphinx_gallery_before = ["def make", "make()"]
# sphinx_gallery_after = ["def make", "assert not any(compare(method"]
# %%
# Why
# ---
# From Python 3.13.8 and 3.14.1 on, the fork server `imports your script
# <https://github.com/python/cpython/issues/126631>`__, and so makes what the top level makes, once;
# every worker is forked from it, as from your process under fork: same objects, same open files.
# Under spawn, and in the releases before, each worker :proof:`runs the top level itself
# <top_level_is_shared: ^spawn, made by the top level:\n[^T]+False>`.
# Forkserver is `Linux's default from 3.14 on <https://github.com/python/cpython/issues/84559>`__.
#
# Cure
# ----
# Leave nothing at the top level but imports and definitions, and make the rest in an
# ``initializer`` or in the task: that works under every method, as the outcomes show.
# For modules that make it when imported, call ``set_forkserver_preload([])`` before the first pool.

# %%
# Related
# -------
# - :doc:`top_level_thread_hangs`
# - :doc:`same_random_numbers`
# - :doc:`../worker/started_by_module_name`
