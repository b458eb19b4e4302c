"""Check the context of a pool
===========================

You have a pool that somebody made without choosing a start method, and you want to know which one
it uses.
The pool keeps its context in a private attribute, since Python has no public one for it.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# A worker can tell as well, if it runs a function of your own that asks.


def ask_in_worker():
    return multiprocessing.get_start_method()


# %%
# The context's printed form is its class and an address; its name is what you compare.
# Where no process can be started, as under WebAssembly, there is no pool to ask.

if __name__ == "__main__":
    try:
        pool = ProcessPoolExecutor()
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        context = pool._mp_context
        print("The pool's context:", context)
        print("Its class:", type(context).__name__)
        print("Its start method:", context.get_start_method())

        answer = pool.submit(ask_in_worker).result()
        print("A worker says:", answer)

    assert pool._mp_context is multiprocessing.get_context(answer)
    assert context.get_start_method() == multiprocessing.get_all_start_methods()[0]

# %%
# Why
# ---
# A pool that is given no context takes `the default one
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.ProcessPoolExecutor>`__
# when it is made, and keeps it.
# The default is a matter of the platform and of Python's version, unless the program has chosen
# one with ``set_start_method()``.
# So the same line of code gives a pool of another kind elsewhere, as the outcomes show.
#
# The executor keeps the context in `_mp_context
# <https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py>`__, in every
# version that is shown here.
# A name with an underscore can change without notice, so read it in tests and while you look for
# an error, not in the work of a program.
#
# What to do
# ----------
# If you make the pool yourself, make the context too, with ``multiprocessing.get_context(name)``,
# pass it as ``mp_context`` and keep it: then nothing has to be found out.
# If you are handed a pool, look at its context's ``get_start_method()``, or let a worker run a
# function that asks.
# The look at the context starts no process, and works for a pool that is shut down as well.

# %%
# Related
# -------
# - :doc:`ask_worker`
# - :doc:`check_max_tasks_context`
# - :doc:`../set/set_pool_context`
