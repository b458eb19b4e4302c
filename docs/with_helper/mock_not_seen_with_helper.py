import calendar
from unittest import mock

from poolcontext import list_start_methods, process_pool


def task():
    return calendar.isleap(2023)


def patch_in_worker():
    mock.patch("calendar.isleap", return_value="a mock").start()


def patched_task():
    with mock.patch("calendar.isleap", return_value="a mock"):
        return task()


def run(method, function, **options):
    with process_pool(method, max_workers=1, **options) as pool:
        return pool.submit(function).result(timeout=30)


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in list_start_methods().available:
            print(method, "is not there on this platform.")
            continue
        with mock.patch("calendar.isleap", return_value="a mock"):
            print(f"{method}, patched in the main process: the worker gets", run(method, task))
        seen = run(method, task, initializer=patch_in_worker)
        print(f"{method}, patched in the initializer: the worker gets", seen)
        seen = run(method, patched_task)
        print(f"{method}, patched in the task: the worker gets", seen)
