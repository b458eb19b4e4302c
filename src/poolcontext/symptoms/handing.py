"""What is handed to a task, and what comes back, is not what was meant."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "arguments-of-a-task",
        "A task gets too many arguments, or too few",
        messages=(
            r"wrong_(?:map|args):\n  TypeError: [^\n]{1,200}",
            r"__m(?:p_m)?ain__\.\w{1,80}\(\) argument after \* must be an iterable, not ",
            r"pool\.py[^\0]{0,400}argument after \* must be an iterable, not ",
            r"process\.py\x22, line \d{1,6}, in run\n {1,9}self\._target\(\*self\._args, \*\*self\._kwargs\)[ \n~^]{1,120}TypeError: [^\n]{0,200}\(\) (?:takes|missing) ",
            r"multiprocessing[\\/]process\.py[^\0]{0,600}self\._args = tuple\(args\)[ \n~^]{1,120}TypeError: '\w{1,40}' object is not iterable",
            r"(?:pool|process)\.py\x22, line \d{1,6}, in (?:mapstar|starmapstar|_process_chunk|worker|_process_worker|<listcomp>)\n(?:(?!  File |Error)[^\0]){0,400}TypeError: [^\n]{1,120}\(\) (?:missing \d{1,2} required positional|takes )",
            r"in starmapstar\n(?:(?!  File |Error)[^\0]){0,300}TypeError: '\w{1,40}' object is not iterable",
        ),
        words=(
            "several, multiple arguments or parameters for the function of pool.map, executor.map",
            "map a function of two arguments, starmap, partial, keyword arguments",
            "pass a constant argument to every task, pass variables to the function in parallel",
            "Process args=(x) without a comma, string is split into characters",
            "takes 1 positional argument but 5 were given, in a Process",
        ),
        cause="""
`args` of a `Process`, and of `apply` and `apply_async`, is [a tuple of all arguments](inv:python:py:class#multiprocessing.Process): `args=(x)` is no tuple, and of a string each character is an argument.
`Pool.map` hands [one argument to each task](inv:python:py:method#multiprocessing.pool.Pool.map), and `starmap` wants a tuple for each.
""",
        cure="""
Write `args=(x,)`.
For several arguments take [`starmap`](inv:python:py:method#multiprocessing.pool.Pool.starmap) with tuples, or `executor.map(f, xs, ys)` with [an iterable for each](/examples/break/arguments_of_a_task); put what is the same for all into a `functools.partial`.
""",
        examples=("break/arguments_of_a_task", "worker/hand_over_with_initializer"),
        quotes=(
            Quote(
                "TypeError: __main__.work() argument after * must be an iterable, not int",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Python/ceval.c",
            ),
        ),
    ),
    Symptom(
        "result-not-asked-for",
        "'ApplyResult' object is not iterable, or a Future where the result was meant",
        messages=(
            r"'(?:ApplyResult|MapResult|Future)' object (?:is not|does not support|has no attribute|can't be)",
            r"(?:with|and|<|>|=) '(?:ApplyResult|MapResult|Future)'|'(?:ApplyResult|MapResult|Future)' and '",
            r"object (?:Future|ApplyResult|MapResult) can't be used in 'await' expression",
            r"'(?:Future|ApplyResult|MapResult)' object can't be awaited",
            r"'IMap(?:Unordered)?Iterator' (?:object|has no len)",
        ),
        words=(
            "submit or apply_async returns an object and not the value",
            "get the return value of a process, of a function in a pool, of apply_async",
            "a future of ProcessPoolExecutor cannot be awaited, asyncio, wrap_future",
            "which to use: apply, apply_async, map, imap, submit",
        ),
        cause="""
`submit()`, `apply_async()` and `map_async()` return at once, with [an object that will have the result](inv:python:py:class#multiprocessing.pool.AsyncResult); a `Process` hands no result back at all.
""",
        cure="""
Ask it: [`result()`](/examples/break/arguments_of_a_task) of a future, `get()` of the others; from a `Process`, send it through [a queue](inv:python:py:class#multiprocessing.Queue), or take a pool; what `imap` returns is iterated, or given to `list`.
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
                "https://github.com/nteract/bookstore/issues/28",
            ),
        ),
    ),
    Symptom(
        "task-goes-on",
        "TimeoutError, and the task goes on; or a task that cannot be cancelled",
        messages=(
            r"multiprocessing\.(?:context\.)?TimeoutError",
            r"concurrent\.futures\._base\.TimeoutError",
            r"TimeoutError: \d{1,9} \(of \d{1,9}\) futures unfinished",
            r"concurrent[\\/]futures[\\/]_base\.py[^\0]{0,300}raise TimeoutError\(\)[ \n~^]{1,120}TimeoutError",
            r"multiprocessing[\\/]pool\.py[^\0]{0,300}raise TimeoutError[ \n~^]{1,120}(?:multiprocessing\.)?[\w.]{0,20}TimeoutError",
        ),
        words=(
            "how to kill a running task, timeout for a task in a pool",
            "terminate, kill a hanging process, join with a timeout",
            "time limit, timeout for each task of a pool, kill a job that takes too long",
            "future.cancel() returns False, cancelled tasks are still run, cancel a running task",
            "stop, abort, terminate a task or worker of a ProcessPoolExecutor",
            "stop all other tasks once one has failed or has found the result",
            "task hangs and blocks a worker for ever, future.result(timeout) does not stop it",
            "asyncio.wait_for with run_in_executor, process keeps running",
        ),
        cause="""
A limit of `result()` or `get()` is [for the one who waits](inv:python:py:method#concurrent.futures.Future.result), and the worker does not know of it; what has been handed to a worker, and the one or two tasks that wait next to it, [cannot be cancelled](inv:python:py:method#concurrent.futures.Future.cancel), and the end of a `with` waits for them.
""",
        cure="""
End the worker: since Python 3.14 by [`terminate_workers()` or `kill_workers()`](inv:python:py:method#concurrent.futures.ProcessPoolExecutor.terminate_workers), [which end the whole pool](/examples/break/interrupted_by_ctrl_c), before by `terminate()` of each process in the executor's private `_processes`; a `multiprocessing.Pool` by `terminate()`, a `Process` of your own by `join(limit)` and then `terminate()`.
[Pebble](https://github.com/noxdafox/pebble) has pools whose tasks have limits of their own.
What only waits for its turn is cancelled by `shutdown(cancel_futures=True)`; a thread of a `ThreadPoolExecutor` cannot be ended at all.
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
            "as_completed, futures leak memory, results are kept",
            "Executor.map consumes the generator, iterator, all at once, huge or infinite iterable",
            "imap, imap_unordered consume the whole iterator, queue of tasks grows, unlimited",
            "limit the number of tasks or futures that wait, backpressure, buffersize",
            "results that nobody has asked for fill the memory",
            "memory grows when many futures are submitted",
        ),
        cause="""
`Executor.map` [collects its iterables at once](inv:python:py:method#concurrent.futures.Executor.map) and submits all, as `Pool.map` does; `imap` reads on as fast as workers take tasks, whether or not anybody asks for the results; and each result is kept until it is asked for.
""",
        cure="""
Since Python 3.14 pass [`buffersize`](inv:python:py:method#concurrent.futures.Executor.map) to `Executor.map`; before, submit a few tasks more than there are workers, and the next one when [`wait(…, return_when=FIRST_COMPLETED)`](inv:python:py:function#concurrent.futures.wait) returns.
For `imap`, have the generator wait for a semaphore that you release for each result; and forget each result once you have it.
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
            r"multiprocessing[\\/](?:queues|managers)\.py[^\0]{0,600}\b_?[qQ]ueue\.Empty\b",
            r"multiprocessing[\\/]queues\.py[^\0]{0,400}raise Empty",
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
                "multiprocessing/queues.py\n    raise Empty\n_queue.Empty",
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
Draw one bar, in your own process, around [`imap_unordered`](inv:python:py:method#multiprocessing.pool.Pool.imap_unordered) or [`as_completed`](inv:python:py:function#concurrent.futures.as_completed), with `total=` the number of tasks; `tqdm.contrib.concurrent.process_map` does that, and joblib gives results as they come by `return_as="generator_unordered"`.
If each worker has to draw its own, give them one lock of the pool's context, by `tqdm.set_lock(context.RLock())` and [`initializer=tqdm.set_lock, initargs=(tqdm.get_lock(),)`](https://github.com/tqdm/tqdm/blob/master/examples/parallel_bars.py), and a `position` each.
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
            r"(?:joblib.{1,3}parallel|loky|RemoteTraceback)[^\0]{0,990}(?:assignment destination|buffer source array|output array) is read-only",
            r"[Jj]oblib[^\0]{0,990}(?:UPDATEIFCOPY|WRITEBACKIFCOPY) base is read-only",
            r"UPDATEIFCOPY base is read-only[^\0]{0,400}Joblib",
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
                "joblib/parallel.py\nValueError: buffer source array is read-only",
                "reported",
                "https://github.com/jwplayer/jwalk/pull/6",
            ),
        ),
    ),
    Symptom(
        "pool-or-executor",
        "multiprocessing.Pool or ProcessPoolExecutor: what differs",
        words=(
            "concurrent.futures or multiprocessing, Process or Pool",
            "difference between ProcessPoolExecutor and multiprocessing.Pool, which one to use, Pool vs executor",
        ),
        cause="""
If a worker is killed, an executor raises `BrokenProcessPool`, and a `Pool` {proof}`waits for ever <pool_waits_for_killed_worker cpython linux: Pool, the lost task: TimeoutError>`; a `Pool`'s workers are daemonic, and {proof}`may not start processes <daemonic_children: ask_pool to use_processes: AssertionError: daemonic>`; its `map` makes chunks by itself, and an executor's has `chunksize=1`; a `Pool` has `imap_unordered` and replaces its workers under every method.
""",
        cure="""
Take a `ProcessPoolExecutor`, with a `chunksize` where tasks are short; take a `Pool` where you need what it alone has; and a `Process` for what runs as long as your program.
[Which start method to choose](/choosing) is the same question for all three.
""",
        examples=("break/pool_waits_for_killed_worker", "break/daemonic_children"),
        quotes=(
            Quote(
                "concurrent.futures.ProcessPoolExecutor vs multiprocessing.pool.Pool",
                "reported",
                "https://errorhandle.ai/concurrent-futures-processpoolexecutor-vs-multiprocessing-pool-pool",
            ),
        ),
    ),
    Symptom(
        "what-a-worker-has",
        "Which objects a worker inherits, and which it does not have",
        words=(
            "how is an argument, a dataset accessed by or passed to worker processes",
            "global objects and arguments behave differently on Windows and Linux",
            "which objects are inherited by child processes, copied, shared; is there a rule",
            "how is an object, self, reconstructed in the worker if it is not pickled",
            "state is not preserved, inherited across worker processes",
            "options of the interpreter, flags -O, -W, -X, debug in a child process",
        ),
        cause="""
It depends on the start method: a forked worker {proof}`has all that your process had then <global_is_reset: ^fork:\\n  without an initializer: Ada \\(Polish\\)>`, and others [what the import of your script gives them](inv:python:std:label#multiprocessing-start-methods), and copies of what you hand over.
""",
        cure="""
[What reaches a worker](/what-reaches-a-worker) has a table of globals, modules, files and more, by method and version; hand over what you need [by an initializer](/examples/worker/hand_over_with_initializer), which is right under each.
A new interpreter gets [the options `-O`, `-W`, `-X dev` and some more](https://github.com/python/cpython/blob/v3.14.0/Lib/subprocess.py) of yours; hand others over by the environment.
""",
        examples=("worker/what_reaches_a_worker", "break/global_is_reset"),
        quotes=(
            Quote(
                "if test_instance is not pickled, then how is it reconstructed on individual processes?",
                "reported",
                "https://stackoverflow.com/questions/64553715",
            ),
        ),
    ),
)
