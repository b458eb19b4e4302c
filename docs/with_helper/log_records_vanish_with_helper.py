import logging
import sys

from poolcontext import list_start_methods, process_pool

logger = logging.getLogger("example")


def task():
    logger.info("in the task")
    return logger.hasHandlers()


def configure_logging():
    form = "  %(levelname)s from %(processName)s: %(message)s"
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format=form)


def log_in_worker(method, initializer=None):
    logger.info("before the task")
    with process_pool(method, max_workers=1, initializer=initializer) as pool:
        configured = pool.submit(task).result(timeout=30)
    print("  Its logger has", "a handler." if configured else "no handler.", flush=True)


if __name__ == "__main__":
    configure_logging()
    for method in ("fork", "spawn", "forkserver"):
        if method not in list_start_methods().available:
            print(method, "is not there on this platform.")
            continue
        print(f"A worker under {method}:", flush=True)
        log_in_worker(method)
        print(f"A worker under {method}, with an initializer:", flush=True)
        log_in_worker(method, configure_logging)
