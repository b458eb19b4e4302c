"""An error in a task of a process pool vanishes, and the program goes on
======================================================================

Tasks of yours do nothing, or only a part of what they should, and no error is shown anywhere.
"""

from concurrent.futures import ProcessPoolExecutor, as_completed


def halve(number):
    if number % 2:
        raise ValueError(f"{number} is odd")
    return number // 2


def do_not_ask(pool):
    pool.submit(halve, 1)
    pool.submit(lambda: 2)  # cannot even be pickled
    pool.map(halve, [1, 2, 3])
    print("  no error is shown")


# %%
# The cures: ask for the result, iterate over those of ``map``, ask each future, or be told by one.


def ask(pool):
    print("  half of 1:", pool.submit(halve, 1).result(timeout=30))


def iterate(pool):
    for half in pool.map(halve, [2, 3, 4], timeout=30):
        print("  a half:", half)


def ask_each(pool):
    numbers = {pool.submit(halve, number): number for number in (1, 2, 3)}
    failed = {numbers[one] for one in as_completed(numbers, timeout=30) if one.exception()}
    print("  these fail:", sorted(failed))
    assert failed == {1, 3}


def be_told(pool):
    pool.submit(halve, 1).add_done_callback(lambda future: print("  told of:", future.exception()))


if __name__ == "__main__":
    try:
        pool = ProcessPoolExecutor(max_workers=1)
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    with pool:
        for way in do_not_ask, ask, iterate, ask_each, be_told:
            print(f"{way.__name__}:")
            try:
                way(pool)
            except ValueError as error:
                print(f"  {type(error).__name__}: {error}")
                assert way in (ask, iterate)

# sphinx_gallery_before = "def do_not_ask"
# sphinx_gallery_after = ["def ask(", "def iterate"]
# %%
# Why
# ---
# A task's future keeps the exception, also that of a task that cannot be pickled, and `raises it
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.result>`__ to
# whoever asks for the result. What ``map`` returns raises it `as its value is retrieved
# <https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Executor.map>`__;
# the values after it are lost. The end of ``with`` waits for the tasks, and asks none.
#
# Cure
# ----
# Keep the futures, and ask each of them: ``result`` raises the error, and ``exception`` returns it.
# Where you want no values, write ``list(pool.map(…))``, or add a callback that logs.
# With ``multiprocessing.Pool`` it is the same: ``apply_async`` has an ``error_callback``.

# %%
# Related
# -------
# - :doc:`log_records_vanish`
# - :doc:`worker_ended_abruptly`
