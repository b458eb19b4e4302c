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
            "functions defined in plugins that are loaded dynamically, not in the import path",
            "plugin in process pool",
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
Write the file again with `protocol=4`, or run both with one version, as by one environment for the whole cluster; a pool's workers are started by [what `sys.executable` names](inv:python:py:function#multiprocessing.set_executable).
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
)
