"""What decides what an encoder's output is, as a key for what is kept of it.

`xc` changes with every change of its rebase, and encoding all clips again takes more than an hour.
So what `xc encode` makes is kept for as long as the sources stay that this one command is made of,
and libvpx.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

COMMAND = "cli/encode.cpp"
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
_VERSION = re.compile(r"sources (?P<sources>\w+), libvpx (?P<libvpx>\S+)")
_SOURCE_FOLDER = re.compile(r"^xc_SOURCE_DIR:STATIC=(.*)$", re.MULTILINE)
_VPXENC = re.compile(r"VP8 Encoder (\S+)")


@cache
def xc_key(xc: str) -> str:
    """Of what this executable's `xc encode` makes.

    Where it lies in CMake's folder only those of its sources count that the command needs;
    elsewhere all of them, as `xc --version` tells.
    """
    found = shutil.which(xc)
    if found is None:
        raise FileNotFoundError(f"there is no executable {xc}")
    executable = Path(found).resolve()
    told = _VERSION.search(_output(found, "--version"))
    if told is None:
        raise RuntimeError(f"{xc} --version names neither sources nor libvpx")
    sources = _sources(executable.parent)
    if sources is None:
        return key(told["libvpx"], told["sources"])
    return key(told["libvpx"], digest(sources, COMMAND, executable))


def vpxenc_key(argv: Sequence[str]) -> str:
    """Of what vpxenc makes with these arguments."""
    told = _VPXENC.search(_output(argv[0], "--help"))
    if told is None:
        raise RuntimeError(f"{argv[0]} --help names no VP8 encoder")
    return key(told[1], hashlib.sha256("\0".join(argv).encode()).hexdigest())


def key(libvpx: str, digest: str) -> str:
    """As the name of a folder."""
    return f"{libvpx}-{digest[:12]}"


def digest(sources: Path, start: str, executable: Path) -> str:
    """Of the source file `start` and of all that it is made of.

    RuntimeError if one of these files is newer than the executable, which then has another.
    """
    whole = hashlib.sha256()
    for name in sorted(made_of(sources, start)):
        file = sources / name
        if file.stat().st_mtime > executable.stat().st_mtime:
            raise RuntimeError(f"{name} is newer than {executable.name}: build it first")
        whole.update(f"{name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def made_of(sources: Path, start: str) -> set[str]:
    """`start`, what it includes, the sources of that, what these include, and so on."""
    found: set[str] = set()
    rest = [start]
    while rest:
        name = rest.pop()
        if name not in found:
            found.add(name)
            rest += _next(sources, name)
    return found


def _next(sources: Path, name: str) -> Iterator[str]:
    yield from _INCLUDE.findall((sources / name).read_text("utf-8"))
    source = name.removesuffix(".hpp") + ".cpp"
    if name.endswith(".hpp") and (sources / source).is_file():
        yield source


def _sources(build: Path) -> Path | None:
    """The folder of the sources that CMake builds from in this one, if it does."""
    settings = build / "CMakeCache.txt"
    found = _SOURCE_FOLDER.search(settings.read_text("utf-8")) if settings.is_file() else None
    sources = Path(found[1]) / "src" if found else None
    return sources if sources is not None and sources.is_dir() else None


def _output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
