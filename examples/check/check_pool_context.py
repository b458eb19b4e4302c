"""Check the context of a pool
===========================

You have a pool that somebody made without choosing a start method, and you want
to know which one it uses.

The pool keeps its context in a private attribute, since Python has no public
one for it.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# A worker can tell as well, if it runs a function of your own that asks.


def ask_in_worker():
    return multiprocessing.get_start_method()


# %%
# The context's printed form is its class and an address.
# Its name is what you compare.
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

    assert context is multiprocessing.get_context(answer)
    assert context.get_start_method() == multiprocessing.get_all_start_methods()[0]
