"""It does not start here: what a frozen program, or the system around it, lacks."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "frozen",
        "A frozen program, an executable, starts itself again and again",
        messages=(
            r"(?:^|[ \t\n/\\])(?!(?:[Pp]ython|pypy|jython|graalpy)[\w.]{0,12}(?:\.exe)?[ \t\n])[\w.-]{1,60}(?:\.exe)? (?:-[A-Za-z]{1,4} ){1,8}-c ['\x22]?from multiprocessing\.(?:semaphore_tracker|resource_tracker|forkserver|spawn) import",
            r"__parents_main__",
            r"pyi_rth_multiprocessing[^\0]{0,990}'NoneType' object has no attribute 'write'",
            r"(?:Error|error|unpack)[^\n]{0,200}--multiprocessing-fork|--multiprocessing-fork[^\0]{0,600}not enough values to unpack",
            r"(?:[Uu]nrecognized|[Nn]o such|Unknown|unknown|[Uu]nexpected) (?:extra )?(?:arguments?|options?):? [^\n]{0,200}(?:--multiprocessing-fork|from multiprocessing\.\w{1,40} import)",
        ),
        signs=(r"It would go on, and is stopped here",),
        words=(
            "PyInstaller multiprocessing",
            "packaged to an exe, it opens many main windows",
            "after freeze, multiprocessing starts many main processes",
            "exe shows two main windows, clicking the button opens the program again, a series of windows",
            "cx_Freeze, Nuitka, py2exe, py2app",
            "freeze_support executable",
            "executable opens windows for ever",
            "EXE keeps running, never stops, starts again, infinite or many processes",
            "frozen program creates endless copies of itself",
            "cx-freeze, PyInstaller: two main windows, starts the GUI instead of the function",
            "a large number of processes appears, after packaging to an exe",
            "executable file, compiled build produces an infinite number of processes with spawn",
            "a large number of processes appears after the executable, app was started",
            "onefile executable, infinite loop, fork bomb, compiled program on win32",
            "second icon in the dock, another window of a macOS app",
            "start() blocks in a frozen program if it is called in a subprocess, nested processes",
        ),
        cause="""
A frozen program, [made into an executable](/examples/break/frozen_program), [by PyInstaller too](/examples/break/frozen_by_pyinstaller), is what its own workers run: each starts the program anew, {proof}`with an argument that it does not know <frozen_program cpython: The program starts, with --multiprocessing-fork>`.
""",
        cure="""
Call {py:func}`multiprocessing.freeze_support` as the first thing below the guard, on every system; PyInstaller and cx_Freeze [put one of their own in its place](https://github.com/pyinstaller/pyinstaller/pull/2795).
Nothing that takes long, opens a window or reads `sys.argv`, such as `argparse` or `click`, may come before it.
Old versions of Nuitka want `--plugin-enable=multiprocessing` besides, and PyInstaller 5.8 and 5.9 [hang where a forked process starts another](https://github.com/pyinstaller/pyinstaller/pull/7497): upgrade.
A windowed program has no `sys.stderr`, so that a child cannot write its own error, and [`'NoneType' object has no attribute 'write'`](https://docs.python.org/3/library/sys.html#sys.__stderr__) comes instead: build it with a console to see that error.
""",
        examples=("break/frozen_program", "break/frozen_by_pyinstaller"),
        quotes=(
            Quote(
                "error: unrecognized arguments: --multiprocessing-fork parent_pid=9496 pipe_handle=868",
                "reported",
                "https://github.com/dou-jiang/codex-console/issues/26",
            ),
            Quote(
                "error: unrecognized arguments: -S -E -c from multiprocessing.semaphore_tracker import main;main(5)",
                "reported",
                "https://github.com/python/cpython/pull/5195",
            ),
            Quote(
                "/home/kwon/dist/synthesizer/synthesizer -s -E -S -B -c from multiprocessing.semaphore_tracker import main;main(5)",
                "reported",
                "https://github.com/pyinstaller/pyinstaller/issues/3713",
            ),
        ),
    ),
    Symptom(
        "embedded",
        "An application with Python inside, such as uWSGI or an old Blender, starts itself",
        messages=(
            r"uwsgi: unrecognized option",
            r"(?:not find|not open|n't open)[^\n]{0,40}from multiprocessing\.\w{1,30} import",
            r"unable to load configuration from from multiprocessing",
            r"Unable to find the Python binary, the multiprocessing module may not be functional",
        ),
        words=(
            "embedded Python, Blender, Maya, Houdini, uwsgi",
            "sys.executable is not python, multiprocessing opens the application again",
            "new window of the application instead of a worker",
            "virtualenv, venv: sys.executable or sys.prefix is wrong in the child, base interpreter",
        ),
        cause="""
A new process, and multiprocessing's helper processes, are started by [what `sys.executable` names](inv:python:py:function#multiprocessing.set_executable), which is here the application, or a launcher or profiler in the place of Python, and knows nothing of their arguments.
""",
        cure="""
Call `multiprocessing.set_executable()` with the path of a real Python of the same version, and with the same packages, before the first pool, lock or queue.
""",
        examples=("break/frozen_program",),
        quotes=(
            Quote(
                "uwsgi: unrecognized option `--multiprocessing-fork'",
                "reported",
                "https://github.com/unbit/uwsgi/issues/2463",
            ),
        ),
        leads=True,
    ),
    Symptom(
        "paging-file-too-small",
        "[WinError 1455] The paging file is too small for this operation to complete",
        messages=(r"\[WinError 1455\]", r"[Pp]aging file is too small"),
        words=("DLL load failed in a worker", "Error loading a DLL of torch, CUDA, in each worker"),
        cause="""
On Windows each worker imports your script again, and all that it imports: the libraries of PyTorch and CUDA [take gigabytes of the paging file in each](https://github.com/Kaszanas/SC2_Datasets/issues/15), whether they are used or not.
""",
        cure="""
Use fewer workers, `num_workers=0` first; [import what a worker does not need below the guard](/examples/break/imports_again), or in functions; or have Windows enlarge the paging file.
""",
        examples=("break/imports_again", "cost/memory_of_a_worker"),
        quotes=(
            Quote(
                "OSError: [WinError 1455] The paging file is too small for this operation to complete",
                "reported",
                "https://github.com/Kaszanas/SC2_Datasets/issues/15",
            ),
        ),
    ),
    Symptom(
        "frozen-in-one-file",
        "No such file or directory: '…/_MEI…/….py', in a frozen program",
        messages=(
            r"No such file or directory: '[^'\n]{0,200}[\\/]_MEI\w{1,20}[\\/][^'\n]{1,200}\.py'",
        ),
        words=("PyInstaller onefile multiprocessing", "workers started from several threads"),
        cause="""
Several threads have started processes at the same time, which a program that PyInstaller has made into one file [did not bear](https://github.com/pyinstaller/pyinstaller/pull/7411): a worker then looks in a folder of its own for your script.
""",
        cure="""
Upgrade PyInstaller; or start the processes from one thread, or build with `--onedir`; [what else a frozen program needs](/examples/break/frozen_by_pyinstaller).
""",
        examples=("break/frozen_by_pyinstaller",),
        quotes=(
            Quote(
                "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/_MEIOchafX/multiprocessing_bug.py'",
                "reported",
                "https://github.com/pyinstaller/pyinstaller/issues/7410",
            ),
        ),
    ),
    Symptom(
        "no-processes",
        "This Python build lacks multiprocessing.synchronize",
        messages=(
            r"This Python build lacks multiprocessing\.synchronize",
            r"No module named '_multiprocessing'",
            r"cannot import name '?(?:SemLock|sem_unlink|_multiprocessing)\b",
            r"does not support processes",
            r"This platform lacks a functioning sem_open implementation",
        ),
        words=(
            "Pyodide multiprocessing",
            "WebAssembly process pool",
            "Termux, Android: multiprocessing package does not work",
        ),
        cause="""
This Python was built without what processes need, as under WebAssembly, or on Android, in Termux; [it lists start methods nevertheless](/examples/set/set_every_method), and none works.
""",
        cure="""
Call your functions without a pool there.
""",
        examples=("set/set_every_method",),
        quotes=(
            Quote(
                "ImportError: cannot import name 'SemLock' from '_multiprocessing'",
                "reported",
                "https://github.com/wcchoi/swell.sh/issues/1",
            ),
        ),
    ),
    Symptom(
        "socket-path-too-long",
        "AF_UNIX path too long",
        messages=(
            r"AF_UNIX path too long",
            r"Ignoring user-defined temporary directory: ",
            r"will not be usable for creating socket files",
        ),
        cause="""
[The fork server](https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/forkserver.py), or [a manager](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/connection.py), puts a socket into the temporary folder, whose path is too long for one.
""",
        cure="""
{proof}``Set a shorter `TMPDIR` <socket_path_too_long linux: ^forkserver with a short TMPDIR:\\n.*\\n  The result is 42>``, or take {proof}`` `spawn` <socket_path_too_long linux: ^spawn with a long TMPDIR:\\n.*\\n  The result is 42>`` where it is no manager's.
""",
        more="""
Newer versions [use another folder by themselves](https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/util.py), and warn that they ignore yours.
""",
        examples=("break/socket_path_too_long",),
    ),
    Symptom(
        "no-temporary-folder",
        "No usable temporary directory found",
        messages=(r"No usable temporary directory found",),
        words=("read-only file system", "no writable temporary folder"),
        cause="""
The fork server needs a folder that it can write to, and {proof}`there is none <default_without_temporary_folder linux: ^  forkserver: .*No usable temporary directory found>`.
""",
        cure="""
Take [`spawn`](inv:python:std:label#multiprocessing-start-methods), [which needs none](/examples/check/default_without_temporary_folder), or set `TMPDIR` to a folder that can be written to.
""",
        examples=("check/default_without_temporary_folder",),
    ),
    Symptom(
        "zombies",
        "Zombie or defunct processes that do not disappear",
        messages=(r"\[python[\d.]{0,5}\] <defunct>",),
        words=(
            "is_alive is False and the process is still in the list",
            "zombie processes in a docker container",
            "defunct processes, unreaped zombies, left after a worker was killed",
        ),
        cause="""
A process that has ended stays in the list until [its parent asks how](https://man7.org/linux/man-pages/man2/wait.2.html): yours does so by `join()`, and as it starts the next one; where the parent has ended, process 1 has to, and in a container that is your program.
""",
        cure="""
`join()` what you start, or [use a pool by `with`](/examples/break/submitted_too_late); start the container by [`docker run --init`](https://docs.docker.com/reference/cli/docker/container/run/#init).
""",
        examples=("break/parent_is_killed",),
        quotes=(
            Quote(
                "[python3] <defunct>",
                "documented",
                "https://man7.org/linux/man-pages/man1/ps.1.html",
            ),
        ),
    ),
    Symptom(
        "no-more-processes",
        "Resource temporarily unavailable, or Cannot allocate memory, at os.fork",
        messages=(
            r"blas_thread_init: pthread_create(?: failed|:)",
            r"libgomp: Thread creation failed",
            r"fork: (?:retry: )?Resource temporarily unavailable",
            r"BlockingIOError: \[Errno (?:11|35)\] Resource temporarily unavailable",
            r"os\.fork\(\)[ \n~^]{1,99}OSError: \[Errno (?:11|35)\]",
            r"OSError: \[Errno 12\] Cannot allocate memory",
            r"[\\/]multiprocessing[\\/][^\0]{0,600}OSError: \[Errno (?:11|35)\] Resource temporarily unavailable",
            r"RuntimeError: can't start new thread",
        ),
        words=(
            "fork fails, cannot start another process or thread",
            "too many processes",
            "ulimit -u",
        ),
        cause="""
The system [starts no more processes or threads](https://man7.org/linux/man-pages/man2/fork.2.html) for you: a limit of your user or container is reached, by pools in pools, or by numeric libraries that start a thread for each core in each worker; or there is no memory for a copy.
""",
        cure="""
Use fewer workers, [fewer threads in each](/examples/break/too_many_threads), and one pool for all; a limit is seen by `ulimit -u`.
Where memory is short ("Cannot allocate memory"), start the pool before you load the data, or take [`spawn` or `forkserver`](inv:python:std:label#multiprocessing-start-methods), whose workers are no copies; swap, or [`vm.overcommit_memory=1`](https://docs.kernel.org/mm/overcommit-accounting.html), helps as well.
In a container, an old Docker can [refuse every thread to a newer image](https://github.com/docker-library/python/issues/835): upgrade it.
""",
        examples=("break/too_many_threads",),
        quotes=(
            Quote(
                "BlockingIOError: [Errno 11] Resource temporarily unavailable",
                "documented",
                "https://man7.org/linux/man-pages/man2/fork.2.html",
            ),
        ),
    ),
    Symptom(
        "celery-on-windows",
        "Celery on Windows: not enough values to unpack (expected 3, got 0)",
        messages=(
            r"tasks, accept, hostname = _loc",
            r"(?:celery|billiard)[^\0]{0,990}not enough values to unpack \(expected 3, got 0\)",
            r"worker task registry is empty",
        ),
        words=(
            "Celery worker on Windows receives a task and does not run it, nothing happens",
            "celery --pool=solo, prefork on Windows",
        ),
        cause="""
Celery's workers are made to be forked, which Windows cannot, and [Celery does not support Windows](https://docs.celeryq.dev/en/stable/faq.html#windows): a new process there has not what the parent has set up.
""",
        cure="""
Start the worker [with `--pool=solo`](https://github.com/celery/celery/issues/4178), or with `--pool=threads`, or set `FORKED_BY_MULTIPROCESSING=1` in its environment; or run it on Linux, as in WSL or a container.
""",
        examples=("break/global_is_reset",),
        quotes=(
            Quote(
                "tasks, accept, hostname = _loc\nValueError: not enough values to unpack (expected 3, got 0)",
                "reported",
                "https://github.com/celery/celery/issues/4178",
            ),
        ),
    ),
)
