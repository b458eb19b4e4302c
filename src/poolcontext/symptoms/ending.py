"""It ends, or is to end: what is said at the end, and what goes on after it."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "interrupted-by-ctrl-c",
        "Ctrl+C does not stop the pool's tasks",
        signs=(r"  task 0 raises KeyboardInterrupt",),
        words=(
            "cannot easily be killed, stopped, ended",
            "KeyboardInterrupt process pool",
            "Ctrl+C does not stop ProcessPoolExecutor",
            "KeyboardInterrupt is raised when I press ^C, but the process hangs; is not delivered until all jobs are completed",
            "keyboard interruption is not possible, cannot be stopped, has to be killed",
            "cannot kill, stop or cancel the process, program or script if multiprocessing is enabled",
            "Ctrl+C leaves tasks of the pool running",
            "cannot kill or stop the program, main process does not end with Ctrl+C",
            "KeyboardInterrupt is not delivered to the parent until all jobs are completed, Pool",
            "Control + C, ^C, keyboard interrupt does not halt processing, Jupyter",
        ),
        cause="A worker that has a task hands `KeyboardInterrupt` over as its error and takes the next task, while the end of `with` [waits for all of them](/examples/break/interrupted_by_ctrl_c). One that waits for a task ends, and the pool is broken.",
        cure="Catch `KeyboardInterrupt` within `with`, and call `shutdown(cancel_futures=True)`, or {py:meth}`terminate_workers() <concurrent.futures.ProcessPoolExecutor.terminate_workers>`, which is new in Python 3.14. For a `multiprocessing.Pool` it is `terminate()`, with workers that [ignore the signal](#interrupted-workers). A `Process` of your own ignores it in its function, and is ended by an `Event` that it looks at, or by `terminate()`, and then joined. What already runs you stop by closing the terminal, or on Linux and macOS by Ctrl and the backslash.",
        examples=("break/interrupted_by_ctrl_c",),
    ),
    Symptom(
        "workers-outlive-their-parent",
        "The program was killed, and its workers are still there",
        signs=(r"  2 seconds later its worker has done",),
        words=(
            "orphan worker processes",
            "stopped by Ctrl+C, and child processes still run, GPU memory is still used",
            "zombie workers after kill -9",
            "workers keep running after the main process is killed",
            "process pool left running memory",
            "workers survive for ever when the parent dies abruptly, SIGKILL, orphaned",
            "GPU memory is not released, processes are still alive after kill",
            "processes don't die, are left running, still in the task manager after the program has ended",
            "workers don't shut down, are not destroyed",
            "workers do not exit, Celery leaves worker child processes, supervisor killasgroup",
            "signal or exception does not propagate to child processes, SIGTERM, torchrun",
            "DataLoader workers are not terminated, stay after the main process is killed",
        ),
        cause="Nobody tells a worker that its parent is gone: it does {proof}`the task that is next, and waits for more <parent_is_killed linux: ^  2 seconds later its worker has done task 1>` without a limit, under every start method.",
        cure="Let [a thread of each worker](/examples/break/parent_is_killed) wait for {py:func}`multiprocessing.parent_process`, and end the worker then.",
        examples=("break/parent_is_killed",),
    ),
    Symptom(
        "manager-is-gone",
        "ConnectionRefusedError, FileNotFoundError, EOFError or BrokenPipeError, from a manager's proxy",
        messages=(
            r"'ForkAwareLocal' object has no attribute 'connection'",
            r"in SocketClient\n[^\n]{0,99}\n[ \n~^]{0,200}(?:ConnectionRefusedError|FileNotFoundError)[^\0]{0,900}in _callmethod\n",
            r"managers\.py\x22, line \d{1,6},? in connect\n[^\0]{0,900}in SocketClient\n[^\n]{0,99}\n[ \n~^]{0,200}(?:ConnectionRefusedError|FileNotFoundError)",
            r"\.task_done\(\)[^\0]{0,600}(?:BrokenPipeError|ConnectionRe(?:fused|set)Error)",
            r"(?:in _callmethod|[Mm]anager(?:'s)? (?:proxy|conn)[\w.]{0,40})\b(?:(?!convert_to_error|popen_)[^\0]){0,500}(?:BrokenPipeError|ConnectionRe(?:fused|set)Error|EOFError)",
            r'managers\.py", line \d{1,6},? in _\w{1,30}\n[^\0]{0,900}connection\.py", line \d{1,6},? in \w{1,40}\n[^\n]{0,200}\n[ \n~^]{0,200}(?:ConnectionRefusedError|ConnectionResetError|FileNotFoundError|EOFError|BrokenPipeError)',
        ),
        words=(
            "manager dict fails in a worker",
            "Broken pipe while a shared list or dict of a manager is used",
            "multiprocessing Manager connection refused",
            "BrokenPipeError of a manager's proxy",
            "Broken Pipe in the Server of a Manager when finalizing",
        ),
        cause="""
The process of the manager, which holds what its proxies stand for, is no more: [it ends](inv:python:py:class#multiprocessing.managers.BaseManager) with the `with` block, with the last reference to the manager, or with the program, while workers still use it; or it was killed, or has failed.
At `connect()`, the server of the manager was never started, or has another address.
""",
        cure="""
Keep the manager, as in a variable that outlives the workers, until all of them are joined; else look for its process' own error above, and for what has killed it.
A [`Lock` or `Queue` of the pool's context](/examples/worker/share_a_lock) needs no manager.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "AttributeError: 'ForkAwareLocal' object has no attribute 'connection'",
                "reported",
                "https://github.com/netease-youdao/QAnything/issues/285",
            ),
        ),
    ),
    Symptom(
        "other-end-has-ended",
        "EOFError in _recv, or [WinError 109] The pipe has been ended",
        messages=(
            r"connection\.py\x22, line \d{1,6},? in _recv(?:_bytes)?\n[^\n]{0,200}raise EOFError\b",
            r"\[WinError 109\]",
            r"in _recv(?:_bytes)?\n[^\n]{0,200}\n[ \n~^]{0,200}ConnectionResetError(?:: [^\n]{0,99})?",
            r"connection\.py\x22, line \d{1,6},? in SocketClient\n[^\n]{0,99}\n[ \n~^]{0,200}(?:ConnectionRefusedError|FileNotFoundError)",
            r"in _send(?:_bytes)?\n[^\n]{0,200}\n[ \n~^]{0,200}BrokenPipeError: \[",
            r"pool\.py\x22, line \d{1,6},? in worker\n[^\0]{0,990}BrokenPipeError: \[Errno 32\] Broken pipe",
        ),
        words=(
            "SubprocVecEnv EOFError, an environment has crashed",
            "EOFError at remote.recv(), conn.recv() of a pipe",
        ),
        cause="""
[The process at the other end has ended, or has closed it](inv:python:py:method#multiprocessing.connection.Connection.recv), mostly by an error of its own, which stands above, or in what that process has printed; or your program has come to its end, and workers still waited in `get()`.
If it is a worker that says so, as at `put((job, i, result))`, your own process has ended, or [was killed](#killed-from-outside), mostly for want of memory; at `resource_sharer.py`, the process that has sent a tensor or a handle, before it was received; at `managers.py`, [the manager](#manager-is-gone).
""",
        cure="""
Look that error up, and run the program as a script with [the guard](/examples/break/no_main_guard), not in a console; if there is none, run one without processes, such as a `DummyVecEnv`, or `cores=1`, and see it there, or look at [how the other one ended](/examples/break/worker_ended_abruptly).
At a program's end, tell workers to end before, and join them.
""",
        examples=("break/worker_ended_abruptly",),
        quotes=(
            Quote(
                "BrokenPipeError: [WinError 109] The pipe has been ended",
                "reported",
                "https://github.com/openai/baselines/issues/1117",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "pools-are-not-closed",
        "More and more processes, with each round of a loop",
        words=(
            "worker processes are not closed after tasks are completed, number of processes grows",
            "create the pool once or for each call; fails if called too many times",
            "more and more subprocesses or workers after each epoch, each call",
            "number of processes grows, processes are never closed",
            "a pool in a loop, a pool for each request",
        ),
        cause="""
A pool, a `DataLoader` or a manager is made in each round, and something still holds it, such as a list or an attribute: its workers stay [until it is shut down](inv:python:py:method#concurrent.futures.Executor.shutdown).
""",
        cure="""
Make one before the loop and use it for all rounds, or open it by `with`, which [shuts it down](/examples/break/submitted_too_late).
""",
        examples=("break/submitted_too_late",),
        quotes=(
            Quote(
                "Dataloader workers created subprocess more and more after each epoch",
                "reported",
                "https://github.com/NVIDIA/sentiment-discovery/issues/60",
            ),
        ),
    ),
    Symptom(
        "helper-processes",
        "Processes of resource_tracker, forkserver or spawn_main that you have not started",
        messages=(
            r"-c[ \n'\x22,E]{1,60}from multiprocessing\.(?:resource_tracker|semaphore_tracker|forkserver|spawn) import ",
        ),
        words=(
            "one-file program shows two processes in the task manager, an extra python process",
            "unknown python processes in ps, top or the task manager",
            "multiprocessing.resource_tracker import main",
            "more child processes than expected since Python 3.14",
        ),
        cause="""
They are multiprocessing's own: the [resource tracker](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py), which cleans up, the [fork server](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/forkserver.py), which starts workers, and, with `spawn_main`, workers.
The first two {proof}`are there under <tree_of_processes linux: ^fork server +your process>` `forkserver`, the default on Linux since Python 3.14, and stay until your program ends.
""",
        cure="""
Leave them alone, and do not count them: ask for {py:func}`multiprocessing.active_children`, or [look at the tree](/examples/worker/tree_of_processes).
""",
        examples=("worker/tree_of_processes",),
        quotes=(
            Quote(
                "python3.14 -c from multiprocessing.resource_tracker import main;main(3)",
                "reported",
                "https://github.com/saltstack/pytest-shell-utilities/issues/56",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "process-traceback",
        "Process …: followed by a traceback",
        messages=(
            r"(?:^|\n)Process [\w:-]{1,80}:(?:\n|$)",
            r"LokyProcess-\d{1,6} failed with traceback:",
        ),
        words=(
            "catch an exception of a multiprocessing.Process, child error in the parent",
            "error in a child process is not recognized by the parent, exit code 1, join returns normally",
            "worker or subprocess fails silently, main program goes on, unhandled exception",
        ),
        cause="""
A process of yours has ended by an exception, which stands below this line; it is [written there](https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/process.py) and nowhere else, and your program goes on; after Ctrl+C it is a `KeyboardInterrupt` of each worker.
""",
        cure="""
Look the last line of that traceback up; a `ProcessPoolExecutor` hands the errors of its tasks to your process, where `result()` raises them.
Of a `Process` you see [`exitcode`](inv:python:py:attribute#multiprocessing.Process.exitcode) alone, which is 1 then, unless the child sends its error through a queue.
""",
        examples=("break/process_target_not_pickled",),
        quotes=(
            Quote(
                "Process SpawnProcess-1:",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/process.py",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "interrupted-workers",
        "KeyboardInterrupt, in a traceback of each worker",
        messages=(
            r"in _process_worker\n(?:(?!Error|Traceback)[^\0]){0,900}KeyboardInterrupt",
            r"in worker\n[ ]{1,8}task = get\(\)(?:(?!Error|Traceback)[^\0]){0,900}KeyboardInterrupt",
        ),
        words=("Ctrl+C prints a traceback for each worker", "KeyboardInterrupt at call_queue.get"),
        cause="""
Ctrl+C reaches all processes of a terminal, and each worker that waits for a task [ends by it](/examples/break/interrupted_by_ctrl_c), with a traceback of its own.
""",
        cure="""
Let workers ignore it, by an initializer that calls `signal.signal(signal.SIGINT, signal.SIG_IGN)`; your own process alone catches `KeyboardInterrupt` then, and [shuts the pool down](/examples/break/interrupted_by_ctrl_c).
""",
        examples=("break/interrupted_by_ctrl_c",),
        quotes=(
            Quote(
                "in _process_worker\n    call_item = call_queue.get(block=True)\nKeyboardInterrupt",
                "reported",
                "https://github.com/zauberzeug/nicegui/issues/6027",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "handler-in-workers",
        "A handler of SIGTERM runs in workers, as the pool ends",
        messages=(
            r"Received Terminated - shutting down",
            r"[Cc]aught signal:? 15\b|\b[Ss]ignal 15 received",
            r"[Rr]eceived (?:a )?(?:spurious )?(?:signal:? 15\b|(?:signal )?SIGTERM\b)",
        ),
        words=(
            "FastAPI, uvicorn server shuts down when a child process is terminated",
            "SIGTERM handler runs in workers of a pool",
            "spurious signal, nobody has sent SIGTERM",
            "service shuts down as the pool ends",
            "Pool hangs at its end, with a signal handler",
            "asyncio signal handler receives signals from child processes, wakeup fd",
        ),
        cause="""
If nobody has sent `SIGTERM` to your program, a pool has: a `multiprocessing.Pool` ends, as `with` ends, [by `terminate()`](inv:python:py:class#multiprocessing.pool.Pool), which sends it to each worker, and a forked worker [has your program's handler](https://github.com/SpaceCowMedia/commander-spellbook-backend/pull/1204), which then shuts down what is not the worker's, or keeps it from ending.
""",
        cure="""
Take `spawn`, which {proof}`hands over nothing but what you pass <global_is_reset: ^spawn:\\n  without an initializer: Ada \\(not set\\)>`, and no handler, or let [an initializer](/examples/worker/hand_over_with_initializer) call `signal.signal(signal.SIGTERM, signal.SIG_DFL)`; or call `close()` and `join()` before `with` ends.
""",
        examples=("worker/hand_over_with_initializer",),
        quotes=(
            Quote(
                "opengrok-latest | Received signal 15",
                "reported",
                "https://github.com/oracle/opengrok/issues/3650",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "remote-traceback",
        "_RemoteTraceback, or multiprocessing.pool.RemoteTraceback",
        messages=(
            r"RemoteTraceback:",
            r"Caught \w{1,60} in (?:DataLoader worker process|pin memory thread)",
            r"-- Process \d{1,6} terminated with the following error:",
        ),
        words=("two tracebacks are shown, line number of the error in the worker",),
        cause="""
The error was raised in a worker, by a task; [the lines in quotes](https://github.com/python/cpython/blob/3.14/Lib/concurrent/futures/process.py) are the worker's traceback, and the ones below tell where your process asked for the result.
""",
        cure="""
Look the last line of the worker's traceback up; it is [as if your own process had raised it](/examples/break/exceptions_vanish).
""",
        more="""
PyTorch says `Caught … in DataLoader worker process`, or `-- Process 1 terminated with the following error`, above such lines; of a `DataLoader`, `num_workers=0` raises the error in your own process.
""",
        examples=("break/exceptions_vanish",),
        quotes=(
            Quote(
                "concurrent.futures.process._RemoteTraceback:",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/concurrent/futures/process.py",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "unclosed-pool",
        "unclosed running multiprocessing pool",
        messages=(
            r"Exception ignored in: <function Pool\.__del__",
            r"unclosed running multiprocessing pool",
        ),
        words=(
            "Pool.map hangs, without close and join",
            "pathos pool: hangs after the tests, does not return, program does not exit",
        ),
        cause="""
A `multiprocessing.Pool` was forgotten while its workers ran: [it should be closed or terminated](inv:python:py:class#multiprocessing.pool.Pool), and its end is not sure otherwise.
""",
        cure="""
Use it by `with`, or call `close()` and `join()`; pathos keeps its pools until `clear()`.
""",
        examples=("break/pool_without_guard",),
        quotes=(
            Quote(
                "ResourceWarning: unclosed running multiprocessing pool <multiprocessing.pool.Pool state=RUN pool_size=2>",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py",
            ),
        ),
    ),
    Symptom(
        "program-does-not-end",
        "The program does not end, since its processes live on",
        words=(
            "main process hangs at the end, does not exit, child processes are still alive",
            "script finishes but does not return to the prompt, Python waits for child processes at exit",
            "non-daemonic process keeps the program alive, environment in subprocesses is not closed",
            "processes stay after the program, exit the main program without waiting for children",
            "interpreter hangs at exit after shutdown(wait=False) of an executor",
        ),
        cause="""
At its end Python [joins all processes that are not daemonic](inv:python:std:label#multiprocessing-programming), and a `ProcessPoolExecutor`'s workers, `shutdown(wait=False)` or not: one that never returns, as it waits for a message or loops for ever, keeps your program from ending.
""",
        cure="""
Tell each to end, by a value in its queue or an `Event`, and join it; or start it with `daemon=True`, so that [it is terminated at the end](inv:python:py:attribute#multiprocessing.Process.daemon); close environments, pools and loaders, as by `with`.
""",
        examples=("break/submitted_too_late", "break/interrupted_by_ctrl_c"),
        quotes=(
            Quote(
                "VectorEnv keeps process from exiting",
                "reported",
                "https://github.com/openai/gym/issues/1544",
            ),
        ),
    ),
    Symptom(
        "nothing-at-its-end",
        "atexit functions, and what is left in buffers, are lost in a worker",
        words=(
            "atexit is not called, not run in a child process, worker; __del__, destructors, finally are not executed",
            "files are not flushed, closed at the end of a process; output is lost without flush",
            "cleanup code when a pool worker exits, os._exit, finalizer",
        ),
        cause="""
A child under `fork` and `forkserver` [ends by `os._exit()`](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/popen_fork.py): a file that is still open is not flushed, and before Python 3.13 [functions of `atexit` are not called](https://github.com/python/cpython/issues/83856).
A worker that is terminated, as by the end of a `with` of a `multiprocessing.Pool`, may run nothing more at all.
""",
        cure="""
Clean up, flush and close at the end of the task, or of the function of the `Process`, by `with` or `finally`; what has to be done once for each worker, register by [`multiprocessing.util.Finalize(None, f, exitpriority=1)`](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/util.py) in an initializer.
Call `close()` and `join()` before the `with` of a `multiprocessing.Pool` ends.
""",
        examples=("worker/hand_over_with_initializer",),
        quotes=(
            Quote(
                "forked process in multiprocessing does not honour atexit",
                "reported",
                "https://github.com/python/cpython/issues/83856",
            ),
        ),
    ),
)
