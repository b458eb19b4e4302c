"""Set the context of a pool
=========================

You want a pool that starts its workers in a certain way, here by fork, without
a change of the default that the rest of the program relies on.

Make a context and pass it as ``mp_context``.
Fork is there `on POSIX systems only
<https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods>`__,
so on Windows the script takes what there is.
"""

import math
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

# %%
# Look at the list first: asking for a method that is not in it is an error.


def choose(wanted):
    methods = multiprocessing.get_all_start_methods()
    if wanted not in methods:
        print("There is no", wanted, "here.")
        return methods[0]
    return wanted


# %%
# The context belongs to this pool alone.
# The default of the process is still open at the end.
# Where no process can be started, as under WebAssembly, it is the pool that says so.

if __name__ == "__main__":
    context = multiprocessing.get_context(choose("fork"))
    try:
        pool = ProcessPoolExecutor(max_workers=2, mp_context=context)
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        print("The pool uses:", pool._mp_context.get_start_method())
        results = list(pool.map(math.factorial, range(6)))

    print("Its work:", results)
    assert results == [1, 1, 2, 6, 24, 120]
    assert pool._mp_context is context
    assert multiprocessing.get_start_method(allow_none=True) is None
