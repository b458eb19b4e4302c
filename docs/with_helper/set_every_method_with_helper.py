import multiprocessing

from poolcontext import list_start_methods, process_pool, start_method_of

state = "as written in the script"


def report():
    print(" ", multiprocessing.current_process().name, "has", __name__, "for a module.")
    print("  It was started by", start_method_of(multiprocessing) + ".")
    print("  The variable is", state + ".", flush=True)


if __name__ == "__main__":
    state = "as changed at run time"
    for method in ("fork", "spawn", "forkserver"):
        if method not in list_start_methods().available:
            print(method, "is not there on this platform.")
            continue
        print(method + ":", flush=True)
        with process_pool(method, max_workers=1) as pool:
            pool.submit(report).result()
