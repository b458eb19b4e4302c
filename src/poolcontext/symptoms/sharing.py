"""Semaphores, shared memory, connections and files that several processes have."""

from __future__ import annotations

from ._symptom import Quote, Symptom

SYMPTOMS = (
    Symptom(
        "too-many-open-files",
        "received … items of ancdata, or Too many open files",
        messages=(
            r"received \d+ items of ancdata",
            r"Too many \(\d+\) fds to send",
            r"ValueError: too many fds",
            r"OSError: \[Errno 24\] Too many open files",
        ),
        cause="""
Your process has as many open files as [its limit](inv:python:py:module#resource) allows: each worker, queue, connection and piece of shared memory takes some.
""",
        cure="""
Use fewer at a time and close them, or raise the limit, as by `ulimit -n 4096`.
""",
        examples=("break/too_many_workers",),
        quotes=(
            Quote(
                "RuntimeError: received 0 items of ancdata",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/reduction.py#L155-L181",
            ),
        ),
    ),
    Symptom(
        "authentication",
        "digest sent was rejected",
        messages=(
            r"digest sent was rejected",
            r"digest received was wrong",
            r"AuthenticationError: ",
        ),
        words=("multiprocessing manager authkey",),
        cause="""
The two ends of a connection have different keys: a manager, or a `Listener`, of another program, or of a process that was not started by multiprocessing, has another `authkey`.
""",
        cure="""
Give both [the same `authkey`](inv:python:py:attribute#multiprocessing.Process.authkey); what multiprocessing starts has its parent's.
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote(
                "multiprocessing.context.AuthenticationError: digest sent was rejected",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/connection.py",
            ),
        ),
    ),
    Symptom(
        "torn-message",
        "bad message length, or got end of file during message",
        messages=(
            r"bad message length",
            r"got end of file during message",
            r"invalid load key",
            r"concurrent send_bytes\(\) calls are not supported",
        ),
        cause="""
Two processes, or two threads, have read or written the same end of one pipe, so that each has got a part of the other's message; or the other end was ended in the middle of one.
""",
        cure="""
Let one process have each end, [close the copies](inv:python:std:label#multiprocessing-programming) that forked workers have, or hold a lock around each message.
""",
        examples=("worker/what_reaches_a_worker",),
        quotes=(
            Quote(
                "OSError: bad message length",
                "documented",
                "https://github.com/python/cpython/blob/v3.14.0/Lib/multiprocessing/connection.py",
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
The process that unlinks what others leave behind was ended, mostly by a signal to the whole group, or by what ends all processes of a name; a new one does not know what the old one knew.
""",
        cure="""
End your program, and not each of its processes; what is left then is below `/dev/shm` on Linux.
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
)
