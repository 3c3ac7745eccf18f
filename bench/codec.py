"""The codec's speed: decoding, and the link of a chain, against decoders of the same frames."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench.clips import Clip, animation
from bench.link import CHUNK, CQ_LEVEL, Link, Times
from bench.table import markdown, times
from bench.timing import in_turn, ratio, run

LINK_ROUNDS = 15
THREADS = (1, 2)
VECTORS = Path(__file__).parents[2] / "shared" / "vp8" / "test-vectors"
"""Where they are looked for if VP8_TEST_VECTORS does not say, as the tests do."""


def tables(folder: Path) -> Iterator[str]:
    """The tables of this section."""
    clips = (animation(folder, frames=96), animation(folder, frames=24, height=2160))
    yield markdown(
        "Decoding: speed of `xc decode`, one thread",
        ("clip", "against vpxdec", "against ffmpeg's own decoder"),
        [*(_decoding(folder, clip) for clip in clips), *_test_vectors()],
    )
    yield markdown(
        f"A link of {CHUNK} frames: time of `xc rebase` against vpxdec on the same frames",
        ("clip", "threads", "state to state", "and frames", "loading before it", "ms to the state"),
        [row for clip in clips for row in _links(folder, clip)],
    )


def _decoding(folder: Path, clip: Clip) -> tuple[str, str, str]:
    ivf = folder / f"{clip.y4m.stem}.ivf"
    run(("xc", "encode", clip.y4m, "-o", ivf, "--cq-level", str(CQ_LEVEL)))
    decode = ("vpxdec", "--noblit", "--threads=1", ivf)
    measured = in_turn(
        {
            "xc": ("xc", "decode", ivf),
            "vpxdec": decode,
            "ffmpeg": (
                *("ffmpeg", "-loglevel", "error", "-threads", "1", "-c:v", "vp8"),
                *("-i", ivf, "-f", "null", "-"),
            ),
        }
    )
    return (
        clip.name,
        times(1 / ratio(measured, "xc", "vpxdec")),
        times(1 / ratio(measured, "xc", "ffmpeg")),
    )


def _test_vectors() -> Iterator[tuple[str, str, str]]:
    """The conformance streams, one process for each, if they are there."""
    folder = Path(os.environ.get("VP8_TEST_VECTORS") or VECTORS)
    if not folder.is_dir():
        yield "conformance streams", "VP8_TEST_VECTORS does not say where they are", ""
        return
    streams = sorted(folder.glob("*.ivf"))
    each = ("sh", "-ec", 'command=$1; shift; for stream; do $command "$stream"; done', "each")
    measured = in_turn(
        {
            "xc": (*each, "xc decode", *streams),
            "vpxdec": (*each, "vpxdec --noblit --threads=1", *streams),
        }
    )
    yield f"{len(streams)} conformance streams", times(1 / ratio(measured, "xc", "vpxdec")), ""


def _links(folder: Path, clip: Clip) -> Iterator[tuple[str, ...]]:
    """The same link with each number of threads, in turn."""
    link = Link(folder, clip)
    rounds = [[link.measured(threads) for threads in THREADS] for _ in range(LINK_ROUNDS)]
    for threads, measured in zip(THREADS, zip(*rounds, strict=True), strict=True):
        yield clip.name, str(threads), *link_cells(measured)


def link_cells(rounds: Iterable[Times]) -> tuple[str, ...]:
    """Medians over the rounds: by vpxdec's time for the same frames the way from state to state,
    with the frames, and loading; and the first of them in ms."""
    measured = tuple(rounds)
    by_peer = (
        statistics.median(one.rebase / one.peer for one in measured),
        statistics.median((one.rebase + one.frames) / one.peer for one in measured),
        statistics.median(one.load / one.peer for one in measured),
    )
    return *map(times, by_peer), f"{statistics.median(one.rebase for one in measured):.1f}"
