"""FileNotFoundError: No such file or directory, and the shared memory is gone
===========================================================================

Another program read your shared memory, and both warn of ``leaked shared_memory objects``.
"""

import multiprocessing
import os
import re
import subprocess
import sys

try:
    from multiprocessing.shared_memory import SharedMemory
except ImportError as error:
    print(f"{type(error).__name__}: {error}")
    raise SystemExit from None


def read(name):
    SharedMemory(name).close()


def read_untracked(name):
    if sys.version_info >= (3, 13):
        SharedMemory(name, track=False).close()
    else:
        read(name)
        if os.name == "posix":
            multiprocessing.resource_tracker.unregister(f"/{name}", "shared_memory")


def share(reader):
    shared = SharedMemory(create=True, size=16)
    print("The other program:", run(reader, shared.name))
    shared.close()
    try:
        shared.unlink()
    except FileNotFoundError as error:
        print(f"In your unlink: {type(error).__name__}: {error.strerror}")


def run(*arguments):
    command = [sys.executable, __file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    found = re.findall(r"resource_tracker: There appear .* shutdown", done.stderr)
    return done.stdout + "".join(found or [done.stderr or "no message"])


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(globals()[sys.argv[1]](sys.argv[2]))
    for reader in "read", "read_untracked":
        outcome = run("share", reader)
        print(f"{reader}:", *outcome.splitlines(), sep="\n  ")
        assert ("FileNotFoundError" in outcome) == (reader == "read" and os.name == "posix")

# sphinx_gallery_before = "def read("
# sphinx_gallery_after = "def read_untracked"
# %%
# Why
# ---
# Each program has a resource tracker, which notes what the program made `or attached to
# <https://docs.python.org/3/library/multiprocessing.shared_memory.html>`__.
# What nobody unlinked by the end of the program is a leak to it, and removed.
# So the tracker of the reader, which rightly unlinks nothing, takes the memory from all others.
# A pool's workers share their program's tracker, save some that are :proof:`forked too early
# <leaked_shared_memory: fork, the pool is first. resource_tracker>`.
# On Windows, memory lives as long as someone has it open.
#
# Cure
# ----
# Do as ``read_untracked`` does where another program made the memory: attach with ``track=False``,
# `from 3.13 on <https://docs.python.org/3/library/multiprocessing.shared_memory.html>`__; before
# that, have the reader's tracker forget the name, which is wrong in a pool's worker.
# The program that made it unlinks it, once, when all the others are done.

# %%
# Related
# -------
# - :doc:`leaked_shared_memory`
# - :doc:`leaked_semaphores`
