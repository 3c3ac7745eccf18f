"""The codec's speed: decoding, and the link of a chain, against decoders of the same frames."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.clips import Clip, animation, part
from bench.ivf import concatenate
from bench.table import markdown, times
from bench.timing import cpu_seconds, in_turn, ratio

CHUNK = 6
CQ_LEVEL = "20"
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
    _run("xc", "encode", clip.y4m, "-o", ivf, "--cq-level", CQ_LEVEL)
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
    link = _Link(folder, clip)
    rounds = [[link.measured(threads) for threads in THREADS] for _ in range(LINK_ROUNDS)]
    for threads, measured in zip(THREADS, zip(*rounds, strict=True), strict=True):
        state, frames, load, spent = map(statistics.median, zip(*measured, strict=True))
        yield clip.name, str(threads), times(state), times(frames), times(load), f"{spent:.1f}"


class _Link:
    """Two chunks of a chain, ready to be linked again and again."""

    def __init__(self, folder: Path, clip: Clip) -> None:
        self.before = folder / f"{clip.y4m.stem}-before.ivf"
        self.state = folder / f"{clip.y4m.stem}-before.state"
        self.prediction = folder / f"{clip.y4m.stem}-prediction.ivf"
        self.rebased = folder / f"{clip.y4m.stem}-rebased.ivf"
        self.both = folder / f"{clip.y4m.stem}-both.ivf"
        self.stats = folder / "link.json"
        self.source = part(clip, CHUNK - 1, CHUNK + 1)
        for frames, ivf in ((part(clip, 0, CHUNK), self.before), (self.source, self.prediction)):
            _run("xc", "encode", frames, "-o", ivf, "--cq-level", CQ_LEVEL)
        _run("xc", "state", self.before, "-o", self.state)
        self._rebase()
        concatenate((self.before, self.rebased), self.both)

    def measured(self, threads: int) -> tuple[float, float, float, float]:
        """By vpxdec's time for the same frames: from the state before to the one behind, the same
        and until the frames are there, and loading. And the first of them in ms."""
        self._rebase(threads)
        told = json.loads(self.stats.read_text())
        peer = _decoding_ms(self.both) - _decoding_ms(self.before)
        state, frames, load = told["rebase_ms"], told["frames_ms"], told["load_ms"]
        return state / peer, (state + frames) / peer, load / peer, state

    def _rebase(self, threads: int = 1) -> None:
        files = ("--source", self.source, "--source-overlap", "--prediction", self.prediction)
        results = ("--state-out", "/dev/null", "-o", self.rebased, "--stats", self.stats)
        shared = ("--threads", str(threads))
        _run("xc", "rebase", *files, "--state", self.state, *results, *shared)


def _decoding_ms(ivf: Path) -> float:
    """What vpxdec itself says that decoding took, without reading and writing files."""
    argv = ("vpxdec", "--i420", "--threads=1", "--summary", "--noblit", str(ivf))
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
    found = re.search(r"in (\d+) us", said)
    if found is None:
        raise RuntimeError(f"vpxdec --summary said {said!r}")
    return int(found[1]) / 1000


def _run(*argv: str | Path) -> None:
    cpu_seconds(argv)
