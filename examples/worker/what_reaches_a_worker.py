"""What reaches a worker process
=============================

You change something, start a pool, and want to know whether its workers have it: the table says.
"""

import functools
import logging
import multiprocessing
import os
import random
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor
from signal import SIG_IGN, SIGINT, SIGTERM, getsignal, signal
from threading import Event, Thread, active_count

state, cached, run_by = [], functools.lru_cache(abs), os.getpid()


def umask():
    mask = os.umask(0o077)
    os.umask(mask)
    return mask if os.name == "posix" else None  # elsewhere it is of little use


# %%
# Each row has two functions: one looks at something, the other changes it.

TWICE = {
    "working directory": (os.getcwd, lambda: os.chdir(os.pardir)),
    "sys.path": (lambda: sys.path[-1], lambda: sys.path.append(os.getcwd())),
    "environment variable": (lambda: os.getenv("AT"), lambda: os.environ.update(AT=os.getcwd())),
    "umask": (umask, lambda: os.umask(os.umask(0) ^ 0o005)),
}
COPIED = {
    "global variable": (lambda: len(state), lambda: state.append("changed")),
    "monkeypatch": (lambda: random.TWOPI, lambda: setattr(random, "TWOPI", 6)),
    "function's cache": (lambda: cached.cache_info().currsize, lambda: cached(-1)),
    "logging set-up": (lambda: logging.getLogger().level, lambda: logging.basicConfig(level=50)),
    "warning filter": (lambda: warnings.filters[0][0], lambda: warnings.simplefilter("ignore")),
    "recursion limit": (sys.getrecursionlimit, lambda: sys.setrecursionlimit(2000)),
    "signal handler": (lambda: getsignal(SIGTERM) == print, lambda: signal(SIGTERM, print)),
    "open file": (lambda: os.path.exists(99), lambda: os.dup2(os.open(__file__, 0), 99, False)),
}
ROWS = {
    **TWICE,
    "ignored signal": (lambda: getsignal(SIGINT) == SIG_IGN, lambda: signal(SIGINT, SIG_IGN)),
    **COPIED,
    "random generator": (random.getstate, lambda: random.seed(1)),
    "running thread": (active_count, lambda: Thread(target=Event().wait, daemon=True).start()),
}
RUNS = {"top level of the main module": (lambda: run_by == os.getpid(), lambda: None)}


def look():
    return {name: look_at() for name, (look_at, _) in {**ROWS, **RUNS}.items()}


def measure(method):
    cells = {}
    for rows, later in ((ROWS, ""), (TWICE, ", changed later"), (RUNS, "")):
        before = {**look(), **dict.fromkeys(RUNS)}
        for _, change in rows.values():
            change()
        after = look()
        with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
            found = pool.submit(look).result(timeout=30)
        for name in rows:
            same = "yes" if found[name] == after[name] else "no"
            cells[name + later] = "-" if before[name] == after[name] else same
    return cells


if __name__ == "__main__":
    table = {"fork": {}, "spawn": {}, "forkserver": {}}
    for method in multiprocessing.get_all_start_methods():
        try:  # a spawned process is the parent, so that each method has a new one
            parent = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"))
        except NotImplementedError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None
        with parent:
            table[method] = parent.submit(measure, method).result(timeout=60)
    print("Does a worker have what its parent changed before a first pool, or later, after it?")
    head = " " * 36 + "".join(f"{method:>13}" for method in table)
    print(head)
    for name in table["spawn"]:
        if name in RUNS:
            print("Does a worker run this itself, before its first task?", head, sep="\n")
        print(f"{name:36}", *(f"{table[method].get(name, '-'):>12}" for method in table))
    assert "no" not in [table["fork"].get(name) for name in (*TWICE, *COPIED)]
    for method in ("spawn", "forkserver"):
        assert "yes" not in [table[method].get(name) for name in COPIED]
        assert "no" not in [table[method].get(name) for name in list(TWICE)[:3]]
    assert table["forkserver"].get("environment variable, changed later") != "yes"

# %%
# Why
# ---
# `Fork <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-fork>`__
# copies the parent with all that it has in memory, but not its other threads, and ``random``
# `seeds itself anew <https://github.com/python/cpython/blob/3.14/Lib/random.py>`__ in the copy.
# The other two begin with a new program, which has what the system hands on to any, such as the
# environment and the umask, and what multiprocessing `sends to each worker
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__, as ``sys.path``.
# The forkserver is started once, by its first use, so later changes of the former pass it by; from
# 3.13.8 and 3.14.1 it `runs main <https://github.com/python/cpython/issues/126631>`__ itself.
# PyPy does not keep SIGINT ignored when it starts.
#
# What to do
# ----------
# `Hand over <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-programming>`__
# what a worker has to know, as arguments or by an initializer: this is the same in every column.

# %%
# Related
# -------
# - :doc:`hand_over_with_initializer`
# - :doc:`../break/environ_too_late`
