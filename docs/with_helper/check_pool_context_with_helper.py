import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from poolcontext import context_of, start_method_of


def ask_in_worker():
    return start_method_of(multiprocessing)


if __name__ == "__main__":
    try:
        pool = ProcessPoolExecutor()
    except NotImplementedError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        context = context_of(pool)
        print("The pool's context:", context)
        print("Its class:", type(context).__name__)
        print("Its start method:", start_method_of(pool))
        print("A worker says:", pool.submit(ask_in_worker).result())
