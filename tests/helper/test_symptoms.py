"""The symptoms: each is whole, is found by its messages, and CPython has no message without one."""

from __future__ import annotations

import ast
import concurrent.futures
import importlib
import multiprocessing
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import hypothesis
import pytest
from hypothesis import strategies as st

import poolcontext.symptoms
from poolcontext.symptoms import KINDS, SYMPTOMS, Symptom, find, plain

each_symptom = pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda one: one.name)

EXAMPLES = Path(__file__).parents[2] / "examples"

NOBODY = {
    "no program reaches this state by itself": """
        _SHM_NAME_PREFIX too long
        Already have Listener
        forkserver: waitpid returned unexpected pid 7
        Future %s in unexpected state: %s
        Future in unexpected state
        https://github.com/python/cpython/issues/90622
        Id 7 (7) has refcount 7, not 1+
        In unknown state
        internal error: message too long (7 bytes)
        Len is 7 but msg[0] is 7
        malformed resource_tracker base64_name: 7
        malformed resource_tracker fields: 7
        malformed resource_tracker message: 7
        message = 7
        msg too long
        My pid (7) is not last pid 7
        nbytes 7 but len(msg) 7
        nbytes=7 != len(msg)=7
        noop should never be registered or cleaned up
        Not at EOF?
        Not forking
        object already synchronized
        operation on closed _ThreadWakeup
        Processes cannot be fork()ed after the thread has started, deadlock in the child processes \
could result.
        protocol constraint
        Queue 7 not closed
        should not get here
        Should not get here
        shouldn't get here; expected KeyboardInterrupt
        Thread not in TERMINATE
        Unknown state 7
        unrecognized command 7
        """,
    "the caller asked for the time limit, and the message says so": """
        7 (of 7) futures unfinished
        7 not ready
        """,
    "queues and conditions of one process say the same": """
        lock is not owned
        must acquire() condition before using wait()
        notify: Bug in sleeping_count.acquire- res should not be False
        notify: Should not have been able to acquire _wait_semaphore
        task_done() called too many times
        """,
    "the system lacks something, and the message names it": """
        cannot determine number of cpus
        Cannot find name for new mmap
        cannot find name for semaphore
        did not receive acknowledgement of fd
        Invalid data received
        No support for sending fds between processes
        SCM_RIGHTS appears not to be available
        Unable to start server
        """,
    "it names what is wrong with the call": """
        'name' can only be None if create=True
        'size' must be a positive integer
        'size' must be a positive number different from zero
        7 has no method 'acquire'
        7 is not a string
        7 not in this container
        7 unrecognized
        address type of 7 unrecognized
        Already started server
        Already started SharedMemoryServer
        assignment index out of range
        at least one of `readable` and `writable` must be True
        Authkey 7 is type 7, not bytes
        Authkey must be bytes, not 7
        authkey should be a byte string
        bad typecode (must be a ctypes type or one of c, b, B, u, h, H, i, I, l, L, q, Q, f or d)
        buffer length < offset
        buffer length < offset + size
        buffersize must be an integer or None
        buffersize must be None or > 0
        bytes/str item exceeds available storage
        Cannot register 7 for automatic cleanup: unknown resource type 7
        Chunksize must be 1+, not 7
        chunksize must be >= 1.
        connection is read-only
        connection is write-only
        Exitpriority (7) must be None or int, not 7
        Family 7 is not recognized.
        fd too large
        group argument must be None for now
        index out of range
        initializer must be a callable
        invalid handle
        Invalid return condition: 7
        max_tasks_per_child must be >= 1
        max_tasks_per_child must be an integer
        max_workers must be greater than 0
        Maxtasks 7 is not valid
        maxtasksperchild must be a positive int or None
        method 7 of 7 object is not in exposed=7
        Method_to_typeid 7: type 7, not dict
        module_names must be a list of strings
        name must be a string
        name too long
        negative maxlength
        negative offset
        Number of processes must be at least 1
        offset is negative
        offset too large
        on_error must be 'ignore', 'warn', or 'fail', not 7
        process has already started
        Requested position out of range.
        Result 7 (kind '7') type is 7, not str
        server not yet started
        ShareableList.index(x): x not in list
        shared memory name too long (max 255 bytes)
        Size 7 out of range
        Size 7 too large
        size is negative
        unrecognized family
        Unsupported operation: 7
        Without callable, must have one non-keyword argument
        Without object, exitpriority cannot be None
        """,
}
"""What needs no entry, by the reason: the messages of all versions, a line each."""


class Message(NamedTuple):
    """What a line of CPython raises, warns of, asserts or writes."""

    file: str
    kind: str
    """The name of the error, or nothing."""

    text: str
    """As it is printed, with ``7`` for what is put in."""

    @property
    def printed(self) -> str:
        return f"{self.kind}: {self.text}" if self.kind else self.text


def messages() -> Iterator[Message]:
    """What multiprocessing and the executor of this interpreter have to say."""
    folder = Path(multiprocessing.__file__).parent
    futures = Path(concurrent.futures.__file__).parent
    for path in [*sorted(folder.glob("*.py")), futures / "_base.py", futures / "process.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kind, said = _said(node)
            text = _template(said) if said else ""
            if re.search(r"[A-Za-z]{2}", text):
                yield Message(path.name, kind, " ".join(text.split()))


def _said(node: ast.AST) -> tuple[str, ast.expr | None]:
    """The kind of an error that a statement raises, and what it says."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return ast.unparse(node.exc.func), next(iter(node.exc.args), None)
    if isinstance(node, ast.Assert):
        return "AssertionError", node.msg
    if isinstance(node, ast.Call) and node.args:
        function = ast.unparse(node.func)
        to_stderr = any(ast.unparse(one.value) == "sys.stderr" for one in node.keywords)
        if function.endswith(("warn", "sys.stderr.write", "LOGGER.critical", "LOGGER.exception")):
            return "", node.args[0]
        if function == "print" and to_stderr:
            return "", node.args[0]
    return "", None


def _template(node: ast.expr) -> str:
    """A message's text, however it is put together."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _template(one) if isinstance(one, ast.Constant) else "7" for one in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _template(node.left) + _template(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return re.sub(r"%[-#\d.]*[a-z]", "7", _template(node.left))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return re.sub(r"\{[^}]*\}", "7", _template(node.func.value))
    return "7"


MESSAGES = list(dict.fromkeys(messages()))


def lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip()}


def test_walk() -> None:
    """The walk finds what everybody knows, in many files, written in several ways."""
    texts = [message.text for message in MESSAGES]
    assert len(texts) > 100
    assert len({message.file for message in MESSAGES}) > 15
    for known in (
        "context has already been set",
        "cannot find context for 7",
        "daemonic processes are not allowed to have children",
        "Exception in initializer:",
        "Process 7:",
    ):
        assert known in texts
    assert any("leaked 7 objects to clean up at shutdown" in text for text in texts)


def test_each_has_an_entry() -> None:
    """What CPython says here is a symptom's, or is listed with the reason why it is none."""
    listed = set().union(*map(lines, NOBODY.values()))
    without = [one for one in MESSAGES if not find(one.printed) and one.text not in listed]
    assert without == []


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("sl = self._semlock = _multiprocessing.SemLock(", "no-shared-memory"),
        ("No such file or directory: '/psm_1a2b3c4d'", "shared-memory-vanishes"),
        ("need at most 63 handles, got a sequence of length 64", "too-many-workers"),
    ],
)
def test_modules_in_c(said: str, name: str) -> None:
    """So it is with what the modules in C say: _multiprocessing, _posixshmem and _winapi."""
    assert [one.name for one in find(said)] == [name]


@pytest.mark.parametrize("reason", NOBODY)
def test_listed(reason: str) -> None:
    """Nothing is listed that has an entry, nor for two reasons."""
    others = set().union(*(lines(text) for why, text in NOBODY.items() if why != reason))
    for text in lines(NOBODY[reason]):
        assert not find(text), text
        assert text not in others


@each_symptom
def test_whole(symptom: Symptom) -> None:
    """It has a place of its own, a cause, a cure, and what finds it; its scripts are there."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", symptom.name)
    assert [one.name for one in SYMPTOMS].count(symptom.name) == 1
    assert [one.title for one in SYMPTOMS].count(symptom.title) == 1
    for text in (symptom.cause, symptom.cure):
        assert len(plain(text).split()) > 1
        assert plain(text).endswith((".", "?"))
        assert not set("`~{}") & set(plain(text))
        assert "''" not in plain(text), "an asterisk is lost"
    assert symptom.messages or symptom.signs or symptom.quotes
    assert symptom.messages or symptom.words, "without a message, people have words for it"
    assert symptom.examples
    if EXAMPLES.is_dir():
        for example in symptom.examples:
            assert (EXAMPLES / f"{example}.py").is_file()
    for quote in symptom.quotes:
        assert quote.evidence in ("documented", "reported")
        assert quote.url.startswith("https://")
        assert symptom in find(quote.text) or not symptom.messages


@each_symptom
def test_blanks(symptom: Symptom) -> None:
    r"""No pattern has ``\s``, which in JavaScript is not just what it is in Python."""
    assert not [one for one in symptom.messages if r"\s" in one]


@each_symptom
def test_patterns(symptom: Symptom) -> None:
    """Its messages mean the same to a browser as to Python: they use what both have."""
    for pattern in symptom.messages:
        assert not re.search(r"\\[\"']|\(\?[^:=!]|\\[AZ]|\(\?<|[*+?}]\+|\{,", pattern), pattern
        re.compile(pattern)


@each_symptom
@hypothesis.given(data=st.data())
@hypothesis.settings(max_examples=20)
def test_foreign_names(symptom: Symptom, data: st.DataObject) -> None:
    """Its message, with whatever names, numbers and folders, finds it before all others."""
    for pattern in symptom.messages:
        text = data.draw(
            st.from_regex(pattern, fullmatch=True, alphabet=st.characters(codec="ascii"))
        )
        found = find(text)
        assert symptom in found
        rivals = found[: found.index(symptom)]
        assert all(symptom.follows and not one.follows for one in rivals), [
            one.name for one in rivals
        ]


def test_order() -> None:
    """A cause comes before what only follows from it, and the last that is told before others.

    But what leads to others comes first.
    """
    text = "NameError: name 'x' is not defined\nAF_UNIX path too long\nBrokenPipeError: gone\n"
    assert [one.name for one in find(text)] == ["socket-path-too-long", "name-error", "broken-pipe"]
    text = "An attempt has been made to start a new process before\n"
    assert find(f"{text}No such file or directory: '/psm_1a2b3c4d'")[0].name == "no-main-guard"
    assert find("all is well") == []


# As others' programs print them, with names that no pattern knows.
FOREIGN = [
    (
        "_pickle.PicklingError: Can't pickle <class 'shop.Gone'>: it's not found as shop.Gone\n"
        "multiprocess.pool.MaybeEncodingError: Error sending result: '<shop.Cart at 0x7f>'. "
        "Reason: 'PicklingError(\"Can't pickle <class 'shop.Cart'>: it's not the same object as "
        "shop.Cart\")'\n",
        "result-not-pickled",
    ),
    (
        "multiprocessing.pool.MaybeEncodingError: Error sending result: '[<function at 0x1>]'. "
        "Reason: 'AttributeError(\"Can't pickle local object 'make.<locals>.<lambda>'\")'\n",
        "result-not-pickled",
    ),
    (
        "shop-win64.exe: error: unrecognized arguments: --multiprocessing-fork pipe_handle=12",
        "frozen",
    ),
    ("Error: No such option: --multiprocessing-fork", "frozen"),
    (
        "shop: error: unrecognized arguments: -B -S -I -c from multiprocessing.resource_tracker "
        "import main;main(6)",
        "frozen",
    ),
    (
        "  File 'shop.py', line 9, in close\n    block.unlink()\n"
        "    _posixshmem.shm_unlink(self._name)\n    ~~~~~~~~~~~~~~~~~~~~~~^^^^^^^^^^^^\n"
        "FileNotFoundError: [Errno 2] No such file or directory: '/till_7'\n",
        "shared-memory-vanishes",
    ),
    (
        "    self._fd = _posixshmem.shm_open(\n               ^^^^^^^^^^^^^^^^^^^^^\n"
        "FileNotFoundError: [Errno 2] No such file or directory: '/till_7'\n",
        "shared-memory-vanishes",
    ),
    (
        "    cache[rtype].remove(name)\n    ~~~~~~~~~~~~~~~~~~~^^^^^^\nKeyError: '/till-7'\n",
        "shared-memory-vanishes",
    ),
    (
        "    del registry[rtype][name]\nKeyError: '/dev/shm/joblib_memmapping_folder_7'\n",
        "shared-memory-vanishes",
    ),
    (
        "    _fixup_main_from_name(data['init_main_from_name'])\n"
        '  File "/home/ada/shop.py", line 3, in <module>\n    mp.set_start_method("spawn")\n'
        "RuntimeError: context has already been set\nBrokenProcessPool: A process in the process "
        "pool was terminated abruptly\n",
        "context-set-in-worker",
    ),
    (
        "RuntimeError: context has already been set\nTraceback (most recent call last):\n"
        '  File "/opt/py/lib/multiprocessing/spawn.py", line 277, in _fixup_main_from_path\n'
        '  File "/home/ada/shop.py", line 3, in <module>\n    mp.set_start_method("spawn")\n',
        "context-set-in-worker",
    ),
    (
        "    return _ForkingPickler.loads(res)\n           ~~~~~~~~~~~~~~~^^^^^\n"
        '  File "/home/ada/test_shop.py", line 3, in <module>\n'
        "RuntimeError: context has already been set\n",
        "context-set-in-worker",
    ),
    (
        "    self = reduction.pickle.load(from_parent)\n"
        '  File "/home/ada/test_shop.py", line 3, in <module>\n'
        "RuntimeError: context has already been set\n",
        "context-set-in-worker",
    ),
    (
        '  File "/usr/lib/python3.8/multiprocessing/queues.py", line 199, in _finalize_join\n'
        "    thread.join()\nKeyboardInterrupt\n",
        "join-never-returns",
    ),
    ("    _finalize_join (multiprocessing/queues.py:217)\n", "join-never-returns"),
    (
        '  File "/opt/py/lib/python3.11/multiprocessing/popen_forkserver.py", line 66, in poll\n',
        "join-never-returns",
    ),
    (
        "    wait (multiprocessing/popen_spawn_win32.py:108)\n    join (shop.py:7)\n",
        "join-never-returns",
    ),
    (
        '  File "D:\\\\py\\\\lib\\\\multiprocessing\\\\spawn.py", line 116, in spawn_main\n'
        "OSError: [Errno 24] Too many open files\n"
        "_pickle.UnpicklingError: pickle data was truncated\n",
        "too-many-open-files",
    ),
    (
        "    self = reduction.pickle.load(from_parent)\n"
        "_pickle.UnpicklingError: pickle data was truncated\n",
        "pickle-data-truncated",
    ),
    (
        "    ForkingPickler(file, protocol).dump(obj)\n    ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~^^^^^\n"
        "OSError: [Errno 22] Invalid argument\n"
        "_pickle.UnpicklingError: pickle data was truncated\n",
        "too-large-to-send",
    ),
    ("    ForkingPickler(file, protocol).dump(obj)\nMemoryError\n", "too-large-to-send"),
    (
        "    return _winapi.DuplicateHandle(\n           ^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "PermissionError: [WinError 5] Zugriff verweigert\n",
        "handle-not-duplicated",
    ),
    (
        "    source_process = _winapi.OpenProcess(\n                     ^^^^^^^^^^^^^^^^^^^^\n"
        "OSError: [WinError 87] The parameter is incorrect\n",
        "handle-not-duplicated",
    ),
    ("Serving 7 carts\nname 'till' is not defined\n", "name-error"),
    ("ModuleNotFoundError: No module named 'till-7f-plugin'", "module-made-at-run-time"),
    (
        "TerminatedWorkerError: The exit codes of the workers are {SIGKILL(-9)}",
        "killed-from-outside",
    ),
    ("A worker has gone: exitcode: -9\n", "killed-from-outside"),
    (
        "RuntimeError: DataLoader worker (pid 7) is killed by signal: Killed. ",
        "killed-from-outside",
    ),
    ("Process 7 terminated abruptly with exit code -9", "killed-from-outside"),
    (
        "RuntimeError: DataLoader worker (pid(s) 7, 8, 9) exited unexpectedly\n",
        "dataloader-worker-exited",
    ),
    (
        "RuntimeError: DataLoader worker (pid 7) is killed by signal: Segmentation fault.",
        "dataloader-worker-exited",
    ),
    (
        "    629                 raise RuntimeError('cannot schedule new futures after shutdown')\n"
        "BrokenProcessPool: A child process terminated abruptly\n",
        "terminated-abruptly",
    ),
    (
        '  File "/usr/lib/python3.13/multiprocessing/pool.py", line 579, in _handle_results\n'
        "    task = get()\nAttributeError: 'str' object has no attribute 'till'\n",
        "not-unpickled-in-your-process",
    ),
    (
        "AssertionError: Cannot have cache with result_hander not alive",
        "not-unpickled-in-your-process",
    ),
    ("OSError: Can't synchronously read data (wrong fill value)", "connection-is-shared"),
    ("OSError: Can't read data (inflate() failed)", "connection-is-shared"),
    ("KeyError: 'Unable to open object (wrong B-tree signature)'", "connection-is-shared"),
    ("MySQLdb.OperationalError: SSL error: bad decrypt", "connection-is-shared"),
    ("psycopg2.OperationalError: SSL SYSCALL error: EOF detected", "connection-is-shared"),
    (
        "OMP: Warning #191: Forking a process while a parallel region is active is unsafe.",
        "fork-with-threads",
    ),
    (
        "Terminating: fork() called from a process already using GNU OpenMP, this is unsafe.",
        "fork-with-threads",
    ),
    (
        '  File "/opt/lib/site-packages/multiprocess/pool.py", line 125, in worker\n'
        "  File \"<ipython-input-2-a9>\", line 5, in add\nNameError: name 'till' is not defined\n",
        "name-error-with-dill",
    ),
    (
        '  File "/opt/python3.10/multiprocessing/managers.py", line 801, in _connect\n'
        "    conn = self._Client(self._token.address, authkey=self._authkey)\n"
        '  File "/opt/python3.10/multiprocessing/connection.py", line 630, in SocketClient\n'
        "    s.connect(address)\nFileNotFoundError: [Errno 2] No such file or directory\n",
        "manager-is-gone",
    ),
    (
        '  File "/opt/python3.14/multiprocessing/managers.py", line 820, in _callmethod\n'
        '  File "/opt/python3.14/multiprocessing/connection.py", line 399, in _recv\n'
        "    raise EOFError\nEOFError\n",
        "manager-is-gone",
    ),
    (
        "AttributeError: 'ForkAwareLocal' object has no attribute 'connection'",
        "manager-is-gone",
    ),
    (
        "  7 ?  S  0:00 python3.13 -s -c from multiprocessing.forkserver import main; main(3, 5)",
        "helper-processes",
    ),
    (
        "['/opt/python', '-c',\n  'from multiprocessing.resource_tracker import main;main(3)']",
        "helper-processes",
    ),
    (
        "RuntimeError:\n            Attempt to start a new process before the current process\n"
        "            has finished its bootstrapping phase.\n",
        "no-main-guard",
    ),
    (
        "TypeError: self._till,self._cart cannot be converted to a Python object for pickling",
        "cannot-pickle-object",
    ),
    (
        "ValueError: Using a generator with `use_multiprocessing=True` is not supported on Windows "
        "(no marshalling of generators across process boundaries).",
        "cannot-pickle-object",
    ),
    (
        "_pickle.PicklingError: Can't pickle <class 'unittest.mock.MagicMock'>: it's not the same "
        "object as unittest.mock.MagicMock",
        "mock-not-pickled",
    ),
    (
        "_pickle.PicklingError: Can't pickle <class 'mock.mock.Till'>: it's not the same object as "
        "mock.mock.Till",
        "mock-not-pickled",
    ),
    ("ImportError: cannot import name SemLock", "no-processes"),
    ("FileNotFoundError: [Errno 2] No such file or directory: '/dev/shm'", "no-shared-memory"),
    ("PermissionError: [Errno 13] Permission denied: '/dev/shm/till'", "no-shared-memory"),
    ("module initialization error: [Errno 38] Function not implemented", "no-shared-memory"),
    ("normally caused by lack of access to /dev/shm: [Errno 13]", "no-shared-memory"),
    (
        "OSError: [Errno 28] No space left on device\nshm  64M  64M  0 100% /dev/shm\n",
        "no-shared-memory",
    ),
    ("OSError: [Errno 28] No space left on device\n", "no-space-left"),
    (
        "till: The current process just got forked, after parallelism has already been used. "
        "Disabling parallelism to avoid deadlocks...\n",
        "fork-with-threads",
    ),
    (
        'Fatal Python error: Segmentation fault\n  File "/opt/py/urllib/request.py", line 2661 '
        "in getproxies_macosx_sysconf\n",
        "objc-fork",
    ),
    (
        "  File '/opt/py/urllib/request.py', line 7\n    return _scproxy._get_proxies()\n",
        "objc-fork",
    ),
    ("[7] [ERROR] Worker (pid:7) was sent SIGSEGV!", "objc-fork"),
    ("till got a signal: received SIGTERM", "handler-in-workers"),
    ("pymysql.err.OperationalError: (2006, 'MySQL server has gone away')", "connection-is-shared"),
    (
        'ProgrammingError: (2014, "Commands out of sync; you can\'t run this command now")',
        "connection-is-shared",
    ),
    (
        "FileNotFoundError: [Errno 2] No such file or directory: "
        "'C:\\\\Users\\\\Ada\\\\_MEI7\\\\till.py'",
        "frozen-in-one-file",
    ),
    ("TypeError: No constructor defined", "not-unpickled-in-your-process"),
    (
        '  File "/opt/python3.9/multiprocessing/managers.py", line 809, in _callmethod\n'
        "    conn.send((self._id, methodname, args, kwds))\nBrokenPipeError: [Errno 32]",
        "manager-is-gone",
    ),
    ("the manager's connection was lost: BrokenPipeError: [Errno 32]", "manager-is-gone"),
    (
        "joblib.externals.loky.process_executor._RemoteTraceback:\n"
        "    call_item = call_queue.get(block=True, timeout=timeout)\n"
        "    return _ForkingPickler.loads(res)\nRecursionError: maximum recursion depth exceeded\n"
        "BrokenProcessPool: A task has failed to un-serialize. Please ensure\n",
        "task-not-unpickled",
    ),
    (
        '  File "/opt/py/multiprocessing/pool.py", line 114, in worker\n    task = get()\n'
        "    return _ForkingPickler.loads(res)\nTypeError: 'Till' object is not callable\n",
        "task-not-unpickled",
    ),
    (
        "    call_item = call_queue.get(block=True)\n    return _ForkingPickler.loads(res)\n"
        "AttributeError: Can't get attribute 'till' on <module '__main__' (built-in)>\n",
        "not-in-main",
    ),
    (
        "Process SpawnPoolWorker-7:\n  File '/py/multiprocessing/pool.py', line 114, in worker\n"
        "    task = get()\n    with self._rlock:\nKeyboardInterrupt\n",
        "interrupted-workers",
    ),
    (
        "Process SpawnProcess-7:\n  File '/opt/py/concurrent/futures/process.py', line 242, in "
        "_process_worker\n    call_item = call_queue.get(block=True)\nKeyboardInterrupt\n",
        "interrupted-workers",
    ),
    (
        "    till = globals()[name]\n           ~~~~~~~~~^^^^^^\nKeyError: 'till'\n",
        "global-is-reset",
    ),
]


@pytest.mark.parametrize(
    ("text", "name"), FOREIGN, ids=[f"{one[1]}-{n}" for n, one in enumerate(FOREIGN)]
)
def test_reported(text: str, name: str) -> None:
    """What others' programs print finds first what explains it."""
    assert find(text)[0].name == name


@pytest.mark.parametrize(
    "text",
    [
        "pickle.loads(data)\nOSError: [WinError 5] Access is denied: 'till.txt'\n",
        "  File 'managers.py', line 820, in _callmethod\n    raise convert_to_error(kind, result)\n"
        "FileNotFoundError: [Errno 2] No such file or directory: 'till.txt'\n",
        "error: unrecognized arguments: --fork",
        '    from multiprocessing.resource_tracker import main;main(3)\n  File "till.py", line 3\n',
        "FileNotFoundError: [Errno 2] No such file or directory: '/till_7'",
        "KeyError: '/till-7'",
        "the name 'till' is not defined here",
        "exit code -15",
        "ModuleNotFound: No module named till-7",
        "a signal was received: 15",
        "FileNotFoundError: [Errno 2] No such file or directory: '/dev/shm/till_7'",
        "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/_MEI7/till.txt'",
        "FileNotFoundError: [Errno 2] No such file or directory: '/tmp/till.py'",
        "ModuleNotFound: No module named _scproxy",
        "  File 'till.py', line 7, in <module>\n    print(globals())\nKeyError: 'till'\n",
        "Can't import SemLock",
        "  File 'managers.py', line 820, in _callmethod\n    raise convert_to_error(kind, result)\n"
        "EOFError\n",
    ],
)
def test_not_astray(text: str) -> None:
    """What only looks like one of these is not taken for it."""
    assert not find(text)


def test_script_that_is_run_by_another() -> None:
    """A script that another program runs is no worker, though `runpy` runs both."""
    text = "in _run_module_code\nRuntimeError: context has already been set\n"
    assert [one.name for one in find(text)] == ["context-already-set"]


def test_other_signals() -> None:
    """A worker that another signal than KILL has ended was not killed for want of memory."""
    for text in ("{SIGSEGV(-11)}", "exitcode: -91", "exit code -11"):
        assert all(one.name != "killed-from-outside" for one in find(text))


def test_source_is_no_message() -> None:
    """The line of source that would raise an error is none, and the error's own form is one."""
    error = "RuntimeError('cannot schedule new futures after interpreter shutdown')"
    assert not find(f"    --> 631     raise {error}\n")
    assert [one.name for one in find(f"a callback has failed by {error}")] == ["cannot-schedule"]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("a [link](examples/a), and `code`", "a link, and code"),
        ("{proof}`words <name cpython from 3.12: ^a{4}[^b]>` follow", "words follow"),
        ("{proof}`` `spawn` <name: ^x\\n>`` it", "spawn it"),
        ("{py:func}`multiprocessing.freeze_support` first", "multiprocessing.freeze_support first"),
        ("one\ntwo **three**", "one two three"),
    ],
)
def test_plain(markdown: str, text: str) -> None:
    """What a page shows as a link or as code is the words alone, in one line."""
    assert plain(markdown) == text


def test_kinds() -> None:
    """Every file of symptoms is a kind, which has its name."""
    (folder,) = map(Path, poolcontext.symptoms.__path__)
    files = [path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")]
    modules = {name: importlib.import_module(f"poolcontext.symptoms.{name}") for name in files}
    assert {one.name: one.symptoms for one in KINDS} == {
        name: module.SYMPTOMS for name, module in modules.items()
    }


def test_others() -> None:
    """What a kind says that people look for there are symptoms of other kinds, each once."""
    for kind in KINDS:
        own = {one.name for one in kind.symptoms}
        assert len(set(kind.others)) == len(kind.others)
        assert set(kind.others) <= {one.name for one in SYMPTOMS} - own


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("OSError:[Errno 12]  Cannot allocate memory", "no-more-processes"),
        (
            "is multi-threaded, use of fork() may lead\n    to deadlocks in the\n  child.",
            "fork-with-threads",
        ),
        ("RuntimeError:\tcontext  has already\nbeen\xa0set", "context-already-set"),
    ],
)
def test_wrapped(text: str, name: str) -> None:
    """A message is found though it is wrapped, or has more spaces than its own."""
    assert [one.name for one in find(text)] == [name]
    assert find(f"{text}\nEOFError: Ran out of input")[0].name == name
