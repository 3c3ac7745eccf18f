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
    said = (_version(name, settings.search_path) for name in names)
    return tuple(filter(None, said))


@cache
def _version(name: str, search_path: str) -> str:
    """Empty if it does not say. Once for each process, which may be invited again and again."""
    path = shutil.which(name, path=search_path)
    if path is None:
        return ""
    try:
        ended = subprocess.run(
            (path, "--version"), capture_output=True, text=True, timeout=SECONDS, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        _log.warning("%s does not say what it is: %s", name, error)
        return ""
    return ended.stdout.strip()
