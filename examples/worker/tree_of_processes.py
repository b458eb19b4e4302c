"""The processes of a pool, and who started them
=============================================

Your system lists more processes than your pool has workers, and you want to know what each is, who
started it, and what of your program is in it.
"""

import importlib
import multiprocessing
import os
import sys
import tempfile
import threading
from pathlib import Path

ran_in, changed, ROW = os.getpid(), False, "{:18}{:14}{:11}{:8}{:8}{:8}{}"
if "RAN" in os.environ:  # a file that is named below the guard
    with open(os.environ["RAN"], "a") as ran:
        print(ran_in, file=ran)

# %%
# Your process imports a module, changes a global variable, starts a thread, and opens a file under
# a number that no process has by chance; then each process looks for them.


def prepare():
    global changed
    changed = bool(importlib.import_module("colorsys"))
    threading.Thread(target=threading.Event().wait, name="ticker", daemon=True).start()
    os.dup2(os.open(__file__, os.O_RDONLY), 99, inheritable=False)


def look():
    has = {"module": "colorsys" in sys.modules, "global": changed}
    has["thread"] = "ticker" in [thread.name for thread in threading.enumerate()]
    has["file"] = os.path.exists(99)
    return {"top level": "ran" if ran_in == os.getpid() else "copied", **has}


def report(queue):
    queue.put((os.getpid(), os.getppid(), look()))


# %%
# Helpers do not report: Linux tells of them, and the copies of a server of what it lacks.


def look_at(pid, copy):
    ran = str(pid) in Path(os.environ["RAN"]).read_text().split()
    found = {name: False for name, has in copy.items() if not has}
    if os.path.exists(f"/proc/{pid}/task"):
        found["thread"] = len(os.listdir(f"/proc/{pid}/task")) > 1
        found["file"] = os.path.lexists(f"/proc/{pid}/fd/99")
    return {**found, "top level": "ran" if ran else "not run"}


def find_processes(context, queue):
    from multiprocessing.resource_tracker import _resource_tracker  # not there everywhere

    own, rows = os.getpid(), [("your process", "-", look())]
    with context.Pool(2, report, (queue,)):
        workers = sorted((queue.get(timeout=30) for _ in range(2)), key=lambda one: one[0])
        _, parent, copy = workers[0]
        tracker = _resource_tracker._pid
        roles = {tracker: "resource tracker", parent: "fork server", own: "your process"}
        for pid in [pid for pid in roles if pid not in (None, own)]:
            assert os.waitpid(pid, os.WNOHANG) == (0, 0), "a child of this process, and alive"
            rows.append((roles[pid], roles[own], look_at(pid, copy if pid == parent else {})))
    return rows + [(f"worker {n}", roles[of], has) for n, (_, of, has) in enumerate(workers, 1)]


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        context = multiprocessing.get_context(method)
        try:
            queue = context.Queue()
        except (ImportError, NotImplementedError) as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None
        prepare()
        with tempfile.TemporaryDirectory() as folder:
            os.environ["RAN"] = os.path.join(folder, "ran.txt")
            rows = find_processes(context, queue)
        print(f"Under {method}:", ROW.format("", "child of", *look()), sep="\n")
        ran = {role: found["top level"] for role, _, found in rows}
        for role, parent, found in rows:
            cells = [found.get(name, "-") for name in look()]
            print(ROW.format(role, parent, *({True: "yes", False: "no"}.get(c, c) for c in cells)))
            if role.startswith("worker"):
                copied, forked = method != "spawn" and ran[parent] == "ran", method == "fork"
                assert cells == ["copied" if copied else "ran", forked, forked, False, forked]
# %%
# Why
# ---
# Under fork a worker is a copy of your process, :proof:`save for its threads
# <tree_of_processes linux: ^worker 1 +your process +copied +yes +yes +no +yes$>`.
# Under the other methods a new program has been started, and the worker :proof:`has none of the
# four <tree_of_processes linux: ^worker 1 +(your process|fork server) +\w+ +no +no +no +no$>`.
# There POSIX systems also get a `resource tracker
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__, which
# removes semaphores and shared memory that your processes have left behind.
# The fork server is the :proof:`parent of all workers <tree_of_processes linux:
# ^worker 1 +fork server>`, and from 3.13.8 and 3.14.1 on :proof:`runs your top level for them
# <tree_of_processes linux from 3.13.8 3.14.1: ^fork server +your process +ran>`.
#
# What to do
# ----------
# To find the workers, call `active_children
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing.active_children>`__, which
# has no helpers: to the system, those of a fork server are your grandchildren.

# %%
# Related
# -------
# - :doc:`what_reaches_a_worker`
# - :doc:`../break/imports_again`
# - :doc:`../break/top_level_is_shared`
