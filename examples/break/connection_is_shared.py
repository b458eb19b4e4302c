"""Answers get mixed up: workers of a process pool share one connection
====================================================================

You connect to a database or the like and use that in workers, or you read one file in all of them.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from socket import AF_INET, SOCK_DGRAM, socket

connection = None
WAYS = ("a global variable", "opened by the initializer", "an argument")


def connect(address):
    global connection
    connection = socket(AF_INET, SOCK_DGRAM)
    connection.connect(address)


def ask(question, handed_over=None):
    (handed_over or connection).send(question)
    return (handed_over or connection).recv(100).decode()


def ask_twice(context, server, way):
    """Ask the server, have a worker ask it before you read the answer, and return what both get."""
    connect(server.getsockname())  # before the pool, as is usual
    initializer = (connect, [server.getsockname()]) if way == WAYS[1] else ()
    handed_over = [connection] if way == WAYS[2] else []
    with connection, ProcessPoolExecutor(1, context, *initializer) as pool:
        connection.send(b"the main process")
        future = pool.submit(ask, b"the worker", *handed_over)
        for _ in range(2):
            question, address = server.recvfrom(100)
            server.sendto(b"the answer to " + question, address)
        return future.result(timeout=15), connection.recv(100).decode()


if __name__ == "__main__":
    for method in ("fork", "spawn", "forkserver"):
        if method not in multiprocessing.get_all_start_methods():
            print(method, "is not there on this platform.")
            continue
        for way in WAYS[method != "fork" :]:  # there the global variable is None
            with socket(AF_INET, SOCK_DGRAM) as server:
                server.bind(("127.0.0.1", 0))
                try:
                    got = ask_twice(multiprocessing.get_context(method), server, way)
                except NotImplementedError as error:
                    print(f"{type(error).__name__}: {error}")
                    raise SystemExit from None
            print(f"{method}, the worker's connection is {way}:")
            print(f"  the worker gets {got[0]}\n  the main process gets {got[1]}", flush=True)
            wanted = ["the answer to the worker", "the answer to the main process"]
            assert list(got) == (wanted if way == WAYS[1] else wanted[::-1])

# sphinx_gallery_before = "connect(server.getsockname())"
# sphinx_gallery_after = "initializer = (connect"
# %%
# Why
# ---
# Processes that share a connection share what comes in: who reads first gets it, whoever asked.
# A forked worker `has all that your process has
# <https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods>`__, and where
# it reads a file, `your position moves <https://man7.org/linux/man-pages/man2/fork.2.html>`__ too.
# A worker that is no copy has :doc:`no such variable <global_is_reset>`, or connects by itself.
# A socket can be handed over in a task and is then shared, :proof:`under spawn just as under fork
# <connection_is_shared: ^spawn, the worker's connection is an argument:\n  the worker gets the
# answer to the main>`; a file, or a connection of ``sqlite3``, cannot be pickled for that.
#
# Cure
# ----
# Connect in the initializer, so that each worker has a connection of its own.
# A library can drop what a forked process has copied by `os.register_at_fork
# <https://docs.python.org/3/library/os.html#os.register_at_fork>`__, or keep ``os.getpid()`` with
# the connection, and connect anew where that differs.

# %%
# Related
# -------
# - :doc:`top_level_is_shared`
# - :doc:`../worker/hand_over_with_initializer`
