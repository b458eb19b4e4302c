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
            "long initial delay, takes many seconds until the workers start",
            "Windows is slow to start processes",
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
        general="slow speed fast performance",
        words=(
            "slower than sequentially, than a for loop; does not improve speed, performance; multiprocess slows down a lot",
            "executor way slower than multiprocessing.Pool; multi-processing slower than singleprocessing",
            "n_jobs, njob greater than 1 is slower than 1, parallel performance",
            "slower than single-threaded, than a single process",
            "multiprocessing is slower than serial, slower than a loop, no speedup",
            "parallelization does not work, has no effect; performance does not increase with more cores, workers",
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
For tasks that only wait, for other programs, files or the network, take threads or [`asyncio`](/examples/break/asyncio_with_pool), and for a few short ones none of these.
""",
        examples=("worker/hand_over_with_initializer", "cost/time_to_first_result"),
        more="""
Other causes: [the workers start slowly](#starts-slowly), each for itself; [each has too many threads](#too-many-threads), or [shares something else with the others](#each-task-is-slower); [some have nothing to do](#some-cores-are-idle); and a `DataLoader` [starts its workers anew](#dataloader-starts-anew).
Measure one task in your own process first: if it takes less than about a millisecond, only chunks of many tasks make it faster.
""",
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
        messages=(
            r"(?:RemoteTraceback|[\\/]multiprocessing[\\/])[^\0]{0,990}\b_?(?:Array)?MemoryError\b",
        ),
        signs=(r"something large in the parent",),
        general="memory leak",
        words=(
            "each gunicorn worker uses gigabytes, GB",
            "RAM memory leak, memory usage",
            "RAM usage of the process pool",
            "RES, RSS, resident set size of all processes exceeds the physical memory, htop, unexplainably high RAM usage",
            "memory issues with pool map, dataset is replicated, copied in each worker",
            "RAM fills up after some iterations, rises, is not released after the task is completed",
            "memory doubles, multiplies with the number of workers",
            "each worker has a copy of the data",
            "DataLoader memory leak, memory grows with num_workers",
            "copy-on-write",
            "pandas DataFrame split into chunks, memory management",
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
Keep large data in arrays, which have one count for all, and not in lists of objects; have each worker load its own part, or use [shared memory](inv:python:py:module#multiprocessing.shared_memory); where a server forks, load what all need before, and call {py:func}`gc.freeze`; where a worker grows with each task, have it replaced, by [`max_tasks_per_child`](/examples/check/check_max_tasks_context) or a `multiprocessing.Pool`'s `maxtasksperchild`; see [what each costs](/costs).
""",
        more="""
What `top` and `htop` show as RES, or RSS, counts shared memory once for each process, so that the sum can be more than there is; [Pss](https://man7.org/linux/man-pages/man5/proc_pid_smaps.5.html) counts each process' share.
Look first whether workers of an earlier run [are still there](#workers-outlive-their-parent), and whether [a new pool is made each time](#pools-are-not-closed).
In training, memory that grows until the workers are killed is often a loss that is kept with its graph: keep `loss.item()`; and each worker of a `DataLoader` holds [`prefetch_factor`](https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader) batches: take fewer, or smaller ones.
A dataset that a `Process` is given is pickled once more for each worker of a `DataLoader` in it: load it there.
Where `map` gets pieces of a large table, each piece and each result is pickled and kept: hand over paths or indices, iterate over `imap` of a generator, and have tasks write large results to disk.
""",
        examples=("cost/memory_of_a_worker",),
    ),
    Symptom(
        "too-many-threads",
        "OMP_NUM_THREADS has no effect in workers, and each runs too many threads",
        signs=(r"threads: one for each core",),
        words=(
            "process pool is slower with more workers",
            "more CPUs are used than requested, CPU usage above 100 %, load higher than the number of workers",
            "slower with several processes than one process on CPU, torch.set_num_threads, model inference",
            "uses more cores than n_jobs or workers, OpenBLAS very poor performance with several processes",
            "OMP_NUM_THREADS in process pool",
            "OPENBLAS_NUM_THREADS",
            "MKL_NUM_THREADS",
            "numpy uses too many threads in each worker",
            "multiprocessing slows down matrix multiplication, MKL, BLAS",
            "parallelization overloads the system, load average",
            "differential_evolution with workers is slow, uses all cores",
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
            "only one core is loaded at 100 %, runs on one CPU only, affinity",
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
    Symptom(
        "how-many-workers",
        "cpu_count() says more than a container may use; how many workers to take",
        words=(
            "number of CPUs, processors, parameter for requested CPUs",
            "multiprocessing.cpu_count, os.cpu_count in Docker, Kubernetes, a container: wrong, all cores of the host",
            "how many processes, workers, n_jobs, max_workers should I use; more than cores",
            "cgroup limit, CPU quota, Slurm, batch job: number of available cores is not detected",
            "too many workers are started on a server, WEB_CONCURRENCY, gunicorn workers",
        ),
        cause="""
`os.cpu_count()` counts [the cores of the machine](inv:python:py:function#os.cpu_count), and not those that your process may use; a container's limit of time [is no number of cores](https://github.com/python/cpython/issues/80235), and no function of Python's tells it.
""",
        cure="""
Pass `max_workers` yourself, from a setting, or ask `joblib.cpu_count()`, which [heeds the container's limit](https://github.com/joblib/loky/blob/master/loky/backend/context.py); for tasks that compute take as many as there are cores, and for tasks that take much memory as many as fit in it.
On Linux `len(os.sched_getaffinity(0))` counts the cores that a batch system has given you, as does since Python 3.13 [`os.process_cpu_count()`](inv:python:py:function#os.process_cpu_count), which `PYTHON_CPU_COUNT` sets from then on too.
""",
        examples=("cost/memory_of_a_worker", "break/too_many_threads"),
        quotes=(
            Quote(
                "cpu_count is NOT correct under container environment!",
                "reported",
                "https://github.com/omnilib/aiomultiprocess/issues/110",
            ),
        ),
    ),
    Symptom(
        "some-cores-are-idle",
        "Only some of the cores are busy, and some workers wait",
        words=(
            "joblib, Pool or executor does not use all cores, not all workers are used, CPU usage is low",
            "work is not distributed evenly, one worker does all tasks, last tasks take long",
            "multiprocessing uses only one or two processes of many, others are idle",
            "multiprocessing doesn't really parallelize, tasks run one after another",
            "apply, or result() in the loop, waits for each task",
        ),
        cause="""
[`Pool.map`](inv:python:py:method#multiprocessing.pool.Pool.map) and joblib hand tasks out in chunks, so that a long one keeps its neighbours waiting; or your process cannot make, pickle and send tasks as fast as workers do them; or it waits for each before it submits the next, as `Pool.apply` and `submit(…).result()` in a loop do.
""",
        cure="""
Submit all tasks before you ask for the first result; set [`chunksize`](inv:python:py:method#multiprocessing.pool.Pool.map), a small one where tasks differ in length and a large one where they are short; hand over [less data](/examples/worker/hand_over_with_initializer) with each.
""",
        examples=("worker/hand_over_with_initializer", "cost/time_to_first_result"),
        quotes=(
            Quote(
                "Not using all cores",
                "reported",
                "https://github.com/joblib/joblib/issues/1147",
            ),
        ),
    ),
    Symptom(
        "each-task-is-slower",
        "Each task takes longer when several run at once",
        words=(
            "exponential slowdown, extremely slow when multiple processes are run in parallel",
            "optimized routines are drastically slower than serial execution",
            "execution time of each process increases with the number of processes",
            "single task is much slower in parallel, does not scale with more cores, poor speedup",
            "nested pools, n_jobs within n_jobs slow down, oversubscription",
            "more workers do not make it faster, disk, memory bandwidth, hyperthreading",
        ),
        cause="""
Tasks share what the machine has once: its cores, where each task starts [threads of its own](/examples/break/too_many_threads) or a pool of its own; the way to memory, which numeric code fills; and the disk.
""",
        cure="""
Set the threads of numeric libraries to one [before they are imported](/examples/break/too_many_threads), have one pool and not pools in pools, and measure with 1, 2, 4 and more workers: take the number after which nothing is gained.
""",
        examples=("break/too_many_threads",),
        quotes=(
            Quote(
                "Multiprocessing doesn't really parallelize the process.",
                "reported",
                "https://github.com/MPh-py/MPh/discussions/155",
            ),
        ),
    ),
    Symptom(
        "dataloader-starts-anew",
        "A DataLoader pauses before each epoch",
        words=(
            "initial delay, seconds lost before the first batch, worker reset at the start of each epoch",
            "PyTorch DataLoader is slow at the start of every epoch, pause, lag between epochs",
            "DataLoader with num_workers is slow on Windows, slower than num_workers=0",
            "enumerate(dataloader), first batch takes long, persistent_workers, prefetch_factor",
            "dataloader bottleneck, GPU waits for data, slow with workers",
        ),
        cause="""
A `DataLoader` starts its workers [anew for each epoch](https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader), and under `spawn`, as on Windows and macOS, each [imports your script and all that it imports](/examples/break/imports_again) and is sent the dataset.
""",
        cure="""
Pass [`persistent_workers=True`](https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader), which keeps them; let the dataset hold paths and not data; and keep slow imports [below the guard](/examples/break/imports_again).
If more workers make it no faster, measure how long a batch takes to load and to compute: where the disk or the GPU is the limit, they cannot.
""",
        examples=("break/imports_again",),
        quotes=(
            Quote(
                "Windows v8 dataloader lag between epochs",
                "reported",
                "https://github.com/ultralytics/ultralytics/issues/509",
            ),
        ),
    ),
    Symptom(
        "gpu-memory-of-each-worker",
        "Each worker takes GPU memory of its own",
        words=(
            "CUDA out of memory when num_workers or the number of processes is increased",
            "workers take memory of GPU 0, processes on GPU 0 that were not asked for",
            "several processes share one GPU, model is loaded in each process, vram",
        ),
        cause="""
Each process that uses CUDA has [a context of its own on the device](https://docs.nvidia.com/cuda/cuda-c-best-practices-guide/index.html), which takes hundreds of megabytes, beside its own copy of a model; and a process that has chosen no device takes the first.
""",
        cure="""
Let workers prepare data on the CPU, and have the GPU used by one process alone; or set `CUDA_VISIBLE_DEVICES` for each worker [before it imports what uses CUDA](/examples/break/cuda_in_forked_worker), and take as many workers as the memory holds.
""",
        examples=("break/cuda_in_forked_worker",),
        quotes=(
            Quote(
                "CUDA out of memory while increase num_workers in DataLoader",
                "reported",
                "https://github.com/pytorch/pytorch/issues/47497",
            ),
        ),
    ),
    Symptom(
        "loky-keeps-its-workers",
        "Workers of joblib or loky stay when the work is done",
        words=(
            "loky backend does not clean up, leaves its worker processes, joblib Parallel n_jobs",
            "LokyProcess, processes of joblib stay in memory after Parallel has returned",
        ),
        cause="""
They wait for the next call on purpose, as it starts quicker then: joblib's default, loky, keeps [one executor that is used again](https://loky.readthedocs.io/en/stable/API.html#reusable-executor), whose workers end after 5 minutes without a task, or after 10 seconds where loky is used without joblib.
""",
        cure="""
End them by `get_reusable_executor().shutdown(wait=True)`, from `joblib.externals.loky`; until then they hold [the memory that their tasks have left](/examples/cost/memory_of_a_worker).
""",
        examples=("cost/memory_of_a_worker",),
        quotes=(
            Quote(
                "Loky backend doesn't cleanup worker processes",
                "reported",
                "https://github.com/joblib/joblib/issues/945",
            ),
        ),
    ),
    Symptom(
        "starts-all-workers",
        "A ProcessPoolExecutor starts more workers than it has tasks",
        words=(
            "executor starts more processes than jobs, tasks",
            "executor spawns too many workers, starts all max_workers although some are idle",
            "when are workers started, on demand, lazily; one process for each core for a single task",
        ),
        cause="""
Under `fork` the executor {proof}`starts all workers with the first task <when_workers_start cpython from 3.9.13 3.10.5: ^fork: 0 workers, 4 after one task>`, since a fork later, when a thread of its own runs, could hang.
Under other methods it starts one for each task that finds none idle, [as it did under all from Python 3.9 on](https://docs.python.org/3/whatsnew/3.9.html#concurrent-futures), until releases 3.9.13 and 3.10.5.
A `multiprocessing.Pool` starts all of them when it is made.
""",
        cure="""
Set `max_workers` to what you need, or take {proof}`` `spawn` <when_workers_start: ^spawn: 0 workers, 1 after one task>`` or `forkserver`.
""",
        examples=("worker/when_workers_start",),
        quotes=(
            Quote(
                "concurrent.futures.ProcessPoolExecutor does not properly reap jobs and spawns too many workers",
                "reported",
                "https://github.com/python/cpython/issues/83388",
            ),
        ),
    ),
)
