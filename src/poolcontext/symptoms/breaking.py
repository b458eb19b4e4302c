"""The pool breaks: its futures raise, and it takes no more tasks."""

from __future__ import annotations

from ._symptom import Symptom

SYMPTOMS = (
    Symptom(
        "terminated-abruptly",
        "A process in the process pool was terminated abruptly",
        messages=(
            r"DataLoader worker \(pid(?:\(s\))? \d[\d, ]{0,99}\) (?:is killed by signal|exited unexpectedly)",
            r"A worker stopped while some jobs were given to the executor",
            r"A worker process managed by the executor was unexpectedly terminated",
            r"A task has failed to un-serialize",
            r"Worker exited prematurely: signal \d+",
            r"exited unexpectedly|killed by signal: ",
            r"exitcode[: ]{1,2}-\d+",
            r"A process in the process pool was terminated abruptly",
            r"A child process terminated abruptly",
            r"Process \d+ terminated abruptly",
        ),
        words=(
            "process pool worker killed by signal 9",
            "out of memory in the process pool",
            "segmentation fault in a worker",
            "BrokenProcessPool",
            "pool is not usable anymore",
            "a worker has died or crashed",
        ),
        cause="""
This `BrokenProcessPool` tells you that the pool is of no more use, and not why; a worker need not have ended.
If nothing stands above it, something killed the worker, or it crashed, or your script calls `sys.exit()` at its top level, as in `sys.exit(main())`, which ends each worker that imports it without a word.
""",
        cure="""
Scroll up to what stands above it, and look that up on this page; if nothing does, [find out how the worker ended](examples/break/worker_ended_abruptly), and put `sys.exit()` below the guard.
""",
        more="""
What stands above it is one of these:

- A traceback that a worker has written, often one from [It does not start](#it-does-not-start).
- [`Exception in initializer:`](#exception-in-initializer), which is an error in your initializer.
- A `_RemoteTraceback` that ends with [`missing 1 required positional argument`](#not-unpickled-in-your-process), or with another error of pickle: what a task has raised or returned cannot be unpickled in your process, while {proof}`every worker lives <exception_not_unpickled: ^A task makes a RefusedError:\\n  BrokenProcessPool: A process in the process pool was terminated abruptly>` until the pool ends it.
- In old versions, [a lock of another context](#lock-of-other-context).

An exit code below zero is [that of a signal](inv:python:py:attribute#multiprocessing.Process.exitcode), so `-9` says that it was killed, as where memory runs out.
"A child process terminated abruptly" comes after that, for each further task: mend the cause, and make a new pool.
""",
        examples=("break/worker_ended_abruptly", "break/exception_not_unpickled"),
        follows=True,
    ),
    Symptom(
        "exception-in-initializer",
        "Exception in initializer:",
        messages=(
            r"Exception in initializer:",
            r"ConnectionError: there is no such database",
        ),
        words=("initializer fails", "initializer raises an error"),
        cause="""
Your initializer raises, in the worker, and [the pool breaks for good](inv:python:py:class#concurrent.futures.ProcessPoolExecutor): its future says only that [a process was terminated abruptly](#terminated-abruptly).
""",
        cure="""
The error stands below this line, in what the worker has written: mend that, or let the initializer keep it and [the tasks report it](examples/break/initializer_fails).
""",
        examples=("break/initializer_fails",),
    ),
    Symptom(
        "not-unpickled-in-your-process",
        "missing 1 required positional argument",
        messages=(
            r"__(?:init|new)__\(\) missing \d+ required (?:positional|keyword-only) arguments?",
        ),
        words=("custom exception breaks the process pool", "exception cannot be unpickled"),
        cause="""
An exception that a task raises, or an object that it returns, is made anew in your process by a call of its class, with what pickle knows of its arguments: {proof}`if that fails, the pool breaks <exception_not_unpickled: ^A task makes a RefusedError:\\n  BrokenProcessPool.*\\n  The cause is TypeError>`, though no worker was at fault.
""",
        cure="""
Hand all arguments, if they are positional, to `super().__init__()`, else write `__reduce__`: {proof}`then it arrives <exception_not_unpickled: ^A task makes a MendedError:\\n  It arrives: MendedError\\(4, 2\\)>`.
""",
        examples=("break/exception_not_unpickled",),
    ),
)
