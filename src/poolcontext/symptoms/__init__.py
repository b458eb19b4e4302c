"""What people see when a process pool goes wrong: the messages, the cause, the cure, the page.

Each symptom has its one home here: the site's pages of symptoms are made from these entries, and its
search finds them. Texts are Markdown as the site's pages have it; `plain` takes the marks out.
"""

from __future__ import annotations

import html
import re
from types import ModuleType

from . import (
    breaking,
    calling,
    costing,
    ending,
    handing,
    hanging,
    memory,
    pickling,
    sharing,
    starting,
    surroundings,
    unpickling,
    watching,
    wrong,
)
from ._symptom import Kind, Quote, Symptom

__all__ = ["KINDS", "SYMPTOMS", "Kind", "Quote", "Symptom", "find", "heading", "plain"]


def _kind(module: ModuleType, heading: str, others: str) -> Kind:
    name = module.__name__.rpartition(".")[2]
    return Kind(name, heading, module.SYMPTOMS, tuple(others.split()))


KINDS: tuple[Kind, ...] = (
    _kind(
        breaking,
        "A worker crashes or is killed, and the pool breaks",
        """
        no-main-guard not-in-main fork-server-has-ended broken-pipe other-method-elsewhere
        not-unpickled-in-your-process task-not-unpickled objc-fork cuda-in-forked
        pool-waits-for-killed-worker no-shared-memory connection-is-shared torn-message
        window-in-worker manager-is-gone other-end-has-ended terminate-hangs
        """,
    ),
    _kind(
        starting,
        "It does not start, or fails at once",
        """
        dataloader-worker-exited terminated-abruptly exception-in-initializer frozen
        embedded paging-file-too-small frozen-in-one-file no-processes socket-path-too-long
        no-more-processes celery-on-windows local-function cannot-pickle-object
        cannot-pickle-lock process-not-pickled ran-out-of-input pickle-data-truncated
        no-module-named module-made-at-run-time unsupported-pickle-protocol cuda-in-forked
        pool-at-import name-error script-runs-again target-not-callable exceptions-vanish
        starts-slowly debugger reloader input-in-worker gone-before-it-starts
        window-in-worker process-traceback cannot-find-context context-already-set
        string-as-context daemonic-children too-many-workers loop-of-the-parent
        reactor-not-restartable module-is-shadowed ends-by-itself signal-in-thread
        """,
    ),
    _kind(
        surroundings,
        "Frozen programs, containers and other surroundings",
        """
        no-main-guard script-from-stdin handle-not-duplicated too-many-threads on-one-core
        how-many-workers no-shared-memory no-space-left too-many-open-files helper-processes
        daemonic-children too-many-workers
        """,
    ),
    _kind(
        pickling,
        "Something cannot be pickled",
        """
        broken-pipe ran-out-of-input name-error-with-dill
        """,
    ),
    _kind(
        unpickling,
        "Something cannot be unpickled, or is not found in a worker",
        """
        not-in-main fails-as-it-starts
        """,
    ),
    _kind(
        hanging,
        "It hangs, or warns that it may",
        """
        process-crashes no-main-guard context-set-in-worker not-in-main
        queue-item-not-pickled warnings-come-back task-goes-on dataloader-starts-anew
        pdb-in-worker debugger console-shows-nothing coverage-hangs hangs-without-a-word
        event-loop-is-blocked interrupted-by-ctrl-c program-does-not-end
        gunicorn-worker-timeout thread-not-in-worker
        """,
    ),
    _kind(
        wrong,
        "It runs, but something is lost, old or done twice",
        """
        no-main-guard same-error-again preload-failed other-method-elsewhere frozen embedded
        queue-seems-empty progress-bar how-many-workers console-shows-nothing reloader
        coverage-of-workers once-per-worker counter-loses connection-is-shared same-file
        nothing-at-its-end what-a-worker-has thread-not-in-worker
        """,
    ),
    _kind(
        handing,
        "Arguments, results, queues and time limits",
        """
        shared-through-inheritance queue-item-not-pickled result-not-pickled
        too-large-to-send coroutine-not-pickled not-unpickled-in-your-process
        max-tasks-stuck join-never-returns global-is-reset copy-in-each-process
        manager-nested exceptions-vanish dataset-repeated sent-with-every-task
        gone-before-it-starts share-an-array counter-loses tensor-is-gone
        other-end-has-ended remote-traceback logger-not-pickled
        """,
    ),
    _kind(
        costing,
        "It is slow, or takes too much memory",
        """
        killed-from-outside worker-is-replaced paging-file-too-small no-more-processes
        too-large-to-send map-takes-all-at-once share-an-array too-many-open-files
        pool-in-a-server model-of-a-server event-loop-is-blocked
        workers-outlive-their-parent pools-are-not-closed
        """,
    ),
    _kind(
        watching,
        "What you print, test, debug or measure in a worker",
        """
        fork-with-threads warnings-come-back log-records-vanish mock-not-seen
        script-runs-again exceptions-vanish progress-bar log-file-of-several
        """,
    ),
    _kind(
        memory,
        "Shared memory, locks and semaphores",
        """
        shared-through-inheritance lock-of-other-context waits-for-a-lock
        copy-in-each-process manager-nested array-is-read-only memory-grows
        gpu-memory-of-each-worker manager-is-gone released-too-often
        """,
    ),
    _kind(
        sharing,
        "Databases, files, windows and servers",
        """
        process-crashes framework-not-set-up celery-on-windows cannot-pickle-object
        fork-with-threads copy-in-each-process gpu-memory-of-each-worker
        shared-memory-vanishes nothing-at-its-end
        """,
    ),
    _kind(
        ending,
        "Stopping it: Ctrl+C, what stays, and errors at the end",
        """
        terminated-abruptly killed-from-outside zombies join-never-returns task-goes-on
        leaked-semaphores leaked-shared-memory another-process-owns-it terminate-hangs
        loky-keeps-its-workers cannot-schedule is-closed
        """,
    ),
    _kind(
        calling,
        "Python refuses a call",
        """
        context-set-in-worker no-processes celery-on-windows shared-through-inheritance
        lock-of-other-context pool-not-pickled cuda-in-forked arguments-of-a-task
        result-not-asked-for array-is-read-only pool-or-executor how-many-workers
        shared-memory-exists proxy-in-a-proxy authentication
        """,
    ),
)
"""All symptoms, by the pages that they have on the site."""

SYMPTOMS: tuple[Symptom, ...] = tuple(one for kind in KINDS for one in kind.symptoms)
"""All symptoms, in the order of the site's pages."""


def find(text: str) -> list[Symptom]:
    """Find the symptoms whose messages stand in a text, such as the end of a traceback.

    Args:
        text: What a program has printed, of any number of lines.

    Returns:
        Those that tell the cause come first, then those that only follow from another one; of
        each kind, that whose message stands last in the text, and of two that end there the
        longer, unless one leads to others. A message may be wrapped, or have more spaces than
        its own.

    Example:
        >>> from poolcontext.symptoms import find
        >>> [one.name for one in find("ValueError: cannot find context for 'frok'")]
        ['cannot-find-context']
    """
    found = _found(text)
    if not all(one.follows for one in found):
        return found
    causes = [one for one in _found(_unwrapped(text)) if one not in found]
    return sorted(causes + found, key=lambda one: one.follows)


def _found(text: str) -> list[Symptom]:
    places = {one: one.place(text) for one in SYMPTOMS}
    found = sorted(
        (one for one in SYMPTOMS if places[one][1]), key=places.__getitem__, reverse=True
    )
    return sorted(found, key=lambda one: (one.follows, not one.leads))


def _unwrapped(text: str) -> str:
    """Without what a terminal, a log or a copy has put between the words of a message."""
    text = re.sub(r"[ \t\xa0]+", " ", text).replace("Error:[", "Error: [")
    return re.sub(r" ?\n ?(?=[a-z])", " ", text)


def heading(symptom: Symptom) -> str:
    """Its title as people read it, without marks and escapes.

    Example:
        >>> from poolcontext.symptoms import find, heading
        >>> heading(find("module '__main__' has no attribute '__spec__'")[0])
        "AttributeError: module '__main__' has no attribute '__spec__'"
    """
    return html.unescape(plain(symptom.title)).replace("\\", "")


_ROLE = re.compile(
    r"\{[\w:-]+\}(`{1,3})(?!`)([^<`]{0,300}(?:`[^<`]{1,99}`[^<`]{0,300})?)(?:<[^`]{0,999}>)?\1"
)
_LINK = re.compile(r"\[([^\[\]]{0,500})\]\([^()\s]{0,500}\)")


def plain(markdown: str) -> str:
    """Take links, roles and other marks out of a text, and join its lines.

    Example:
        >>> from poolcontext.symptoms import plain
        >>> plain("Take [`spawn`](/examples/a), {proof}`it works <b linux: ^works>`.")
        'Take spawn, it works.'
    """
    text = _LINK.sub(r"\1", _ROLE.sub(lambda role: role[2].strip(), markdown))
    return " ".join(re.sub(r"[`*]", "", text).split())
