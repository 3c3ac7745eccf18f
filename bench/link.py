"""The link of a chain: two chunks, ready to be linked again and again."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.clips import Clip, part
from bench.encoder import xc_key
from bench.ivf import concatenate
from bench.timing import Argv, run

CHUNK = 6
CQ_LEVEL = 20


@dataclass(frozen=True, slots=True)
class Times:
    """Of one link, in ms by the clock where not said otherwise: what is loaded before it, from the
    state before to the one behind, the same by processor time, and then until the frames are there;
    and what vpxdec takes to decode the same frames."""

    load: float
    rebase: float
    rebase_cpu: float
    frames: float
    peer: float


class Link:
    """Of the first two chunks of a clip, encoded at a cq-level as libvpx does by itself, without a
    job's better frames and its bound on key frames; between the states before and after, of which
    the first is a key chunk's and has a picture more. What libvpx makes of them is kept, by what it
    depends on."""

    def __init__(self, folder: Path, clip: Clip, cq_level: int = CQ_LEVEL) -> None:
        stem = folder / "links" / xc_key("xc") / f"{clip.y4m.stem}-{cq_level}"
        stem.parent.mkdir(parents=True, exist_ok=True)
        self.before = stem.with_name(f"{stem.name}-before.ivf")
        self.state = stem.with_name(f"{stem.name}-before.state")
        self.both = stem.with_name(f"{stem.name}-both.ivf")
        self.source = part(clip, CHUNK - 1, CHUNK + 1)
        self.after = stem.with_name(f"{stem.name}-after.state")
        self._prediction = stem.with_name(f"{stem.name}-prediction.ivf")
        self._rebased = stem.with_name(f"{stem.name}-rebased.ivf")
        self._stats = stem.with_name(f"{stem.name}-link.json")
        self._quality = ("--cq-level", str(cq_level))
        for source, ivf in ((part(clip, 0, CHUNK), self.before), (self.source, self._prediction)):
            if not ivf.exists():
                run(self.encode(source, ivf))
        run(("xc", "state", self.before, "-o", self.state))
        run(self.rebase(state=self.after))
        concatenate((self.before, self._rebased), self.both)

    def encode(self, source: Path, ivf: Path) -> Argv:
        """What makes one of the chunks."""
        return ("xc", "encode", source, "-o", ivf, *self._quality)

    def rebase(self, threads: int = 1, state: str | Path = os.devnull) -> Argv:
        """What links them. state: where the one behind goes."""
        files = ("--source", self.source, "--source-overlap", "--prediction", self._prediction)
        results = ("--state-out", state, "-o", self._rebased, "--stats", self._stats)
        shared = ("--threads", str(threads))
        return ("xc", "rebase", *files, "--state", self.state, *results, *shared)

    def measured(self, threads: int = 1) -> Times:
        """Links them once, and has vpxdec decode the same frames."""
        run(self.rebase(threads))
        told: dict[str, Any] = json.loads(self._stats.read_text())
        peer = _decoding_ms(self.both) - _decoding_ms(self.before)
        load, rebase, rebase_cpu, frames = (
            float(told[name]) for name in ("load_ms", "rebase_ms", "rebase_cpu_ms", "frames_ms")
        )
        return Times(load, rebase, rebase_cpu, frames, peer)


def _decoding_ms(ivf: Path) -> float:
    """What vpxdec itself says that decoding took, without reading and writing files."""
    argv = ("vpxdec", "--i420", "--threads=1", "--summary", "--noblit", str(ivf))
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stderr
    found = re.search(r"in (\d+) us", said)
    if found is None:
        raise RuntimeError(f"vpxdec --summary said {said!r}")
    return int(found[1]) / 1000
