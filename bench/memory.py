"""Peak resident memory of the codec's commands, beside vpxdec's and vpxenc's on the same frames."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

from bench import peak
from bench.clips import Clip, animation, noisy
from bench.link import CHUNK, CQ_LEVEL, Link
from bench.sizes import VPXENC
from bench.table import lines, times
from bench.timing import Argv, run

REBASE = "xc rebase"
BAR = 300e6
"""Bytes that it may take at 4K."""

TITLE = (
    f"Peak resident memory in MB of a chunk of {CHUNK} frames; the bar of `xc rebase` is"
    f" {BAR / 1e6:.0f} MB at 4K, in bold where it takes more"
)
HEAD = ("program", "clip", "cq-level", "threads", "MB", "peer", "its MB", "by the peer's")
THREADS = (1, 2, 4)
FINE = 4  # cq-level
ROUNDS = 2

Row = tuple[str, ...]


def tables(folder: Path) -> Iterator[str]:
    """The table of this section, row by row as they take seconds each."""
    yield from lines(TITLE, HEAD, _rows(folder))


def _rows(folder: Path) -> Iterator[Row]:
    hd, uhd = animation(folder, frames=96), animation(folder, frames=24, height=2160)
    noise = noisy(folder, uhd, frames=2 * CHUNK)
    uhd_link = Link(folder, uhd, CQ_LEVEL)
    yield from _rebases(hd, CQ_LEVEL, Link(folder, hd, CQ_LEVEL))
    yield from _rebases(uhd, CQ_LEVEL, uhd_link)
    for level in (CQ_LEVEL, FINE):
        yield from _rebases(noise, level, Link(folder, noise, level))
    yield from _others(folder, uhd, uhd_link)


def _rebases(clip: Clip, level: int, link: Link) -> Iterator[Row]:
    """A link with each number of threads; a decoder of the same frames has no fewer."""
    peer = _peak(_vpxdec(link.both))
    for threads in THREADS:
        case = (REBASE, clip.name, str(level), str(threads))
        yield row(case, _peak(link.rebase(threads)), "vpxdec", peer)


def _others(folder: Path, clip: Clip, link: Link) -> Iterator[Row]:
    ivf, state = folder / "memory.ivf", folder / "memory.state"
    vpxenc = (*VPXENC, f"--cq-level={CQ_LEVEL}", "-o", ivf, link.source)
    vpxdec = _peak(_vpxdec(link.before))
    case = (clip.name, str(CQ_LEVEL), "1")
    encode = _peak(link.encode(link.source, ivf))
    yield row(("xc encode", *case), encode, "vpxenc", _peak(vpxenc))
    yield row(("xc decode", *case), _peak(("xc", "decode", link.before)), "vpxdec", vpxdec)
    state_out = ("xc", "state", link.before, "-o", state)
    yield row(("xc state", *case), _peak(state_out), "vpxdec", vpxdec)


def row(case: Row, ours: int, peer: str, peers: int) -> Row:
    """Of one case; `ours` and `peers` in bytes."""
    megabytes = f"{ours / 1e6:.0f}"
    shown = f"**{megabytes}**" if case[0] == REBASE and ours > BAR else megabytes
    return *case, shown, peer, f"{peers / 1e6:.0f}", times(ours / peers)


def _vpxdec(ivf: Path) -> Argv:
    return ("vpxdec", "--i420", "--noblit", "--threads=1", ivf)


def _peak(argv: Argv) -> int:
    """The highest of some runs, in bytes. Raises RuntimeError if one fails."""
    command = (sys.executable, "-I", "-S", peak.__file__, *argv)
    told = []
    with NamedTemporaryFile("r") as output:
        for _ in range(ROUNDS):
            run(command, stdout=output.name)
            output.seek(0)
            told.append(int(output.read()))
    return max(told)
