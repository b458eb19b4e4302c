import os

from poolcontext import StartMethodError, process_pool, start_method_of


def try_to_make(choice):
    try:
        return process_pool(choice, max_workers=1, max_tasks_per_child=1)
    except (StartMethodError, TypeError) as error:  # TypeError up to Python 3.10
        print(f"  {type(error).__name__}: {error}")
        return None


if __name__ == "__main__":
    for choice in "fork", ["fork", "spawn"], ["fork", "forkserver"]:
        print(f"The choice {choice!r}:")
        pool = try_to_make(choice)
        if pool:
            assert start_method_of(pool) != "fork"
            with pool:
                futures = [pool.submit(os.getpid) for _ in range(2)]
                pids = {future.result(timeout=30) for future in futures}
            print(f"  {start_method_of(pool)}: two tasks were done by {len(pids)} worker processes")
            assert len(pids) == 2
