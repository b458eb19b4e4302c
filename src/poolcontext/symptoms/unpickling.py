"""Something cannot be made again out of its pickle, in a worker or in your process."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "not-unpickled-in-your-process",
        "missing 1 required positional argument",
        messages=(
            r"in _handle_results[ \n]{1,40}task = get\(\)(?![^\0]{0,600}KeyboardInterrupt)",
            r"Cannot have cache with result_handl?er not alive",
            r"TypeError: No constructor defined",
            r"(?:pickle\.loads\(|ForkingPickler\.loads|task = get\(\))[^\0]{0,400}__(?:init|new)__\(\) takes [^\n]{1,60} (?:given\)|were given)",
            r"__(?:init|new)__\(\) missing \d+ required (?:positional|keyword-only) arguments?",
        ),
        words=(
            "custom exception breaks the process pool",
            "exception cannot be unpickled",
            "pool hangs after a custom exception",
        ),
        cause="""
An exception that a task raises, or an object that it returns, is made anew in your process by a call of its class, with what pickle knows of its arguments: {proof}`if that fails, the pool breaks <exception_not_unpickled: ^A task makes a RefusedError:\\n  BrokenProcessPool.*\\n  The cause is TypeError>`, though no worker was at fault.
A `multiprocessing.Pool` does not break but [hangs](https://github.com/python/cpython/issues/103061), once its thread `_handle_results` has ended by that error, whatever it is.
""",
        cure="""
Hand all arguments, if they are positional, to `super().__init__()`, else write `__reduce__`: {proof}`then it arrives <exception_not_unpickled: ^A task makes a MendedError:\\n  It arrives: MendedError\\(4, 2\\)>`.
""",
        examples=("break/exception_not_unpickled",),
        quotes=(
            Quote(
                "AssertionError: Cannot have cache with result_handler not alive",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py",
            ),
        ),
    ),
    Symptom(
        "module-made-at-run-time",
        "Can't get attribute … on <module …>, or No module named …, for a plugin",
        messages=(
            r"Can't get attribute '(?:[^']{1,200})' on <module '(?!__main__|__mp_main__)[^']{1,200}'",
            r"No module named '[\w.]{0,99}-[\w.-]{0,99}'",
            r"AttributeError: module '(?:shapes|plugins)' has no attribute '[^']{1,200}'",
            r"(?:_ForkingPickler\.loads|call_queue\.get)[^\0]{0,400}AttributeError: module '(?!__main__|__mp_main__)[^']{1,200}' has no attribute",
        ),
        words=(
            "plugin in process pool",
            "functions defined in plugins that are loaded dynamically, not in the import path",
            "module loaded with importlib is not found in the worker",
            "class made at run time cannot be unpickled",
            "namedtuple or type made in a function",
            "sys.modules in worker",
        ),
        cause="A function or a class travels [by the name of its module](https://docs.python.org/3/library/pickle.html#pickle-picklable), and your program has loaded that module by its path, put it into `sys.modules`, or added the class at run time; only a forked worker {proof}`has that too <module_made_at_run_time: ^fork: a function .{0,50}\\n  Result>`.",
        cure="[Do the same in the initializer](/examples/break/module_made_at_run_time), which runs before a task is unpickled, or put it into a module that every process can import.",
        examples=("break/module_made_at_run_time",),
    ),
    Symptom(
        "unsupported-pickle-protocol",
        "unsupported pickle protocol: 5",
        messages=(r"unsupported pickle protocol: \d",),
        words=("pickle5, two versions of Python", "client and worker have other Pythons"),
        cause="""
What one Python has pickled, an older one reads: the worker, or who sends to it, is [another version of Python](inv:python:std:label#pickle-protocols), or one of them has `pickle5` installed.
Where a file is loaded, a newer Python has written it.
""",
        cure="""
Write the file again with `protocol=4`, or run both with one version, as by one environment for the whole cluster; remove `pickle5`; a pool's workers are started by [what `sys.executable` names](inv:python:py:function#multiprocessing.set_executable).
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote(
                "ValueError: unsupported pickle protocol: 5",
                "reported",
                "https://github.com/ray-project/tune-sklearn/issues/146",
            ),
        ),
    ),
    Symptom(
        "task-not-unpickled",
        "A task has failed to un-serialize, or an error where a worker gets its task",
        messages=(
            r"A task has failed to un-serialize",
            r"call_queue\.get\(block=True(?:(?!Interrupt|Traceback)[^\0]){0,600}ForkingPickler\.loads\(",
            r"in worker\n[ ]{1,8}task = get\(\)(?:(?!Interrupt|Traceback)[^\0]){0,600}ForkingPickler\.loads\(",
        ),
        words=("BrokenProcessPool of joblib or loky, a task cannot be unpickled",),
        cause="""
A worker could not make your task again out of its pickle: a class or function is of `__main__` or of a notebook, a module is missing there, or the class has a `__getattr__` or `__setstate__` [that fails](https://github.com/pydantic/pydantic/issues/12095) on an object that is not whole yet.
Which of them, the last line of the worker's traceback says, as below `_RemoteTraceback:`.
""",
        cure="""
Define it [in a module](/examples/break/function_not_in_main) that [every worker can import](/examples/break/module_not_found_in_worker), and let `__getattr__` raise `AttributeError` for what is not there.
""",
        examples=("break/function_not_in_main", "break/module_not_found_in_worker"),
        quotes=(
            Quote(
                "BrokenProcessPool: A task has failed to un-serialize.",
                "reported",
                "https://github.com/scikit-learn/scikit-learn/issues/12413",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "ran-out-of-input",
        "Ran out of input",
        messages=(r"EOFError: Ran out of input",),
        cause="""
A spawned child has found nothing to read, since its parent could not pickle what the child was to get: on Windows [the child is started first](https://github.com/python/cpython/blob/3.14/Lib/multiprocessing/popen_spawn_win32.py), and says so beside the parent's error.
""",
        cure="""
The cause is in the parent's traceback, such as [a lambda](/examples/break/local_function_not_pickled) or [a lock](/examples/break/lock_as_argument): [look that up](/examples/break/ran_out_of_input).
""",
        examples=("break/ran_out_of_input",),
        follows=True,
    ),
    Symptom(
        "pickle-data-truncated",
        "pickle data was truncated",
        messages=(r"pickle data was truncated",),
        words=("UnpicklingError in spawn_main", "UnpicklingError when a worker starts on Windows"),
        cause="""
Whoever was to write the rest has ended: at `spawn_main`, the parent was killed or failed while it [wrote what the new child is to get](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/popen_spawn_posix.py#L60-L66), so its own error, such as a `MemoryError`, is the cause.
Elsewhere, a file that you load is cut off, or [two processes read one pipe](#torn-message).
""",
        cure="""
Look for the parent's error or end, which the system says where memory ran out, and hand each child [a path or a name in place of data](/examples/break/ran_out_of_input); in PyTorch, `num_workers=0` shows the error.
""",
        examples=("break/ran_out_of_input",),
        quotes=(
            Quote(
                "_pickle.UnpicklingError: pickle data was truncated",
                "reported",
                "https://github.com/open-mmlab/mmdetection/issues/5301",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "no-module-named",
        "No module named …, in a worker",
        messages=(r"ModuleNotFoundError: No module named '(?!_multiprocessing')[\w.]{1,200}'",),
        words=(
            "ModuleNotFoundError in worker",
            "No module named in a process of the pool",
            "sys.path of the worker",
        ),
        cause="""
Your script imports the module, and the worker, which has to import it anew to find your function, cannot: {proof}`` its `sys.path` <module_not_found_in_worker: ^(?:spawn, lib is taken out of sys.path again:\\n  ModuleNotFoundError|spawn is not there)>`` does not have the folder, since your script has added it for a while only, or by a name that counts from another working folder.
It can also be that a program has loaded the file by its path, [under a name of its own](#module-made-at-run-time), that a file of yours has the name of a module, and [is imported in its place](https://github.com/pylint-dev/pylint/issues/3386), or that pytest has given the test's module [a name that nothing can import](https://github.com/ThalesGroup/agilab/pull/818).
""",
        cure="""
[Put the whole path into `sys.path`](/examples/break/module_not_found_in_worker), name the folder in `PYTHONPATH`, or install the package.
""",
        more="""
A message about a module of your own that breaks the pool or comes from a worker belongs here; a `ModuleNotFoundError` in your own process does not.
""",
        examples=("break/module_not_found_in_worker",),
    ),
)
