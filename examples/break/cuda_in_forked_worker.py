"""Cannot re-initialize CUDA in forked subprocess
==============================================

Your process has used the graphics card, and now each worker that is to use it fails.
"""

# /// script
# dependencies = ["torch"]
# ///
# sphinx_gallery_timeout = 120

import importlib.util
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_all_start_methods, get_context


def square(number):
    import torch  # which does not touch the card; the next line does

    return int(torch.tensor([number], device="cuda").square().item())


def is_there():
    import torch

    return torch.cuda.is_available()


def run(method, function, *args):
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        try:
            return pool.submit(function, *args).result(timeout=60)
        except RuntimeError as error:
            return f"{type(error).__name__}: {error}"


# %%
# Even to ask for a card may initialize CUDA, so a worker asks.

if __name__ == "__main__":
    if importlib.util.find_spec("torch") is None:
        print("torch is not installed here; get it by python -m pip install torch")
        raise SystemExit
    if not run("spawn", is_there):
        print("torch finds no graphics card for CUDA here.")
        raise SystemExit
    for touched in False, True:
        print("Your process has used the card:" if touched else "It has not:")
        for method in get_all_start_methods():
            result = run(method, square, 3)
            print(f"  {method}: {result}")
            assert (result == 9) == (method != "fork" or not touched)
        square(2)

# sphinx_gallery_before = ["method='fork'", "with ProcessPoolExecutor"]
# sphinx_gallery_after = ["method='spawn'", "with ProcessPoolExecutor"]
# %%
# Why
# ---
# CUDA cannot be used in a copy of a process `that has initialized it
# <https://docs.pytorch.org/docs/stable/notes/multiprocessing.html#multiprocessing-poison-fork-note>`__,
# and under fork `a worker is such a copy
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-fork>`__.
# PyTorch does so for the first tensor on the card; CuPy's words are ``initialization error``.
#
# Cure
# ----
# Take spawn, with which `each worker is a new process
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-method-spawn>`__, or
# forkserver, the `default on Linux since Python 3.14
# <https://docs.python.org/3/library/multiprocessing.html#multiprocessing-start-methods>`__: pass it
# as ``mp_context`` to a pool, or as ``multiprocessing_context`` to a ``DataLoader``.
# With forkserver leave CUDA out of your script's top level, which :proof:`the server may
# run <imports_again from 3.13.8 3.14.1: ^Of 2 workers under forkserver$\n  0 ran the top level>`.
# If it has to be fork, use the card in workers only; even to ask for it `may initialize CUDA
# <https://docs.pytorch.org/docs/2.14/accelerator.html>`__.

# %%
# Related
# -------
# - :doc:`../set/library_context`
# - :doc:`fork_with_threads`
