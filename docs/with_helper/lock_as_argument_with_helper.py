import multiprocessing

from poolcontext import TransferError, check_task, list_start_methods, process_pool


def remember(lock):
    global shared
    shared = lock


def use(lock=None):
    with lock or shared:
        return "the worker used it"


def try_to_run(name, pool, task, *arguments):
    print(f"  {name}:")
    try:
        check_task(task, *arguments)
        print(f"    {pool.submit(task, *arguments).result(timeout=30)}")
    except TransferError as error:
        print(f"    {type(error).__name__}: {error}")


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in list_start_methods().available:
            print(method, "is not there on this platform.")
            continue
        print(method + ":")
        context = multiprocessing.get_context(method)
        settings = {"max_workers": 1, "initializer": remember, "initargs": (context.Lock(),)}
        with process_pool(context, **settings) as pool, context.Manager() as manager:
            try_to_run("a lock as argument", pool, use, context.Lock())
            try_to_run("a queue as argument", pool, use, context.Queue())
            try_to_run("a lock in initargs", pool, use)
            try_to_run("a manager's lock as argument", pool, use, manager.Lock())
