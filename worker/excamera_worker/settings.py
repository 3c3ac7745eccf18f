"""How a worker behaves, read once at the edge and never changed."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final


def _search_path() -> str:
    """Where executables are looked for: beside this interpreter first, then PATH.

    In a virtual environment that is where `excamera-media` and `xc` were installed.
    """
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


EXECUTABLES: Final = ("excamera-media", "xc")
"""What the image was made for."""


def _executables() -> frozenset[str]:
    """EXCAMERA_EXECUTABLES, names with commas between, is for images of other applications."""
    given = os.environ.get("EXCAMERA_EXECUTABLES", "")
    return frozenset(filter(None, given.split(","))) or frozenset(EXECUTABLES)


@dataclass(frozen=True, slots=True)
class Settings:
    """Times are in seconds, sizes in bytes."""

    scratch: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    """The folder in which the worker makes its own private one."""

    search_path: str = field(default_factory=_search_path)
    executables: frozenset[str] = field(default_factory=_executables)
    """The names that a coordinator may run; whatever else lies on the search path it may not."""

    native: frozenset[str] = frozenset({"xc"})
    """Those of them that the coordinator is told the versions of: the others come with this one."""

    residents: frozenset[str] = frozenset({"excamera-media"})
    """Those of them that can carry out one run after the other; see `residents`."""

    resident_idle: float = 60.0
    """How long such a program may have nothing to do before it is ended: by then what it holds is
    of more use to those that run."""

    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    """What the children's environment is chosen from; see `environment`."""

    time_limit: float | None = None
    """When whoever runs the worker will end it, counted from its start; None: never."""

    leave_before_limit: float = 3.0
    """How long before that the worker says goodbye, to have time to clean up."""

    reconnect: float = 120.0
    """How long the coordinator may be out of reach before the worker gives up."""

    welcome: float = 20.0
    """How long dialling, and waiting for the coordinator's first word, may take."""

    transfer: float = 60.0
    """How long the rendezvous may be out of reach before a Send or Receive gives up."""

    backoff_first: float = 0.25
    backoff_cap: float = 5.0

    goodbye: float = 2.0
    """How long the last messages may take to leave."""

    output_tail: int = 64 * 1024
    """How much of the end of a program's output is kept, for each of its two outputs."""

    progress_burst: int = 20
    progress_per_second: float = 5.0
    """How many of a program's lines are passed on; the others are only kept in the tail."""
