import multiprocessing
import os

from poolcontext import check_initializer, list_start_methods, process_pool

settings, times = None, 0


def read():
    return settings


def receive(value, barrier):
    global settings, times, both
    settings, both = value, barrier
    times += 1


def read_in_both(task):
    both.wait(timeout=30)
    return os.getpid(), settings, times


if __name__ == "__main__":
    settings = "set at run time"
    check_initializer(receive, [settings])
    for method in ("fork", "spawn", "forkserver"):
        if method not in list_start_methods().available:
            print(method, "is not there on this platform.")
            continue
        with process_pool(method, max_workers=1) as pool:
            value = pool.submit(read).result(timeout=30)
        print(f"{method}: without an initializer a worker has {value!r}.")

        initargs = (settings, multiprocessing.get_context(method).Barrier(2))
        with process_pool(method, max_workers=2, initializer=receive, initargs=initargs) as pool:
            workers, values, counts = map(set, zip(*pool.map(read_in_both, range(6), timeout=30)))
        print("  With one that runs", *counts, "time in each of", len(workers), "workers:", *values)
