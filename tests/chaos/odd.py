"""Commands for workers that are not like the others: whose programs crash, crawl or lack room.

An overlay is a look-alike of this virtual environment in which some executables are replaced by
scripts; a worker that is started by its Python finds those first, as it would an image's own.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from mu.backends.local import COMMAND

REAL = Path(sys.executable).parent


def overlay(folder: Path, **scripts: str) -> tuple[str, ...]:
    """A worker's command. scripts: what stands for an executable; $REAL is the folder of the real
    ones."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (folder / "lib").symlink_to(REAL.parent / "lib")
    shutil.copy(REAL.parent / "pyvenv.cfg", folder / "pyvenv.cfg")
    for path in REAL.iterdir():
        if path.name not in scripts:
            (programs / path.name).symlink_to(path)
    for name, script in scripts.items():
        path = programs / name
        path.write_text(f"#!/bin/sh\nREAL={shlex.quote(str(REAL))}\n{script}\n", "utf-8")
        path.chmod(0o755)
    return (str(programs / "python"), *COMMAND[1:])


def first_only(folder: Path, odd: Sequence[str]) -> tuple[str, ...]:
    """The first worker that is started is the odd one; all others are as usual."""
    choose = f'mkdir "$1" 2>/dev/null && exec {shlex.join(odd)}; exec {shlex.join(COMMAND)}'
    return ("sh", "-c", choose, "sh", str(folder / "taken"))
