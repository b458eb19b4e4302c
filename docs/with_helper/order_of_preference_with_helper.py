from poolcontext import StartMethodError, process_pool, worker_start_method

NAMES = ["fork", "forkserver", "spawn"]

if __name__ == "__main__":
    print("In this order:", ", ".join(NAMES))
    for most in (None, 1):
        arguments = {} if most is None else {"max_tasks_per_child": most}
        try:
            pool = process_pool(NAMES, max_workers=1, **arguments)
        except (StartMethodError, TypeError) as error:
            print(f"{type(error).__name__}: {error}")
            break
        with pool:
            print(f"With max_tasks_per_child={most}: {worker_start_method(pool)}")
