"""It hangs, or it warns that it may."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "fork-with-threads",
        "use of fork() may lead to deadlocks in the child",
        messages=(
            r"The current process just got forked, after parallelism has already been used",
            r"Forking a process while a parallel region is active",
            r"This class is not fork-safe",
            r"Attempted to fork from a non-main thread, the TBB library",
            r"fork\(\) called from a process already using GNU OpenMP",
            r"FD from fork parent still in poll list",
            r"calling into gRPC, skipping fork\(\) handlers",
            r"is multi-threaded, use of fork\(\) may lead to deadlocks",
            r"[Uu]sing fork\(\) can cause Polars to deadlock",
            r"os\.fork\(\) was called\. os\.fork\(\) is incompatible with multithreaded code",
        ),
        words=(
            "gunicorn preload does not work with PyTorch",
            "hangs with fork and threads",
            "SubprocVecEnv, VectorEnv hangs with TensorFlow, gym",
            "processes started from several threads, from a thread pool, hang",
            "one server worker serves all requests, others stall, uWSGI",
            "warning when a test uses os.fork()",
            "DataLoader freezes at the first batch, stops at the end of an epoch, at validation",
            "breaks when OpenCV, Stanza, Keras is used with multiprocessing, suspended, stalls",
            "gRPC fork",
            "JAX fork",
            "DeprecationWarning fork multi-threaded",
            "Polars fork deadlock",
            "huggingface tokenizers, TOKENIZERS_PARALLELISM",
            "OpenMP, MKL, OpenBLAS, libgomp hangs in the child",
            "TensorFlow or Keras session hangs in a worker",
            "Open3D, OpenCV, h5py, Tokio, Go runtime and fork",
            "second process hangs after the parent has used a library",
            "PyTorch DataLoader hangs, stuck, deadlock with num_workers",
            "data loading does not start when num_workers is greater than 0",
            "OpenCV cv2 imported, DataLoader workers hang",
            "datasets map with num_proc hangs, blocks",
            "GridSearchCV, scikit-learn n_jobs=-1 hangs or freezes",
            "XGBoost, LightGBM hang in a pool, in a child process",
            "Google Cloud client, grpcio, channel hangs for ever under multiprocessing, opened before fork",
            "model.predict, forward, backward, training, fit hangs in a multiprocessing Process",
            "works once, hangs the second time, after a first training",
            "test hangs only in the whole test suite, works alone",
            "Keras fit_generator with use_multiprocessing=True and workers does not work",
            "Pool crashes a GUI program, Qt, console",
            "loop or training freezes at the first batch, use_multiprocessing=True, fit",
            "Keras predict does not return in a Celery task",
            "event loops and subprocesses mixed, deadlock; papermill, kernel hangs",
            "fork context deadlock, thread deadlock, free-threaded 3.14t",
            "uwsgi lazy-apps, gunicorn preload, forked worker hangs",
            "PyPy hangs with a queue, a pool",
            "dask jobs hang with fork",
        ),
        cause="""
You fork in a process that has threads, and a pool has one: {proof}`a second pool beside a first <fork_with_threads cpython from 3.12: ^fork, a second pool beside it:\\n  DeprecationWarning>` is enough.
Libraries that have threads of their own, such as Polars, JAX, TensorFlow, Hugging Face's tokenizers and all that use OpenMP, warn of it in words of theirs, or hang without any.
""",
        cure="""
Take {proof}`` `spawn` <fork_with_threads: ^spawn, beside a thread:\\n  no warning>`` or {proof}`` `forkserver` <fork_with_threads: ^forkserver, beside a thread:\\n  no warning>``, and start no thread at the top level of your script.
If you have to fork, [use no tokenizer before](https://github.com/CLARIN-PL/embeddings/issues/138), or set `TOKENIZERS_PARALLELISM=false` in the environment.
Where your code calls `os.fork()` itself, fork before threads start, which {py:func}`threading.enumerate` lists, or [start a new process by `subprocess`](https://github.com/tornadoweb/tornado/pull/3624).
""",
        more="""
From loky, at `fork_exec.py`, it is mostly harmless, as [another program takes the child's place at once](https://github.com/joblib/loky/issues/424).
Where a server or Celery makes the workers, use such a library there only: load models [in gunicorn's `post_fork`](https://docs.gunicorn.org/en/stable/settings.html#post-fork), without `--preload`, or take Celery's `--pool threads`.
On Windows and macOS, a `DataLoader` that hangs mostly [lacks the guard](/examples/break/no_main_guard).
"This class is not fork-safe" is fsspec's, as of s3fs and gcsfs: [make the file system in the worker](https://filesystem-spec.readthedocs.io/en/latest/async.html).
Under `forkserver` the warning can come from the fork server itself, at `forkserver.py`: then a thread that {proof}`the top level of your script has started <top_level_thread_hangs cpython from 3.13.8 3.14.1: ^forkserver: the worker gets the lock: False\\n  forkserver\\.py: DeprecationWarning>` runs there, and [it can hang the workers](#waits-for-a-lock).
""",
        examples=("break/fork_with_threads", "break/top_level_thread_hangs"),
        quotes=(
            Quote(
                "RuntimeWarning: Using fork() can cause Polars to deadlock in the child process.",
                "reported",
                "https://github.com/pola-rs/polars/issues/20255",
            ),
            Quote(
                "RuntimeWarning: os.fork() was called. os.fork() is incompatible with multithreaded code, "
                "and JAX is multithreaded, so this will likely lead to a deadlock.",
                "documented",
                "https://github.com/jax-ml/jax/pull/18989",
            ),
            Quote(
                "Other threads are currently calling into gRPC, skipping fork() handlers",
                "documented",
                "https://github.com/grpc/grpc/pull/41759",
            ),
            Quote(
                "OMP: Warning #190: Forking a process while a parallel region is active is potentially unsafe.",
                "reported",
                "https://github.com/joblib/threadpoolctl/issues/40",
            ),
            Quote(
                "huggingface/tokenizers: The current process just got forked, after parallelism has already been used. Disabling parallelism to avoid deadlocks...",
                "reported",
                "https://github.com/CLARIN-PL/embeddings/issues/138",
            ),
        ),
    ),
    Symptom(
        "waits-for-a-lock",
        "A worker waits for a lock for ever",
        signs=(
            r"fork:\n  the main process takes the lock: True\n  the worker takes the lock: False",
            r"forkserver: the worker gets the lock: False",
        ),
        words=(
            "process pool hangs",
            "deadlock in a worker",
            "pool is stuck, it just sits there",
            "worker never returns",
            "worker stuck in a lock after fork, such as that of logging",
            "process that holds a Lock dies, lock is never released",
        ),
        cause="""
{proof}`Another thread held it <fork_with_held_lock: ^fork:\\n.*\\n  the worker takes the lock: False>` when the worker was forked, and that thread is not in the worker.
From 3.13.8 and 3.14.1 on, a thread that the top level of your script starts, or a library there, {proof}`hangs the workers of forkserver too <top_level_thread_hangs from 3.13.8 3.14.1: ^forkserver: the worker gets the lock: False>`.
""",
        cure="""
Take {proof}`` `spawn` <fork_with_held_lock: ^spawn:\\n.*\\n  the worker takes the lock: True>``, or {proof}`` `forkserver` <fork_with_held_lock: ^forkserver:\\n.*\\n  the worker takes the lock: True>`` if the thread starts below the guard: [start it elsewhere, or preload nothing](/examples/break/top_level_thread_hangs).
Where your code or a library calls `os.fork()` itself, [fork before threads start](inv:python:py:function#os.fork), and let the child log nothing before it runs another program.
""",
        examples=("break/fork_with_held_lock", "break/top_level_thread_hangs"),
    ),
    Symptom(
        "objc-fork",
        "may have been in progress in another thread when fork() was called",
        messages=(
            r"THE_PROCESS_HAS_FORKED_AND_YOU_CANNOT_USE_THIS_COREFOUNDATION_FUNCTIONALITY",
            r"The process has forked and you cannot use this CoreFoundation functionality safely",
            r"may have been in progress in another thread when fork\(\) was called",
            r"multi-threaded process forked|multi-threaded proc\b",
            r"Namespace OBJC, Code 1",
            r"crashed on child side of fork pre-exec",
            r"in (?:proxy_bypass|getproxies)_macosx_sysconf|\b_scproxy\._get_prox",
            r"Worker \(pid:\d{1,9}\) was sent SIGSEGV!",
            r"[Ww]orker (?:was )?found in a dead state",
            r"exited with 'signal 11 \(SIGSEGV\)'",
            r"exited prematurely: signal 11\b",
            r"Negsignal\.SIGSEGV",
        ),
        words=(
            "requests or urllib crashes in a forked process on macOS",
            "requests, urllib, HTTP calls, network crash in tasks on a Mac; web scan keeps crashing",
            "objc initialize fork macOS crash",
            "gunicorn --preload SIGSEGV on macOS",
            "OBJC_DISABLE_INITIALIZE_FORK_SAFETY",
            "matplotlib, pyplot, plotting crash or segfault with multiprocessing on Mac, OS X, macOS Catalina",
            "importing tkinter, Tk, Qt, PyQt breaks multiprocessing, parallel code on macOS",
            "OSX segfault, Accelerate, vecLib, numpy.dot crashes in a child process",
            "Python quit unexpectedly, crash of a forked worker on macOS",
            "Ansible, Celery, RQ worker crashes on macOS, Apple Silicon, dead state, SIGSEGV",
            "network calls, HTTP requests in tasks crash with SIGSEGV or SIGABRT on macOS",
            "QApplication, GUI, OpenSSL, psycopg2 in a forked process on macOS",
            "crash in setproctitle on macOS Tahoe, Airflow task fails with Negsignal.SIGSEGV",
        ),
        cause="""
A forked process on macOS has used a system library that had threads in your process, and [is ended by that library](https://github.com/python/cpython/issues/77906), or crashes in it, as where [it looks for a proxy](https://github.com/python/cpython/issues/105912).
On other systems a `SIGSEGV`, whoever reports it, says only that compiled code has crashed, and Ansible's "dead state" that a worker has ended: by a crash, or since it was killed.
""",
        cure="""
Take `spawn`, which is [the default there since Python 3.8](inv:python:std:label#multiprocessing-start-methods) for this reason.
Under what has to fork, such as Ansible, Celery or gunicorn, [set `no_proxy` to an asterisk](https://github.com/benoitc/gunicorn/issues/2788) in the environment, so that nothing looks for a proxy, start gunicorn without `--preload`, Celery with `--pool solo` or `threads`, and call `matplotlib.use("Agg")` before a plot.
`OBJC_DISABLE_INITIALIZE_FORK_SAFETY=YES` only takes the check away, so that the process may crash all the same; [on macOS 26 somebody saw no effect of it](https://github.com/ansible/ansible/issues/87125).
""",
        examples=("break/fork_with_threads",),
        quotes=(
            Quote(
                "objc[72109]: +[__NSCFConstantString initialize] may have been in progress in another "
                "thread when fork() was called. We cannot safely call it or ignore it in the fork() "
                "child process. Crashing instead.",
                "reported",
                "https://github.com/aboutcode-org/scancode-toolkit/issues/1019",
            ),
            Quote(
                "CoreFoundation: *** multi-threaded process forked ***\nlibsystem_c.dylib: crashed on child side of fork pre-exec",
                "reported",
                "https://github.com/pyre/pyre/pull/250",
            ),
            Quote(
                "Worker (pid:55773) was sent SIGSEGV!",
                "reported",
                "https://github.com/IBM/mcp-context-forge/issues/2837",
            ),
            Quote(
                "ERROR! A worker was found in a dead state",
                "reported",
                "https://github.com/ansible/ansible/issues/85123",
            ),
        ),
    ),
    Symptom(
        "cuda-in-forked",
        "Cannot re-initialize CUDA in forked subprocess",
        messages=(
            r"CUDA initialized before forking",
            r"causing CUDA to be initialized",
            r"(?:CUDA|cuda runtime) error(?: ?\(3\))? ?: initialization error",
            r"CUDA was previously initialized|We must use the `spawn` multiprocessing start method",
            r"[Cc]annot re-initialize (?:CUDA|cuda) in forked subprocess",
            r"cudaErrorInitializationError: initialization error",
        ),
        words=(
            "GPU in a forked worker, gunicorn preload with PyTorch",
            "PyTorch CUDA fork DataLoader workers",
            "CuPy multiprocessing fork",
            "fork after initializing CUDA or GPU libraries: deadlock, undefined behavior",
            "vLLM VLLM_WORKER_MULTIPROC_METHOD",
        ),
        cause="""
[PyTorch](https://github.com/pytorch/pytorch/blob/v2.13.0/torch/cuda/__init__.py#L518-L519) says so in a worker that was forked from a process which had used the device, and CuPy has CUDA's own words for it.
""",
        cure="""
Take [`spawn`](https://github.com/pytorch/pytorch/blob/0b7bc35de983b8bfabcec0ad976cecf47287bef2/docs/source/notes/multiprocessing.rst), as [a script shows](/examples/break/cuda_in_forked_worker), or `forkserver` if no line at the top level of your script uses it; under gunicorn, leave `--preload` out, and under Celery load the model in the worker: [what libraries say](/libraries.md#pytorch).
A library with a setting of its own does not ask for your default: vLLM, say, wants [`VLLM_WORKER_MULTIPROC_METHOD=spawn`](https://docs.vllm.ai/en/latest/design/multiprocessing/) in the environment, and the guard in your script; where it warns that CUDA was initialized before, it has set that itself, and wants the guard.
""",
        examples=("break/cuda_in_forked_worker", "set/library_context"),
        quotes=(
            Quote(
                "RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use CUDA with "
                "multiprocessing, you must use the 'spawn' start method",
                "documented",
                "https://github.com/pytorch/pytorch/blob/v2.13.0/torch/cuda/__init__.py#L518-L519",
            ),
            Quote(
                "cudaErrorInitializationError: initialization error",
                "reported",
                "https://github.com/chainer/chainer/issues/1087",
            ),
        ),
    ),
    Symptom(
        "max-tasks-stuck",
        "A pool with max_tasks_per_child stops",
        signs=(r"[0-3] of 4 tasks are done",),
        words=(
            "hangs after that number of tasks",
            "max_tasks_per_child hangs",
            "max_tasks_per_child stuck, doesn't work, no new process is created",
            "max_task_per_child, maxtasksperchild",
        ),
        cause="""
[The pool does not start new workers](/examples/break/max_tasks_stuck) for those that have had their share of tasks.
""",
        cure="""
This is mended in {proof}`3.13.15, 3.14.7 and 3.15 <max_tasks_stuck cpython from 3.11 before 3.13.15 3.14.7: ^  [0-3] of 4 tasks are done>`: upgrade, or leave the argument out.
""",
        examples=("break/max_tasks_stuck",),
    ),
    Symptom(
        "pool-waits-for-killed-worker",
        "multiprocessing.Pool hangs after a worker was killed",
        signs=(r"  Pool, the lost task: TimeoutError",),
        words=(
            "pool is blocked when a child process is OOM killed",
            "out of memory killer",
            "a process in the pool is killed, by OOM, and the caller hangs forever",
            "hangs if a job segfaults or calls exit, waits indefinitely for its result, out of memory killer, script hangs forever",
            "multiprocessing.Pool waits for ever",
            "pool.map never returns",
            "worker killed, pool stuck",
            "GridSearchCV never completes, its processes are gone",
            "no progress, CPU idle, workers have disappeared",
            "worker process stops working, its task is lost",
            "SystemExit, sys.exit() or os._exit() in a task of a Pool",
        ),
        cause="A `multiprocessing.Pool` replaces a worker that has ended, be it killed or by [`sys.exit()` in its task](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py), but {proof}`waits for its task for ever <pool_waits_for_killed_worker cpython linux: Pool, the lost task: TimeoutError>`, under every start method.",
        cure="Use `ProcessPoolExecutor`, which [raises `BrokenProcessPool`](/examples/break/pool_waits_for_killed_worker), and for `sys.exit()` in a task `SystemExit` in your process: raise an error instead; or `get` with a time limit and then `terminate`; a worker that was killed while it waited for a task held a lock, so that even this may hang: then end the program.",
        examples=("break/pool_waits_for_killed_worker",),
    ),
    Symptom(
        "join-never-returns",
        "Process.join() never returns, or Queue.get() waits for ever",
        messages=(
            r'queues\.py", line \d+,? in _finalize_join',
            r"_finalize_join \([^\n)]{0,99}queues\.py",
            r'popen_(?:fork|forkserver|spawn_posix|spawn_win32)\.py", line \d+,? in (?:poll|wait)',
            r"(?:poll|wait) \([^\n)]{0,99}popen_(?:fork|forkserver|spawn_posix|spawn_win32)\.py",
        ),
        words=(
            "a small item, report works and a large one hung",
            "script with a Queue hangs after an exception",
            "programs that use multiprocessing hang and never complete",
            "what does join do, wait until a process has ended",
            "programs hang, deadlock and never complete; Queue on Windows hangs after an exception",
            "gets stuck after the last iteration, workers done but never joined",
            "process.join hangs, final join, processes are not joining properly",
            "join before the queue is drained, deadlock of a queue",
            "large result in a queue, more than 64 KB",
            "Queue.get never returns after a process was killed",
            "queue blocks forever after a worker has crashed",
            "child process does not exit",
            "py-spy or faulthandler shows popen_fork poll",
            "eventlet or gevent monkey_patch, patch_all, Event.wait, a pool hangs",
            "Queue.get hangs when the other process dies, the producer has died",
            "deadlock when too many objects are put in a Queue",
            "script hangs forever if one child process dies",
            "the program does not end or exit, a queue prevents exit, feeder thread, too much data",
            "parallel build hangs, waits for subprocesses to finish",
        ),
        cause="""
Your process waits for a child that does not end: one that has put items on a `multiprocessing.Queue` [ends only when they have been read](inv:python:std:label#multiprocessing-programming), so that `join()` before `get()` hangs once the pipe is full.
`Queue.get()` waits for ever if who was to put something has ended, or was [killed while it held the queue's lock](inv:python:py:method#multiprocessing.Process.terminate).
""",
        cure="""
Call `get()` first and `join()` then, and give `get()` a time limit after which you look whether the other process lives; a [`ProcessPoolExecutor`](/examples/break/pool_waits_for_killed_worker) does both.
Where what was put may be lost, as after an error, call {py:meth}`cancel_join_thread() <multiprocessing.Queue.cancel_join_thread>` in the process that has put it.
If the child itself hangs, look at its own stack, as by `py-spy dump`: [it may wait for a lock](#waits-for-a-lock).
""",
        more="""
Under eventlet or gevent, a pool can hang since its threads are no threads there: [leave them unpatched](https://github.com/eventlet/eventlet/issues/425), by `monkey_patch(thread=False)`.
""",
        examples=("break/pool_waits_for_killed_worker",),
        quotes=(
            Quote(
                'File "/usr/local/lib/python3.9/multiprocessing/popen_fork.py", line 27 in poll',
                "reported",
                "https://github.com/python/cpython/issues/105464",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "many-tasks-hang",
        "A ProcessPoolExecutor can hang when very many tasks are submitted",
        words=(
            "pool deadlocks when submitting many tasks, thousands or millions of tasks",
            "ProcessPoolExecutor deadlock under all start methods",
            "executor stops after a while, wakeup pipe is full",
        ),
        cause="""
A bug of CPython before 3.11.6 and 3.12.1: each task wakes the pool's own thread by a pipe, and [who filled that pipe held the lock that the thread wanted](https://github.com/python/cpython/issues/105829).
""",
        cure="""
Upgrade Python, or submit in batches, and wait for each.
""",
        examples=("worker/when_workers_start",),
        quotes=(
            Quote(
                "concurrent.futures.ProcessPoolExecutor pool deadlocks when submitting many tasks",
                "reported",
                "https://github.com/python/cpython/issues/105829",
            ),
        ),
    ),
    Symptom(
        "pool-at-import",
        "A process pool hangs while a module is imported",
        signs=(r"  double: TimeoutError",),
        words=(
            "pool hangs on import",
            "ProcessPoolExecutor at module level",
            "works as a script, hangs when imported",
            "map with num_proc hangs when it is run on import",
        ),
        cause="The pool's own thread imports the module of the function that it pickles, and [waits for the import](/examples/break/pool_at_import) that waits for the result.",
        cure="Put the pool into a function, and call it when the import is over.",
        examples=("break/pool_at_import",),
    ),
    Symptom(
        "terminate-hangs",
        "Pool.terminate(), or the end of its with block, hangs",
        words=(
            "my pool hangs on exit, at the end of with",
            "multiprocessing Pool hangs in terminate, in __exit__, when the with block ends",
            "terminate() does not return, does not stop the workers, blocks for ever",
        ),
        cause="""
`terminate()`, which the end of `with` calls, hangs in two cases.
A worker was killed while it waited for a task: it held [a lock that `terminate()` wants](https://github.com/python/cpython/issues/73945).
Or, except on Windows, a worker that is at work ignores `SIGTERM`, as a forked one does that has your program's handler: `terminate()` [waits for it](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/pool.py).
""",
        cure="""
Where workers may be killed, take a [`ProcessPoolExecutor`](/examples/break/pool_waits_for_killed_worker).
Where they ignore the signal, have an initializer call `signal.signal(signal.SIGTERM, signal.SIG_DFL)`, or call `close()` and `join()` once you have all results.
""",
        examples=("break/pool_waits_for_killed_worker",),
        quotes=(
            Quote(
                "multiprocessing Pool hangs in terminate()",
                "reported",
                "https://github.com/python/cpython/issues/78178",
            ),
        ),
    ),
)
