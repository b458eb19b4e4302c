"""Semaphores, shared memory, connections and files that several processes have."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "too-many-open-files",
        "received … items of ancdata, or Too many open files",
        messages=(
            r"received \d+ items of ancdata",
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
        "tracker-died",
        "resource_tracker: process died unexpectedly, relaunching",
        messages=(
            r"resource_tracker: process died unexpectedly, relaunching",
            r"ResourceTracker called reentrantly for resource cleanup",
            r"Reentrant call into the multiprocessing resource tracker",
        ),
        cause="""
The process that unlinks what others leave behind has never run, where what `sys.executable` names [is no Python](#embedded), or it [was ended](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py), by a `SIGKILL`, since it ignores the other signals, or by a daemon that closes all its files; a new one does not know what the old one knew.
"Called reentrantly" is another thing: the garbage collector ran a finalizer within a call of the tracker.
""",
        cure="""
End your program, and not each of its processes; what is left then is below `/dev/shm` on Linux.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "UserWarning: resource_tracker: process died unexpectedly, relaunching.  Some resources might leak.",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py",
            ),
        ),
    ),
    Symptom(
        "connection-is-shared",
        "Answers are mixed up, or a connection breaks, in workers",
        messages=(
            r"MongoClient opened before fork",
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
            "gunicorn preload, uwsgi lazy-apps, Flask or Django database connections after fork",
            "MySQL, SQLAlchemy engine and fork",
        ),
        cause="A connection, pipe or file from before the fork is [one and the same in your process and in all workers](https://docs.python.org/3/library/multiprocessing.html#contexts-and-start-methods), so that {proof}`one gets what another has asked for <connection_is_shared: ^fork, the worker's connection is a global variable:\\n  the worker gets the answer to the main>`; one that uses TLS breaks, and a file of HDF5 [is read wrongly](https://docs.h5py.org/en/latest/mpi.html). Outside of workers, the same words tell of a lost network, a connection that was idle for too long, or a damaged file.",
        cure="[Connect, or open the file, in the initializer](examples/break/connection_is_shared), so that each worker has a connection of its own, and let no worker close the one that it has inherited; a socket that is handed over in a task is shared too. A PyTorch dataset opens its file at the first `__getitem__`. Under a server that forks, connect after the fork: gunicorn without `--preload`, uWSGI with `lazy-apps`, [SQLAlchemy's `engine.dispose(close=False)`](https://docs.sqlalchemy.org/en/20/core/pooling.html#using-connection-pools-with-multiprocessing-or-os-fork), Django's `connections.close_all()` in the child.",
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
        "log-file-of-several",
        "[WinError 32] another process uses the file, where a log is rotated",
        messages=(r"\[WinError 32\]",),
        words=(
            "RotatingFileHandler, log rotation with multiprocessing on Windows",
            "loguru, logging: the process cannot access the file because it is being used by another process",
        ),
        cause="""
Several processes have the log's file open, since each spawned worker sets logging up again, and [Windows renames no open file](https://github.com/Delgan/loguru/issues/202); on other systems [the lines of one are lost](inv:python:std:label#multiple-processes).
Any other program that has the file open, such as a scanner for viruses, gives the same message.
""",
        cure="""
Set logging up below [the guard](examples/break/no_main_guard), and let one process write: workers [hand their records to a queue](inv:python:std:label#multiple-processes), which an [initializer](examples/break/log_records_vanish) brings to them; or give each process a file of its own.
""",
        examples=("break/log_records_vanish",),
        quotes=(
            Quote(
                "PermissionError: [WinError 32] The process cannot access the file because it is being used by another process",
                "reported",
                "https://github.com/Delgan/loguru/issues/1170",
            ),
        ),
    ),
    Symptom(
        "shared-memory-name-too-long",
        "[Errno 63] File name too long, of shared memory on macOS",
        messages=(r"\[Errno 63\] File name too long",),
        words=("shared memory name limit of macOS, SharedMemory name of 31 characters",),
        cause="""
On macOS a name of shared memory [has room for 31 bytes](https://github.com/sgl-project/sglang/pull/35046), with the slash before it.
""",
        cure="""
Take a shorter name, or none: {py:class}`~multiprocessing.shared_memory.SharedMemory` then makes one that fits.
""",
        examples=("break/leaked_shared_memory",),
        quotes=(
            Quote(
                "OSError: [Errno 63] File name too long: '/sgl_shm_nodecheck_26336_e034fca0'",
                "reported",
                "https://github.com/sgl-project/sglang/pull/35046",
            ),
        ),
    ),
    Symptom(
        "leaked-semaphores",
        "There appear to be … leaked semaphore objects to clean up at shutdown",
        messages=(
            r"There appear to be \d+ leaked (?!shared_memory)\w{1,40} objects",
            r"There appear to be \d+ leaked semaphores to clean up",
        ),
        words=(
            "leaked semaphores",
            "semaphore leak at the end of the program",
            "UserWarning of resource_tracker at shutdown",
            "warnings.warn('resource_tracker: There appear to be",
        ),
        cause=(
            "Something ended your program before it could clean up: `os._exit`, a crash, or a signal that nobody handles,"
            " as when memory runs out. The message is a consequence, and harmless: what it counts has just been removed."
            " Under spawn and forkserver {proof}`a tracker removes it"
            " <leaked_semaphores linux: ^spawn, ended by os\\._exit:\\n  resource_tracker: There appear to be 5 leaked semaphore>`,"
            " under fork {proof}`nothing is left <leaked_semaphores: ^fork, ended by os\\._exit:\\n  no message>`."
        ),
        cure=(
            "Look above it for what ended the program, and mend that;"
            " [leave by `sys.exit`, and have `SIGTERM` raise `SystemExit`](examples/break/leaked_semaphores)."
        ),
        examples=("break/leaked_semaphores",),
        quotes=(
            Quote(
                "semaphore_tracker: There appear to be 1 leaked semaphores to clean up at shutdown",
                "documented",
                "https://github.com/python/cpython/blob/v3.7.16/Lib/multiprocessing/semaphore_tracker.py",
            ),
            Quote(
                "resource_tracker: There appear to be 1 leaked semlock objects to clean up at shutdown",
                "documented",
                "https://github.com/joblib/loky/blob/00c8deddbae9404c07d6f336ba994ce17b1f11c7/loky/backend/resource_tracker.py",
            ),
        ),
    ),
    Symptom(
        "leaked-shared-memory",
        "There appear to be … leaked shared_memory objects to clean up at shutdown",
        messages=(r"There appear to be \d+ leaked shared_memory objects",),
        words=(
            "shared memory leak",
            "leaked shared memory",
            "who closes and who unlinks shared memory",
        ),
        cause=(
            "Nobody has unlinked the memory, or the process that warns had a resource tracker of its own, which hears nothing of"
            " your `unlink()`: another program, or {proof}`a forked worker that started before your program's tracker"
            " <leaked_shared_memory: ^fork, the pool is first: resource_tracker>`."
        ),
        cure=(
            "[Everyone closes, and the one who made it unlinks it](examples/break/leaked_shared_memory), once. With fork,"
            " {proof}`make a segment before the pool's first task <leaked_shared_memory: ^fork, the memory is first: no message>`."
        ),
        examples=("break/leaked_shared_memory", "break/shared_memory_vanishes"),
    ),
    Symptom(
        "shared-memory-vanishes",
        "FileNotFoundError: No such file or directory, and the shared memory is gone",
        messages=(
            r"shm_(?:unlink|open)\([^\0]{0,400}FileNotFoundError",
            r"(?:cache\[rtype\]\.remove\(name\)|del registry\[rtype\]\[name\])[ \n~^]{1,120}KeyError",
            r"No such file or directory: '/{1,2}psm_[0-9a-f]{1,16}'",
            r"KeyError: '/{1,2}psm_[0-9a-f]{1,16}'",
            r"\[WinError 2\] [^\n]{1,99}'wnsm_[0-9a-f]{1,16}'",
            r"resource_tracker: (?!There |/loky-|/mp-)[^:\n]{1,250}: ",
        ),
        signs=(r"  In your unlink: FileNotFoundError: No such file or directory",),
        words=(
            "shared memory destroyed by another program",
            "shared memory is unlinked when another process exits",
            "resource tracker destroys shared memory",
            "KeyError in resource_tracker.py",
            "unlink called twice",
        ),
        cause=(
            "Another program attached to the memory and has ended; its own resource tracker took what that had not unlinked for a"
            " leak, and {proof}`removed it from all others"
            " <shared_memory_vanishes linux: ^read:\\n  The other program: resource_tracker.{0,99}\\n  In your unlink: FileNotFoundError>`."
            " Or your own processes have unlinked it, or had the tracker forget it, twice: [the tracker then prints a `KeyError`](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py),"
            " which is harmless by itself."
        ),
        cure=(
            "Attach to what another program made with [`track=False`](inv:python:py:class#multiprocessing.shared_memory.SharedMemory),"
            " or, up to 3.12, [have the tracker forget the name](examples/break/shared_memory_vanishes);"
            " one process calls `unlink()`, once, and who calls it does not call `resource_tracker.unregister` too, as `unlink()` does that."
        ),
        examples=("break/shared_memory_vanishes",),
        quotes=(
            Quote(
                "resource_tracker: '/trial': [Errno 2] No such file or directory: '/trial'",
                "reported",
                "https://github.com/python/cpython/issues/116849",
            ),
            Quote(
                "cache[rtype].remove(name)\nKeyError: '/wool-probe-create'",
                "reported",
                "https://github.com/wool-labs/wool/issues/340",
            ),
            Quote(
                "_posixshmem.shm_unlink(self._name)\nFileNotFoundError: [Errno 2] No such file or directory: '/ckpt_452136_0_1783755003328000'",
                "reported",
                "https://github.com/mlcommons/storage/issues/768",
            ),
            Quote(
                "resource_tracker: '//psm_7dd83f76': [Errno 2] No such file or directory: '//psm_7dd83f76'",
                "reported",
                "https://github.com/dillonalaird/shared_numpy/issues/9",
            ),
        ),
    ),
    Symptom(
        "no-shared-memory",
        "OSError: [Errno …] at _multiprocessing.SemLock",
        messages=(
            r"insufficient shared memory \(shm\)",
            r"workers are out of shared memory",
            r"_multiprocessing\.SemLock\(",
            r"\[Errno 38\] Function not implemented",
            r"No such file or directory: '/dev/shm/?'",
            r"(?:Permission denied|No space left on device|Read-only file system): '/dev/shm\b",
            r"access to /dev/shm|space in .?dev/shm|100% +/dev/shm",
            r"\b(?:Pool|ProcessPoolExecutor|Lock|Queue|Semaphore|Event|Barrier|Value|Array)\([^\0]{0,300}(?:FileNotFoundError: \[Errno 2\] No such file or directory|PermissionError: \[Errno 13\] Permission denied) {0,9}(?:\n|$)",
            r"  (?:ProcessPoolExecutor|Pool|Queue|Lock): (?:FileNotFound|Permission|OS)Error: \[Errno (?:2|13|28|30)\]",
        ),
        words=(
            "_multiprocessing.SemLock(",
            "/dev/shm missing in a container",
            "AWS Lambda multiprocessing",
            "FileNotFoundError, PermissionError, no space left, read-only at SemLock",
            "shm-size",
            "permission error when a semaphore is created, on a cluster",
        ),
        cause="Pools, locks and queues hold semaphores, which Linux keeps [in `/dev/shm`](examples/break/no_shared_memory): it is missing, full, read-only, or not yours. PyTorch's DataLoader puts its data there as well.",
        cure="Mount a `tmpfs` of mode 1777 there, or start the container with `--shm-size` or `--ipc`. Where you cannot, use threads, `subprocess`, or {proof}`a process with a pipe <no_shared_memory linux: Pipe, fork works>`.",
        examples=("break/no_shared_memory",),
        quotes=(
            Quote(
                "_multiprocessing.SemLock(\nOSError: [Errno 38] Function not implemented",
                "reported",
                "https://github.com/nalepae/pandarallel/issues/128",
            ),
        ),
    ),
    Symptom(
        "no-space-left",
        "No space left on device, and the disk is not full",
        messages=(r"\[Errno 28\] No space left on device",),
        words=("No space left on device from multiprocessing", "too many semaphores on macOS"),
        cause="""
Where your disk has space, it is a semaphore or shared memory that has no place: on Linux [in `/dev/shm`](#no-shared-memory), which `df -h /dev/shm` shows; on macOS the system has only so many semaphores for all programs, and those that killed ones have left behind count, [until it is restarted](https://github.com/PyCQA/flake8/issues/117).
""",
        cure="""
On Linux, [enlarge `/dev/shm`](examples/break/no_shared_memory), as by `--shm-size` of the container, and remove what ended programs have left there; on macOS, restart the system.
Use fewer locks, queues and pools at a time, and let no program be killed.
""",
        examples=("break/no_shared_memory",),
        quotes=(
            Quote(
                "OSError: [Errno 28] No space left on device",
                "reported",
                "https://github.com/nalepae/pandarallel/issues/277",
            ),
        ),
        follows=True,
    ),
)
