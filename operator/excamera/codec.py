"""Which codec this installation has, in the words of `xc --version`: its sources and its libvpx.

All chunks of an output must be of one codec. Each is rebased onto the state in which the chunk
before it ended, and retries count on the same frames giving the same bytes. So the codec is part of
a job's name in the store, and workers that have another get no work.

In a checkout, edits of Python count at once, and those of the codec only once it is built. There an
`xc` that was built from other sources is refused.
"""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Final

from excamera.errors import JobError
from excamera.executables import resolve

SECONDS: Final = 30.0
DIGEST: Final = Path(__file__).parents[2] / "native" / "digest.sh"
"""Tells the digest of the sources of `xc`, if this file lies in a checkout."""


@cache
def codec() -> str:
    """One line. Raises JobError if there is no `xc`, or in a checkout one of other sources."""
    version = _said_by(resolve("xc"), "--version")
    if DIGEST.exists():
        check_sources(version, _said_by(str(DIGEST)))
    return version


def check_sources(version: str, digest: str) -> None:
    """Raises JobError if the `xc` that says this of its version has other sources than these."""
    if f"sources {digest}," not in version:
        raise JobError(
            f"the codec was not built from the sources of this checkout ({digest}): it calls itself"
            f" {version!r}; `make setup` builds it anew"
        )


def _said_by(*argv: str) -> str:
    """The standard output of a program that is through at once."""
    try:
        ended = subprocess.run(argv, capture_output=True, text=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise JobError(f"{argv[0]} does not say what it is: {error}") from error
    return ended.stdout.strip()
