"""Prints the tables of all sections, or of those that are named."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import codec, memory, profile, sizes, state, target, work
from bench.programs import ours_first


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a run. `tables` takes the folder of clips and results; `takes` is how long it lasts
    on two cores that nothing else wants."""

    tables: Callable[[Path], Iterator[str]]
    prints: str
    takes: str


SECTIONS: Mapping[str, Section] = {
    "codec": Section(codec.tables, "speed of decoding and of a link, against vpxdec", "6 min"),
    "memory": Section(memory.tables, "peak memory, beside vpxdec's and vpxenc's", "6 min"),
    "profile": Section(profile.tables, "functions of a link by their share, by perf", "1 min"),
    "state": Section(state.tables, "states compressed, and handed over by networks", "1 min"),
    "sizes": Section(sizes.tables, "BD-rate against vpxenc over nine clips", "2 h, then 10 min"),
    "work": Section(work.tables, "CPU of whole jobs, against vpxenc", "20 min"),
    "target": Section(target.tables, "jobs that name a quality: what they reach", "15 min"),
}


def parser() -> argparse.ArgumentParser:
    """Of the command line."""
    names = "".join(f"  {name:8}{one.prints} ({one.takes})\n" for name, one in SECTIONS.items())
    made = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"sections, and how long each takes:\n{names}",
    )
    made.add_argument("sections", nargs="*", type=section, metavar="SECTION", help="see below")
    folder = Path("build/bench")
    made.add_argument(
        "--folder", type=Path, default=folder, help=f"for clips and results ({folder})"
    )
    return made


def section(name: str) -> str:
    """The name of one that there is."""
    if name not in SECTIONS:
        raise argparse.ArgumentTypeError(f"there is no {name!r}: choose from {', '.join(SECTIONS)}")
    return name


def main() -> int:
    """Runs the sections and prints their tables as they come."""
    options = parser().parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    ours_first()
    print(f"{os.cpu_count()} cores, {_processor()}, {platform.platform()}\n")
    for name in options.sections or SECTIONS:
        for table in SECTIONS[name].tables(options.folder):
            print(table, flush=True)
    return 0


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


if __name__ == "__main__":
    raise SystemExit(main())
