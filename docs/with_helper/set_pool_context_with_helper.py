import math

from poolcontext import process_pool, start_method

if __name__ == "__main__":
    with process_pool(["fork", "spawn"], max_workers=2) as pool:
        print("The pool uses:", start_method(pool))
        print("Its work:", list(pool.map(math.factorial, range(6))))
