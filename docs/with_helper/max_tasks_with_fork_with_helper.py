import os

from poolcontext import StartMethodError, process_pool, start_methods


def try_to_make(method):
    try:
        return process_pool(method, max_workers=1, max_tasks_per_child=1)
    except (StartMethodError, TypeError) as error:  # TypeError up to Python 3.10
        print(f"  {type(error).__name__}: {error}")
        return None


if __name__ == "__main__":
    choices = {"fork": "fork", "spawn": ["fork", "spawn"], "forkserver": ["fork", "forkserver"]}
    for name, choice in choices.items():
        if name not in start_methods().available:
            print(name, "is not there on this platform.")
            continue
        print(name + ":")
        pool = try_to_make(choice)
        if pool:
            with pool:
                futures = [pool.submit(os.getpid) for _ in range(2)]
                pids = {future.result(timeout=30) for future in futures}
            print("  two tasks were done by", len(pids), "worker processes")
