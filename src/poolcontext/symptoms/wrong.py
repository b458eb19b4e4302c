"""It runs, but wrongly: no message, and something else than was meant."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "global-is-reset",
        "A global variable has its first value in the worker",
        messages=(
            r"self\._target\([^\0]{0,900}AttributeError: 'NoneType' object has no attribute",
            r"globals\(\)\[\w{1,40}\][ \n~^]{1,120}KeyError",
            r"RemoteTraceback:[^\0]{0,990}AttributeError: '(?:Config|Settings|Options)\w{0,40}' object has no attribute",
        ),
        signs=(r"without an initializer: Ada \(not set\)",),
        words=(
            "global variable is empty in the worker",
            "global is None in the worker on Windows",
            "global variable and a pool on macOS",
            "global is None in all workers, not updated in main()",
            "a list or variable is back to the original, default value assigned at the top of the program",
            "variable is None, empty or not set in the worker; broken on macOS since Python 3.8",
            "global config is not set in the workers after the upgrade to Python 3.14",
            "module variable reset to its default",
            "class attribute set in main is missing in the worker",
            "globals are not inherited by child processes, since Python 3.8 on macOS",
            "global object behaves differently on Windows and Linux",
            "succeeds, works in Python 3.13 and fails in 3.14",
            "options, disables are ignored with several jobs",
            "configuration, settings, options, singleton: changes are lost or not respected in subprocesses",
        ),
        cause="""
The worker has {proof}`what the import of your script gave it <global_is_reset: ^spawn:\\n  without an initializer: Ada \\(not set\\)>`, and nothing of what was changed since.
If your own process lacks the name too, it is only misspelt.
""",
        cure="""
[Hand it over](/examples/break/global_is_reset) by an initializer, or as an argument of the task.
""",
        examples=("break/global_is_reset", "worker/hand_over_with_initializer"),
    ),
    Symptom(
        "copy-in-each-process",
        "A change that a worker makes is not seen in your process, or in another worker",
        signs=(r"the list: \[\], the attribute: 0",),
        words=(
            "pass or refresh a value from the master, main process to workers after the fork, preload",
            "gunicorn gives inconsistent, varying results, right only sometimes",
            "global variable in Flask, nginx, gunicorn workers, use Redis or a database",
            "global variables accessible across requests, endpoints, routes of a server",
            "arguments of a process: deep copy, by value or by reference",
            "gunicorn workers behave strangely, answer differently",
            "each process has different values of a counter or metric, Prometheus, PROMETHEUS_MULTIPROC_DIR",
            "data cannot be saved in a global variable, dictionary or array, it is never updated; a list that processes append to stays empty",
            "class members, attributes of self are not updated in the child process",
            "each worker maintains its own instance, cache or counter; metrics of several workers",
            "a local list is empty after multiprocessing",
            "editing a regular list in one process is not reflected, not visible in another process",
            "sharing objects across multiple workers, static variables, class variables, FastAPI",
            "list, dict, attribute, counter changed in a process is unchanged in the main process",
            "cache is not shared between processes, lost in the children",
            "global state is not shared between uvicorn, gunicorn workers, share objects with workers",
            "changing the dataset or its state does not reach DataLoader workers, persistent_workers",
            "append to a list in a child process has no effect",
            "results of workers are lost, nothing in the list after join",
        ),
        cause="""
Each process [has its own memory](inv:python:std:label#multiprocessing-start-methods): whatever the start method is, a worker changes its own copy, and what your process changes later [does not reach a worker that has started](/examples/worker/what_reaches_a_worker).
""",
        cure="""
[Return the result of the task](/examples/break/change_is_not_seen), and put it where it belongs in your own process; for what all have to see, use [a `Value`, or a manager's list or dictionary](/examples/worker/share_a_lock), a file or a database.
""",
        examples=(
            "break/change_is_not_seen",
            "worker/what_reaches_a_worker",
            "break/global_is_reset",
        ),
        quotes=(
            Quote(
                "Global app state is not shared between worker instances.",
                "reported",
                "https://github.com/ArjanCodes/2023-fastapi/issues/7",
            ),
        ),
    ),
    Symptom(
        "warnings-come-back",
        "Warnings that were turned off come back in workers",
        words=(
            "turn off warnings in subprocesses of joblib, warnings.filterwarnings has no effect",
            "warnings filter in workers, simplefilter ignore",
        ),
        cause="""
Filters of warnings are set in your own process, and [a new interpreter has none of them](inv:python:std:label#warning-filter), as under `spawn` and `forkserver` and in loky's workers.
""",
        cure="""
Set `PYTHONWARNINGS` in the environment [before the first process starts](/examples/break/environ_too_late), or call `warnings.filterwarnings` in [an initializer](/examples/worker/hand_over_with_initializer).
""",
        examples=("worker/hand_over_with_initializer", "break/environ_too_late"),
        quotes=(
            Quote(
                "Turning off warnings in sub-processes launched by joblib (possibly loky too) should be easier",
                "reported",
                "https://github.com/joblib/joblib/issues/1591",
            ),
        ),
    ),
    Symptom(
        "name-error-with-dill",
        "NameError: name … is not defined, with pathos, multiprocess or p_tqdm",
        messages=(
            r"[\\/](?:multiprocess|pathos|pandarallel|parallel_pandas|parallelbar)[\\/][^\0]{0,900}NameError: name '\w{1,80}' is not defined",
        ),
        words=(
            "pathos NameError",
            "pandarallel, parallel_pandas",
            "dill loses the imports of a notebook",
            "multiprocess, p_tqdm",
        ),
        cause="""
These libraries pickle your function by value, with dill, and what it names of a notebook or of the script's top level [need not come along](https://github.com/uqfoundation/pathos/issues/118), also where the guard is right.
""",
        cure="""
Import within the function, and hand it all else as arguments, or [put it into a module of its own](/examples/break/name_error_in_worker) that workers import.
""",
        examples=("break/name_error_in_worker",),
        quotes=(
            Quote(
                "File \"C:\\site-packages\\multiprocess\\pool.py\", line 125, in worker\nNameError: name 'time' is not defined",
                "reported",
                "https://github.com/swansonk14/p_tqdm/issues/39",
            ),
        ),
    ),
    Symptom(
        "name-error",
        "NameError: name … is not defined, in a worker",
        messages=(
            r"NameError: name '\w{1,80}' is not defined",
            r"(?:^|\n)name '\w{1,80}' is not defined",
        ),
        cause="""
The name is set below the guard, or in a function that is called there, and a worker under `spawn` or `forkserver` {proof}`does not run that <name_error_in_worker: ^spawn:\\n  the global variable: NameError>`.
In your own process the name is only misspelt, or not imported.
""",
        cure="""
[Set it in an initializer, or hand it over](/examples/break/name_error_in_worker) as an argument of the task.
""",
        more="""
A library that pickles your function by dill, such as pandarallel or pathos, [need not take along](#name-error-with-dill) what a notebook has imported: import it within the function.
""",
        examples=("break/name_error_in_worker",),
    ),
    Symptom(
        "same-random-numbers",
        "All workers have the same random numbers, the same uuid, the same place in a file",
        signs=(
            r"forkserver, made by the top level:\n  one uuid for both True",
            r"not seeded, the same in both workers:\n.{0,40}\n  random\.Random\(\) of the top level: True",
        ),
        words=(
            "the same result for all runs, simulations, replicates in parallel",
            "random transforms are the same again and again",
            "same output, same result in different workers",
            "same images, augmentations or transformations in each batch or worker",
            "results are not reproducible, differ from run to run, seed",
            "identical random numbers in every worker",
            "numpy seed in workers",
            "duplicate uuid",
            "np.random: same augmentation, batch, numbers in all DataLoader workers, in each epoch",
            "identical augmentation across workers, worker_init_fn",
            "numpy.random.rand produces the same values in different cores, processes",
        ),
        cause="""
Forked workers {proof}`have what your process had <same_random_numbers: ^fork, not seeded, the same in both workers:\\n.*\\n  random\\.Random\\(\\) of the top level: True>`, a generator with its state too; from 3.13.8 and 3.14.1 on, those of the fork server have {proof}`what the top level of your script has made <top_level_is_shared from 3.13.8 3.14.1: ^forkserver, made by the top level:\\n  one uuid for both True, one random number True, one place in the file True>`.
One that the top level seeds with a fixed number is {proof}`the same under every method <same_random_numbers: ^spawn, not([^:]+:){4} True>`.
""",
        cure="""
[Seed in an initializer](/examples/break/same_random_numbers), which is `worker_init_fn` for a `DataLoader`, give each task a generator of its own by [`SeedSequence.spawn`](https://numpy.org/doc/stable/reference/random/parallel.html), and [make there what each worker is to have for itself](/examples/break/top_level_is_shared).
""",
        examples=("break/same_random_numbers", "break/top_level_is_shared"),
    ),
    Symptom(
        "log-records-vanish",
        "Log records vanish",
        signs=(r"Its logger has no handler",),
        words=(
            "logging in workers does not work",
            "log messages are missing",
            "configure logging for subprocesses on Windows, child processes",
            "some log messages of child processes are missing, lost, on Windows",
            "no log output from the process pool",
            "no output in the terminal from the worker processes",
            "standard logging with loky, joblib",
            "state of the logger, handlers, formatters is not preserved across processes",
            "logging from multiprocessing does not show up",
            "workers log nothing, logging configuration is not propagated or inherited, Python 3.14, forkserver",
        ),
        cause="""
Logging was set up in the main process only, and a worker under `spawn` or `forkserver` {proof}`has a logger without it <log_records_vanish: Its logger has no handler>`, as has one that was forked before.
""",
        cure="""
[Set it up in an initializer](/examples/break/log_records_vanish).
""",
        examples=("break/log_records_vanish",),
    ),
    Symptom(
        "mock-not-seen",
        "A mock or monkeypatch is not seen",
        signs=(r"patched in the main process: the worker gets False",),
        words=(
            "unittest.mock patch in worker",
            "pytest monkeypatch multiprocessing",
            "mocks are not seen in child processes, not inherited, Python 3.14, forkserver",
            "moto, mock_aws, responses, freezegun in a process pool",
        ),
        cause="""
You have patched the module of the main process, and the worker has its own.
""",
        cure="""
[Patch in the worker](/examples/break/mock_not_seen), by an initializer.
""",
        examples=("break/mock_not_seen",),
    ),
    Symptom(
        "environ-too-late",
        "A change of os.environ does not arrive",
        signs=(r"In a new worker it is red",),
        words=("environment variable not set in worker",),
        cause="""
The fork server was started before, and hands on {proof}`what it had then <environ_too_late: ^forkserver: .*\\n  In a new worker it is red>`.
""",
        cure="""
[Set it before the first use](/examples/break/environ_too_late) of a process, or in the initializer.
""",
        examples=("break/environ_too_late",),
    ),
    Symptom(
        "asked-the-wrong-process",
        "get_start_method answers something else than the pool uses",
        signs=(r"A pool that uses fork:\n  get_start_method answers (?!fork$)",),
        words=("get_start_method in a worker is wrong",),
        cause="""
Submitted as it is, it answers for the main process.
""",
        cure="""
[Submit a function of your own that asks](/examples/check/ask_worker).
""",
        examples=("check/ask_worker",),
    ),
    Symptom(
        "script-runs-again",
        "The script runs again in each worker: it prints, asks or opens everything twice",
        signs=(r"2 ran the top level",),
        words=(
            "all my initialization code, start-up code runs all over again",
            "printed twice, executed twice, runs multiple times",
            "windows or servers are opened again by each process",
            "a second, blank, extra window appears; code is reloaded, executed again with each process",
            "multiple UI instances of a PyQt5, Qt application",
            "every worker waits for input, input is asked again in each process",
            "output appears twice, is printed several times; script resets, restarts, on Windows",
            "many windows, GUI, PyQt window opens again; code runs multiple times without __main__",
            "each worker asks for input again, a prompt repeats",
            "EOFError: EOF when reading a line in a worker",
            "code at the top level is executed by every process",
            "duplicate GUI, GUIs on Windows",
            "starting another process opens a new window: kivy, tkinter, pygame, DearPyGui",
            "second Gradio server starts, launch() runs again",
            "resets the script on Windows, unexpected looping of the code, script loops",
            "discord bot, Unclosed client session, a bot or a server is made again",
        ),
        cause="""
Under `spawn` each worker, and under `forkserver` its server, [imports your script again](inv:python:std:label#multiprocessing-safe-main-import): {proof}`what stands at its top level runs once more <imports_again: ^Of 2 workers under spawn$\\n  2 ran the top level>`, with all that it prints, asks or opens.
""",
        cure="""
[Put it below the guard](/examples/break/imports_again), `if __name__ == "__main__":`, and leave only imports and functions above.
""",
        examples=("break/imports_again", "break/no_main_guard"),
    ),
    Symptom(
        "manager-nested",
        "A change of a list or dictionary within a manager's is not seen",
        words=(
            "how to use a Manager, its list, dict, Namespace between processes",
            "nested list or dict in Manager, append is lost, no change",
            "Manager().dict() with a list as a value does not update",
            "proxy object, change of an element is not seen by other processes",
            "inner list, normal Python list in a shared list, changes are not propagated",
            "rebinding the variable to a new list is not seen, append is",
        ),
        cause="""
A manager's proxy hands out copies: [it does not notice](inv:python:std:label#multiprocessing-proxy_objects) what is changed within an ordinary list or dictionary that it has given you.
""",
        cure="""
Assign the changed value again, as in `row = rows[0]; row.append(5); rows[0] = row`, or put another of the manager's lists or dictionaries in; and change the whole by `rows[:] = …`, as a new object under its name is yours alone.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "Multiprocessing Manager on 3D list - no change of the list possible",
                "reported",
                "https://github.com/python/cpython/issues/76719",
            ),
        ),
    ),
    Symptom(
        "target-not-callable",
        "A Process ends at once with exit code 0, and its target never runs",
        words=(
            "target=f() runs in the main process",
            "Process target never runs, does nothing, exits immediately with exitcode 0",
            "Process with target=main() blocks, nothing happens",
        ),
        cause="""
Its `target` is not your function, but something that is `None` or false, mostly what a call of it has returned, as in `target=work()`, which ran in your own process: [that is not called](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/process.py).
""",
        cure="""
Write `target=work, args=(...)`, without a call.
""",
        examples=("break/process_target_not_pickled",),
        quotes=(
            Quote(
                "The subprocess starts, immediately exits with status 0",
                "reported",
                "https://github.com/pypilot/pypilot/pull/299",
            ),
        ),
    ),
    Symptom(
        "exceptions-vanish",
        "An error in a task vanishes, and the program goes on",
        messages=(r"exception calling callback for",),
        signs=(
            r"do_not_ask:\n  no error is shown",
            r"ValueError: \d is odd",
        ),
        words=(
            "errors of a process pool vanish, nothing is printed, shown or logged",
            "errors thrown by workers are not raised, propagated in the main process",
            "errors in a process pool are swallowed",
            "an exception is lost, without any notification; code loses an error",
            "apply_async does nothing, does not work, the callback is not called; use error_callback, get",
            "workers return nothing: no traceback, no error message, wait for results and get nothing back",
            "multiprocessing does not raise exceptions, errors of workers are swallowed, silent",
            "exception in a worker is not shown",
            "pool.submit does nothing",
            "executor does not execute the function",
            "never see the error if there is a problem in a task",
            "pool.map does nothing and shows no error",
            "silent failure of a task",
        ),
        cause=(
            "A future keeps the error of its task until somebody asks it for the result, and `map` until its values are iterated:"
            " {proof}`whoever does not ask sees none <exceptions_vanish: ^do_not_ask:\\n  no error is shown\\nask:>`."
        ),
        cure=(
            "[Ask each future for its `result()`](/examples/break/exceptions_vanish), iterate over what `map` returns, or add a callback that logs; an error in such a callback is only logged, as `exception calling callback for`."
        ),
        examples=("break/exceptions_vanish",),
    ),
    Symptom(
        "dataset-repeated",
        "An IterableDataset gives each sample once for each worker",
        words=(
            "data is repeated, duplicated num_workers times, IterableDataset, streaming dataset",
            "DataLoader with several workers yields the same samples, epoch is too long",
        ),
        cause="""
Each worker of a `DataLoader` has [a copy of the dataset](https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset), and iterates over all of an `IterableDataset`.
""",
        cure="""
Have each yield its own part: [`get_worker_info()`](https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info) tells its number and how many there are.
""",
        examples=("break/same_random_numbers",),
        quotes=(
            Quote(
                "when I set num_workder = 4, the data is repeated 4 times.",
                "reported",
                "https://github.com/vahidk/tfrecord/issues/78",
            ),
        ),
    ),
)
