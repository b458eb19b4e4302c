"""It is slow, or takes more than it should: time, memory, threads."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "starts-slowly",
        "It starts slowly",
        signs=(r"2 ran the top level",),
        words=(
            "slow start of the pool",
            "slow import",
            "slow startup time of a process on macOS",
            "speed regression since spawn",
            "imports everything again in each worker",
        ),
        cause="""
Under `spawn`, {proof}`each worker imports your script again <imports_again: ^Of 2 workers under spawn$\\n  2 ran the top level>`, and all that it imports.
""",
        cure="""
Take `forkserver` and {proof}`preload <preload_forkserver: ^forkserver: decimal is there already>` your script and large modules in its server; see [what each costs](/costs).
""",
        examples=("break/imports_again", "set/preload_forkserver"),
    ),
    Symptom(
        "sent-with-every-task",
        "It is slower with processes than without",
        words=(
            "n_jobs, njob greater than 1 is slower than 1, parallel performance",
            "slower than single-threaded, than a single process",
            "multiprocessing is slower than serial, slower than a loop, no speedup",
            "emcee, dynesty, likelihood with a pool is slower",
            "large data is pickled or sent with every call or task, overhead of pickle",
            "parallel apply or map takes more time, slow",
            "ProcessPoolExecutor map slow for many small tasks",
        ),
        cause="""
Each task's arguments are pickled, sent and read again, and so are its result and all that a bound method or a `partial` holds; that costs more than a small task does, and to start workers [costs too](/examples/cost/time_to_first_result).
""",
        cure="""
Hand large data over once, by [an initializer](/examples/worker/hand_over_with_initializer), and send indices or paths; put many small tasks into one, as by [`chunksize`](inv:python:py:method#concurrent.futures.Executor.map) of `map`; and keep one pool.
""",
        examples=("worker/hand_over_with_initializer", "cost/time_to_first_result"),
        quotes=(
            Quote(
                "emcee with multiprocessing is slower than without multiprocessing",
                "reported",
                "https://github.com/bd-j/prospector/issues/307",
            ),
        ),
    ),
    Symptom(
        "memory-grows",
        "Memory grows with each worker",
        signs=(r"something large in the parent",),
        words=(
            "memory doubles, multiplies with the number of workers",
            "each worker has a copy of the data",
            "DataLoader memory leak, memory grows with num_workers",
            "copy-on-write",
            "pandas DataFrame split into chunks, memory management",
            "RAM usage of the process pool",
            "worker process has a memory leak, respawn it after a number of tasks",
            "child processes consume memory until they crash",
            "memory consumption increases exponentially, computer freezes with large data",
            "memory consumption, RAM increases over time, with each epoch, until out of memory",
        ),
        cause="""
Under `fork` a worker shares your memory until it writes there, and {proof}`then has its own <memory_of_a_worker linux: ^something large in the parent>`; to read objects is enough, since [their reference counts are written](https://github.com/pytorch/pytorch/issues/13246).
Under `spawn` and `forkserver` it has only [what it is given](inv:python:std:label#multiprocessing-start-methods) or imports, once more in each; the [sizes of both](/examples/cost/memory_of_a_worker).
""",
        cure="""
Keep large data in arrays, which have one count for all, and not in lists of objects; have each worker load its own part, or use [shared memory](inv:python:py:module#multiprocessing.shared_memory); where a worker grows with each task, have it replaced, by [`max_tasks_per_child`](/examples/check/check_max_tasks_context) or a `multiprocessing.Pool`'s `maxtasksperchild`; see [what each costs](/costs).
""",
        examples=("cost/memory_of_a_worker",),
    ),
    Symptom(
        "too-many-threads",
        "OMP_NUM_THREADS has no effect in workers, and each runs too many threads",
        signs=(r"threads: one for each core",),
        words=(
            "OMP_NUM_THREADS in process pool",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "numpy uses too many threads in each worker",
            "multiprocessing slows down matrix multiplication, MKL, BLAS",
            "parallelization overloads the system, load average",
            "differential_evolution with workers is slow, uses all cores",
            "process pool is slower with more workers",
            "oversubscription",
        ),
        cause="Each worker's numeric library starts a thread for each core, and it reads the variable once, when it is loaded, and [ignores later changes](https://www.openmp.org/spec-html/5.2/openmpch21.html): a forked worker has it loaded already if your program has, so that {proof}`what you set before the pool is too late <too_many_threads: ^fork, set before the pool; threads: one for each core>`, and in an initializer it {proof}`is too late under spawn as well, where your script's top level imports the library <too_many_threads: ^spawn, set by the initializer; threads: one for each core>`.",
        cure="Set it where the program is started or [in its first lines, above all other imports](/examples/break/too_many_threads); for what is loaded already, call [`threadpoolctl.threadpool_limits(1)`](https://github.com/joblib/threadpoolctl) in the initializer.",
        examples=("break/too_many_threads",),
    ),
    Symptom(
        "on-one-core",
        "All workers run on one core",
        words=(
            "all multiprocessing workers run on the same CPU core",
            "CPU affinity is inherited, importing numpy sets it, taskset",
            "pool uses only one core of many",
        ),
        cause="""
A process [inherits the cores that its parent may use](https://man7.org/linux/man-pages/man2/sched_setaffinity.2.html), and a library that your program has imported, or what has started it, [has set them to one](https://github.com/astropy/astropy/issues/18427).
""",
        cure="""
Look by {py:func}`os.sched_getaffinity` in a task, and call `os.sched_setaffinity(0, range(os.cpu_count()))` in [an initializer](/examples/worker/hand_over_with_initializer), or after the import.
""",
        examples=("worker/hand_over_with_initializer", "break/too_many_threads"),
        quotes=(
            Quote(
                "'import astropy.coordinates' forces all multiprocessing workers to run on the same CPU core",
                "reported",
                "https://github.com/astropy/astropy/issues/18427",
            ),
        ),
    ),
)
