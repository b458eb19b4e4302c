import multiprocessing

from poolcontext import list_start_methods, process_pool, worker_start_method

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    for method in ("fork", "forkserver", "spawn"):
        if method not in list_start_methods().listed:
            print(method, "is not there on this platform.")
            continue
        try:
            pool = process_pool(method, max_workers=1)
        except ValueError as error:
            print(f"{type(error).__name__}: {error}")
            raise SystemExit from None

        with pool:
            print(f"A pool that uses {method}:")
            answer = pool.submit(multiprocessing.get_start_method).result(timeout=30)
            print("  get_start_method answers", answer)
            print("  a function that asks answers", worker_start_method(pool))
