"""A state on the wire: what lossless compression makes of it, how long that takes, and what a
hand-over takes at the speed of several networks."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import lz4.frame
import zstandard

from bench import above
from bench.clips import Clip, animation
from bench.handover import Coded, soonest
from bench.link import Link
from bench.state_file import planes
from bench.table import markdown, times

GIGABITS = (0.6, 1, 10, 25)
"""A second for each worker; a function of AWS Lambda has 0.6."""

LEVELS = (-7, -5, -1, 1, 3, 9)
ROUNDS = 7
AS_IT_IS = "as it is"
HEAD = (
    *(
        "coded by",
        "size",
        "compress, ms",
        "decompress, ms",
        "both by a link's time",
        "hidden up to",
    ),
    *(f"{gigabits:g} Gbit/s, ms" for gigabits in GIGABITS),
)

Transform = Callable[[Any], Any]
"""Takes and gives bytes, or an array of them."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A way to make a state smaller, and back."""

    encode: Transform
    decode: Transform


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section."""
    for clip in (animation(folder, frames=96), animation(folder, frames=24, height=2160)):
        yield _table(Link(folder, clip), clip)


def _table(link: Link, clip: Clip) -> str:
    state = link.after.read_bytes()
    codecs = codecs_of(state)
    links, rounds = [], []
    for _ in range(ROUNDS):
        links.append(link.measured().rebase_cpu)
        rounds.append({name: coded(codec, state) for name, codec in codecs.items()})
    ways = {AS_IT_IS: Coded(len(state), len(state))}
    ways |= {name: median([one[name] for one in rounds]) for name in codecs}
    a_link = statistics.median(links)
    title = (
        f"A state on the wire, {clip.name}: {len(state) / 1e6:.2f} MB; a link takes {a_link:.1f} ms"
        " (all by processor time, one thread); the last columns are whole hand-overs, the shortest"
        " in bold"
    )
    return markdown(title, HEAD, rows(ways, a_link))


def rows(ways: Mapping[str, Coded], a_link: float) -> Iterator[tuple[str, ...]]:
    """One for each way; `a_link` in ms."""
    best = [soonest(ways, gigabits) for gigabits in GIGABITS]
    for name, way in ways.items():
        spent = (f"{way.compress:.1f}", f"{way.decompress:.1f}", times(way.work / a_link))
        shown = (*spent, f"{way.hidden_up_to:.1f} Gbit/s") if way.work else ("", "", "", "")
        handovers = (f"{way.milliseconds(gigabits):.1f}" for gigabits in GIGABITS)
        marked = (
            f"**{cell}**" if name == one else cell
            for cell, one in zip(handovers, best, strict=True)
        )
        yield name, f"{way.share:.2f}", *shown, *marked


def codecs_of(state: bytes) -> dict[str, Codec]:
    """By name, for a state with pictures of this size."""
    plain = {"lz4": Codec(lz4.frame.compress, lz4.frame.decompress)}
    plain |= {f"zstd {level}".replace("-", "−"): _zstd(level) for level in LEVELS}
    parts = planes(state)
    before, after = partial(above.differences, planes=parts), partial(above.sums, planes=parts)
    return plain | {
        f"above, {name}": Codec(_both(before, codec.encode), _both(codec.decode, after))
        for name, codec in plain.items()
    }


def coded(codec: Codec, state: bytes) -> Coded:
    """What the codec makes of a state, by processor time of this thread. Raises if it comes back as
    another."""
    began = time.thread_time()
    packed = codec.encode(state)
    between = time.thread_time()
    unpacked = codec.decode(packed)
    ended = time.thread_time()
    if bytes(unpacked) != state:
        raise RuntimeError("a state is not what it was before")
    return Coded(len(state), len(packed), 1e3 * (between - began), 1e3 * (ended - between))


def median(rounds: list[Coded]) -> Coded:
    """Of rounds of the same, each time for itself."""
    compress = statistics.median(one.compress for one in rounds)
    return Coded(
        rounds[0].size,
        rounds[0].coded,
        compress,
        statistics.median(one.decompress for one in rounds),
    )


def _zstd(level: int) -> Codec:
    compressor, decompressor = zstandard.ZstdCompressor(level), zstandard.ZstdDecompressor()
    return Codec(compressor.compress, decompressor.decompress)


def _both(first: Transform, second: Transform) -> Transform:
    return lambda data: second(first(data))
