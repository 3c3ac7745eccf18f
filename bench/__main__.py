"""Prints the tables of all sections, or of those that are named."""

from __future__ import annotations

import argparse
import os
import platform
from pathlib import Path

from bench import codec, sizes, target, work
from bench.programs import ours_first

SECTIONS = {
    "codec": codec.tables,
    "sizes": sizes.tables,
    "work": work.tables,
    "target": target.tables,
}


def main() -> int:
    """Runs the sections and prints their tables as they come."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], metavar="SECTION")
    folder = Path("build/bench")
    parser.add_argument("--folder", type=Path, default=folder, help="for clips and results")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    ours_first()
    print(f"{os.cpu_count()} cores, {_processor()}, {platform.platform()}\n")
    for name in options.sections or SECTIONS:
        for table in SECTIONS[name](options.folder):
            print(table, flush=True)
    return 0


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


if __name__ == "__main__":
    raise SystemExit(main())
