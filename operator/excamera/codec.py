"""Which codec this installation has, in the words of `xc --version`: its sources and its libvpx.

All chunks of an output must be of one codec. Each is rebased onto the state in which the chunk
before it ended, and retries count on the same frames giving the same bytes. So the codec is part of
a job's name in the store, and workers that have another get no work.
"""

from __future__ import annotations

import subprocess
from functools import cache
from typing import Final

from excamera.errors import JobError
from excamera.executables import resolve

SECONDS: Final = 30.0


@cache
def codec() -> str:
    """One line. Raises JobError if there is no `xc`."""
    return _said_by(resolve("xc"), "--version")


def _said_by(*argv: str) -> str:
    """The standard output of a program that is through at once."""
    try:
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise JobError(f"{argv[0]} does not say what it is: {error}") from error
    return ended.stdout.strip()
