"""AttributeError: module '__main__' has no attribute '__spec__'
=============================================================

Processes start when you run your script as a file, but not in a debugger or a console.
"""

import multiprocessing
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def name_of_main():
    return __name__


def ask_worker(method, case):
    print(f"{method}, {case}:", flush=True)
    try:
        with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
            answer = pool.submit(name_of_main).result(timeout=15)
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(" ", answer, flush=True)
    return answer


PROGRAM = """from multiprocessing import get_context
if __name__ == "__main__":
    get_context("spawn").Process(target=int).start()
    print("It works.")
"""
# %%
# A debugger or console may run your script in a ``__main__`` module of its own making.
# To delete the attribute has the same effect, and to set it is a cure.

if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        del __spec__
        answer = ask_worker(method, "without __spec__")
        __spec__ = None
        cured = ask_worker(method, "__spec__ = None")
        if answer.startswith("NotImplementedError"):  # as under WebAssembly
            raise SystemExit
        assert ("no attribute '__spec__'" in answer) == (method != "fork")
        assert cured == ("__main__" if method == "fork" else "__mp_main__")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "program.py").write_text(PROGRAM)
        command = [sys.executable, "-m", "pdb", "-c", "continue", Path(folder, "program.py")]
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=30)
    messages = re.findall(r"(?m)^(?:It works|AttributeError: ).+", done.stdout + done.stderr)
    print("spawn, python -m pdb:", messages[0], sep="\n  ")

# sphinx_gallery_before = ["del __spec__", "with ProcessPool"]
# sphinx_gallery_after = ["__spec__ =", "with ProcessPool"]
# %%
# Why
# ---
# To start a process under spawn or forkserver, multiprocessing looks up `how to import your main
# module <https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py>`__ there: by the
# name in its ``__spec__``, or, where that is ``None`` as in a script, by its file.
# The worker imports it as ``__mp_main__``, so that what stands below the ``__main__`` guard is not
# run, and then calls it ``__main__`` as well.
# Python's debugger `set no such attribute <https://github.com/python/cpython/issues/87115>`__ up to
# :proof:`3.11.8 and 3.12.2 <main_without_spec cpython before 3.11.9 3.12.3 3.13.0: ^spawn,
# python -m pdb:\n  AttributeError>`.
#
# Cure
# ----
# Run the script by ``python script.py`` or ``python -m``, or renew the debugger or console.
# Or else set ``__spec__ = None`` below the guard, before the first process.

# %%
# Related
# -------
# - :doc:`function_not_in_main`
# - :doc:`script_from_stdin`
