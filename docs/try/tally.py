"""Add up what is in some baskets, each basket in a worker process."""

from concurrent.futures import ProcessPoolExecutor


def read_prices():
    """Say what things cost, as if it were read from a file."""
    global prices
    prices = {"apple": 3, "pear": 4}


def total(basket):
    """Add up one basket."""
    return sum(prices[name] for name in basket)


def totals(baskets):
    """Add up each basket."""
    read_prices()
    with ProcessPoolExecutor(2) as pool:
        return list(pool.map(total, baskets))


if __name__ == "__main__":
    print("totals:", *totals([["apple"], ["apple", "pear"]]))
