import math

from poolcontext import StartMethodError, process_pool, start_method_of

if __name__ == "__main__":
    try:
        pool = process_pool(["fork", "spawn"], max_workers=2)
    except StartMethodError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        print("The pool uses:", start_method_of(pool))
        print("Its work:", list(pool.map(math.factorial, range(6))))
