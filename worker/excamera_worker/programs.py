"""What this worker's native programs are, in their own words.

The coordinator gives no work to a worker whose programs make other things than those of the job do.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
from functools import cache
from typing import Final

from excamera_worker.settings import Settings

SECONDS: Final = 30.0

_log = logging.getLogger(__name__)


def programs(settings: Settings) -> tuple[str, ...]:
    """A line for each that there is; what it is made of is between it and the coordinator."""
    names = sorted(settings.native & settings.executables)
    said = (_said(name, settings.search_path) for name in names)
    return tuple(filter(None, said))


def _said(name: str, search_path: str) -> str:
    """Empty if it does not say, now: the next worker of this process asks again."""
    path = shutil.which(name, path=search_path)
    if path is None:
        return ""
    try:
        return _version(path)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        _log.warning("%s does not say what it is: %s", name, error)
        return ""


@cache
def _version(path: str) -> str:
    """Once for each process, which may be invited again and again. Raises if it does not say."""
    ended = subprocess.run(
        (path, "--version"), capture_output=True, text=True, timeout=SECONDS, check=True
    )
    return ended.stdout.strip()
