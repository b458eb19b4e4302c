import functools

from poolcontext import TransferError, check_task


def make_multiplier(factor):
    def multiply(number):
        return factor * number

    return multiply


def multiply(factor, number):
    return factor * number


def passes(label, task):
    print(f"{label}:")
    try:
        check_task(task, 14)
    except TransferError as error:
        print(f"  {type(error).__name__}: {error}")
        return False
    print("  It can reach a worker.")
    return True


if __name__ == "__main__":
    assert not passes("A function inside a function", make_multiplier(3))
    assert not passes("A lambda", lambda number: 3 * number)
    assert passes("A function at module level", functools.partial(multiply, 3))
