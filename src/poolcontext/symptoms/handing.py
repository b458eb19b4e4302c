"""What is handed to a task, and what comes back, is not what was meant."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "arguments-of-a-task",
        "A task gets too many arguments, or too few",
        messages=(
            r"argument after \* must be an iterable, not ",
            r"self\._target\(\*self\._args, \*\*self\._kwargs\)[ \n~^]{1,120}TypeError: [^\n]{0,200}(?:argument after \* must be|\(\) (?:takes|missing) )",
            r"multiprocessing[\\/]process\.py[^\0]{0,600}self\._args = tuple\(args\)[ \n~^]{1,120}TypeError: '\w{1,40}' object is not iterable",
            r"in (?:mapstar|starmapstar|_process_chunk|worker|_process_worker)\n[^\0]{0,400}TypeError: [^\n]{1,120}\(\) (?:missing \d{1,2} required positional|takes )",
        ),
        words=(
            "several, multiple arguments or parameters for the function of pool.map, executor.map",
            "map a function of two arguments, starmap, partial, keyword arguments",
            "pass a constant argument to every task, pass variables to the function in parallel",
            "Process args=(x) without a comma, string is split into characters",
            "takes 1 positional argument but 5 were given, in a Process",
        ),
        cause="""
`args` of a `Process` is [a tuple of all arguments](inv:python:py:class#multiprocessing.Process), so that `args=(x)` is no tuple, and a string gives each of its characters; and `Pool.map` hands [one argument to each task](inv:python:py:method#multiprocessing.pool.Pool.map).
""",
        cure="""
Write `args=(x,)`.
For several arguments take [`starmap`](inv:python:py:method#multiprocessing.pool.Pool.starmap) with tuples, or `executor.map(f, xs, ys)` with [an iterable for each](inv:python:py:method#concurrent.futures.Executor.map); put what is the same for all into a `functools.partial`.
""",
        examples=("break/arguments_of_a_task", "worker/hand_over_with_initializer"),
        quotes=(
            Quote(
                "TypeError: work() argument after * must be an iterable, not int",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Python/ceval.c",
            ),
        ),
    ),
    Symptom(
        "result-not-asked-for",
        "'ApplyResult' object is not iterable, or a Future where the result was meant",
        messages=(
            r"'(?:ApplyResult|AsyncResult|MapResult|IMapIterator|IMapUnorderedIterator|Future)' object (?:is not|does not support|has no attribute|can't be)",
            r"(?:with|and|<|>|=) '(?:ApplyResult|MapResult|Future)'|'(?:ApplyResult|MapResult|Future)' and '",
            r"object Future can't be used in 'await' expression",
        ),
        words=(
            "get the return value of a process, of a function in a pool, of apply_async",
            "submit or apply_async returns an object and not the value",
            "a future of ProcessPoolExecutor cannot be awaited, asyncio, wrap_future",
            "which to use: apply, apply_async, map, imap, submit",
        ),
        cause="""
`submit()`, `apply_async()` and `map_async()` return at once, with [an object that will have the result](inv:python:py:class#multiprocessing.pool.AsyncResult); a `Process` hands no result back at all.
""",
        cure="""
Ask it: [`result()`](inv:python:py:method#concurrent.futures.Future.result) of a future, `get()` of the others; from a `Process`, send it through [a queue](inv:python:py:class#multiprocessing.Queue), or take a pool.
Within asyncio, await [`loop.run_in_executor(pool, f, x)`](/examples/break/asyncio_with_pool), or `asyncio.wrap_future(future)`.
""",
        more="""
Which call to take: `map` waits for all results, in the order of the inputs; `imap` gives each in that order when it is there, and `imap_unordered` in the order in which they come; `apply` waits for one call, so that nothing runs side by side, and `apply_async` and `submit` wait for none.
""",
        examples=("break/arguments_of_a_task", "break/asyncio_with_pool"),
        quotes=(
            Quote(
                "TypeError: object Future can't be used in 'await' expression",
                "reported",
                "https://github.com/python/cpython/issues/118783",
            ),
        ),
    ),
    Symptom(
        "task-goes-on",
        "TimeoutError, and the task goes on; or a task that cannot be cancelled",
        messages=(
            r"multiprocessing\.(?:context\.)?TimeoutError",
            r"concurrent\.futures\._base\.TimeoutError",
            r"concurrent[\\/]futures[\\/]_base\.py[^\0]{0,300}raise TimeoutError\(\)[ \n~^]{1,120}TimeoutError",
            r"multiprocessing[\\/]pool\.py[^\0]{0,300}raise TimeoutError[ \n~^]{1,120}(?:multiprocessing\.)?[\w.]{0,20}TimeoutError",
        ),
        words=(
            "time limit, timeout for each task of a pool, kill a job that takes too long",
            "future.cancel() returns False, cancelled tasks are still run, cancel a running task",
            "stop, abort, terminate a task or worker of a ProcessPoolExecutor",
            "stop all other tasks once one has failed or has found the result",
            "task hangs and blocks a worker for ever, future.result(timeout) does not stop it",
            "asyncio.wait_for with run_in_executor, process keeps running",
        ),
        cause="""
A limit of `result()` or `get()` is [for the one who waits](inv:python:py:method#concurrent.futures.Future.result), and the worker does not know of it; what has been handed to a worker [cannot be cancelled](inv:python:py:method#concurrent.futures.Future.cancel).
""",
        cure="""
End the worker: since Python 3.14 by [`terminate_workers()` or `kill_workers()`](inv:python:py:method#concurrent.futures.ProcessPoolExecutor.terminate_workers), [which end the whole pool](/examples/break/interrupted_by_ctrl_c); a `multiprocessing.Pool` by `terminate()`, a `Process` of your own by `join(limit)` and then `terminate()`.
[Pebble](https://github.com/noxdafox/pebble) has pools whose tasks have limits of their own.
What only waits for its turn is cancelled by `shutdown(cancel_futures=True)`.
""",
        examples=("break/interrupted_by_ctrl_c",),
        quotes=(
            Quote(
                "multiprocessing.context.TimeoutError",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py",
            ),
        ),
    ),
    Symptom(
        "map-takes-all-at-once",
        "map() reads its whole input at once, and memory fills",
        words=(
            "Executor.map consumes the generator, iterator, all at once, huge or infinite iterable",
            "imap, imap_unordered consume the whole iterator, queue of tasks grows, unlimited",
            "limit the number of tasks or futures that wait, backpressure, buffersize",
            "results that nobody has asked for fill the memory",
            "memory grows when many futures are submitted",
        ),
        cause="""
`Executor.map` [collects its iterables at once](inv:python:py:method#concurrent.futures.Executor.map) and submits all, and so does `imap`; and each result is kept until it is asked for.
""",
        cure="""
Since Python 3.14 pass [`buffersize`](inv:python:py:method#concurrent.futures.Executor.map) to `Executor.map`; before, submit a few tasks more than there are workers, and the next one when [`wait(…, return_when=FIRST_COMPLETED)`](inv:python:py:function#concurrent.futures.wait) returns.
Forget each future once you have its result.
""",
        examples=("cost/memory_of_a_worker",),
        quotes=(
            Quote(
                "concurrent.futures.Executor.map() consumes all memory when big generators are used",
                "reported",
                "https://github.com/python/cpython/issues/74508",
            ),
        ),
    ),
    Symptom(
        "queue-seems-empty",
        "A queue seems empty, though something was put into it",
        messages=(
            r"(?:^|\n)_?queue\.(?:Empty|Full)\s{0,9}(?:\n|$)",
            r"multiprocessing[\\/]queues\.py[^\0]{0,400}raise (?:Empty|Full)",
        ),
        words=(
            "Queue.empty() returns True although there are items, qsize is wrong, not reliable",
            "get_nowait raises Empty right after put, items are lost",
            "how to know that the queue is finished, end of the queue",
            "JoinableQueue.empty() is True even when tasks are known to be present",
        ),
        cause="""
`put()` hands an object to a thread that sends it later, so that [`empty()` and `qsize()` are not reliable](inv:python:py:method#multiprocessing.Queue.empty), and `get_nowait()` may raise `queue.Empty`.
""",
        cure="""
Use `get()`, which waits, and end by a value of your own, such as `None`, that each sender puts last; `queue.Empty` from `get(timeout=…)` says only that nothing came in time.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "_queue.Empty",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/queues.py",
            ),
        ),
    ),
    Symptom(
        "progress-bar",
        "A progress bar does not move, or several overwrite each other",
        words=(
            "tqdm with multiprocessing Pool, ProcessPoolExecutor, joblib: progress bar not updating",
            "progress bar stays at 0, jumps to 100 % at once, shows completion at once",
            "progress bars of several processes overlap, overwrite each other, print new lines",
            "show, track, report the progress of parallel tasks, callback, percentage",
            "only a single bar, bars jump around, position, messed up terminal",
        ),
        cause="""
`Pool.map` [returns when all is done](inv:python:py:method#multiprocessing.pool.Pool.map), and `submit` returns at once: neither tells how far the tasks are.
Bars that workers draw go to one terminal, where no process knows of the other's lines.
""",
        cure="""
Draw one bar, in your own process, around [`imap_unordered`](inv:python:py:method#multiprocessing.pool.Pool.imap_unordered) or [`as_completed`](inv:python:py:function#concurrent.futures.as_completed), with `total=` the number of tasks.
If each worker has to draw its own, give them one lock, as by [`Pool(initializer=tqdm.set_lock, initargs=(tqdm.get_lock(),))`](https://github.com/tqdm/tqdm/blob/master/examples/parallel_bars.py), and a `position` each.
""",
        examples=("break/exceptions_vanish",),
        quotes=(
            Quote(
                "Progress bars jump around with multiprocessing when using the position kwarg",
                "reported",
                "https://github.com/tqdm/tqdm/issues/285",
            ),
        ),
    ),
    Symptom(
        "array-is-read-only",
        "assignment destination is read-only, in a worker of joblib",
        messages=(
            r"(?:joblib|loky|RemoteTraceback)[^\0]{0,990}(?:assignment destination|buffer source array|output array) is read-only",
            r"UPDATEIFCOPY base is read-only",
            r"WRITEBACKIFCOPY base is read-only",
            r"cannot set WRITEABLE flag to True of this array",
        ),
        words=(
            "array is read-only in joblib.Parallel with n_jobs, buffer source array is read-only",
            "joblib memmap, max_nbytes, write into an argument in a worker",
        ),
        cause="""
joblib hands arrays above 1 MB to its workers [as files that they may only read](https://joblib.readthedocs.io/en/stable/parallel.html#automated-array-to-memmap-conversion), so that none can change what others read.
""",
        cure="""
Work on a copy, `x = x.copy()`, in the task, or pass `max_nbytes=None` to `Parallel`, so that each task gets a copy of its own; [`mmap_mode="c"`](https://joblib.readthedocs.io/en/stable/generated/joblib.Parallel.html) lets a task change its own view.
""",
        examples=("worker/hand_over_with_initializer",),
        quotes=(
            Quote(
                "ValueError: UPDATEIFCOPY base is read-only",
                "reported",
                "https://github.com/scikit-learn/scikit-learn/issues/5956",
            ),
        ),
    ),
)
