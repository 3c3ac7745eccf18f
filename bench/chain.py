"""What a job does to a clip, without the job: chunks encoded in parallel, then chains of rebases.

What libvpx makes of the chunks is kept in the folder of the run, as it does not depend on the
rebase: a change of the rebase is measured over all clips in the time that the rebases take.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.clips import Clip
from bench.ivf import concatenate
from excamera.pipeline import TURNS

# As the job's pipeline does it.
ENCODE = "|".join(" ".join(turn) for turn in TURNS)


@dataclass(frozen=True, slots=True)
class Way:
    """ExCamera[chunk_frames, chain_length], and what is tried out: more arguments for `xc`.

    {cq} in `encode` is the cq-level. Where it has several parts, between bars, the chunks of a
    chain take them in turn.
    """

    chunk_frames: int = 6
    chain_length: int = 16
    encode: str = ENCODE
    rebase: str = ""
    xc: str = "xc"


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Part of a clip as Y4M, with the frame before it unless it begins a chain."""

    number: int
    source: Path
    begins_chain: bool


def encode(way: Way, clip: Clip, folder: Path, cq_level: int) -> Path:
    """The clip as IVF, as a job would encode it."""
    chunks = list(_chunks(way, clip, folder))
    finished = []
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    stem = f"{clip.y4m.stem}-{cq_level}"
    state, result = work / f"{stem}.state", work / f"{stem}.ivf"
    for chunk in chunks:
        prediction = _prediction(way, clip, chunk, folder, cq_level)
        if chunk.begins_chain:
            _run(way.xc, "state", prediction, "-o", state)
            finished.append(prediction)
            continue
        rebased = work / f"{stem}-{chunk.number}.ivf"
        files = ("--source", chunk.source, "--source-overlap", "--prediction", prediction)
        results = ("--state", state, "--state-out", state, "-o", rebased)
        _run(way.xc, "rebase", *files, *results, *shlex.split(way.rebase))
        finished.append(rebased)
    concatenate(finished, result)
    return result


def _chunks(way: Way, clip: Clip, folder: Path) -> Iterator[_Chunk]:
    pictures = _Y4m(clip.y4m)
    place = folder / "chunks" / clip.y4m.stem
    place.mkdir(parents=True, exist_ok=True)
    for number in count():
        first = number * way.chunk_frames
        if first >= pictures.frames:
            return
        begins = number % way.chain_length == 0
        overlap = 0 if begins else 1
        last = min(first + way.chunk_frames, pictures.frames)
        path = place / f"{first - overlap}-{last}.y4m"
        if not path.exists():
            path.write_bytes(pictures.part(first - overlap, last))
        yield _Chunk(number, path, begins)


def _prediction(way: Way, clip: Clip, chunk: _Chunk, folder: Path, cq_level: int) -> Path:
    turns = way.encode.split("|")
    encode = turns[chunk.number % way.chain_length % len(turns)]
    settings = encode.replace(" ", "") or "plain"
    place = folder / "predictions" / settings / clip.y4m.stem / str(cq_level)
    path = place / chunk.source.with_suffix(".ivf").name
    if not path.exists():
        place.mkdir(parents=True, exist_ok=True)
        quality = ("--cq-level", str(cq_level), *shlex.split(encode.format(cq=cq_level)))
        _run(way.xc, "encode", chunk.source, "-o", path, *quality)
    return path


class _Y4m:
    """A Y4M file without parameters at its frames, 8 bits 4:2:0."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self._head = file.readline()
            fields = {field[:1]: field[1:] for field in self._head.decode().split()[1:]}
            width, height = int(fields["W"]), int(fields["H"])
            chroma = ((width + 1) // 2) * ((height + 1) // 2)
            self._frame_bytes = len(b"FRAME\n") + width * height + 2 * chroma
        self.frames = (path.stat().st_size - len(self._head)) // self._frame_bytes

    def part(self, first: int, last: int) -> bytes:
        """Frames first … last - 1 as a file."""
        with self._path.open("rb") as file:
            file.seek(len(self._head) + first * self._frame_bytes)
            return self._head + file.read((last - first) * self._frame_bytes)


def _run(*argv: str | Path) -> None:
    subprocess.run(list(map(str, argv)), check=True, capture_output=True)
