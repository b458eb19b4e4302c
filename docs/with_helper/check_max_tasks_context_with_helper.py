from poolcontext import list_start_methods, process_pool, start_method_of, worker_start_method

if __name__ == "__main__":
    print("The platform's default:", list_start_methods().listed[0])
    try:
        plain = process_pool(max_workers=1)
        pool = process_pool(max_workers=1, max_tasks_per_child=1)
    except (NotImplementedError, TypeError) as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    print("A pool without max_tasks_per_child:", start_method_of(plain))
    print("A pool with max_tasks_per_child:", start_method_of(pool))
    with pool:
        print("Its worker says:", worker_start_method(pool))
