"""Something cannot be pickled."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "local-function",
        "Can't pickle local object, or a lambda",
        messages=(
            r"Can't pickle <enum '[^']{1,99}'>(?:: attribute lookup)?",
            r"Can't pickle <class '[^']{1,200}'>: import of module",
            r"Can't pickle <class '(?!_thread|coroutine|generator|(?:unittest\.)?mock\.)[^']{1,200}'>: (?:attribute lookup|it's not)",
            r"Can't pickle (?!<class '(?:unittest\.)?mock\.)[^\n]{1,200}: it's not the same object as",
            r"Can't (?:pickle|get) local object",
            r"Can't pickle <type '(?:function|instancemethod)'>",
            r"Can't pickle <function",
        ),
        words=(
            "function within a class or another function cannot be used in a pool, lambda is impossible",
            "lambda as a default argument or an attribute, on Windows",
            "works on Linux, and not on macOS since Python 3.8",
            "lambda objective: a function cannot be run in parallel, workers=-1",
            "decorated function cannot be pickled",
            "namedtuple in a function cannot be pickled",
            "pickle lambda",
            "pickle nested function",
            "closure in process pool",
        ),
        cause="""
A function that you submit travels by its name, so it must stand at the top level of a module.
Under `spawn` and `forkserver`, the default on Linux from Python 3.14 on, {proof}`the same holds for an initializer <lambda_initializer_not_pickled linux: ^spawn:\\n  A lambda: (PicklingError|AttributeError)>`, and the target of a `multiprocessing.Process` {proof}`is pickled there <process_target_not_pickled: ^(?:spawn|forkserver), target=try_all\\.<locals>\\.serve:\\n  (PicklingError|AttributeError)>` and under `fork` {proof}`is not <process_target_not_pickled: ^fork, target=try_all\\.<locals>\\.serve:\\n  it runs>`.
"Not the same object" is said where something else has taken the name: a decorator, an instance, as by `args = args()`, a cell that was run again, or a second import of the module, such as that of [pytest's importlib mode](https://github.com/microsoft/vscode-python/issues/13690).
""",
        cure="""
[Move it to the top level](/examples/break/local_function_not_pickled), and hand over what it needs as arguments; in place of a lambda, which has no name to be found by, write a `def`.
If the name is a library's, upgrade that, or use its setting for threads, or for one process.
Where it is "not the same object", give an instance another name than its class, make objects anew after their cell was run again, and if a decorator or a wrapper has taken the name, hand over a function of your own that calls it, or, if it is the decorator that starts the process, keep the undecorated function under a name of its own.
Where "attribute lookup" fails in a library's module, an object holds that library's function, often the `self` of [a method that you submit](#cannot-pickle-object), or is of a class that the library has made at run time, such as boto3's or a session of SQLAlchemy's ("not the same object" as well): submit a function, with names and keys, and make the object in the worker.
Where it "failed" on `__main__` for a function of your top level, another program is `__main__`, such as a launcher or a profiler that runs your script: put the function into a module.
""",
        examples=(
            "break/local_function_not_pickled",
            "break/process_target_not_pickled",
            "break/lambda_initializer_not_pickled",
        ),
    ),
    Symptom(
        "cannot-pickle-object",
        "cannot pickle '…' object",
        messages=(
            r"Could not pickle the task to send to the workers",
            r"_SingleProcessDataLoaderIter cannot be pickled|DataLoaderIter cannot be pickled",
            r"Could not pickle the task to send it to the workers",
            r"__pyx_unpickle_\w{1,60}|__cinit__\(\) takes (?:exactly|at least) \d+ positional argument",
            r"no default __reduce__ due to non-trivial __cinit__",
            r" cannot be converted to a Python object for pickling",
            r"use_multiprocessing=True.{0,2} is not supported on Windows",
            r"marshalling of generators across process boundaries",
            r"Can't pickle <built-in method",
            r"[Cc]an't pickle (?!_thread\.R?[Ll]ock|coroutine|async_gen)[\w.]{1,80} objects",
            r"\w{1,60} objects? cannot be pickled",
            r"recursion depth exceeded while pickling",
            r"cannot pickle '(?!_thread\.R?[Ll]ock|coroutine')[\w.]{1,80}'(?: object)?",
            r"cannot pickle '[\w.]{1,80}' instances",
            r"cannot serialize '[\w.]{1,80}' object",
            r"Can't pickle <class 'generator'>",
        ),
        words=(
            "self.work in a process pool",
            "cannot pickle a connection",
            "cannot pickle an open file",
            "when serializing dict item",
            "submit a method of self to a process pool",
            "Cython class with a C pointer cannot be pickled",
            "Keras generator with use_multiprocessing on Windows",
            "SubprocVecEnv fails with a pickle error, gym environment, DummyVecEnv works",
            "socket cannot be handed to a Process, pickleable, picklable, function pointer",
        ),
        cause=(
            "What you submit is pickled, and a method takes its object along, with all that this holds:"
            " a connection, a file, a generator, an event loop's selector or a pointer of C"
            " cannot be pickled."
            " A `multiprocessing.Process` that ran before Python 3.14 pickled nothing: under `fork`, then the default on Linux, its target"
            " {proof}`is inherited <process_target_not_pickled: ^fork, target=try_all\\.<locals>\\.serve:\\n  it runs>`."
            " {proof}`From 3.14 on <cannot_pickle cpython from 3.14: when serializing Store object>` notes below the"
            " traceback say where it was found."
        ),
        cure=(
            "Submit [a function that gets a path, and opens what it needs, or write `__reduce__`](/examples/break/cannot_pickle);"
            " what takes long to open is opened in [an initializer](/examples/worker/hand_over_with_initializer), or in the function that a `Process` runs;"
            " a way back for now is"
            ' {proof}`` `get_context("fork").Process` <process_target_not_pickled: ^fork, target=try_all\\.<locals>\\.serve:\\n  it runs>``, where no threads run.'
            " A `DataLoader`'s dataset opens it at the first `__getitem__`, or take `num_workers=0`."
            " Keras takes a `keras.utils.Sequence` in place of a generator."
            ' joblib\'s "Could not pickle the task" follows from an error above it; if that speaks of size, see [what is too large](#too-large-to-send).'
            " If a library submits it, have it take threads, such as a `ThreadPoolExecutor`, or one process."
        ),
        examples=("break/cannot_pickle",),
        quotes=(
            Quote(
                "TypeError: self._hds cannot be converted to a Python object for pickling",
                "reported",
                "https://github.com/rasterio/rasterio/issues/1731",
            ),
            Quote(
                "Using a generator with `use_multiprocessing=True` is not supported on Windows",
                "reported",
                "https://github.com/xiaohan2012/sdne-keras/issues/3",
            ),
        ),
    ),
    Symptom(
        "cannot-pickle-lock",
        "cannot pickle '_thread.lock' object",
        messages=(
            r"can't pickle _thread\.R?[Ll]ock objects",
            r"[Cc]annot pickle '?_thread\.R?[Ll]ock'? object",
            r"Can't pickle <class '_thread\.R?[Ll]ock'>",
        ),
        cause="""
A `threading.Lock` belongs to one process, and so does an object that has one in it, also where [a method of that object](/examples/break/process_target_not_pickled) is what you start.
A `multiprocessing.Process` that ran before Python 3.14 pickled nothing: under `fork`, then the default on Linux, its target {proof}`is inherited <process_target_not_pickled: ^fork, target=try_all\\.<locals>\\.serve:\\n  it runs>`.
""",
        cure="""
Pass [a lock of the pool's context](/examples/break/lambda_initializer_not_pickled) in `initargs` instead, leave it out in [`__getstate__`](/examples/break/cannot_pickle), or make the object in [an initializer](/examples/worker/hand_over_with_initializer), or in the function that a `Process` runs; in place of `queue.Queue`, which has such locks, take `multiprocessing.Queue`; a way back for now is {proof}`` `get_context("fork").Process` <process_target_not_pickled: ^fork, target=try_all\\.<locals>\\.serve:\\n  it runs>``, where no threads run; if a library submits it, have it take a `ThreadPoolExecutor`, or one process.
""",
        examples=("break/lambda_initializer_not_pickled", "worker/hand_over_with_initializer"),
    ),
    Symptom(
        "shared-through-inheritance",
        "objects should only be shared between processes through inheritance",
        messages=(
            r"objects should only be shared between processes through inheritance",
            r"Arena is unpicklable because forking was enabled when it was created",
        ),
        words=(
            "queue made in a constructor and handed to a Process behaves strangely",
            "lock as an argument of a task",
            "how is a queue, lock passed to a process, instance variable, as an argument, by a class",
            "one counter, lock or queue for all pool workers; hand a Queue to starmap, map",
            "queue as an argument of a task",
        ),
        cause="""
A lock, queue, value or array of `multiprocessing` cannot be an argument of a task: it reaches a worker only as that is started.
Nor can it be pickled or copied otherwise, as where an object that holds one is saved.
""",
        cure="""
[Pass it in `initargs`, or take a manager's](/examples/break/lock_as_argument); to save an object, leave it out in `__getstate__`.
If a library pickles it for you, take one process, such as `num_proc=None` of Hugging Face's `map`, or upgrade the library with its `dill` and `multiprocess`.
""",
        examples=("break/lock_as_argument", "worker/share_a_lock"),
    ),
    Symptom(
        "lock-of-other-context",
        "A SemLock created in a fork context is being shared",
        messages=(r"A SemLock created in a",),
        words=(
            "mixing objects of fork and spawn",
            "child segfaults when a lock is passed as an argument, get_context('spawn') and multiprocessing.Lock()",
        ),
        cause="""
The lock, or a queue with one in it, [is from the context of `fork`](https://github.com/python/cpython/issues/77377), and the pool is not.
Before 3.11.5 the pool {proof}`breaks <lock_of_other_context cpython linux before 3.11.5: ^  BrokenProcessPool: >` instead.
""",
        cure="""
{proof}`Make both from one context <lock_of_other_context linux: ^A lock from forkserver, a pool of forkserver:\\n  the worker takes the lock: True>`.
""",
        examples=("break/lock_of_other_context",),
    ),
    Symptom(
        "process-not-pickled",
        "An error at reduction.dump(process_obj, …), where a process is started",
        messages=(
            r"popen_\w{1,20}\.py\x22?[,:][^\n]{1,40}\n[^\n]{0,9}reduction\.dump\(process_obj",
            r"when serializing (?:multiprocessing|[\w.]{1,60})\.\w{0,30}Process (?:object|state)",
            r"reduction\.dump\(process_obj, [^\0]{0,600}(?:PicklingError|TypeError|AttributeError): ",
        ),
        words=(
            "Process.start() fails with an error of pickle",
            "self.start() of a Process subclass",
        ),
        cause="""
What a `multiprocessing.Process` is to run is {proof}`pickled as it starts <process_target_not_pickled: ^(?:spawn|forkserver), target=try_all\\.<locals>\\.serve:\\n  (PicklingError|AttributeError)>`, under every method but {proof}`` `fork` <process_target_not_pickled: ^fork, target=try_all\\.<locals>\\.serve:\\n  it runs>``: its target, its arguments, and, of a class of your own, all its attributes.
The last line of the traceback names what cannot be.
""",
        cure="""
Hand over less: [a function at the top level](/examples/break/process_target_not_pickled), with plain values, and make the rest in the child.
""",
        examples=("break/process_target_not_pickled",),
        quotes=(
            Quote(
                "popen_forkserver.py:47: in _launch\n    reduction.dump(process_obj, buf)",
                "reported",
                "https://github.com/boto/s3transfer/issues/320",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "queue-item-not-pickled",
        "A traceback at _feed in queues.py, and nothing arrives",
        messages=(r"queues\.py\x22, line \d{1,6},? in _feed",),
        words=("item of a queue cannot be pickled", "Queue.put loses objects, nothing arrives"),
        cause="""
What you have put on a queue is pickled [by a thread of the queue's](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/queues.py), after `put()` has returned: if that fails, the thread prints a traceback, `put()` raises nothing, and whoever waits in `get()` waits on, for the next item.
""",
        cure="""
Put on it [what can be pickled](/examples/break/cannot_pickle): the last line of that traceback names what cannot.
""",
        examples=("break/cannot_pickle",),
        quotes=(
            Quote(
                'File "/usr/lib/python3.14/multiprocessing/queues.py", line 264, in _feed',
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/queues.py",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "mock-not-pickled",
        "Can't pickle &lt;class 'unittest.mock…'>",
        messages=(
            r"Can't pickle <class '(?:unittest\.)?mock\.[\w.]{1,80}'>",
            r"args\[0\] from __newobj__ args has the wrong class",
        ),
        words=("MagicMock in a process pool", "Mock with spec cannot be pickled"),
        cause="""
A mock has a class of its own, made at run time, and one with a `spec` [says that it is of another class](https://github.com/python/cpython/issues/100090), so that pickle finds neither by its name.
""",
        cure="""
Hand over no mock, but a plain object or a small class of the test's module; what the task calls is [patched in the worker](/examples/break/mock_not_seen), by an initializer.
""",
        examples=("break/mock_not_seen",),
        quotes=(
            Quote(
                "PicklingError: args[0] from __newobj__ args has the wrong class",
                "reported",
                "https://github.com/python/cpython/issues/100090",
            ),
        ),
    ),
    Symptom(
        "pool-not-pickled",
        "pool objects cannot be passed between processes or pickled",
        messages=(
            r"pool objects cannot be passed between processes or pickled",
            r"Pickling an AuthenticationString object is disallowed for security reasons",
        ),
        words=("self.pool in the object whose method is submitted",),
        cause="""
What you submit, often a method of an object that keeps its pool or its processes as attributes, takes the whole object along, and these belong to your process alone.
""",
        cure="""
[Submit a function that stands at the top level](/examples/break/local_function_not_pickled), with the few values that it needs, or leave the attribute out in `__getstate__`.
""",
        examples=("break/local_function_not_pickled",),
        quotes=(
            Quote(
                "NotImplementedError: pool objects cannot be passed between processes or pickled",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py",
            ),
        ),
    ),
    Symptom(
        "result-not-pickled",
        "MaybeEncodingError: Error sending result",
        messages=(
            r"Error sending result: ",
            r"MaybeEncodingError",
            r"the exception it raised cannot be pickled",
        ),
        words=("the result of a task cannot be pickled",),
        leads=True,
        cause="""
What the task of a `multiprocessing.Pool` returns, or raises, cannot be pickled, or is [too large](#too-large-to-send), and so [cannot be sent to your process](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py); the reason stands behind `Reason:`.
""",
        cure="""
Where an error is named before `Reason:`, the task has raised that (one process shows it, where it says only `ExceptionWithTraceback`): mend it, or raise a `RuntimeError` with its text; an exception can be sent if its `__init__` [hands all arguments to `super().__init__`](#not-unpickled-in-your-process).
Else return values that can be pickled, such as numbers, text, lists and dictionaries: [what is wrong with an object](/examples/break/cannot_pickle) is the same in both directions.
In Django's tests it is a failure that is to be sent: [`--parallel 1` shows it](https://docs.djangoproject.com/en/5.2/ref/django-admin/#cmdoption-test-parallel).
""",
        examples=("break/cannot_pickle",),
        quotes=(
            Quote(
                "multiprocessing.pool.MaybeEncodingError: Error sending result: '[<generator object>]'. Reason: 'TypeError(\"cannot pickle 'generator' object\")'",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py",
            ),
        ),
    ),
    Symptom(
        "too-large-to-send",
        "struct.error: 'i' format requires …, MemoryError, or larger than 4 GiB, where something is sent",
        messages=(
            r"'i' format requires -?\d+ <= number <= -?\d+",
            r"(?:cannot serialize|serializing) a (?:bytes|bytearray|string|unicode)(?: object)? larger than 4 ?GiB",
            r"too large for `send_bytes`",
            r"ForkingPickler\(file, protocol\)\.dump\(obj\)[ \n~^]{1,99}(?:MemoryError|OSError: \[Errno 22\])",
            r"pickle\.load\(from_parent\)[ \n~^]{1,99}(?:[\w.]{1,60}\.)?_?(?:Array)?MemoryError",
        ),
        words=(
            "large array as an argument of a task",
            "result too large for the pool",
            "MemoryError when a process is started",
        ),
        cause="""
What is sent does not fit: into the memory, as the arguments of a new process or a `DataLoader`'s dataset, of which, under all methods but `fork`, [each child gets a pickled copy](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/popen_spawn_win32.py), at `dump(obj)` in your process and at `load(from_parent)` in the child; or into a pipe, if it has more than 2 or 4 GiB, [before Python 3.8](https://github.com/python/cpython/issues/61760) or by an old protocol of pickle.
""",
        cure="""
Have the worker read, or write, the data itself, from a file or from [shared memory](/examples/break/leaked_shared_memory), and send only its name; take fewer workers, and for a `DataLoader` `num_workers=0`.
""",
        examples=("break/leaked_shared_memory",),
        quotes=(
            Quote(
                "struct.error: 'i' format requires -2147483648 <= number <= 2147483647",
                "reported",
                "https://github.com/python/cpython/issues/61760",
            ),
            Quote(
                "ForkingPickler(file, protocol).dump(obj)\nMemoryError",
                "reported",
                "https://github.com/Isaacdelly/Plutus/issues/87",
            ),
        ),
    ),
    Symptom(
        "cross-interpreter-data",
        "does not support cross-interpreter data",
        messages=(r"does not support cross-interpreter data",),
        cause="""
An argument that cannot be pickled, such as a `threading.Lock`, cannot go to [another interpreter of your process](/examples/beyond/run_in_interpreters) either.
""",
        cure="""
Hand over [what can go there](inv:python:std:label#interp-object-sharing).
""",
        examples=("beyond/run_in_interpreters",),
    ),
    Symptom(
        "coroutine-not-pickled",
        "TypeError: cannot pickle 'coroutine' object",
        messages=(
            r"cannot pickle 'coroutine' object",
            r"Can't pickle <class 'coroutine'>",
            r"[Cc]an't pickle (?:coroutine|async_generator) objects",
            r"coroutines cannot be used with run_in_executor\(\)",
            r"run_double\(None\): TypeError: unsupported operand type",
        ),
        words=(
            "asyncio with process pool",
            "run_in_executor with a coroutine function",
            "async def in ProcessPoolExecutor",
        ),
        cause="The task is a coroutine function: the worker calls it, which makes a coroutine object and runs nothing, and [that result cannot be pickled](https://docs.python.org/3/library/concurrent.futures.html#processpoolexecutor).",
        cure="[Submit a plain function](/examples/break/asyncio_with_pool) that calls `asyncio.run` in the worker, and await it by `loop.run_in_executor`; where you hand over what a coroutine function returned, await that first, and hand over its result.",
        examples=("break/asyncio_with_pool",),
        quotes=(
            Quote(
                "TypeError: coroutines cannot be used with run_in_executor()",
                "documented",
                "https://github.com/python/cpython/blob/3.14/Lib/asyncio/base_events.py",
            ),
        ),
    ),
    Symptom(
        "logger-not-pickled",
        "logger cannot be pickled",
        messages=(r"logger cannot be pickled",),
        words=("a logger as an argument, an attribute of self, in a process",),
        cause="""
A logger is pickled [by its name alone](https://github.com/python/cpython/blob/v3.14.0/Lib/logging/__init__.py), and `logging.getLogger()` does not know this one: it was made by `Logger(…)`, or a library keeps it elsewhere.
""",
        cure="""
Do not hand it over, neither as an argument nor as an attribute of what you hand over, which [`__getstate__`](/examples/break/cannot_pickle) can leave out.
In the worker, call `logging.getLogger(name)`, and set its handlers [in an initializer](/examples/break/log_records_vanish).
""",
        examples=("break/cannot_pickle", "break/log_records_vanish"),
        quotes=(
            Quote(
                "_pickle.PicklingError: logger cannot be pickled",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/logging/__init__.py",
            ),
        ),
    ),
)
