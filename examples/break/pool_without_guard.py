"""A script with multiprocessing.Pool never ends and repeats the same error
===========================================================================

Without a ``__main__`` guard, a ``multiprocessing.Pool`` :proof:`of spawn does not end
<pool_without_guard: it does not end>`: it starts processes for ever, and each says the same.
"""

import sys
import tempfile
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from threading import Timer

MESSAGE = "An attempt has been made to start a new process"
WITHOUT_GUARD = """
from multiprocessing import get_context
with get_context("spawn").Pool(processes=1) as pool:
    print("The result is", pool.apply(abs, [-14]))
"""
WITH_GUARD = """
from multiprocessing import get_context
if __name__ == "__main__":
    with get_context("spawn").Pool(processes=1) as pool:
        print("The result is", pool.apply(abs, [-14]))
"""
# %%
# Such a script has to be stopped from outside, here when it has said the same twice: its main
# process, which starts all the others.


def run(script):
    with Popen([sys.executable, script], stdout=PIPE, stderr=STDOUT, text=True) as process:
        limit = Timer(30, process.terminate)
        limit.start()
        output = ""
        try:
            while output.count(MESSAGE) < 2 and (line := process.stdout.readline()):
                output += line
            return output, process.poll() if line else process.wait(timeout=30)
        finally:
            limit.cancel()
            process.terminate()  # the worker of the moment ends as all before it did


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.py")
        try:
            script.write_text(WITHOUT_GUARD)
            output, status = run(script)
            assert output.count(MESSAGE) == 2
            assert status is None  # it goes on
            print("Without the guard it does not end, and says again and again:", MESSAGE)
            script.write_text(WITH_GUARD)
            output, status = run(script)
            assert (output, status) == ("The result is 14\n", 0)
            print("With the guard it says:", output, end="")
        except OSError as error:  # as under WebAssembly
            print(f"{type(error).__name__}: {error}")

# sphinx_gallery_before = "WITHOUT_GUARD ="
# sphinx_gallery_after = "WITH_GUARD ="
# %%
# Why
# ---
# A spawned worker `imports your script
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-safe-main-import>`__.
# Without the guard it comes to the line that makes a pool, is refused with that message, and ends.
# The pool in your process then `starts another
# <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/pool.py>`__, for ever, while your
# call to ``apply`` or ``map`` waits there for a result that never comes, and so never returns.
# A ``ProcessPoolExecutor`` gives up at the first worker it loses, so its script ends by itself.
#
# Cure
# ----
# Put what is to run once below ``if __name__ == "__main__":``, and keep above it what tasks need.

# %%
# Related
# -------
# - :doc:`no_main_guard`
# - :doc:`worker_ended_abruptly`
