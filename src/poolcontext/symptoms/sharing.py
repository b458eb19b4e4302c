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
            r"PoolTimeout: couldn't get a connection after",
            r"(?:[\\/](?:multiprocessing|billiard)[\\/]|futures[\\/]process|ForkPoolWorker)[^\0]{0,990}(?:InterfaceError: (?:connection already closed|\(0, ''\))|Could not locate column in row)",
            r"Lost connection to MySQL server during query",
            r"Commands out of sync",
            r"decryption failed or bad record mac",
            r"SSL error: bad decrypt",
            r"SSL SYSCALL error: EOF detected",
            r"OSError: Can't (?:synchronously )?read data \(",
            r"(?:wrong B-tree signature|inflate\(\) failed)",
            r"bad (?:symbol table node signature|heap free list)|bad object header version number|NetCDF: HDF error|IReadBlock failed at X offset",
            r"BadZipFile: Bad (?:CRC-32|magic number)",
        ),
        signs=(r"  the worker gets the answer to the main process",),
        words=(
            "database connection in process pool",
            "problems when child processes access the DB, SQLAlchemy engine imported in the main process",
            "sometimes NaN, Infinity or garbage in the data, HDF5",
            "data loaded are wrong or corrupt with num_workers greater than 1",
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
        cure="[Connect, or open the file, in the initializer](/examples/break/connection_is_shared), so that each worker has a connection, or a connection pool with its own threads, and let no worker close the one that it has inherited; a socket that is handed over in a task is shared too. A PyTorch dataset opens its file at the first `__getitem__`. Under a server that forks, connect after the fork: gunicorn without `--preload`, uWSGI with `lazy-apps`, [SQLAlchemy's `engine.dispose(close=False)`](https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork), Django's `connections.close_all()` in the child.",
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
            r"unable to mmap \d{1,20} bytes from file <filename not specified>: Cannot allocate memory",
            r"unable to open shared memory object </torch_[\w]{1,80}>(?: in read-write mode)?(?:: Too many open files \(24\)|[ \t]{0,9}(?:\n|$))",
            r"ValueError: too many fds",
            r"OSError: \[Errno 24\] Too many open files",
        ),
        words=(
            "pipes are left open",
            "file descriptor, handle leak: descriptors of processes and pipes are not closed, Process.close()",
            "number of open files, fds, grows with each process",
        ),
        cause="""
Your process has as many open files as [its limit](inv:python:py:module#resource) allows: each worker, queue, connection and piece of shared memory takes some; on Linux it may also map [no more than `vm.max_map_count`](https://docs.kernel.org/admin-guide/sysctl/vm.html#max-map-count) pieces.
""",
        cure="""
Use fewer at a time and close them, as one pool for all by `with` and not a new one each time, or raise the limit, as by `ulimit -n 4096`.
In PyTorch each tensor that a worker hands over takes one for as long as it lives: copy what you keep, or call [`torch.multiprocessing.set_sharing_strategy("file_system")`](https://docs.pytorch.org/docs/stable/multiprocessing.html#sharing-strategies); if `_share_filename_` stands in the traceback, that is in use already: hand over NumPy arrays, and look whether [`/dev/shm` is full](#no-shared-memory).
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
Give both [the same `authkey`](inv:python:py:attribute#multiprocessing.Process.authkey); what multiprocessing starts has its parent's, and in what others start, such as an actor of Ray's, you set `multiprocessing.current_process().authkey` first.
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
        words=("is a Connection or Pipe safe for several threads or processes",),
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
    Symptom(
        "database-is-locked",
        "sqlite3: database is locked, with several processes",
        messages=(r"database is locked|SQLITE_BUSY",),
        words=(
            "SQLite with multiprocessing, several processes write to one database, concurrent writes",
            "disk I/O error or database is malformed, sqlite and fork",
        ),
        cause="""
In SQLite [one connection at a time may write](https://www.sqlite.org/lockingv3.html), and another one, of this process or of another, waits for it, 5 seconds [by default](inv:python:py:function#sqlite3.connect), and then gives up; one that has read before it writes, in one transaction, [gives up at once](https://www.sqlite.org/rescode.html#busy_snapshot).
A connection that was made before a fork [must not be used in the child](https://www.sqlite.org/howtocorrupt.html).
""",
        cure="""
Let one process write: workers return their rows, and your own process stores them; or open a connection [in each worker](/examples/break/connection_is_shared), with a longer `timeout=`, short transactions that begin by `BEGIN IMMEDIATE`, and, on a local disk, [`PRAGMA journal_mode=WAL`](https://www.sqlite.org/wal.html).
""",
        examples=("break/connection_is_shared",),
        quotes=(
            Quote(
                "sqlite3.OperationalError: database is locked",
                "reported",
                "https://github.com/piskvorky/sqlitedict/issues/144",
            ),
        ),
    ),
    Symptom(
        "same-file",
        "Several processes write, make or remove the same file",
        words=(
            "two processes write to the same file, CSV, JSON, output file is corrupted, lines are lost",
            "race condition: several workers create the same folder, cache or temporary file",
            "output, print or log lines of several processes are mixed, interleaved, garbled, overlapping",
            "safe to write to one file from a pool, lock for a file",
        ),
        cause="""
Nothing orders what processes write: each has [a buffer of its own](inv:python:py:function#open) that it writes when it is full, and its own place in a file that it has opened itself; and between the question whether a file is there and the moment when it is made, another process makes it.
""",
        cure="""
Return what is to be written, and [write it in one process](/examples/break/change_is_not_seen); or hold [a lock](/examples/worker/share_a_lock) around each write and flush within it; or give each task a file of its own, which is put in its place by [`os.replace`](inv:python:py:function#os.replace), but on Windows not while somebody has it open.
Make folders by `os.makedirs(…, exist_ok=True)`.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "Messages are getting overlapped when logging in the sys.stderr using multiprocessing",
                "reported",
                "https://github.com/Delgan/loguru/issues/108",
            ),
        ),
    ),
    Symptom(
        "window-in-worker",
        "A window, or matplotlib, breaks in a worker",
        messages=(
            r"Tcl_AsyncDelete: async handler deleted by the wrong thread",
            r"X Error of failed request:  ?Bad(?:IDChoice|Window|Drawable)",
            r"(?:Tk|tkinter)[^\0]{0,600}main thread is not in main loop",
        ),
        leads=True,
        words=(
            "plot, plots, figure: hangs, does not plot",
            "matplotlib, pyplot, tkinter, Qt in a worker process crashes or hangs",
            "plots in parallel, savefig with multiprocessing, figure is empty or mixed",
            "GUI window does not respond, freezes while it waits for processes, PyQt with multiprocessing",
        ),
        cause="""
A window belongs to the thread of the process that has made it: another thread must not touch it, nor clear it away, and a forked worker has [a copy of its connection to the screen](inv:python:std:label#multiprocessing-start-methods); a window whose process waits for a result is not drawn meanwhile.
The font files that matplotlib has open are shared with it too, so that [images are mangled](https://discourse.matplotlib.org/t/seeing-mangled-images-with-matplotlib-multiprocessing/20957), with any backend.
""",
        cure="""
In threads and workers, draw into files by [`matplotlib.use("Agg")`](https://matplotlib.org/stable/users/explain/figure/backends.html), set before `pyplot` is imported; start workers by `spawn`, and let one thread of one process have the window.
There, ask for results [by a callback](inv:python:py:method#concurrent.futures.Future.add_done_callback) or a timer, and not by `result()` at once.
""",
        examples=("set/set_pool_context",),
        quotes=(
            Quote(
                "Tcl_AsyncDelete: async handler deleted by the wrong thread",
                "reported",
                "https://github.com/SMPyBandits/SMPyBandits/issues/159",
            ),
        ),
    ),
    Symptom(
        "pool-in-a-server",
        "A process pool within a web server",
        words=(
            "use multiprocessing, ProcessPoolExecutor in Django, Flask, FastAPI, gunicorn, uvicorn safely",
            "pool in a web application: where to create it, one for each request, more processes than workers",
            "background process in a web app, start a process from a view or request",
            "uwsgi, mod_wsgi, multiprocessing hangs in a request",
        ),
        cause="""
A server mostly has several processes, which gunicorn and uWSGI fork, and threads in them: a pool that is made as your module is imported is made [before the fork](https://docs.gunicorn.org/en/stable/settings.html#preload-app), or while it is imported, and one made for each request starts its workers each time.
""",
        cure="""
Make one pool in each of the server's processes, at its start, as in FastAPI's `lifespan` or gunicorn's [`post_fork`](https://docs.gunicorn.org/en/stable/settings.html#post-fork), under `spawn`, [by a context](/examples/set/set_pool_context), and shut it down at its end; for long work, a queue of tasks with workers of its own.
""",
        examples=("set/set_pool_context", "break/connection_is_shared"),
        quotes=(
            Quote(
                "After you create a process in one request, later requests sometimes will pending",
                "reported",
                "https://github.com/fastapi/fastapi/issues/4678",
            ),
        ),
    ),
    Symptom(
        "model-of-a-server",
        "Each worker of a server loads a model of its own",
        words=(
            "share a dictionary, config or data between gunicorn workers, preload; Python objects are copied as they are read",
            "load a model or pipeline once and share it across all gunicorn, uvicorn workers",
            "how can workers share models or memory between them, FastAPI, Flask, machine learning",
        ),
        cause="""
Each worker is a process of its own, and what it loads is in its own memory.
""",
        cure="""
Load it before the server forks, by [gunicorn's `--preload`](https://docs.gunicorn.org/en/stable/settings.html#preload-app): its workers share that memory as long as they only read it; arrays stay shared, and [lists and dictionaries do not](#memory-grows), as to read them counts references.
What has used threads or a GPU by then [may hang there](#fork-with-threads).
uvicorn's own `--workers` [are spawned](https://www.uvicorn.org/deployment/), and share nothing: start uvicorn's workers by gunicorn, with `--preload`, or have one process serve the model to the others.
""",
        examples=("cost/memory_of_a_worker", "break/connection_is_shared"),
        quotes=(
            Quote(
                "sharing data across my gunicorn workers",
                "reported",
                "https://stackoverflow.com/questions/43467312",
            ),
        ),
    ),
    Symptom(
        "event-loop-is-blocked",
        "A server or event loop stands still while processes work",
        words=(
            "FastAPI, asyncio: every incoming request hangs while a process pool works, server froze",
            "blocking call in an async function: queue.get, put, join, result, event loop is blocked",
        ),
        cause="""
`result()`, `join()`, `get()` of a queue, and `put()` of a full one wait, and [the event loop waits with them](inv:python:std:label#asyncio-multithreading): nothing else of the program runs meanwhile.
""",
        cure="""
[Await `loop.run_in_executor(pool, f, x)`](/examples/break/asyncio_with_pool) instead; what has to wait, such as a queue's `get`, goes into a thread, by `asyncio.to_thread`.
""",
        examples=("break/asyncio_with_pool",),
        quotes=(
            Quote(
                "My FastAPI server froze and every incoming request hung indefinitely",
                "reported",
                "https://blog.tsugumisys.com/posts/20260313-5IuWS.html",
            ),
        ),
    ),
    Symptom(
        "gunicorn-worker-timeout",
        "[CRITICAL] WORKER TIMEOUT, from gunicorn",
        messages=(r"\[CRITICAL\] WORKER TIMEOUT \(pid",),
        words=("gunicorn worker timeout, worker is killed and booted again",),
        cause="""
A worker has not answered gunicorn's main process [for 30 seconds, or what `--timeout` says](https://docs.gunicorn.org/en/stable/settings.html#timeout), and is killed by it: a request takes long, or the worker hangs, as [a forked one can](#fork-with-threads).
""",
        cure="""
Do what takes long elsewhere, such as [in a pool](/examples/break/asyncio_with_pool) or a queue of tasks, take threads by `--worker-class gthread`, or a longer `--timeout`; if each worker hangs at its first request, leave `--preload` out.
""",
        examples=("break/fork_with_threads",),
        leads=True,
        quotes=(
            Quote(
                "[CRITICAL] WORKER TIMEOUT (pid:12345)",
                "documented",
                "https://github.com/benoitc/gunicorn/blob/23.0.0/gunicorn/arbiter.py",
            ),
        ),
    ),
    Symptom(
        "thread-not-in-worker",
        "A thread that was started before the fork does not run in the worker",
        words=(
            "start-up code or scheduler runs several times, once in each worker of gunicorn, uvicorn",
            "gunicorn preload, background thread of the application does not run in workers",
            "scheduler, APScheduler, timer, listener thread stops after fork, in forked processes",
            "logging or metrics thread is not alive in the child",
        ),
        cause="""
A fork copies [only the thread that calls it](https://man7.org/linux/man-pages/man2/fork.2.html): a scheduler, an exporter or a listener that your program has started as a thread does not run in a forked worker, though its object may still say that it does.
So it is in gunicorn's workers, under `--preload`.
Other methods start new interpreters, with none of your threads either.
""",
        cure="""
Start it in each worker that needs it: by [an initializer](/examples/worker/hand_over_with_initializer), or in [gunicorn's `post_fork`](https://docs.gunicorn.org/en/stable/settings.html#post-fork).
Under uWSGI, threads run only [with `enable-threads`](https://uwsgi-docs.readthedocs.io/en/latest/ThingsToKnow.html); start them in a function that [`postfork`](https://uwsgi-docs.readthedocs.io/en/latest/PythonDecorators.html) decorates.
A scheduler whose jobs are to run once belongs into one process of its own.
""",
        examples=("worker/what_reaches_a_worker", "worker/hand_over_with_initializer"),
        quotes=(
            Quote(
                "Gunicorn's preload option affects application thread",
                "reported",
                "https://github.com/benoitc/gunicorn/issues/1666",
            ),
        ),
    ),
)
