from poolcontext import StartMethodError, process_pool, start_method_of

language = "not set"


def greet(name):
    return f"{name} ({language})"


def set_language(value):
    global language
    language = value


if __name__ == "__main__":
    set_language("Polish")
    print("The main process:", greet("Ada"))
    try:
        pool = process_pool(["forkserver", "spawn"], initializer=set_language, initargs=[language])
    except StartMethodError as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None

    with pool:
        answer = pool.submit(greet, "Ada").result(timeout=30)
        print(f"A worker, started by {start_method_of(pool)}: {answer}")
        assert answer == greet("Ada")
