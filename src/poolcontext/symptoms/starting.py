"""It does not start: no worker gets as far as running a task."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "no-main-guard",
        "An attempt has been made to start a new process",
        messages=(
            r"not using fork to start your\n? {0,20}child processes|forgotten to use the proper idiom\n? {0,20}in the main module",
            r"An attempt has been made to start a new process(?: before the[ \t\r\n]{1,80}current process has finished its bootstrapping phase\.)?",
            r"The \x22freeze_support\(\)\x22 line can be omitted if the program",
            r"in _check_not_importing_main",
            r"current[ \n]{1,60}process[ \n]{1,60}has[ \n]{1,60}finished[ \n]{1,60}(?:its|the)[ \n]{1,60}bootstrapping",
        ),
        words=(
            "infinite loop on Windows, also in unit tests; n_jobs=2 dies, n_jobs=1 works",
            "if __name__ == '__main__' is missing",
            "freeze_support RuntimeError bootstrapping",
            "Dask LocalCluster, Client: script never stops, works only with processes=False",
            "multiprocessing fails on Windows, works on Linux",
            "multiprocessing fails or hangs on macOS, spawn, runtime error",
            "tests hang on macOS since Python 3.8",
            "vLLM, tensor parallel: requires the __main__ guard",
        ),
        cause="""
What starts the pool stands at the top level of your script, and each new worker, or the fork server for all of them, {proof}`runs that again <no_main_guard: ^forkserver, without the guard:\\n  An attempt has been made>`.
""",
        cure="""
Write [`if __name__ == "__main__":`](/examples/break/no_main_guard) above what starts it.
""",
        more="""
With `multiprocessing.Pool` under `spawn` the same mistake {proof}`repeats for ever <pool_without_guard: ^Without the guard it does not end>`, and under `forkserver` too where its server [goes on after an error](inv:python:py:function#multiprocessing.set_forkserver_preload), or imports nothing.
""",
        leads=True,
        examples=("break/no_main_guard", "break/pool_without_guard"),
    ),
    Symptom(
        "context-set-in-worker",
        "A worker fails at set_start_method, or the pool hangs",
        messages=(
            r"_fixup_main_from_(?:path|name)\b[^\0]{0,990}context has already been set",
            r"_fixup_main_from_(?:path|name)\b[^\0]{0,990}set_start_method\(",
            r"(?:reduction\.pickle\.load\(from_parent\)|_ForkingPickler\.loads\()[^\0]{0,990}context has already been set",
        ),
        words=(
            "Pool hangs when the module calls set_start_method",
            "set_start_method at the top of a module or a test",
            "set_start_method in pytest hangs",
        ),
        cause="""
A worker imports your script or module again, and `set_start_method` at its top level is the second call there, since a worker [sets its default before](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/spawn.py); a `multiprocessing.Pool` then [hangs](https://github.com/pytest-dev/pytest/issues/10393), as each worker that fails so is replaced by another.
""",
        cure="""
Put `set_start_method` below [the guard](/examples/break/no_main_guard); in tests and in modules that workers import, do not call it, and [pass a context](/examples/set/set_start_method_twice).
""",
        examples=("break/no_main_guard", "set/set_start_method_twice"),
        quotes=(
            Quote(
                "_fixup_main_from_path(data['init_main_from_path'])\nRuntimeError: context has already been set",
                "reported",
                "https://github.com/DeepLabCut/DeepLabCut/issues/1362",
            ),
        ),
        leads=True,
    ),
    Symptom(
        "same-error-again",
        "The same error, again and again",
        signs=(r"Without the guard it does not end",),
        words=("starts processes for ever", "endless processes", "spawns infinitely"),
        cause="""
Under `spawn`, a script with `multiprocessing.Pool` and without the guard {proof}`does not end <pool_without_guard: ^Without the guard it does not end>`: each child that fails is replaced by another one.
""",
        cure="""
Stop it, and [add the guard](/examples/break/pool_without_guard).
""",
        examples=("break/pool_without_guard",),
    ),
    Symptom(
        "not-in-main",
        "Can't get attribute, or module '\\_\\_main\\_\\_' has no attribute …",
        messages=(
            r"Can't get attribute .{0,80} on <module '__(?:mp_)?main__'",
            r"module '__(?:mp_)?main__' has no attribute (?!'__spec__')",
        ),
        words=(
            "Jupyter: kernel stays busy, cell shows nothing, no print, does not finish",
            "Jupyter notebook, Windows: a DataLoader with num_workers freezes, hangs; Dataset class in a cell",
            "first example of the documentation does not work in the interactive prompt, shell, IDLE, console",
            "Jupyter notebook: a cell never ends, multiprocessing does not work",
            "Pool.map hangs in a notebook, marimo, while joblib works",
            "interactive interpreter, prompt, AttributeError on macOS, M1",
            "ipython process pool",
            "multiprocessing doesn't work on Mac, multiprocess does",
        ),
        cause="""
The worker cannot import what you typed into an interpreter, a notebook such as Jupyter's, or `python -c`, nor [a package's `__main__.py`](https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py), nor a script that an IDE or a launcher runs within a `__main__` of its own, as `<module '__main__' (built-in)>` tells.
If the message names `__mp_main__`, the function stands below the guard, which [the worker does not run](/examples/break/imports_again).
""",
        cure="""
[Put the function into a file](/examples/break/function_not_in_main) and import it, or run your script by `python script.py` in a terminal; if it stands below the guard, move it above.
Where an interactive window runs cells of a file, each child runs that whole file: it needs [the guard](/examples/break/no_main_guard).
""",
        more="""
A `multiprocessing.Pool` [waits for ever](#pool-waits-for-killed-worker) after this error in a worker, where a `ProcessPoolExecutor` is broken.
Under `fork` the function has to be there before the first task, which {proof}`starts all workers <when_workers_start: ^fork: 0 workers, 4 after one task>`.
""",
        examples=("break/function_not_in_main", "break/imports_again"),
    ),
    Symptom(
        "script-from-stdin",
        "No such file or directory: '…/&lt;stdin>'",
        messages=(
            r"FileNotFoundError: .{0,200}<(?:stdin|input)>",
            r"OSError: \[Errno 22\] Invalid argument: .{0,200}<(?:stdin|input)>",
        ),
        words=("script on standard input", "heredoc python -", "PyCharm console, <input>"),
        cause="""
The script came on standard input, so a worker finds no file to import; on Windows, it says `OSError: [Errno 22] Invalid argument: '…<stdin>'`.
""",
        cure="""
[Save it](/examples/break/script_from_stdin), and run the file.
""",
        examples=("break/script_from_stdin",),
    ),
    Symptom(
        "fork-server-has-ended",
        "Connection reset by peer, or unexpected EOF",
        messages=(
            r"ConnectionResetError",
            r"EOFError: unexpected EOF",
            r"connect_to_new_process[^\0]{0,300}ConnectionRefusedError",
        ),
        words=(
            "ConnectionRefusedError of the fork server",
            "forkserver connection reset",
            "ConnectionRefusedError forkserver",
        ),
        cause="""
The fork server has ended before it could start a worker: [the main module failed in it](https://github.com/python/cpython/issues/126631), mostly since it has no [guard](/examples/break/no_main_guard) or is no [file](/examples/break/script_from_stdin), or because of an import that fails there, as where [`sys.path` is another one](#no-module-named).
If nothing stands above this line, your script calls `sys.exit()` at its top level.
""",
        cure="""
The cause stands above this line, in what the server has printed: look that up; put `sys.exit()` below the guard.
""",
        examples=("break/no_main_guard", "break/script_from_stdin"),
        follows=True,
    ),
    Symptom(
        "broken-pipe",
        "BrokenPipeError: [Errno 32] Broken pipe, where a process is started",
        messages=(r"BrokenPipeError(?!: \[WinError 109\])",),
        cause="""
The child that your process was about to tell what to do has ended before: its own error stands above, or in what the child has printed.
Mostly the script has no [`if __name__ == "__main__":`](/examples/break/no_main_guard), and the child failed as it started children of its own.
""",
        cure="""
Look the child's error up; if there is none, put what starts processes below the guard, and in a notebook functions and classes [into a file](#not-in-main). The same error of `print`, where a program that reads your output has ended, or of a socket, is not about processes; that of a manager's proxy says that [the manager is gone](#manager-is-gone), and that of a worker at `_send` that [your process has ended](#other-end-has-ended), or no longer reads.
""",
        examples=("break/no_main_guard",),
        quotes=(
            Quote(
                "BrokenPipeError: [Errno 32] Broken pipe",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/popen_spawn_posix.py#L60-L66",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "handle-not-duplicated",
        "PermissionError: [WinError 5], at DuplicateHandle in a worker",
        messages=(
            r"(?:DuplicateHandle\(|OpenProcess\(|DUPLICATE_(?:CLOSE_SOURCE|SAME_ACCESS)\b)[^\0]{0,300}\[WinError \d{1,3}\]",
            r"(?:in steal_handle|in duplicate|dh\.detach\(\))[^\0]{0,300}\[WinError (?:5|6|87)\]",
        ),
        words=("Access is denied in spawn_main", "steal_handle", "WinError 5 multiprocessing"),
        cause="""
On Windows a child [takes a handle out of its parent's process](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/reduction.py), or out of that of who sent it, and this one has ended before, mostly by an error of its own.
It says nothing of your rights: to be an administrator changes nothing.
""",
        cure="""
Look for the parent's own error, which stands [at another place of the output](/examples/break/ran_out_of_input), mostly at its end; if there is none, keep the parent alive, by `join()` or within `with`, until its children have started and have read what they get.
""",
        more="""
A [race of two children](https://github.com/python/cpython/issues/82444) for one handle gives the same message.
""",
        examples=("break/ran_out_of_input",),
        quotes=(
            Quote(
                "return _winapi.DuplicateHandle(\nPermissionError: [WinError 5] Access is denied",
                "reported",
                "https://github.com/RVC-Project/Retrieval-based-Voice-Conversion-WebUI/issues/585",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "fails-as-it-starts",
        "An error below spawn_main, prepare or pickle.load(from_parent), in a new worker",
        messages=(
            r"in _fixup_main_from_(?:path|name)\b",
            r"pickle\.load\(from_parent\)",
            r"forkserver\.py\x22, line \d{1,6},? in (?:main|_serve_one)",
        ),
        words=(
            "processes fail at launch after the switch to Python 3.14, forkserver",
            "error in spawn_main",
            "traceback of _fixup_main_from_path",
        ),
        cause="""
A new worker, or the fork server, [imports your script again](inv:python:std:label#multiprocessing-safe-main-import) and reads what it is to run, and has failed at that: the last line of its traceback says at what.
Something is there in your own process only: a module, a setting, or a function below the guard.
""",
        cure="""
Look that last line up; have the top level of your script [do nothing but define](/examples/break/imports_again), and import it by itself, as by `python -c "import script"`, to see the error at home.
""",
        examples=("break/imports_again", "break/no_main_guard"),
        quotes=(
            Quote(
                "in _fixup_main_from_path\n    main_content = runpy.run_path(main_path,",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/spawn.py",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "path-in-sys-path",
        "NameError: name 'PosixPath' is not defined, as the fork server starts",
        messages=(
            r"NameError: name '(?:Posix|Windows|PurePosix|PureWindows)?Path' is not defined",
        ),
        words=("a Path in sys.path, forkserver fails",),
        cause="""
`sys.path` has a {py:class}`pathlib.Path` in it, and the fork server, or the resource tracker, [is given it as text that Python is to read again](https://github.com/python/cpython/issues/145898); if it comes from your own code, `Path` is only not imported.
""",
        cure="""
Put text into `sys.path`, as by `str(path)`.
""",
        examples=("break/module_not_found_in_worker",),
        quotes=(
            Quote(
                "NameError: name 'PosixPath' is not defined",
                "reported",
                "https://github.com/python/cpython/issues/145898",
            ),
        ),
    ),
    Symptom(
        "preload-failed",
        "Failed to preload …",
        messages=(r"Failed to preload ",),
        cause="""
The fork server could not import a module that it was told to preload: your script, by itself, or what {py:func}`multiprocessing.set_forkserver_preload` names; it says so only if that was called with `on_error="warn"`, which is new in Python 3.15.
""",
        cure="""
Have the module imported without an error in a process of its own, or preload nothing, by `multiprocessing.set_forkserver_preload([])`.
""",
        examples=("set/preload_forkserver",),
        quotes=(
            Quote(
                "ImportWarning: Failed to preload module 'missing': No module named 'missing'",
                "documented",
                "https://github.com/python/cpython/blob/v3.15.0/Lib/multiprocessing/forkserver.py",
            ),
        ),
    ),
    Symptom(
        "framework-not-set-up",
        "AppRegistryNotReady: Apps aren't loaded yet",
        messages=(
            r"ImproperlyConfigured: Requested setting \w{1,80}, but settings are not configured",
            r"AppRegistryNotReady: (?:Apps|Models) aren't loaded yet",
            r"(?:[\\/](?:multiprocessing|billiard)[\\/]|futures[\\/]process)[^\0]{0,990}Working outside of (?:application|request) context",
        ),
        words=(
            "django in process pool",
            "django.setup in worker",
            "framework is not set up in the worker",
            "models cannot be imported in a worker",
        ),
        cause="Your program sets its framework up, but the worker is no copy of it, and imports the task's module, such as one of Django's models, without that; {proof}`a forked worker has it set up <framework_not_set_up: ^fork, initializer=None:\\n  Result: 42>`.",
        cure="[Set it up in each worker](/examples/break/framework_not_set_up), by `ProcessPoolExecutor(initializer=django.setup)`, as Django's own test runner does, which knows `forkserver` [from Django 6.0 on](https://github.com/django/django/pull/19681) (before, give `--parallel` no number, so that it takes one process, or call {py:func}`multiprocessing.set_start_method` below the guard of `manage.py`); the name of the settings reaches workers in the environment, as `DJANGO_SETTINGS_MODULE`. In Flask, make the app in the worker, and put the task below `with app.app_context():`. A `multiprocessing.Process` has no initializer: give it a target in a module that imports no models, and let that call `django.setup()` first, and import them then.",
        examples=("break/framework_not_set_up",),
        quotes=(
            Quote(
                "django.core.exceptions.AppRegistryNotReady: Apps aren't loaded yet.",
                "documented",
                "https://github.com/django/django/blob/5.2/django/apps/registry.py",
            ),
        ),
    ),
    Symptom(
        "main-without-spec",
        "AttributeError: module '\\_\\_main\\_\\_' has no attribute '\\_\\_spec\\_\\_'",
        messages=(r"module '__main__' has no attribute '__spec__'",),
        words=(
            "__mp_main__",
            "multiprocessing in pdb",
            "multiprocessing in Spyder",
            "pool works from the command line but not in the debugger",
        ),
        cause="A debugger or console runs your script in a `__main__` module that it has made itself; under `spawn` and `forkserver`, [multiprocessing asks that module](https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/spawn.py) how a worker is to import it, which then does so under the name `__mp_main__`. Python's own debugger did this {proof}`before 3.11.9 and 3.12.3 <main_without_spec cpython before 3.11.9 3.12.3 3.13.0: ^spawn, python -m pdb:\\n  AttributeError>`.",
        cure="Run the script by `python script.py`, upgrade the debugger or console, or [set `__spec__ = None`](/examples/break/main_without_spec) below the `__main__` guard.",
        examples=("break/main_without_spec",),
        quotes=(
            Quote(
                "AttributeError: module '__main__' has no attribute '__spec__'",
                "reported",
                "https://github.com/python/cpython/issues/87115",
            ),
            Quote(
                "AttributeError: module '__main__' has no attribute '__spec__'",
                "reported",
                "https://github.com/spyder-ide/spyder/issues/8128",
            ),
        ),
    ),
    Symptom(
        "other-method-elsewhere",
        "It works on Linux, and not on Windows, macOS or Python 3.14",
        general="windows macos",
        words=(
            "multiprocessing package won't work under Windows",
            "ProcessPoolExecutor, Pool does not work, is broken on Windows, on macOS, on a Mac, since Python 3.8; works on Linux, in WSL, fails on Windows only",
            "stopped working, fails, breaks after the upgrade to Python 3.14; worked with 3.13, with 3.7 on macOS",
            "default start method has changed, forkserver, spawn, how to get fork back; does not work in spawn mode",
        ),
        cause="""
It relies on `fork`, which copies your process: Linux took it [before Python 3.14](/moving-to-314) and macOS before 3.8, while [other methods](inv:python:std:label#multiprocessing-start-methods) start a new interpreter, which imports your script, has none of your globals, and gets by pickle what you hand over.
""",
        cure="""
Put what starts processes below [the guard](/examples/break/no_main_guard), functions of tasks [at the top level of a module](/examples/break/local_function_not_pickled), and hand over what they need [by an initializer](/examples/break/global_is_reset); in a notebook or console, [put them into a file](#not-in-main).
[Moving to Python 3.14](/moving-to-314) has the steps, and `poolcontext try` finds what breaks; until then, pass [the context of `fork`](inv:python:py:function#multiprocessing.get_context), where there is one, [to the pool](/examples/set/set_pool_context).
""",
        examples=("break/global_is_reset", "break/no_main_guard", "set/set_pool_context"),
        quotes=(
            Quote(
                "our usage of multiprocessing leads to crashes with the new start method",
                "reported",
                "https://github.com/deeptools/HiCExplorer/issues/628",
            ),
        ),
    ),
)
