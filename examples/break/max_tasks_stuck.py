"""A pool with max_tasks_per_child hangs
=====================================

With ``max_tasks_per_child=2``, two tasks are done, the others never, and the program does not end.
"""

import multiprocessing
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor, wait
from subprocess import PIPE, Popen
from time import sleep


def use_one_pool():
    with ProcessPoolExecutor(max_workers=1, max_tasks_per_child=2) as pool:  # uses spawn
        futures = [pool.submit(sleep, 0.1) for _ in range(4)]
        checks = 0
        while checks < 2 and wait(futures, timeout=0.5).not_done:
            checks += not multiprocessing.active_children()
        print(sum(future.done() for future in futures), "of 4 tasks are done.", flush=True)
        if checks == 2:
            print("  No worker is left for the others.", flush=True)
            os._exit(0)  # the end of "with" would wait for them for ever


# %%
# One pool for four tasks, in a process of its own; then a new pool for every two tasks.

if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(use_one_pool())
    try:
        pools = [ProcessPoolExecutor(max_workers=1) for _ in range(2)]
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    pipes = {"stdout": PIPE, "stderr": PIPE, "text": True}
    process = Popen([sys.executable, __file__, "one pool"], start_new_session=True, **pipes)
    try:
        output, errors = process.communicate(timeout=30)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL) if hasattr(os, "killpg") else process.kill()
    outcome = output.strip() or errors.splitlines()[-1]
    print("One pool, max_tasks_per_child=2:", outcome, sep="\n  ")
    stuck = (3, 11) <= sys.version_info < (3, 13, 15) or (3, 14) <= sys.version_info < (3, 14, 7)
    assert outcome[0] == ("2" if stuck else "4" if sys.version_info >= (3, 11) else "T")

    done = []
    for pool in pools:
        with pool:
            done += wait([pool.submit(sleep, 0.1) for _ in range(2)], timeout=30).done
    print("A new pool for every two tasks:", f"{len(done)} of 4 tasks are done.", sep="\n  ")
    assert len(done) == 4

# sphinx_gallery_before = "with ProcessPoolExecutor"
# sphinx_gallery_after = ["pools =", "for pool in"]
# %%
# Why
# ---
# When a worker has done its number of tasks and ends, the pool takes `each finished task for an
# idle worker <https://github.com/python/cpython/pull/140900>`__, and starts no other.
# That needs waiting tasks: here all four are submitted before the first is done.
# The fault came with the argument in 3.11; it is mended in 3.13.15, as the `list of its changes
# <https://github.com/python/cpython/blob/3.13/Misc/NEWS.d/3.13.15.rst>`__ says, in `3.14.7
# <https://github.com/python/cpython/blob/3.14/Misc/NEWS.d/3.14.7.rst>`__, and in 3.15.
#
# Cure
# ----
# Upgrade, or leave the argument out and make a new pool for each batch of tasks, whose workers end
# with it: this works on each version, as the outcomes show.
# A program that is stuck already does not end by itself: kill it.

# %%
# Related
# -------
# - :doc:`max_tasks_with_fork`
# - :doc:`../check/check_max_tasks_context`
