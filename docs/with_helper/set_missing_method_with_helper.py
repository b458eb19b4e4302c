import math

from poolcontext import StartMethodError, list_start_methods, process_pool, start_method_of

if __name__ == "__main__":
    try:
        pool = process_pool("fork-server", max_workers=1)
    except StartMethodError as error:
        print(f"{type(error).__name__}: {error}")
        if not list_start_methods().available:
            raise SystemExit from None
        pool = process_pool(["forkserver", "spawn"], max_workers=1)
        print("Going on with:", start_method_of(pool))

    with pool:
        print("The pool's work:", pool.submit(math.factorial, 5).result())
