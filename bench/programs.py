"""Where the programs come from that are compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def ours_first() -> None:
    """`xc` and the others of this virtual environment are found before any of the system's."""
    beside = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([beside, os.environ["PATH"]])
