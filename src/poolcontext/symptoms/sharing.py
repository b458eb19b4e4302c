"""Connections and files that several processes have."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "connection-is-shared",
        "Answers are mixed up, or a connection breaks, in workers",
        messages=(
            r"MongoClient opened before fork",
            r"\[xcb\] Unknown sequence number while processing queue",
            r"fatal IO error \d+ \([^\n)]{1,60}\) on X server",
            r"ServerSelectionTimeoutError: No servers found yet",
            r"no message from the libpq",
            r"lost synchronization with server",
            r"Packet sequence number wrong",
            r"MySQL server has gone away",
            r"Lost connection to MySQL server during query",
            r"Commands out of sync",
            r"Could not locate column in row",
            r"decryption failed or bad record mac",
            r"SSL error: bad decrypt",
            r"SSL SYSCALL error: EOF detected",
            r"OSError: Can't (?:synchronously )?read data \(",
            r"(?:wrong B-tree signature|inflate\(\) failed)",
            r"bad object header version number|NetCDF: HDF error|IReadBlock failed at X offset",
            r"BadZipFile: Bad (?:CRC-32|magic number)",
        ),
        signs=(r"  the worker gets the answer to the main process",),
        words=(
            "database connection in process pool",
            "connection shared between processes",
            "file position is shared after fork",
            "worker gets the answer of another worker",
            "SSL error: decryption failed or bad record mac",
            "HDF5 file or dataset, h5py gives wrong data with num_workers",
            "error when a file is read from several processes: netCDF4, rasterio, zarr, zip",
            "gunicorn preload=True, uwsgi lazy-apps, Flask or Django database connections after fork",
            "MySQL, SQLAlchemy engine and fork",
        ),
        cause="A connection, pipe or file from before the fork is [one and the same in your process and in all workers](https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods), so that {proof}`one gets what another has asked for <connection_is_shared: ^fork, the worker's connection is a global variable:\\n  the worker gets the answer to the main>`; one that uses TLS breaks, and a file of HDF5 [is read wrongly](https://docs.h5py.org/en/latest/mpi.html). Outside of workers, the same words tell of a lost network or a server that does not run, a connection that was idle for too long, a closed display, or a damaged file.",
        cure="[Connect, or open the file, in the initializer](/examples/break/connection_is_shared), so that each worker has a connection of its own, and let no worker close the one that it has inherited; a socket that is handed over in a task is shared too. A PyTorch dataset opens its file at the first `__getitem__`. Under a server that forks, connect after the fork: gunicorn without `--preload`, uWSGI with `lazy-apps`, [SQLAlchemy's `engine.dispose(close=False)`](https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork), Django's `connections.close_all()` in the child.",
        examples=("break/connection_is_shared",),
        quotes=(
            Quote(
                "psycopg2.OperationalError: SSL error: decryption failed or bad record mac",
                "reported",
                "https://github.com/minus34/gnaf-loader/issues/61",
            ),
            Quote(
                "peewee.OperationalError: SSL error: bad decrypt",
                "reported",
                "https://github.com/coleifer/peewee/issues/1757",
            ),
            Quote(
                "(OperationalError) (2006, 'MySQL server has gone away')",
                "reported",
                "https://github.com/spotify/luigi/issues/2194",
            ),
            Quote(
                "OSError: Can't read data (addr overflow, addr = 17592186044417, size=4096, eoa=6256)",
                "reported",
                "https://github.com/h5py/h5py/issues/934",
            ),
        ),
    ),
    Symptom(
        "too-many-open-files",
        "received … items of ancdata, or Too many open files",
        messages=(
            r"received \d+ items of ancdata",
            r"Too many open files\. Communication with the workers is no longer possible",
            r"Too many \(\d+\) fds to send",
            r"ValueError: too many fds",
            r"OSError: \[Errno 24\] Too many open files",
        ),
        cause="""
Your process has as many open files as [its limit](inv:python:py:module#resource) allows: each worker, queue, connection and piece of shared memory takes some.
""",
        cure="""
Use fewer at a time and close them, or raise the limit, as by `ulimit -n 4096`.
In PyTorch each tensor that a worker hands over takes one for as long as it lives: copy what you keep, or call [`torch.multiprocessing.set_sharing_strategy("file_system")`](https://docs.pytorch.org/docs/stable/multiprocessing.html#sharing-strategies).
""",
        examples=("worker/share_a_lock",),
        leads=True,
        quotes=(
            Quote(
                "RuntimeError: received 0 items of ancdata",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/reduction.py#L155-L181",
            ),
        ),
    ),
    Symptom(
        "authentication",
        "digest sent was rejected",
        messages=(
            r"digest sent was rejected",
            r"digest received was wrong",
            r"multiprocessing\.context\.AuthenticationError",
            r"(?:Protocol error, expected challenge|challenge too short|response_digest=|unsupported message length, missing digest)",
            r"expected .{1,80} of length \d+ got ",
        ),
        words=(
            "multiprocessing manager authkey",
            "multiprocessing.Manager with pathos, multiprocess or Celery's billiard",
        ),
        cause="""
The two ends of a connection have different keys: a manager, or a `Listener`, of another program, or of a process that was not started by multiprocessing, has another `authkey`.
So has a process that another library has started, such as multiprocess, which pathos uses, or Celery's billiard: [take manager and pool from one of them](https://github.com/uqfoundation/pathos/issues/37).
""",
        cure="""
Give both [the same `authkey`](inv:python:py:attribute#multiprocessing.Process.authkey); what multiprocessing starts has its parent's.
Take manager and pool from one library: `multiprocess.Manager` with pathos, `billiard.Manager` with Celery.
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote(
                "multiprocessing.context.AuthenticationError: digest sent was rejected",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/connection.py",
            ),
        ),
    ),
    Symptom(
        "torn-message",
        "bad message length, or got end of file during message",
        messages=(
            r"unpickling stack underflow",
            r"bad message length",
            r"got end of file during message",
            r"invalid load key",
            r"concurrent send_bytes\(\) calls are not supported",
        ),
        cause="""
Two processes, or two threads, have read or written the same end of one pipe, so that each has got a part of the other's message; or the other end was ended in the middle of one.
A damaged file that you load gives the same words of pickle, and has nothing to do with processes.
""",
        cure="""
Let one process have each end, [close the copies](inv:python:std:label#multiprocessing-programming) that forked workers have, or hold a lock around each message.
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote(
                "OSError: bad message length",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/connection.py",
            ),
        ),
    ),
    Symptom(
        "log-file-of-several",
        "[WinError 32] another process uses the file, where a log is rotated",
        messages=(
            r"\[WinError 32\][^\n]{0,300}' -> '",
            r"\[WinError 32\] [^\n:']{1,200}(?:\n|$)",
            r"(?:rotate|doRollover|_file_sink|logging)\b[^\0]{0,900}\[WinError 32\]",
        ),
        words=(
            "RotatingFileHandler, log rotation with multiprocessing on Windows",
            "loguru, logging: the process cannot access the file because it is being used by another process",
        ),
        cause="""
Several processes have the log's file open, since each spawned worker sets logging up again, and [Windows renames no open file](https://github.com/Delgan/loguru/issues/202); on other systems [the lines of one are lost](inv:python:std:label#multiple-processes).
Where it is no log, somebody has the file open still: your own program too, if it has not closed it.
""",
        cure="""
Set logging up below [the guard](/examples/break/no_main_guard), and let one process write: workers [hand their records to a queue](inv:python:std:label#multiple-processes), which an [initializer](/examples/break/log_records_vanish) brings to them; or give each process a file of its own.
""",
        examples=("break/log_records_vanish",),
        quotes=(
            Quote(
                "PermissionError: [WinError 32] The process cannot access the file because it is being used by another process: 'file.log' -> 'file.2019-12-20.log'",
                "reported",
                "https://github.com/Delgan/loguru/issues/202",
            ),
        ),
    ),
)
