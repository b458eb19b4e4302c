import multiprocessing
import threading

from poolcontext import TransferError, check_initializer


def remember(lock):
    global shared_lock
    shared_lock = lock


def passes(label, initializer, *initargs):
    try:
        check_initializer(initializer, initargs)
    except TransferError as error:
        print(f"{label}: {type(error).__name__}: {error}")
        return False
    print(f"{label}: it can reach a worker.")
    return True


if __name__ == "__main__":
    assert not passes("A lambda", lambda: None)
    assert not passes("A threading.Lock", remember, threading.Lock())
    try:
        lock = multiprocessing.get_context("spawn").Lock()
    except (ImportError, NotImplementedError) as error:
        print(f"{type(error).__name__}: {error}")
        raise SystemExit from None
    assert passes("A function, and the context's lock", remember, lock)
