"""What looks into a worker, or shows what it says: a debugger, a console, coverage, a reloader."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "pdb-in-worker",
        "bdb.BdbQuit: breakpoint() ends at once in a worker",
        messages=(r"bdb\.BdbQuit", r"Quitting pdb will kill the process"),
        words=(
            "pdb.set_trace in a child process",
            "breakpoint() in a worker, ipdb",
            "debug a task",
        ),
        cause="""
A child's standard input [is the null device](inv:python:std:label#multiprocessing-programming), so that pdb reads the end of its input at the first prompt, and quits: by `bdb.BdbQuit`, and since Python 3.14 [by ending the process](https://github.com/python/cpython/blob/v3.14.0/Lib/pdb.py), so that a `multiprocessing.Pool` waits for it for ever.
If you have typed `q` yourself, it is only that.
""",
        cure="""
Call the task's function in your own process; or write `sys.stdin = open(0)` in the task before `breakpoint()`, with one worker at a time.
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote("bdb.BdbQuit", "reported", "https://github.com/allenai/allenact/issues/366"),
        ),
    ),
    Symptom(
        "debugger",
        "A breakpoint in a worker is not hit, or it hangs only in the debugger",
        words=(
            "multiple sessions or threads appear in the debugger",
            "PyCharm debugger multiprocessing, breakpoint is not hit",
            "VS Code, debugpy, ptvsd: hangs in debug mode, works without the debugger",
            "debugging a subprocess, child process, Process does not stop at breakpoints",
            "cannot debug workers of a DataLoader, of joblib, of dask",
            "works in run mode and not in debug mode, step over hangs",
        ),
        cause="""
A debugger runs in your own process, and has to be brought into each new one: under `fork` [old ones failed at that](https://github.com/microsoft/vscode-python/issues/9254), and what it stops in one process [can stop another](https://github.com/microsoft/debugpy/issues/1891).
""",
        cure="""
Debug the task in your own process: call its function, or take `num_workers=0` or `n_jobs=1`.
With an old one, [choose `spawn`](https://github.com/microsoft/vscode-python/issues/9254); else look for the debugger's setting for child processes, such as debugpy's `"subProcess"`, and try the other value.
If no task runs at all, look for [the guard](/examples/break/no_main_guard) first.
""",
        examples=("break/main_without_spec",),
        quotes=(
            Quote(
                "Can't debug python with multiprocessing",
                "reported",
                "https://github.com/microsoft/vscode-python/issues/9254",
            ),
        ),
    ),
    Symptom(
        "console-shows-nothing",
        "print() in a worker shows nothing in IDLE, Spyder or another console",
        words=(
            "output, print is displayed only when all subprocesses are done; GUI output element shows no print",
            "script runs and there is no output at all, nothing is printed",
            "nothing printed, no output from print in a process on Windows",
            "IDLE, Spyder, IPython console, WinPython, pyzo, Jupyter do not show output of a process",
            "example of the documentation prints nothing",
            "print in a child process is not shown, stdout of a worker is lost",
            "print to the console from a worker of a task queue, huey, Celery, RQ",
            "child processes print to the terminal instead of the notebook, Jupyter cell output",
            "pythonw, no console, sys.stdout is None",
        ),
        cause="""
The console has [put something else in the place of `sys.stdout`](https://github.com/spyder-ide/spyder/issues/1082) in its own process only; a worker writes to the terminal that the console was started from, if there is one.
A forked worker writes to [the output of the cell that has made the pool](https://github.com/ipython/ipykernel/issues/373), and may hang at `print` in some consoles.
""",
        cure="""
Return from the task what it has to say, and print it in your own process; or run the script by `python script.py` in a terminal.
A worker of huey, Celery or RQ prints where that was started, in its terminal or log: log there, or call `print(…, flush=True)`.
""",
        examples=("worker/what_reaches_a_worker", "break/function_not_in_main"),
        quotes=(
            Quote(
                "IPython console: multiprocessing print output goes to kernel not client",
                "reported",
                "https://github.com/spyder-ide/spyder/issues/1082",
            ),
        ),
    ),
    Symptom(
        "coverage-hangs",
        "Tests hang only with coverage or pytest-cov",
        words=(
            "pytest --cov hangs with multiprocessing, works without coverage",
            "coverage 6.3 hang, deadlock, multiprocessing concurrency",
            "pytest-cov never finishes with a Pool",
            "coverage is not reported for multiprocessing.Process, lines of workers are not run, inaccurate",
        ),
        cause="""
Version 6.3 of coverage handled `SIGTERM`, which ends the workers of a `multiprocessing.Pool`, in every process, and [could wait for itself there](https://github.com/coveragepy/coveragepy/issues/1310); since 6.4 it does so [only with `sigterm = true`](https://coverage.readthedocs.io/en/latest/config.html#run-sigterm).
""",
        cure="""
Upgrade coverage; call `close()` and `join()` before the `with` of a pool ends, so that nothing has to be terminated; and measure workers [as the page on tests shows](/testing.md).
""",
        examples=("worker/hand_over_with_initializer",),
        quotes=(
            Quote(
                "Process hang with Coverage 6.3",
                "reported",
                "https://github.com/coveragepy/coveragepy/issues/1310",
            ),
        ),
    ),
    Symptom(
        "reloader",
        "A server's reloader runs the script a second time",
        words=(
            "Flask, werkzeug debug=True in a Process starts twice",
            "use_reloader, LiveServerTestCase, duplicated test runs",
            "two Flask apps in multiprocessing give each other's answers",
            "uvicorn --reload does not restart, hangs with a ProcessPoolExecutor",
            "server does not stop or restart after a process pool was used, FastAPI lifespan",
        ),
        cause="""
A reloader [starts your whole script again](https://github.com/jarus/flask-testing/issues/33) as a process of its own, also from within a child; and it waits for the old one to end, which [a pool that nobody has shut down](https://github.com/Kludex/uvicorn/issues/936) can keep from it.
""",
        cure="""
Pass `use_reloader=False` to Flask, or `reload=False` to uvicorn, where you start a server in a child, and shut a server's pool down as the server ends, by `with` or in FastAPI's `lifespan`.
""",
        examples=("break/imports_again", "break/submitted_too_late"),
        quotes=(
            Quote(
                "Uvicorn with reload hangs when using a ProcessPoolExecutor",
                "reported",
                "https://github.com/Kludex/uvicorn/issues/936",
            ),
        ),
    ),
    Symptom(
        "input-in-worker",
        "EOFError: EOF when reading a line, from input() in a worker",
        messages=(
            r"(?:[\\/]multiprocessing[\\/]|futures[\\/]process)[^\0]{0,990}EOFError: EOF when reading a line",
            r"Process [\w:-]{1,80}:\n[^\0]{0,990}EOFError: EOF when reading a line",
        ),
        words=(
            "input() does not work in a child process, multiprocessing with input, read stdin in a worker",
            "child process cannot read from the keyboard, getpass, prompt",
        ),
        cause="""
A child's standard input [is the null device](inv:python:std:label#multiprocessing-programming), so that `input()` finds its end at once.
""",
        cure="""
Ask in your own process, before you start the others, and hand the answer over as an argument or [by an initializer](/examples/worker/hand_over_with_initializer).
If the question comes again and again, it stands [outside of the guard](/examples/break/imports_again).
""",
        examples=("worker/hand_over_with_initializer", "break/imports_again"),
        quotes=(
            Quote(
                "Process SpawnProcess-1:\nEOFError: EOF when reading a line",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Python/bltinmodule.c",
            ),
        ),
    ),
    Symptom(
        "coverage-of-workers",
        "Coverage and profilers do not see what workers do",
        messages=(r"No data was collected|no-data-collected",),
        words=(
            "code that runs in a process is not covered",
            "code that runs in a process is not covered, no coverage detected",
            "coverage is not reported, lines not covered in multiprocessing.Process, child processes, subprocess",
            "pytest-cov with multiprocessing, ProcessPoolExecutor: no coverage of workers",
            "profile an application that uses multiprocessing, cProfile, line_profiler, memory_profiler, py-spy, snakeviz",
            "profiler shows only waiting, does not support multiprocess, child processes",
        ),
        cause="""
What measures your process is not in a new one: a worker under `spawn` or `forkserver` [starts a new interpreter](inv:python:std:label#multiprocessing-start-methods), and a forked one often ends before it has written what it measured.
""",
        cure="""
"No data was collected" of a process that has run none of your code is harmless.
For coverage, [the page on tests](/testing.md) has the settings that work, for Python's own `multiprocessing` and not for pathos' copy of it; close and join a pool, so that no worker is ended before it writes.
To profile, run `cProfile` within the task and write [a file for each process](inv:python:py:class#profile.Profile), or look at all from outside by [`py-spy record --subprocesses`](https://github.com/benfred/py-spy).
""",
        examples=("worker/tree_of_processes",),
        quotes=(
            Quote(
                "CoverageWarning: No data was collected. (no-data-collected)",
                "documented",
                "https://coverage.readthedocs.io/en/latest/messages.html",
            ),
        ),
    ),
    Symptom(
        "hangs-without-a-word",
        "It hangs, and nothing says where",
        general="hang block wait stop",
        words=(
            "multiprocessing pool hangs randomly, sometimes, without an error, without crashing, how to debug",
            "joblib Parallel randomly hangs, never starts processing, stuck, no error message",
            "program gets stuck at the end, processes idle at 0 % CPU, hangs on completion",
            "find out where a process, a worker hangs, stack of all processes",
            "hangs after some time, after many tasks, on the cluster or server only",
        ),
        cause="""
Some process waits for what nobody will do: a lock that [a thread held](/examples/break/fork_with_held_lock) when a worker was made, a task of [a worker that was killed](/examples/break/pool_waits_for_killed_worker), a queue that [nobody empties](#join-never-returns), a pool [used while a module is imported](/examples/break/pool_at_import).
Or no worker of a `multiprocessing.Pool` {proof}`can start <pool_without_guard: ^Without the guard it does not end>`, on Windows, on macOS, on Linux from Python 3.14 on, and in a notebook or console: the [guard](/examples/break/no_main_guard) is missing, or [your function is where they cannot import it](#not-in-main).
Or threads are no threads, [under gevent or eventlet](https://github.com/eventlet/eventlet/issues/425), or a forked child waits for [its copy of a running event loop](https://github.com/python-telegram-bot/python-telegram-bot/issues/4107).
""",
        cure="""
[`poolcontext try`](/try) runs your program under each method, and at its limit says who waits for what.
By hand, `py-spy dump --pid` of [each process](https://github.com/benfred/py-spy) shows its stack; so does [`faulthandler.dump_traceback_later(60)`](inv:python:py:function#faulthandler.dump_traceback_later), called in your script and in an initializer too.
If it hangs under `fork` alone, [take another method](https://github.com/python/cpython/issues/84559), since [threads are mostly the cause](/examples/break/fork_with_threads).
""",
        examples=("break/fork_with_held_lock", "break/pool_waits_for_killed_worker"),
        quotes=(
            Quote(
                "Joblib parallel randomly hangs",
                "reported",
                "https://github.com/joblib/joblib/issues/962",
            ),
        ),
    ),
    Symptom(
        "once-per-worker",
        "A fixture runs once in each worker of pytest-xdist",
        words=(
            "session fixture, setup is executed once per worker and not per test session, xdist",
            "pytest-xdist: database is created several times, tests in parallel disturb each other",
        ),
        cause="""
Each worker of pytest-xdist [is a session of its own](https://pytest-xdist.readthedocs.io/en/stable/how-to.html#making-session-scoped-fixtures-execute-only-once), a process that shares nothing with the others.
""",
        cure="""
Have the first worker make it, [behind a `FileLock`](https://pytest-xdist.readthedocs.io/en/stable/how-to.html#making-session-scoped-fixtures-execute-only-once), as a file in the folder above `tmp_path_factory.getbasetemp()`, which all read; or give each worker its own, by the fixture `worker_id`.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "use this together with xdist and the setup is executed once per worker, not per test session",
                "reported",
                "https://yorgoskatsaros.gr/blog/setup-your-tests-once-per-session-while-using-pytest-and-xdist",
            ),
        ),
    ),
)
