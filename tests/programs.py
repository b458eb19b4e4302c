"""Small programs, and what is true of each under `fork`, `spawn` and `forkserver`.

A word for each method: ``works``, ``fails``, ``hangs`` or ``differs``, and behind a colon the
symptom that is to be named; or one for all. ``chooses`` is said of a program that takes no default.
"""

# ruff: noqa: E501

from __future__ import annotations

from typing import NamedTuple

HEAD = """
import logging, multiprocessing, os, random, sys, threading, time, uuid
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool, Process, Queue
"""
GUARD = 'if __name__ == "__main__":\n'


class Program(NamedTuple):
    """A program, and what is to be said of it."""

    name: str
    verdicts: tuple[str, ...]
    source: str


def program(name: str, verdicts: str, top: str, main: str) -> Program:
    """Make one of what stands at its top level, and of what stands below its guard."""
    words = tuple(verdicts.split())
    lines = "".join(f"    {line}\n" for line in main.strip("\n").split("\n"))
    return Program(name, words * (3 if len(words) == 1 else 1), f"{HEAD}{top}\n{GUARD}{lines}")


SQUARE = "def square(x):\n    return x * x\n"
MAP = "with ProcessPoolExecutor(2) as pool:\n    print(list(pool.map(square, range(4))))"

SOUND = [
    program("map", "works", SQUARE, MAP),
    program(
        "pool", "works", SQUARE, "with Pool(2) as pool:\n    print(pool.map(square, range(4)))"
    ),
    program(
        "process",
        "works",
        "def say(queue):\n    queue.put('hello')\n",
        "queue = Queue()\nprocess = Process(target=say, args=[queue])\nprocess.start()\n"
        "print(queue.get())\nprocess.join()",
    ),
    program(
        "prints its process",
        "works",
        "def who(x):\n    print('I am', os.getpid(), multiprocessing.current_process().name)\n",
        "with ProcessPoolExecutor(2) as pool:\n    list(pool.map(who, range(3)))",
    ),
    program(
        "in any order",
        "works",
        "def who(x):\n    time.sleep(random.random() / 10)\n    print('task', x, flush=True)\n",
        "with ProcessPoolExecutor(3) as pool:\n    list(pool.map(who, range(6)))",
    ),
    program("random", "works", SQUARE, f"{MAP}\nprint(random.random(), uuid.uuid4())"),
    program(
        "random in workers",
        "works",
        "def draw(x):\n    return random.Random().random()\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(draw, 1).result())",
    ),
    program(
        "time",
        "works",
        SQUARE,
        f"start = time.time()\n{MAP}\nprint(f'{{time.time() - start:.3f}} s', time.ctime())",
    ),
    program(
        "own exit status", "works", SQUARE, f"{MAP}\nprint('three', file=sys.stderr)\nsys.exit(3)"
    ),
    program(
        "expected error",
        "works",
        "def fail(x):\n    raise ValueError(x)\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(repr(pool.submit(fail, 1).exception()))",
    ),
    program(
        "prints a traceback and goes on",
        "works",
        "import traceback\ndef fail(x):\n    raise ValueError(x)\n",
        "with ProcessPoolExecutor(1) as pool:\n    try:\n        pool.submit(fail, 1).result()\n"
        "    except ValueError:\n        traceback.print_exc()",
    ),
    program(
        "initializer",
        "works",
        "value = 1\ndef begin(x):\n    global value\n    value = x\ndef ask():\n    return value\n",
        "with ProcessPoolExecutor(1, initializer=begin, initargs=[7]) as pool:\n"
        "    print(pool.submit(ask).result())",
    ),
    program(
        "lock by initializer",
        "works",
        "def begin(x):\n    global lock\n    lock = x\ndef count(x):\n    with lock:\n        return x\n",
        "lock = multiprocessing.Lock()\n"
        "with ProcessPoolExecutor(2, initializer=begin, initargs=[lock]) as pool:\n"
        "    print(sorted(pool.map(count, range(5))))",
    ),
    program(
        "manager",
        "works",
        "def put(found, x):\n    found[x] = x * x\n",
        "with multiprocessing.Manager() as manager:\n    found = manager.dict()\n"
        "    with ProcessPoolExecutor(2) as pool:\n"
        "        for x in range(3):\n            pool.submit(put, found, x)\n"
        "    print(sorted(found.items()))",
    ),
    program(
        "names its method",
        "works",
        SQUARE,
        f"{MAP}\nprint('started by', multiprocessing.get_start_method())",
    ),
    program(
        "logging in the worker",
        "works",
        "def begin():\n    logging.basicConfig(level=20, stream=sys.stdout)\n"
        "def work(x):\n    logging.info('task %s', x)\n",
        "with ProcessPoolExecutor(1, initializer=begin) as pool:\n    list(pool.map(work, [1, 2]))",
    ),
    program(
        "environment before",
        "works",
        "os.environ['COLOUR'] = 'red'\ndef ask():\n    return os.environ.get('COLOUR')\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(ask).result())",
    ),
    program(
        "arguments",
        "works",
        "def ask():\n    return sys.argv[1:]\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(ask).result(), sys.argv[1:])",
    ),
    program(
        "thread while it works",
        "works",
        SQUARE,
        f"thread = threading.Thread(target=time.sleep, args=[0.3])\nthread.start()\n{MAP}",
    ),
    program(
        "module level pool in main",
        "works",
        SQUARE,
        f"for _ in range(2):\n    {MAP.replace(chr(10), chr(10) + '    ')}",
    ),
    program(
        "temporary file",
        "works",
        "import tempfile\ndef read(path):\n    return open(path).read()\n",
        "with tempfile.NamedTemporaryFile('w', delete=False) as file:\n    file.write('text')\n"
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(read, file.name).result())\n"
        "print(file.name)\nos.remove(file.name)",
    ),
    program(
        "elapsed",
        "works",
        SQUARE,
        f"start = time.time()\n{MAP}\nprint('took', round(time.time() - start, 1))",
    ),
    program(
        "module of a class",
        "works",
        "class Own:\n    pass\ndef show(x):\n    return repr(Own())\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(show, 1).result())",
    ),
    program("order of a set", "works", SQUARE, f"print({{*'abcdefgh'}})\n{MAP}"),
]

BROKEN = [
    Program(
        "no guard",
        ("works", "fails:no-main-guard", "fails:no-main-guard"),
        f"{HEAD}{SQUARE}{MAP}\n",
    ),
    program(
        "local target",
        "works fails:local-function fails:local-function",
        "",
        "def begin():\n    def local():\n        print('here')\n"
        "    process = Process(target=local)\n    process.start()\n    process.join()\nbegin()",
    ),
    program(
        "local task",
        "fails:local-function",
        "def begin(pool):\n    def local():\n        return 1\n    return pool.submit(local).result()\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(begin(pool))",
    ),
    program(
        "lambda as initializer",
        "works fails:local-function fails:local-function",
        SQUARE,
        "with ProcessPoolExecutor(1, initializer=lambda: None) as pool:\n"
        "    print(pool.submit(square, 2).result())",
    ),
    program(
        "lock as an argument",
        "fails:shared-through-inheritance",
        "def take(lock):\n    return 1\n",
        "with ProcessPoolExecutor(1) as pool:\n"
        "    print(pool.submit(take, multiprocessing.Lock()).result())",
    ),
    program(
        "defined below the guard",
        "works fails:not-in-main fails:not-in-main",
        "",
        "def below(x):\n    return x\nwith ProcessPoolExecutor(1) as pool:\n"
        "    print(pool.submit(below, 1).result())",
    ),
    program(
        "name below the guard",
        "works fails:name-error fails:name-error",
        "def ask():\n    return table\n",
        "table = [1, 2]\nwith ProcessPoolExecutor(1) as pool:\n    print(pool.submit(ask).result())",
    ),
    program(
        "global by a function",
        "works differs:global-is-reset differs:global-is-reset",
        "value = 1\ndef change():\n    global value\n    value = 2\ndef ask():\n    return value\n",
        "change()\nwith ProcessPoolExecutor(1) as pool:\n    print(pool.submit(ask).result())",
    ),
    program(
        "global below the guard",
        "works differs:global-is-reset differs:global-is-reset",
        "value = 1\ndef ask():\n    return value\n",
        "value = 2\nwith ProcessPoolExecutor(1) as pool:\n    print(pool.submit(ask).result())",
    ),
    program(
        "global list",
        "works differs:global-is-reset differs:global-is-reset",
        "found = []\ndef ask():\n    return found\n",
        "found.append(5)\nwith ProcessPoolExecutor(1) as pool:\n    print(pool.submit(ask).result())",
    ),
    program(
        "logging",
        "works differs:log-records-vanish differs:log-records-vanish",
        "def work(x):\n    logging.getLogger('a').info('task %s', x)\n",
        "logging.basicConfig(level=logging.INFO, stream=sys.stdout)\n"
        "with ProcessPoolExecutor(1) as pool:\n    list(pool.map(work, [1, 2]))",
    ),
    program(
        "environment too late",
        "works works differs:environ-too-late",
        SQUARE + "def ask():\n    return os.environ.get('COLOUR')\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(square, 2).result())\n"
        "os.environ['COLOUR'] = 'red'\nwith ProcessPoolExecutor(1) as pool:\n"
        "    print(pool.submit(ask).result())",
    ),
    program(
        "mock",
        "works differs:mock-not-seen differs:mock-not-seen",
        "from unittest import mock\ndef ask():\n    return str(os.cpu_count())\n",
        "with mock.patch('os.cpu_count', return_value='mocked'):\n"
        "    with ProcessPoolExecutor(1) as pool:\n        print(pool.submit(ask).result())",
    ),
    program(
        "lock held at the fork",
        "hangs:waits-for-a-lock works works",
        "lock = threading.Lock()\ndef take():\n    with lock:\n        return 1\n"
        "def hold():\n    with lock:\n        time.sleep(60)\n",
        "threading.Thread(target=hold, daemon=True).start()\ntime.sleep(0.2)\n"
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(take).result())",
    ),
    program(
        "killed worker of a Pool",
        "hangs:pool-waits-for-killed-worker",
        "def end():\n    os.kill(os.getpid(), 9)\n",
        "with Pool(1) as pool:\n    print(pool.apply(end))",
    ),
    program(
        "worker ends",
        "fails:terminated-abruptly",
        "def end():\n    os._exit(1)\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(end).result())",
    ),
    program(
        "initializer fails",
        "fails:exception-in-initializer",
        "def begin():\n    raise ValueError('no')\n" + SQUARE,
        "with ProcessPoolExecutor(1, initializer=begin) as pool:\n"
        "    print(pool.submit(square, 2).result())",
    ),
    program(
        "daemonic",
        "fails:daemonic-children",
        SQUARE + "def inner(x):\n    with Pool(1) as pool:\n        return pool.map(square, [x])\n",
        "with Pool(1) as pool:\n    print(pool.map(inner, [1]))",
    ),
    program(
        "unpickled error",
        "fails:not-unpickled-in-your-process",
        "class Odd(Exception):\n    def __init__(self, a, b):\n        super().__init__(a)\n"
        "def fail():\n    raise Odd(1, 2)\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(fail).result())",
    ),
    program(
        "thread lock in an object",
        "fails:cannot-pickle-lock",
        "class Job:\n    def __init__(self):\n        self.lock = threading.Lock()\n"
        "    def work(self):\n        return 1\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(Job().work).result())",
    ),
    program(
        "open file as an argument",
        "fails:cannot-pickle-object",
        "def read(file):\n    return file.read()\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(read, open(__file__)).result())",
    ),
    program(
        "method is chosen twice",
        "fails:context-already-set",
        SQUARE,
        f"{MAP}\nmultiprocessing.set_start_method('spawn')",
    ),
    program(
        "same random numbers",
        "works differs:same-random-numbers differs:same-random-numbers",
        "generator = random.Random()\ndef draw(x):\n    time.sleep(0.3)\n    return generator.random()\n",
        "with Pool(2) as pool:\n    found = pool.map(draw, range(2), chunksize=1)\n"
        "print('as many as drawn' if len(set(found)) == 2 else 'some are the same')",
    ),
    program(
        "top level prints",
        "works differs:starts-slowly differs:starts-slowly",
        "print('loading the model')\n" + SQUARE,
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(square, 2).result())",
    ),
    program(
        "swallowed error",
        "works differs:not-in-main differs:not-in-main",
        "",
        "def below(x):\n    return x\nwith ProcessPoolExecutor(1) as pool:\n"
        "    print(repr(pool.submit(below, 1).exception()))",
    ),
    program(
        "string as context",
        "fails:string-as-context",
        SQUARE,
        "with ProcessPoolExecutor(1, mp_context='spawn') as pool:\n"
        "    print(pool.submit(square, 2).result())",
    ),
    program(
        "several arguments",
        "fails:arguments-of-a-task",
        "def area(width, height):\n    return width * height\n",
        "with Pool(2) as pool:\n    print(pool.map(area, [(1, 2), (3, 4)]))",
    ),
    program("fails alike", "fails", SQUARE, f"{MAP}\nraise RuntimeError('on its own')"),
    program(
        "process left behind",
        "works",
        "def wait():\n    time.sleep(60)\n",
        "process = Process(target=wait)\nprocess.start()\nprint('begun', flush=True)\nos._exit(0)",
    ),
]

IMPORTED = """
from concurrent.futures import ProcessPoolExecutor
def double(x):
    return 2 * x
with ProcessPoolExecutor(1) as pool:
    print(pool.submit(double, 1).result())
"""

# The examples that break, which have none above: each as what a reader would have.
BROKEN += [
    program(
        "arguments of the command line",
        "works fails:global-is-reset fails:global-is-reset",
        "args = None\ndef times(x):\n    return x * args.n\n",
        "import argparse\nargs = argparse.Namespace(n=2)\n"
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(times, 3).result())",
    ),
    program(
        "cache that is filled",
        "works fails:global-is-reset fails:global-is-reset",
        "cache = {}\ndef look(key):\n    return cache[key]\n",
        "cache['a'] = 1\nwith ProcessPoolExecutor(1) as pool:\n"
        "    print(pool.submit(look, 'a').result())",
    ),
    program(
        "patched json",
        "works differs:mock-not-seen differs:mock-not-seen",
        "import json\ndef dump(x):\n    return json.dumps(x)\n",
        "json.dumps = lambda x: 'patched'\nwith ProcessPoolExecutor(1) as pool:\n"
        "    print(pool.submit(dump, 1).result())",
    ),
    program(
        "coroutine function",
        "fails:coroutine-not-pickled",
        "async def work(x):\n    return x\n",
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(work, 1).result())",
    ),
    program(
        "framework is not set up",
        "works fails:framework-not-set-up fails:framework-not-set-up",
        "class AppRegistryNotReady(Exception):\n    pass\nready = False\n"
        "def count(x):\n    if not ready:\n"
        '        raise AppRegistryNotReady("Apps aren\'t loaded yet.")\n    return x\n',
        "ready = True\nwith ProcessPoolExecutor(1) as pool:\n"
        "    print(pool.submit(count, 1).result())",
    ),
    program(
        "lock of the context of fork",
        "works fails:lock-of-other-context fails:lock-of-other-context",
        SQUARE,
        "lock = multiprocessing.get_context('fork').Lock()\n"
        "with ProcessPoolExecutor(1, initializer=id, initargs=[lock]) as pool:\n"
        "    print(pool.submit(square, 2).result())",
    ),
    program(
        "no __spec__",
        "works fails:main-without-spec fails:main-without-spec",
        SQUARE,
        f"del __spec__\n{MAP}",
    ),
    program(
        "tasks per child",
        "fails:max-tasks-with-fork works works",
        SQUARE,
        "context = multiprocessing.get_context()\n"
        "with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as pool:\n"
        "    print(pool.submit(square, 2).result())",
    ),
    program(
        "module made at run time",
        "works fails:module-made-at-run-time fails:module-made-at-run-time",
        "import types\n",
        "plugin = sys.modules['plugin'] = types.ModuleType('plugin')\n"
        "exec('def work(x): return x', vars(plugin))\n"
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(plugin.work, 1).result())",
    ),
    program(
        "module off the path",
        "works fails:no-module-named fails:no-module-named",
        "",
        "os.makedirs('lib', exist_ok=True)\n__import__('pathlib').Path('lib/tools.py').write_text('def double(x): return 2 * x')\n"
        "sys.path.append('lib')\nimport tools\nsys.path.remove('lib')\n"
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(tools.double, 1).result())",
    ),
    program(
        "pool at import",
        "hangs:pool-at-import",
        f"IMPORTED = {IMPORTED!r}\n",
        "__import__('pathlib').Path('imported.py').write_text(IMPORTED)\nimport imported",
    ),
    program(
        "long temporary folder",
        "works works fails:socket-path-too-long",
        "import tempfile\n" + SQUARE,
        "tempfile.tempdir = os.path.join(os.getcwd(), 'x' * 100)\n"
        f"os.makedirs(tempfile.tempdir, exist_ok=True)\n{MAP}",
    ),
    program(
        "submitted too late",
        "fails:cannot-schedule",
        SQUARE,
        "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(square, 2).result())\n"
        "print(pool.submit(square, 3).result())",
    ),
    program(
        "parent is killed",
        "fails:workers-outlive-their-parent",
        "import signal\n",
        "pool = ProcessPoolExecutor(1)\nfuture = pool.submit(time.sleep, 60)\n"
        "while not future.running():\n    time.sleep(0.01)\ntime.sleep(0.5)\n"
        "print('begun', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)",
    ),
    program(
        "semaphore is leaked",
        "works",
        "",
        "lock = multiprocessing.get_context('spawn').Lock()\nprint('made', flush=True)\n"
        "Process(target=print).start()\ntime.sleep(0.5)\nos._exit(0)",
    ),
]

OTHER = [
    program(
        "chooses for all",
        "chooses",
        SQUARE,
        f"multiprocessing.set_start_method('spawn')\n{MAP}",
    ),
    program(
        "own context",
        "chooses",
        SQUARE,
        "context = multiprocessing.get_context('spawn')\n"
        "with ProcessPoolExecutor(1, mp_context=context) as pool:\n"
        "    print(pool.submit(square, 2).result())",
    ),
    program("no process", "chooses", "", "print('nothing')"),
    program(
        "chooses, and breaks",
        "chooses",
        SQUARE,
        "multiprocessing.set_start_method('spawn')\nlist(Pool(1).map(lambda x: x, [1]))",
    ),
]

PROGRAMS = [*SOUND, *BROKEN, *OTHER]
