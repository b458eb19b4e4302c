"""A job of Windows, which ends with all that is in it.

Jobs are there what process groups are on POSIX, and nothing leaves them.
"""

from __future__ import annotations

import struct
import subprocess
from typing import Any


class Job:  # pragma: no cover: Windows has it, and .ci/wine runs it
    """A job of Windows: a process and all that it starts, which end when the job is closed.

    Also those whose parents have ended, and when this process is ended itself.
    https://learn.microsoft.com/windows/win32/procthread/job-objects
    """

    def __init__(self) -> None:
        import ctypes

        self.ctypes: Any = ctypes  # of which type checkers know only their own system's part
        self.kernel = self.ctypes.WinDLL("kernel32", use_last_error=True)
        self.kernel.CreateJobObjectW.restype = ctypes.c_void_p
        self.handle: int | None = self.kernel.CreateJobObjectW(None, None)
        # A JOBOBJECT_EXTENDED_LIMIT_INFORMATION, whose number is 9, with nothing in it but
        # JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE.
        limits = struct.pack("qqLNNLPLL6Q4N", 0, 0, 0x2000, *[0] * 16)
        self._call("SetInformationJobObject", 9, limits, len(limits))

    def _call(self, function: str, *arguments: object) -> None:
        if not getattr(self.kernel, function)(self.ctypes.c_void_p(self.handle), *arguments):
            raise self.ctypes.WinError(self.ctypes.get_last_error())

    def begin(self, process: subprocess.Popen[bytes]) -> None:
        """Take a suspended process in, then let it go on: nothing has left it before."""
        handle = self.ctypes.c_void_p(int(vars(process)["_handle"]))
        self._call("AssignProcessToJobObject", handle)
        self.ctypes.WinDLL("ntdll").NtResumeProcess(handle)  # Popen keeps no handle of a thread

    def close(self) -> None:
        """End all that is in the job."""
        if self.handle:
            self._call("CloseHandle")
            self.handle = None
