"""No usable temporary directory found
===================================

On a read-only file system, as some containers have it, a pool may fail with this error.
Newer releases of Python notice it, and take another start method as the default there.
"""

import importlib.util
import os
import subprocess
import sys

# %%
# A limit on the size of files stands for the read-only system: even root can write no file.

CHILD = """
import multiprocessing, resource, sys

if sys.argv[1] == "without":
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
default = multiprocessing.get_start_method()
for method in dict.fromkeys([default, "forkserver"]):
    print("  the default," if method == default else " ", method + ":", end=" ")
    try:
        process = multiprocessing.get_context(method).Process()
        process.start()
        process.join(10)
        print("a process ended with status", process.exitcode)
    except (OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}")
"""


def run(word):
    print(f"In a process {word} a folder that can be written to:")
    environ = {key: os.environ[key] for key in os.environ if key not in ("TMPDIR", "TEMP", "TMP")}
    command = [sys.executable, "-c", CHILD, word]
    output = subprocess.check_output(command, cwd="/", env=environ, text=True, timeout=20)
    print(output, end="", flush=True)
    return output.splitlines()


if __name__ == "__main__":
    if importlib.util.find_spec("resource") is None:
        print("This platform has no module resource, so there is no such limit.")
        raise SystemExit
    assert "status 0" in run("with")[0]
    default, *others = run("without")
    if sys.version_info >= (3, 15, 1) or (3, 14, 9) <= sys.version_info < (3, 15):
        assert "forkserver" not in default
        assert "status 0" in default
    failed = (others or [default])[0]
    assert "forkserver: FileNotFoundError" in failed or "forkserver: ValueError" in failed
# %%
# Why
# ---
# A fork server is reached by a socket, which is a file in `a temporary folder
# <https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir>`__.
# :proof:`Fork <default_without_temporary_folder linux before 3.14: without.{0,50}\n  the default,
# fork: a process>` and spawn need none, as the outcomes show.
#
# From CPython 3.14.9 and 3.15.1 on, the default is spawn where no temporary file can be written
# (`issue 155717 <https://github.com/python/cpython/issues/155717>`__).
# So one version of Python may have another default in another container.
# Forkserver by name is not checked, and :proof:`fails at the first process
# <default_without_temporary_folder linux: forkserver: .{0,60}No usable>`, as in older releases.
#
# Cure
# ----
# Give the program a folder that it can write to, and name it in the environment variable
# ``TMPDIR``, or :proof:`ask for spawn <default_without_temporary_folder linux from 3.14.9 3.15.1:
# default, spawn: a process>` by ``get_context("spawn")``.

# %%
# Related
# -------
# - :doc:`../list/list_start_methods`
# - :doc:`../set/order_of_preference`
# - :doc:`../break/socket_path_too_long`
