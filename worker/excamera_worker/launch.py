"""Start programs that cannot outlive the worker, without running Python between fork and exec.

What is wanted of a child before it becomes the program (a death signal, a limit) would commonly be
done by `preexec_fn`. That makes Popen fork, and forking runs grpc's handlers, which crash the child
if other threads are inside grpc at that moment: seen with grpcio 1.85. Without it Popen uses vfork,
which runs nothing. So the preparations are made by a program that comes first and then *becomes*
the one that is wanted: util-linux's setpriv and prlimit (together 2 ms), or where these are
missing this very file, run as a script by a bare Python (25 ms).

This module must stay free of imports other than the standard library's, and light.
"""

import ctypes
import functools
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
_PRLIMIT = "/usr/bin/prlimit"
_WITH_DEATH_SIGNAL = ("/usr/bin/setpriv", "--pdeathsig", "KILL", "--")


def end_with_parent(parent: int, sent: signal.Signals) -> None:
    """Ask the kernel to send this process `sent` when its parent, the process `parent`, ends.

    The thread of the parent that started this process counts as the parent.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(sent))
    if os.getppid() != parent:  # it has ended already, and the signal will not come
        os.kill(os.getpid(), sent)


def prepared(argv: Sequence[str], memory_bytes: int = 0) -> list[str]:
    """`argv`, killed when this process ends, with an address space of `memory_bytes` (0: any)."""
    limit = _within_hard_limit(memory_bytes)
    if not util_linux():
        return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(limit), *argv]
    limiting = [_PRLIMIT, f"--as={limit}:{limit}", "--"] if limit else []
    return [*_WITH_DEATH_SIGNAL, *limiting, *argv]


@functools.cache
def util_linux() -> bool:
    """Whether there are setpriv and prlimit of util-linux; busybox's know no death signal."""
    probe = [*_WITH_DEATH_SIGNAL, _PRLIMIT, "--core=0:0", "--", _PRLIMIT, "--version"]
    try:
        return subprocess.run(probe, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _within_hard_limit(memory_bytes: int) -> int:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    return memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)


def main() -> None:
    """As a script: PARENT LIMIT PROGRAM [ARGUMENT ...]."""
    parent, limit, *argv = sys.argv[1:]
    end_with_parent(int(parent), signal.SIGKILL)
    if int(limit):
        resource.setrlimit(resource.RLIMIT_AS, (int(limit), int(limit)))
    os.execv(argv[0], argv)


if __name__ == "__main__":
    main()
