import multiprocessing

from poolcontext import StartMethodError, process_pool, worker_start_method

if __name__ == "__main__":
    tries = {
        '"spawn"': "spawn",
        "multiprocessing": multiprocessing,
        'get_context("spawn")': multiprocessing.get_context("spawn"),
    }
    for text, method in tries.items():
        try:
            with process_pool(method, max_workers=1) as pool:
                print(f"{text}: a worker started by {worker_start_method(pool)}")
        except (NotImplementedError, StartMethodError) as error:
            print(f"{text}: {type(error).__name__}: {error}")
