import multiprocessing

from poolcontext import StartMethodError, process_pool, worker_start_method

if __name__ == "__main__":
    tries = {
        '"spawn"': {"mp_context": "spawn"},
        "multiprocessing": {"method": multiprocessing},
        'get_context("spawn")': {"method": "spawn"},
    }
    for text, arguments in tries.items():
        try:
            with process_pool(max_workers=1, **arguments) as pool:
                print(f"{text}: a worker started by {worker_start_method(pool)}")
        except (AttributeError, NotImplementedError, StartMethodError) as error:
            print(f"{text}: {type(error).__name__}: {error}")
            if not isinstance(error, AttributeError):
                raise SystemExit from None
