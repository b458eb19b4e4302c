"""Semaphores and shared memory: there is no room, or they are left behind, or gone."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "leaked-semaphores",
        "There appear to be … leaked semaphore objects to clean up at shutdown",
        messages=(
            r"There appear to be \d+ leaked (?!shared_memory)\w{1,40} objects",
            r"There appear to be \d+ leaked semaphores to clean up",
        ),
        words=(
            "leaked semaphores",
            "semaphore leak at the end of the program",
            "UserWarning of resource_tracker at shutdown",
            "warnings.warn('resource_tracker: There appear to be",
        ),
        cause=(
            "Something ended your program before it could clean up: `os._exit`, a crash, or a signal that nobody handles,"
            " as when memory runs out; or it ended a worker that had a library's lock, such as [tqdm's](https://github.com/FlashML-org/FreeToken/pull/88), by `terminate()` or as a daemon. The message is a consequence, and harmless: what it counts has just been removed."
            " Under spawn and forkserver {proof}`a tracker removes it"
            " <leaked_semaphores linux: ^spawn, ended by os\\._exit:\\n  resource_tracker: There appear to be 5 leaked semaphore>`,"
            " under fork {proof}`nothing is left <leaked_semaphores: ^fork, ended by os\\._exit:\\n  no message>`."
        ),
        cure=(
            "Look above it for what ended the program, and mend that; if nothing did, make locks and queues [below the guard](/examples/break/imports_again), since [each worker makes again](inv:python:std:label#multiprocessing-safe-main-import) what stands at the top level;"
            " [leave by `sys.exit`, and have `SIGTERM` raise `SystemExit`](/examples/break/leaked_semaphores)."
            " For tqdm, call [`tqdm.set_lock(threading.RLock())`](https://github.com/gem5/gem5/pull/3116) before the first bar."
        ),
        examples=("break/leaked_semaphores",),
        follows=True,
        quotes=(
            Quote(
                "semaphore_tracker: There appear to be 1 leaked semaphores to clean up at shutdown",
                "documented",
                "https://github.com/python/cpython/blob/v3.7.16/Lib/multiprocessing/semaphore_tracker.py",
            ),
            Quote(
                "resource_tracker: There appear to be 1 leaked semlock objects to clean up at shutdown",
                "documented",
                "https://github.com/joblib/loky/blob/00c8deddbae9404c07d6f336ba994ce17b1f11c7/loky/backend/resource_tracker.py",
            ),
        ),
    ),
    Symptom(
        "leaked-shared-memory",
        "There appear to be … leaked shared_memory objects to clean up at shutdown",
        messages=(r"There appear to be \d+ leaked shared_memory objects",),
        words=(
            "shared memory leak",
            "leaked shared memory",
            "shared memory segments are not freed at exit, warning of the tracker",
            "FileExistsError of shared memory, left by a killed program",
            "who closes and who unlinks shared memory",
        ),
        cause=(
            "Nobody has unlinked the memory, or the process that warns had a resource tracker of its own, which hears nothing of"
            " your `unlink()`: another program, or {proof}`a forked worker that started before your program's tracker"
            " <leaked_shared_memory: ^fork, the pool is first: resource_tracker>`."
        ),
        cure=(
            "[Everyone closes, and the one who made it unlinks it](/examples/break/leaked_shared_memory), once. With fork,"
            " {proof}`make a segment before the pool's first task <leaked_shared_memory: ^fork, the memory is first: no message>`."
        ),
        examples=("break/leaked_shared_memory", "break/shared_memory_vanishes"),
    ),
    Symptom(
        "shared-memory-vanishes",
        "FileNotFoundError: No such file or directory, and the shared memory is gone",
        messages=(
            r"shm_(?:unlink|open)\([^\0]{0,400}FileNotFoundError",
            r"(?:cache\[rtype\]\.remove\(name\)|del registry\[rtype\]\[name\])[ \n~^]{1,120}KeyError",
            r"No such file or directory: '/{1,2}psm_[0-9a-f]{1,16}'",
            r"KeyError: '/{1,2}psm_\w{1,40}'",
            r"\[WinError 2\] [^\n]{1,99}'wnsm_[0-9a-f]{1,16}'",
            r"resource_tracker: (?!There |/loky-|/mp-)[^:\n]{1,250}: ",
        ),
        signs=(r"  In your unlink: FileNotFoundError: No such file or directory",),
        words=(
            "shared memory destroyed by another program",
            "shared memory block is gone, killed, after a Python process is complete",
            "shared memory is unlinked when another process exits",
            "resource tracker destroys shared memory",
            "KeyError in resource_tracker.py",
            "unlink called twice",
        ),
        cause=(
            "Another program attached to the memory and has ended; its own resource tracker took what that had not unlinked for a"
            " leak, and {proof}`removed it from all others"
            " <shared_memory_vanishes linux: ^read:\\n  The other program: resource_tracker.{0,99}\\n  In your unlink: FileNotFoundError>`."
            " Or your own processes have unlinked it, or had the tracker forget it, twice: [the tracker then prints a `KeyError`](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py),"
            " which is harmless by itself."
        ),
        cure=(
            "Attach to what another program made with [`track=False`](inv:python:py:class#multiprocessing.shared_memory.SharedMemory),"
            " or, up to 3.12, [have the tracker forget the name](/examples/break/shared_memory_vanishes);"
            " one process calls `unlink()`, once, and who calls it does not call `resource_tracker.unregister` too, as `unlink()` does that."
        ),
        examples=("break/shared_memory_vanishes",),
        quotes=(
            Quote(
                "resource_tracker: '/trial': [Errno 2] No such file or directory: '/trial'",
                "reported",
                "https://github.com/python/cpython/issues/116849",
            ),
            Quote(
                "cache[rtype].remove(name)\nKeyError: '/wool-probe-create'",
                "reported",
                "https://github.com/wool-labs/wool/issues/340",
            ),
            Quote(
                "_posixshmem.shm_unlink(self._name)\nFileNotFoundError: [Errno 2] No such file or directory: '/ckpt_452136_0_1783755003328000'",
                "reported",
                "https://github.com/mlcommons/storage/issues/768",
            ),
            Quote(
                "resource_tracker: '//psm_7dd83f76': [Errno 2] No such file or directory: '//psm_7dd83f76'",
                "reported",
                "https://github.com/dillonalaird/shared_numpy/issues/9",
            ),
        ),
    ),
    Symptom(
        "no-shared-memory",
        "OSError: [Errno …] at _multiprocessing.SemLock",
        messages=(
            r"DataLoader worker \(pid[^\n)]{0,200}\)+ is killed by signal: Bus error",
            r"insufficient shared memory \(shm\)",
            r"\[Errno (?:13|28|30|38)\] [^\n]{1,60}\n[^\0]{0,900}SemLock\.__init__",
            r"SemLock\.__init__\([^\0]{0,400}(?:FileNotFound|Permission|OS)Error: \[Errno (?:2|13|28|30|38)\]",
            r"/dev/shm\b[^\n]{0,200}--shm-size",
            r"workers are out of shared memory",
            r"unable to (?:write to file|resize file|mmap \d{1,20} bytes from file) </torch_",
            r"_multiprocessing\.SemLock\(",
            r"\[Errno 38\] (?:Function not implemented|ENOSYS)",
            r"No such file or directory: '/dev/shm/?'",
            r"(?:Permission denied|No space left on device|Read-only file system): '/dev/shm\b",
            r"access to /dev/shm|space in .?dev/shm|100% +/dev/shm",
            r"\b(?:Pool|ProcessPoolExecutor|Lock|Queue|Semaphore|Event|Barrier|Value|Array)\([^\0]{0,300}(?:FileNotFoundError: \[Errno 2\] No such file or directory|PermissionError: \[Errno 13\] Permission denied) {0,9}(?:\n|$)",
            r"  (?:ProcessPoolExecutor|Pool|Queue|Lock): (?:FileNotFound|Permission|OS)Error: \[Errno (?:2|13|28|30)\]",
        ),
        words=(
            "hangs when /dev/shm is too small, shmem",
            "_multiprocessing.SemLock(",
            "/dev/shm missing in a container",
            "AWS Lambda multiprocessing",
            "FileNotFoundError, PermissionError, no space left, read-only at SemLock",
            "shm-size",
            "permission error when a semaphore is created, on a cluster",
            "worker crashes in a Docker container, bus error",
        ),
        cause="Pools, locks and queues hold semaphores, which Linux keeps [in `/dev/shm`](/examples/break/no_shared_memory): it is missing, full, read-only, or not yours. Android, as in Termux, has none. PyTorch's DataLoader puts its data there as well.",
        cure="Mount a `tmpfs` of mode 1777 there, or start the container with `--shm-size` or `--ipc`. Where you cannot, as on AWS Lambda, use threads, `subprocess`, or {proof}`a process with a pipe <no_shared_memory linux: Pipe, fork works>`; a library that makes a lock or pool there wants its setting for one process or threads, or another version.",
        examples=("break/no_shared_memory",),
        quotes=(
            Quote(
                "_multiprocessing.SemLock(\nOSError: [Errno 38] Function not implemented",
                "reported",
                "https://github.com/nalepae/pandarallel/issues/128",
            ),
        ),
    ),
    Symptom(
        "shared-memory-exists",
        "FileExistsError: [Errno 17] File exists, of shared memory",
        messages=(
            r"shm_open\([^\0]{0,400}FileExistsError: \[Errno 17\]",
            r"FileExistsError: \[Errno 17\] File exists: '/[^'/\n]{1,200}'",
        ),
        words=("shared memory of a killed program is still there",),
        cause="""
There is shared memory of this name already: another process has made it, or a run that was killed [has left it](https://github.com/airo-ugent/airo-mono/issues/98).
If the message comes from `mkdir` or `open`, it tells of an ordinary folder or file.
""",
        cure="""
Attach to it without `create=True`, or [unlink what was left](/examples/break/leaked_shared_memory) and make it anew; on Linux it is a file in `/dev/shm`.
""",
        examples=("break/leaked_shared_memory",),
        quotes=(
            Quote(
                "FileExistsError: [Errno 17] File exists: '/camera_rgb'",
                "reported",
                "https://github.com/airo-ugent/airo-mono/issues/98",
            ),
        ),
    ),
    Symptom(
        "tracker-died",
        "resource_tracker: process died unexpectedly, relaunching",
        messages=(
            r"resource_tracker: process died unexpectedly, relaunching",
            r"ResourceTracker called reentrantly for resource cleanup",
            r"Reentrant call into the multiprocessing resource tracker",
        ),
        cause="""
The process that unlinks what others leave behind has never run, where what `sys.executable` names [is no Python](#embedded), or it [was ended](https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py), by a signal other than `SIGINT` and `SIGTERM`, which it ignores, such as `SIGKILL`, or `SIGHUP` as a terminal closes, or by a daemon that closes all its files; a new one does not know what the old one knew.
"Called reentrantly" is another thing: the garbage collector ran a finalizer within a call of the tracker.
""",
        cure="""
End your program, and not each of its processes; what is left then is below `/dev/shm` on Linux.
Where a threaded program starts it late, [make a lock](https://github.com/tqdm/tqdm/issues/1355) of the context of `spawn` at the start, which starts it too.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "UserWarning: resource_tracker: process died unexpectedly, relaunching.  Some resources might leak.",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/resource_tracker.py",
            ),
        ),
    ),
    Symptom(
        "shared-memory-name-too-long",
        "[Errno 63] File name too long, of shared memory on macOS",
        messages=(r"\[Errno 63\] File name too long: '/[^'/\n]{1,250}'",),
        words=("shared memory name limit of macOS, SharedMemory name of 31 characters",),
        cause="""
On macOS a name of shared memory [has room for 31 bytes](https://github.com/sgl-project/sglang/pull/35046), with the slash before it.
""",
        cure="""
Take a shorter name, or none: {py:class}`SharedMemory <multiprocessing.shared_memory.SharedMemory>` then makes one that fits.
""",
        examples=("break/leaked_shared_memory",),
        quotes=(
            Quote(
                "OSError: [Errno 63] File name too long: '/sgl_shm_nodecheck_26336_e034fca0'",
                "reported",
                "https://github.com/sgl-project/sglang/pull/35046",
            ),
        ),
    ),
    Symptom(
        "gone-before-it-starts",
        "FileNotFoundError at SemLock._rebuild, as a new process starts",
        messages=(r"SemLock\._rebuild\([^\0]{0,300}FileNotFoundError",),
        words=(
            "lock, queue, Value as an argument of a Process is gone, FileNotFoundError in the child",
            "Process with a lock fails since Python 3.14, forkserver",
        ),
        cause="""
The lock, queue or value that you have handed to a `Process` was removed before the child had read it: under `spawn` and `forkserver` [a name is all that it gets](https://github.com/python/cpython/issues/94765), and the thing ends with the last reference in your process, as where it was made within the call, or with your program.
""",
        cure="""
Keep it in a variable until the child is joined; if your program has ended by an error of its own, mend that.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "self._semlock = _multiprocessing.SemLock._rebuild(*state)\nFileNotFoundError: [Errno 2] No such file or directory",
                "reported",
                "https://github.com/python/cpython/issues/94765",
            ),
        ),
    ),
    Symptom(
        "no-space-left",
        "No space left on device, and the disk is not full",
        messages=(r"(?:\[Errno 28\]|OSError:) No space left on device",),
        words=("No space left on device from multiprocessing", "too many semaphores on macOS"),
        cause="""
Where your disk has space, it is a semaphore or shared memory that has no place: on Linux [in `/dev/shm`](#no-shared-memory), which `df -h /dev/shm` shows; on macOS the system has only so many semaphores for all programs, and those that killed ones have left behind count, [until it is restarted](https://github.com/PyCQA/flake8/issues/117).
""",
        cure="""
On Linux, [enlarge `/dev/shm`](/examples/break/no_shared_memory), as by `--shm-size` of the container, and remove what ended programs have left there; on macOS, restart the system.
Use fewer locks, queues and pools at a time, and let no program be killed.
""",
        examples=("break/no_shared_memory",),
        quotes=(
            Quote(
                "OSError: [Errno 28] No space left on device",
                "reported",
                "https://github.com/nalepae/pandarallel/issues/277",
            ),
        ),
        follows=True,
    ),
    Symptom(
        "unlinked-on-windows",
        "Shared memory on Windows is gone, or stays, whatever unlink() does",
        words=(
            "SharedMemory.unlink does nothing on Windows, shared memory block is not destroyed",
            "shared memory is empty or not there when it is opened again, Windows",
            "create shared memory in one program and read it in another, Windows",
        ),
        cause="""
On Windows shared memory lives as long as somebody has it open, and [`unlink()` does nothing](inv:python:py:method#multiprocessing.shared_memory.SharedMemory.unlink): it is gone with the last `close()`, and stays as long as any process has not closed it.
""",
        cure="""
Keep it open in one process for as long as it is wanted, and have each process `close()` it; call `unlink()` once all the same, [for other systems](/examples/break/leaked_shared_memory).
""",
        examples=("break/leaked_shared_memory",),
        quotes=(
            Quote(
                "destroying shared memory block does not work",
                "reported",
                "https://github.com/luizalabs/shared-memory-dict/issues/59",
            ),
        ),
    ),
    Symptom(
        "share-an-array",
        "How to share a large array between processes",
        words=(
            "shared memory objects in multiprocessing, large global object, efficient",
            "share a numpy array, pandas DataFrame between processes without copying it",
            "pass a large array to Pool workers, read-only, shared memory, zero copy",
            "sharing numpy arrays without inheritance, multiprocessing.Array, RawArray, memmap",
            "all processes read the same big dictionary or object",
        ),
        cause="""
What is handed over is pickled and copied, to each worker or [with each task](#sent-with-every-task); only under `fork` {proof}`a worker shares what your process has <memory_of_a_worker linux: ^something large in the parent>`, until somebody writes there.
""",
        cure="""
Put an array into [`SharedMemory`](inv:python:py:class#multiprocessing.shared_memory.SharedMemory), hand its name, shape and type over, and [keep it until all have ended](/examples/break/leaked_shared_memory); or save it by `numpy.save`, and let each worker open it by `numpy.load(…, mmap_mode="r")` in [an initializer](/examples/worker/hand_over_with_initializer).
""",
        examples=("break/leaked_shared_memory", "worker/hand_over_with_initializer"),
        quotes=(
            Quote(
                "sharing numpy arrays between multiple processes without inheritance",
                "reported",
                "https://stackoverflow.com/questions/34824382",
            ),
        ),
    ),
    Symptom(
        "proxy-in-a-proxy",
        "AutoProxy() got an unexpected keyword argument 'manager_owned'",
        messages=(r"got an unexpected keyword argument 'manager_owned'",),
        cause="""
It is a fault of Python before 3.9.7 and 3.10: a manager's proxy that is put into another of the manager's objects [could not be made again](https://github.com/python/cpython/issues/74442).
""",
        cure="""
Upgrade Python; or hand the two over side by side, and not one within the other.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "TypeError: AutoProxy() got an unexpected keyword argument 'manager_owned'",
                "reported",
                "https://github.com/python/cpython/issues/74442",
            ),
        ),
    ),
    Symptom(
        "counter-loses",
        "A shared counter is too small",
        words=(
            "shared counter with multiprocessing, Value, += is not atomic, wrong total, race condition",
            "increment a multiprocessing.Value or Array from several processes, lost updates",
        ),
        cause="""
`counter.value += 1` [reads and then writes](inv:python:py:function#multiprocessing.Value), and between the two another process does the same; the lock of a `Value` is held for each of the two alone.
""",
        cure="""
Hold it for both: [`with counter.get_lock(): counter.value += 1`](/examples/worker/share_a_lock); or count in each task, and add the results up in your own process.
""",
        examples=("worker/share_a_lock",),
        quotes=(
            Quote(
                "Shared counter with Python's multiprocessing",
                "reported",
                "https://eli.thegreenplace.net/2012/01/04/shared-counter-with-pythons-multiprocessing/",
            ),
        ),
    ),
    Symptom(
        "tensor-is-gone",
        "CUDA tensors that are handed to another process",
        messages=(
            r"Producer process has been terminated before all shared CUDA tensors released",
            r"_share_(?:filename|fd)_: only available on CPU",
        ),
        words=(
            "torch.multiprocessing: model parameters or tensors are wrong, zero, not passed correctly",
            "share a CUDA tensor, model between processes, queue",
        ),
        cause="""
A CUDA tensor is not copied: the other process gets [a handle of the sender's memory](https://docs.pytorch.org/docs/stable/multiprocessing.html#sharing-cuda-tensors), which is gone, or has other contents, once the sender has freed or changed it, or has ended; those of some other devices, such as Apple's, cannot be handed over at all.
""",
        cure="""
Keep it in the sender until the receiver is done, as by an `Event` or `join()`; or hand over `tensor.cpu()`, or a model's `state_dict`, and move it to the device there.
""",
        examples=("break/cuda_in_forked_worker",),
        quotes=(
            Quote(
                "Producer process has been terminated before all shared CUDA tensors released.",
                "documented",
                "https://github.com/pytorch/pytorch/blob/v2.9.1/torch/csrc/CudaIPCTypes.cpp",
            ),
        ),
    ),
)
