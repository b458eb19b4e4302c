"""The pool breaks: its futures raise, and it takes no more tasks."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "dataloader-worker-exited",
        "DataLoader worker (pid(s) …) exited unexpectedly",
        messages=(
            r"DataLoader worker exited unexpectedly",
            r"DataLoader worker \(pid(?:\(s\))? (?:\d[\d, ]{0,200}|\{\w{0,20}\}|[xX.…*#?N]{1,9})\) (?:is killed by signal(?:: [A-Z][\w ]{0,40})?|exited unexpectedly)",
        ),
        words=(
            "num_workers greater than 0 or 1 doesn't work on Windows",
            "num_workers must be 0 on Windows, else it fails; works if num_workers == 0",
            "PyTorch DataLoader num_workers Windows, silent hang, pickle error",
            "DataLoader crashes with num_workers greater than 0",
            "DataLoader worker killed",
        ),
        cause="""
A worker of PyTorch's `DataLoader` has ended: on Windows and macOS mostly since the script has no [guard](/examples/break/no_main_guard), so that [each worker runs it again](https://github.com/pytorch/pytorch/blob/0206067c9fb68947bfc7995e0d8b74b92fdb4649/docs/source/data.md), else by an error in the dataset, or for want of memory, of which `/dev/shm` is a part.
""",
        cure="""
Put what starts the training below `if __name__ == "__main__":`; with `num_workers=0` the dataset's own error is raised in your process.
If memory is short, [use fewer workers](/examples/break/worker_ended_abruptly), and [enlarge `/dev/shm`](#no-shared-memory).
""",
        examples=("break/worker_ended_abruptly", "break/no_main_guard"),
        quotes=(
            Quote(
                "RuntimeError: DataLoader worker (pid(s) 11208, 3676) exited unexpectedly",
                "reported",
                "https://github.com/gjy3035/C-3-Framework/issues/30",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "terminated-abruptly",
        "A process in the process pool was terminated abruptly",
        messages=(
            r"raise BrokenProcessPool\(|(?:^|\n)(?:concurrent\.futures\.process\.)?BrokenProcessPool {0,9}(?:\n|$)",
            r"A process in the executor was terminated abruptly",
            r"One of the subprocesses has abruptly died",
            r"in shutdown_worker\n[^\0]{0,600}\nqueue\.Full",
            r"distributed\.nanny - \w{4,8} - (?:Worker process \d{1,9} exited with|Failed to start worker process)",
            r"Fatal Python error: (?:Segmentation fault|Aborted|Bus error|Illegal instruction)",
            r"A worker process managed by the executor was unexpectedly terminated",
            r"[Ww]orker exited prematurely:? [(]?signal \d+",
            r"exited unexpectedly|killed by signal: ",
            r"exitcode[: ]{1,2}-\d+",
            r"A process in the process pool was terminated abruptly",
            r"A child process terminated abruptly",
            r"Process \d+ terminated abruptly",
        ),
        words=(
            "OOM: process pool stays in a broken state",
            "all later tasks fail immediately since the pool is broken, has to be restarted",
            "process pool worker killed by signal 9",
            "out of memory in the process pool",
            "segmentation fault in a worker",
            "BrokenProcessPool",
            "pool is not usable anymore",
            "pool does not recover, service has to be restarted",
            "a worker has died or crashed",
        ),
        cause="""
This `BrokenProcessPool` tells you that the pool is of no more use, and not why; a worker need not have ended.
If nothing stands above it, [the system killed the worker](#killed-from-outside), mostly for want of memory, or [it crashed](#process-crashes), or your script calls `sys.exit()` at its top level, as in `sys.exit(main())`, which ends each worker that imports it without a word.
""",
        cure="""
Scroll up to what stands above it, and look that up as well; if nothing does, take fewer workers, so that the memory is enough, [find out how the worker ended](/examples/break/worker_ended_abruptly), and put `sys.exit()` below the guard.
Then make a new pool: [a broken one](inv:python:py:exception#concurrent.futures.process.BrokenProcessPool) takes no more tasks, however long your program goes on.
""",
        more="""
What stands above it is one of these:

- A traceback that a worker has written, often one of [those that do not start](/symptoms/starting).
- [`Exception in initializer:`](#exception-in-initializer), which is an error in your initializer.
- A `_RemoteTraceback` that ends with [`missing 1 required positional argument`](#not-unpickled-in-your-process), or with another error of pickle: what a task has raised or returned cannot be unpickled in your process, while {proof}`every worker lives <exception_not_unpickled: ^A task makes a RefusedError:\\n  BrokenProcessPool: A process in the process pool was terminated abruptly>` until the pool ends it.
- In old versions, [a lock of another context](#lock-of-other-context).
- In Jupyter, nothing, since the worker's traceback is in the terminal that Jupyter was started from: mostly [the function stands in a cell](#not-in-main).
- From Hugging Face's `map(num_proc=…)`, nothing either: `num_proc=None` shows the error.

An exit code below zero is [that of a signal](inv:python:py:attribute#multiprocessing.Process.exitcode), so `-9` says that it [was killed](#killed-from-outside), and `-11` that compiled code in it has crashed.
`EXIT(1)`, or another number above zero, says that it ended by itself: by an error that it has written, or by `sys.exit()` or `os._exit()`; but on Windows a crash has a large one, such as 3221225477, and a shell says 137 for `-9` and 139 for `-11`.
A "Fatal Python error" is of the process that writes it, a worker or not: the stack below "Current thread" shows where it crashed.
"A child process terminated abruptly" comes after that, for each further task.
Dask's workers are processes too, and want [the guard](/examples/break/no_main_guard) where your script starts the cluster; `processes=False` shows the error.
""",
        examples=("break/worker_ended_abruptly", "break/exception_not_unpickled"),
        follows=True,
    ),
    Symptom(
        "killed-from-outside",
        "SIGKILL(-9), exitcode -9, or killed by signal: Killed",
        messages=(
            r"(?:^|\n)Killed[ \t]{0,9}(?:\n|$)",
            r"(?:^|\n)(?:zsh: |\[\d{1,4}\][+-]? {1,9}(?:[+-] {1,9})?(?:\d{1,9} )?|[^\n]{1,80}: line \d{1,6}: +\d{1,9} ) {0,9}[Kk]illed\b",
            r"[Oo]ut of memory: Kill(?:ed)? process \d+",
            r"oom_reaper: reaped process \d+|invoked oom-killer",
            r"Worker \(pid:\d{1,9}\) was sent SIGKILL!",
            r"Negsignal\.SIGKILL",
            r"SIGKILL\(-9\)",
            r"[Ee]xit ?code[s:=( ]{1,4}-9\b",
            r"signal 9 \(SIGKILL\)",
            r"killed by signal: Killed",
        ),
        words=(
            "workers are killed frequently, automatically",
            "workers are sent a SIGKILL signal, as data, rows grow",
            "workers are killed by the OS, by the OOM killer; notebook kernel dies",
            "out of memory killer, OOM, OOMKilled",
            "worker needs too much memory and is killed",
            "memory limit of the container",
            "cgroup out of memory, killed process, dmesg",
            "gunicorn boots workers again and again, a worker exits silently",
        ),
        cause="""
Something outside of your program has killed it, or a worker of it: nearly always the system, [for want of memory](https://docs.kernel.org/admin-guide/mm/concepts.html#oom-killer), which on Linux `dmesg` says, and in a container its limit.
""",
        cure="""
Use fewer workers and smaller tasks, hand over paths in place of data, or have workers replaced by [`max_tasks_per_child`](/examples/check/check_max_tasks_context) where their memory grows; then [make a new pool](/examples/break/worker_ended_abruptly).
""",
        examples=("break/worker_ended_abruptly", "cost/memory_of_a_worker"),
        quotes=(
            Quote(
                "The exit codes of the workers are {SIGKILL(-9)}",
                "reported",
                "https://github.com/joblib/joblib/issues/812",
            ),
        ),
    ),
    Symptom(
        "exception-in-initializer",
        "Exception in initializer:",
        messages=(
            r"Exception in initializer:",
            r"ConnectionError: there is no such database",
        ),
        words=(
            "initializer fails",
            "init function of the workers fails, pool is unusable",
            "initializer raises an error",
        ),
        cause="""
Your initializer raises, in the worker, and [the pool breaks for good](inv:python:py:class#concurrent.futures.ProcessPoolExecutor): its future says only that [a process was terminated abruptly](#terminated-abruptly).
""",
        cure="""
The error stands below this line, in what the worker has written: mend that, or let the initializer keep it and [the tasks report it](/examples/break/initializer_fails).
""",
        examples=("break/initializer_fails",),
    ),
    Symptom(
        "worker-is-replaced",
        "A worker stopped while some jobs were given to the executor",
        messages=(r"A worker stopped while some jobs were given to the executor",),
        words=("loky, joblib UserWarning: too short worker timeout, memory leak",),
        cause="""
A worker of loky's, which joblib uses, has left while tasks were waiting: it had been idle for too long, or [its memory had grown](https://github.com/joblib/loky/blob/00c8deddbae9404c07d6f336ba994ce17b1f11c7/loky/process_executor.py); another takes its place, and no task is lost.
""",
        cure="""
Nothing has to be done; where it comes often, look for [what makes memory grow](#memory-grows), or hand over less with each task.
""",
        examples=("cost/memory_of_a_worker",),
        quotes=(
            Quote(
                "UserWarning: A worker stopped while some jobs were given to the executor. This can be caused by a too short worker timeout or by a memory leak.",
                "documented",
                "https://github.com/joblib/loky/blob/00c8deddbae9404c07d6f336ba994ce17b1f11c7/loky/process_executor.py",
            ),
        ),
    ),
    Symptom(
        "process-crashes",
        "Segmentation fault, bus error or illegal instruction, with processes",
        messages=(
            r"(?:Segmentation fault|Bus error|Illegal instruction|Aborted) {1,20}\(core dumped\)",
            r"(?:Segmentation fault|Bus error|Illegal instruction|Abort trap): \d{1,2}",
            r"Windows fatal exception: (?:access violation|stack overflow)",
            r"\[\d{1,4}\][+-]? {2,9}(?:[+-] {1,9})?(?:\d{1,9} )? {0,9}(?:[Ss]egmentation fault|[Bb]us error|[Ii]llegal (?:hardware )?instruction|trace trap|[Aa]borted|abort)\b",
            r"zsh: (?:segmentation fault|bus error|illegal hardware instruction|abort|trace trap)",
            r"worker '?gw\d{1,4}'? crashed",
            r"node down: Not properly terminated",
            r"SIG(?:SEGV|ABRT|BUS|ILL)\(-\d{1,2}\)",
            r"[Ww]orker exited prematurely:? [(]?signal (?:4|6|7|8|10|11)\b",
        ),
        general="crash die",
        words=(
            "how to debug a crashed worker of pytest-xdist, gw0",
            "segfault, crash of a worker, child process crashes with no traceback, core dumped",
            "Python quit unexpectedly, exit code -11, 139, SIGSEGV",
            "pytest-xdist worker crashed, node down",
            "crashes in the child only, with C extension, OpenCV, TensorFlow, PyQt",
        ),
        cause="""
Compiled code has crashed, in a worker or in your process: often a library that was in use [before the fork](inv:python:std:label#multiprocessing-start-methods), as on macOS [the system's own](#objc-fork), or one that is broken by itself; a full `/dev/shm` gives [a bus error](#no-shared-memory).
A worker of pytest-xdist that "crashed" may also have ended by `os._exit()`, or have been [killed for want of memory](#killed-from-outside).
""",
        cure="""
If there are processes, take `spawn`, [by a context](/examples/set/set_pool_context): its workers [are new interpreters](inv:python:std:label#multiprocessing-start-methods), in which no library is in use yet.
In Celery, which has no `spawn`, import such a library [within the task](https://docs.celeryq.dev/en/stable/userguide/concurrency/index.html), or take `--pool=threads`.
If it crashes then too, run the task, or the test by `-n0`, without other processes by `python -X faulthandler`, which [shows the line](inv:python:py:module#faulthandler), and look at the memory that it takes.
""",
        examples=("break/worker_ended_abruptly", "break/fork_with_threads"),
        quotes=(
            Quote(
                "worker 'gw0' crashed while running 'tests/test_it.py::test_one'",
                "documented",
                "https://github.com/pytest-dev/pytest-xdist/blob/v3.8.0/src/xdist/dsession.py",
            ),
        ),
    ),
    Symptom(
        "ends-by-itself",
        "A worker ended with EXIT(1), or another exit code above zero",
        messages=(
            r"exit codes of the workers are \{[^}]{0,200}EXIT\((?!0\))\d{1,10}\)",
            r"Worker process \d{1,9} exited with status (?!0\b)\d{1,10}\b",
        ),
        words=(
            "joblib, loky: workers end with EXIT(1), EXIT(2), exit code 1, exitcode 1, no traceback",
        ),
        cause="""
The worker has [ended by itself](inv:python:py:attribute#multiprocessing.Process.exitcode), and was not killed by a signal: by an error that it has written to its standard error, often as it started, or by `sys.exit()` or `os._exit()` in the task or a library.
On Windows, the task manager leaves a 1 as well.
""",
        cure="""
Read what stands above, or in the terminal that a notebook was started from, and [look at how a worker ended](/examples/break/worker_ended_abruptly); one process, such as joblib's `n_jobs=1`, shows the error.
joblib writes large arrays to a folder, which may be full: name another by [`temp_folder`](https://joblib.readthedocs.io/en/stable/generated/joblib.Parallel.html), or pass `max_nbytes=None`, so that it writes none.
""",
        examples=("break/worker_ended_abruptly",),
        quotes=(
            Quote(
                "The exit codes of the workers are {EXIT(1)}",
                "documented",
                "https://github.com/joblib/loky/blob/00c8deddbae9404c07d6f336ba994ce17b1f11c7/loky/process_executor.py",
            ),
        ),
    ),
)
