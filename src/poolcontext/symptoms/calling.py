"""A call is refused: an argument that the platform, the version or the method does not take."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "cannot-find-context",
        "cannot find context for …",
        messages=(
            r"cannot find context for",
            r"forkserver start method not available",
            r"cannot import name 'Fork(?:Server)?(?:Process|Context)'",
        ),
        words=(
            "no fork on Windows, parallel processing does not work on Windows",
            "unknown start method",
        ),
        cause="""
There is no start method of that name on this platform: it is misspelt, or missing, as `fork` is [on Windows](inv:python:std:label#multiprocessing-start-methods), where `multiprocessing.context` has [no `ForkProcess` and `ForkContext` either](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/context.py).
""",
        cure="""
[Look at the list first](/examples/set/set_missing_method), or ask for {proof}`` `spawn` <set_every_method windows: spawn>``, which is on every platform that has processes; if it is a library that imports them, look for a newer version of it, or run it in WSL.
""",
        examples=("set/set_missing_method",),
    ),
    Symptom(
        "context-already-set",
        "context has already been set",
        messages=(r"context has already been set", r"cannot set start method of concrete context"),
        words=("set_start_method twice",),
        cause="""
The default of the process can be set once, and [whatever uses it](/examples/check/look_without_freezing) sets it too; a worker says so if your call stands outside of [the guard](/examples/break/no_main_guard).
In some versions from 3.13.4 on, `freeze_support()` [sets it as well](https://github.com/python/cpython/issues/140814).
""",
        cure="""
[Pass a context to the pool](/examples/set/set_start_method_twice) instead, or put the call below the guard, and before `freeze_support()`; [a library](/examples/set/library_context) should never set it.
""",
        examples=("set/set_start_method_twice", "set/library_context"),
    ),
    Symptom(
        "string-as-context",
        "'str' object has no attribute 'get_start_method'",
        messages=(r"'str' object has no attribute 'get_start_method'",),
        words=("mp_context='spawn'",),
        cause="""
`mp_context` takes a context, and not its name.
""",
        cure="""
{proof}``Pass `get_context("spawn")` <pass_string_as_context: ^get_context\\("spawn"\\): a worker started by spawn>``.
""",
        examples=("set/pass_string_as_context",),
    ),
    Symptom(
        "daemonic-children",
        "daemonic processes are not allowed to have children",
        messages=(
            r"daemonic processes are not allowed to have children",
            r"Loky-backed parallel loops cannot be called in a multiprocessing",
            r"Multiprocessing-backed parallel loops cannot be nested",
            r"'Process' object has no attribute '_authkey'",
        ),
        leads=True,
        words=(
            "processes within processes, multiprocessing inside multiprocessing",
            "nested pool",
            "nested multiprocessing",
            "nested parallel loops, joblib within joblib, pool within a dask worker",
            "pool inside of a pool",
            "start a process in a worker",
            "multiprocessing in a Celery task, in a worker of Hypercorn, in Airflow's PythonOperator",
            "joblib: nested Parallel, n_jobs is ignored, set to 1",
        ),
        cause=(
            "The workers of a `multiprocessing.Pool`, like any process that was made with `daemon=True`, are daemonic, and so must not start processes, by"
            " {proof}`whatever pool <daemonic_children: ask_pool to use_processes: AssertionError: daemonic>`;"
            " those of a `ProcessPoolExecutor` {proof}`may <daemonic_children: ask_executor to use_processes: the result is 14>`."
        ),
        cure=(
            "[Make the outer pool a `ProcessPoolExecutor`](/examples/break/daemonic_children), or use threads in the task."
            " If the outer process is a server's: Celery takes [`--pool solo` or `threads`](https://docs.celeryq.dev/en/stable/userguide/concurrency/index.html), or `billiard.Pool` in the task, Dask [`distributed.worker.daemon: False`](https://docs.dask.org/en/stable/configuration.html),"
            " and Hypercorn's configuration file has [a setting for it](https://github.com/pgjones/hypercorn/issues/333)."
            " If both are a library's, give it one process, or threads, by its own setting; a pool or a Dask `Client` at the top level of a module is made again in each worker that imports it: put it [below the guard](/examples/break/no_main_guard)."
        ),
        examples=("break/daemonic_children",),
    ),
    Symptom(
        "max-tasks-with-fork",
        "max_tasks_per_child is incompatible with the 'fork' start method",
        messages=(
            r"max_tasks_per_child is incompatible",
            r"unexpected keyword argument 'max_tasks_per_child'",
        ),
        words=("maxtasksperchild of concurrent.futures",),
        cause="""
Under `fork` a `ProcessPoolExecutor` does not replace its workers, since its process [has threads by then](https://github.com/python/cpython/issues/90622).
Before {proof}`Python 3.11 <max_tasks_with_fork before 3.11: unexpected keyword argument 'max_tasks_per_child'>` there is no such argument.
""",
        cure="""
{proof}`Take another method <max_tasks_with_fork from 3.11: ^spawn:\\n  two tasks were done by 2 worker processes>`, or [make a new pool](/examples/break/max_tasks_stuck) for each batch of tasks.
""",
        examples=("break/max_tasks_with_fork",),
    ),
    Symptom(
        "too-many-workers",
        "max_workers must be &lt;= 61",
        messages=(r"max_workers must be <= \d+", r"need at most 63 handles"),
        words=(
            "Pool(64) is invalid on Windows",
            "more than 61 workers on Windows, MAX_WINDOWS_WORKERS, cpu with more than 62 cores",
            "hangs on a Windows machine with many cores, more than 60 or 64 logical processors: pylint -j 0, black, flake8",
        ),
        cause="""
On Windows a pool can wait for [61 workers at most](inv:python:py:class#concurrent.futures.ProcessPoolExecutor), before 3.13 [for 60](https://github.com/psf/black/pull/1912), and `multiprocessing.Pool`, which does not check it, [failed as it waited for them](https://github.com/python/cpython/issues/89240) before 3.13.
""",
        cure="""
Ask for fewer: {proof}`min() of 61 and what you have <too_many_workers windows: max_workers must be <= 61>` works everywhere; take 60 before 3.13, where 61 can still fail with "need at most 63 handles".
""",
        examples=("break/too_many_workers",),
        quotes=(
            Quote(
                "ValueError: need at most 63 handles, got a sequence of length 64",
                "documented",
                "https://github.com/python/cpython/blob/v3.12.0/Modules/_winapi.c",
            ),
        ),
    ),
    Symptom(
        "no-interpreter-pool",
        "cannot import name 'InterpreterPoolExecutor'",
        messages=(r"cannot import name 'InterpreterPoolExecutor'",),
        cause="""
`InterpreterPoolExecutor` is new in {proof}`Python 3.14 <run_in_interpreters before 3.14: cannot import name 'InterpreterPoolExecutor'>`, and [not on every platform](/examples/beyond/run_in_interpreters).
""",
        cure="""
Use a `ProcessPoolExecutor`.
""",
        examples=("beyond/run_in_interpreters",),
    ),
    Symptom(
        "another-process-owns-it",
        "can only test a child process",
        messages=(
            r"can only (?:join|test) a child process",
            r"can only start a process object created by current process",
            r"can only join a started process",
            r"cannot start a process twice",
            r"process not started",
        ),
        words=("PyTorch DataLoader can only test a child process",),
        cause="""
[A `Process` object belongs to the process that made it](inv:python:py:method#multiprocessing.Process.join): a forked child has a copy of it, and may not ask, join or start what is not its own child.
In a `__del__`, below `Exception ignored in`, it is harmless: the process tidies up [its copy of another one's `DataLoader`](https://github.com/ShuaiLYU/REB/issues/9).
The others of these messages say that `start()` was called twice, or `join()` before `start()`.
""",
        cure="""
Start, join and end a process where it was made; under `fork`, let children not inherit such objects, or take `spawn`, which {proof}`hands over nothing but what you pass <global_is_reset: ^spawn:\\n  without an initializer: Ada \\(not set\\)>`.
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote(
                "AssertionError: can only test a child process",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/process.py#L150-L166",
            ),
        ),
    ),
    Symptom(
        "qsize-on-macos",
        "NotImplementedError, from Queue.qsize() on macOS",
        messages=(r"_semlock\._get_value\(\)[^\0]{0,200}NotImplementedError",),
        words=("multiprocessing Queue qsize on Mac OS, macOS is not implemented",),
        cause="""
[macOS lacks what `qsize()` asks](inv:python:py:method#multiprocessing.Queue.qsize), `sem_getvalue()`.
""",
        cure="""
Count what you put and get yourself, or take `multiprocessing.Manager().Queue()`, whose `qsize()` works everywhere.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "return self._maxsize - self._sem._semlock._get_value()\nNotImplementedError",
                "reported",
                "https://github.com/DeepRank/deeprank2/issues/55",
            ),
        ),
    ),
    Symptom(
        "loop-of-the-parent",
        "This event loop is already running, in a child process",
        messages=(
            r"I/O operation on closed kqueue object",
            r"(?:^|\n)Process [\w:-]{1,80}:\n[^\0]{0,990}RuntimeError: (?:This event loop is already running|Cannot run the event loop while another loop is running)",
        ),
        words=(
            "process started in a request of an asyncio server, nest_asyncio, gets stuck",
            "asyncio in a forked child, get_event_loop returns the loop of the parent",
            "event loop inherited in child processes, gunicorn worker, uvloop",
        ),
        cause="""
Under `fork` the child [has a copy of your process' event loop](https://github.com/python-telegram-bot/python-telegram-bot/issues/4107), which says that it is running, and `get_event_loop()` returned that before Python 3.12.
""",
        cure="""
Call `asyncio.run()` in the child, [which makes a loop of its own](/examples/break/asyncio_with_pool), or take {proof}`` `spawn` <global_is_reset: ^spawn:\\n  without an initializer: Ada \\(not set\\)>``, which hands over none.
""",
        examples=("break/asyncio_with_pool",),
        quotes=(
            Quote(
                "Process Process-1:\nRuntimeError: This event loop is already running",
                "reported",
                "https://github.com/python-telegram-bot/python-telegram-bot/issues/4107",
            ),
        ),
    ),
    Symptom(
        "reactor-not-restartable",
        "ReactorNotRestartable, from Scrapy or Twisted in a worker",
        messages=(r"ReactorNotRestartable",),
        words=("scrapy in Celery, in a process pool, runs once", "twisted reactor in a worker"),
        cause="""
Twisted's reactor runs [once in a process](https://github.com/opensemanticsearch/open-semantic-search/issues/67), and a worker does task after task.
""",
        cure="""
Give each crawl a process of its own: [`max_tasks_per_child=1`](/examples/check/check_max_tasks_context), Celery's `--max-tasks-per-child 1`, or a `multiprocessing.Process`.
""",
        examples=("check/check_max_tasks_context",),
        quotes=(
            Quote(
                "raised unexpected: ReactorNotRestartable()",
                "reported",
                "https://github.com/opensemanticsearch/open-semantic-search/issues/67",
            ),
        ),
    ),
    Symptom(
        "released-too-often",
        "A lock is released by who does not hold it",
        messages=(
            r"semaphore or lock released too many times",
            r"attempt to release recursive lock not owned by thread",
        ),
        words=("release a multiprocessing Lock in another process, RLock owner, BoundedSemaphore",),
        cause="""
An `RLock` can be released [by the process and thread that hold it alone](inv:python:py:class#multiprocessing.RLock), and a `Lock` or `BoundedSemaphore` not more often than it was acquired, which macOS checks only of those that one process can hold.
""",
        cure="""
Use `with lock:`, which does both; where one process is to wake another, take an `Event`, a `Semaphore` or a `Condition`.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "ValueError: semaphore or lock released too many times",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Modules/_multiprocessing/semaphore.c",
            ),
        ),
    ),
    Symptom(
        "module-is-shadowed",
        "module 'multiprocessing' has no attribute …, or is not a package",
        messages=(
            r"module 'multiprocessing' has no attribute '",
            r"cannot import name '\w{1,40}' from (?:partially initialized module )?'multiprocessing'",
            r"No module named '(?:multiprocessing|concurrent)\.\w{1,30}'; '(?:multiprocessing|concurrent)' is not a package",
            r"module 'concurrent' has no attribute 'futures'",
        ),
        words=("my script is named multiprocessing.py, concurrent.py, queue.py or pickle.py",),
        cause="""
A file of yours has the name of a module of Python, such as `multiprocessing.py`, and is imported in its place; newer versions [say which file](https://github.com/python/cpython/issues/95754).
Or it is a submodule that nobody has imported: `import concurrent` alone has no `futures`, and `import multiprocessing` no `pool`.
Where the message names Python's own file, the name is misspelt, or newer than your Python.
""",
        cure="""
Rename your file, and remove what is left of it in `__pycache__`; or [import the submodule](inv:python:py:module#concurrent.futures) itself, `import concurrent.futures`.
""",
        examples=("check/check_pool_context",),
        quotes=(
            Quote(
                "AttributeError: partially initialized module 'multiprocessing' has no attribute 'cpu_count' (most likely due to a circular import)",
                "reported",
                "https://github.com/AgrawalAmey/safe-explorer/issues/4",
            ),
        ),
    ),
    Symptom(
        "cannot-schedule",
        "cannot schedule new futures after shutdown",
        messages=(
            r"can't create new thread at interpreter shutdown",
            r"(?:^|[^'\x22])cannot schedule new futures after (?:interpreter )?shutdown",
            r"(?:^|[^ ]|[^e] )RuntimeError\(['\x22]cannot schedule new futures after",
        ),
        words=("submit after the with block", "submit while the program ends"),
        cause="""
The pool was shut down, often {proof}`by the end of its with <submitted_too_late linux: ^after_the_block:\\n  RuntimeError>`, before this task was submitted; or the interpreter is ending, and a thread, a callback or {proof}`an atexit function still submits <submitted_too_late linux: ^while_the_program_ends:\\n  RuntimeError>`.
""",
        cure="""
Submit {proof}`within the block <submitted_too_late linux: ^within_the_block: returns 2>`, and [wait for what submits](inv:python:py:method#concurrent.futures.Executor.shutdown) before the main program ends.
At `queues.py`, it is the first `put()` of a queue in an atexit function, which [is mended since 3.12.3](https://github.com/python/cpython/pull/117029): upgrade, or `put()` once before.
""",
        examples=("break/submitted_too_late",),
        quotes=(
            Quote(
                "RuntimeError: can't create new thread at interpreter shutdown",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Python/errors.c",
            ),
        ),
    ),
    Symptom(
        "is-closed",
        "Pool not running, or … is closed",
        messages=(
            r"ValueError: Pool not running",
            r"ValueError: Pool is still running",
            r"Queue .{1,200} is closed",
            r"process object is closed",
            r"Cannot close a process while it is still running",
            r"OSError: (?:handle|listener) is closed",
            r"(?:Manager|SharedMemoryManager) has shut down",
        ),
        cause="""
The pool, queue, process, connection or manager was closed, often by the end of its `with` block, before this use of it; or, where it is "still running", it was to be closed or joined too early.
Before 3.9, `shutdown(wait=False)` of a `ProcessPoolExecutor` [closed what its own thread still used](https://github.com/python/cpython/issues/83279): "handle is closed".
""",
        cure="""
Take the results [within the `with` block](/examples/break/submitted_too_late); `close()` a pool before you `join()` it, and `join()` a process before you `close()` it; shut an old version's pool down by `wait=True`.
""",
        examples=("break/submitted_too_late", "worker/when_workers_start"),
    ),
    Symptom(
        "signal-in-thread",
        "signal only works in main thread",
        messages=(r"signal only works in main thread",),
        words=("a pool or a server is started in a thread and sets a signal handler",),
        cause="""
A handler of signals [can be set in the main thread alone](inv:python:py:function#signal.signal), and something has tried it in another one: a library's pool or server that you start in a thread, in a request of a web server, or in Streamlit.
""",
        cure="""
Start that pool or server from the main thread, or in a process of its own; or take a pool that sets no handler, as [`ProcessPoolExecutor`](/examples/set/set_pool_context) does not.
""",
        examples=("set/set_pool_context",),
        quotes=(
            Quote(
                "ValueError: signal only works in main thread of the main interpreter",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Modules/signalmodule.c",
            ),
        ),
    ),
)
