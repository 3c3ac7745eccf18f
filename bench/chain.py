"""What a job does to a clip, without the job: cuts are found and the chunks planned by them, chunks
are encoded in parallel, then chains are rebased.

What libvpx makes of the chunks is kept in the folder of the run, by what it depends on (`encoder`).
The rebase is not among that: a change of it is measured over all clips in the time that the rebases
take.
"""

from __future__ import annotations

import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.clips import Clip
from bench.encoder import xc_key
from bench.ivf import concatenate
from excamera.encoder_settings import HEAD, LINKS, in_turn
from excamera.job import Encoding
from excamera.plan import Chunk, plan
from excamera_media.index import Index
from excamera_media.scenes import Scenes

# As the job's pipeline does it.
ENCODE = "|".join(" ".join(settings) for settings in (HEAD, *LINKS))


@dataclass(frozen=True, slots=True)
class Way:
    """ExCamera[chunk_frames, chain_length], and what is tried out: more arguments for `xc`.

    {cq} in `encode` is the cq-level. Where it has several parts, between bars, the first one is for
    the chunk that begins a chain, and those behind it take the others in turn.
    """

    chunk_frames: int = 6
    chain_length: int = 16
    encode: str = ENCODE
    rebase: str = ""
    xc: str = "xc"


def encode(way: Way, clip: Clip, folder: Path, cq_level: int) -> Path:
    """The clip as IVF, as a job would encode it."""
    finished = []
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    stem = f"{clip.y4m.stem}-{cq_level}"
    state, after = work / f"{stem}.state", work / f"{stem}-after.state"
    result = work / f"{stem}.ivf"
    for chunk in _chunks(way, clip, work / stem):
        source = _source(clip, chunk, folder, cq_level)
        prediction = _prediction(way, clip, chunk, source, folder, cq_level)
        if chunk.begins_chain:
            _run(way.xc, "state", prediction, "-o", state)
            finished.append(prediction)
            continue
        rebased = work / f"{stem}-{chunk.number}.ivf"
        files = ("--source", source, "--source-overlap", "--prediction", prediction)
        results = ("--state", state, "--state-out", after, "-o", rebased)
        _run(way.xc, "rebase", *files, *results, *shlex.split(way.rebase))
        after.replace(state)
        finished.append(rebased)
    concatenate(finished, result)
    return result


def _chunks(way: Way, clip: Clip, stem: Path) -> tuple[Chunk, ...]:
    """As a job plans them."""
    encoding = Encoding(chunk_frames=way.chunk_frames, chain_length=way.chain_length)
    listed, found = stem.with_suffix(".index.json"), stem.with_suffix(".scenes.json")
    _run("excamera-media", "index", clip.y4m, "-o", listed)
    index = Index.from_json(listed.read_text())
    if plan(index, encoding).chains == 1:
        return plan(index, encoding).chunks
    part = ("--index", listed, "--first", "0", "--count", str(index.frames))
    _run("excamera-media", "scenes", clip.y4m, *part, "-o", found)
    return plan(index, encoding, Scenes.from_json(found.read_text()).begins).chunks


def _source(clip: Clip, chunk: Chunk, folder: Path, cq_level: int) -> Path:
    """The chunk's frames as Y4M, with the one before them unless it begins a chain. Other levels
    may want them at the same time."""
    place = folder / "chunks" / clip.y4m.stem
    place.mkdir(parents=True, exist_ok=True)
    first, last = chunk.first_frame - chunk.overlap, chunk.first_frame + chunk.frames
    path = place / f"{first}-{last}.y4m"
    if not path.exists():
        whole = path.with_name(f"{path.name}.{cq_level}")
        whole.write_bytes(_Y4m(clip.y4m).part(first, last))
        whole.replace(path)
    return path


def _prediction(
    way: Way, clip: Clip, chunk: Chunk, source: Path, folder: Path, cq_level: int
) -> Path:
    head, *links = way.encode.split("|")
    encode = in_turn(chunk, head, links or [head])
    settings = encode.replace(" ", "") or "plain"
    place = folder / "predictions" / xc_key(way.xc) / settings / clip.y4m.stem / str(cq_level)
    path = place / source.with_suffix(".ivf").name
    if not path.exists():
        place.mkdir(parents=True, exist_ok=True)
        quality = ("--cq-level", str(cq_level), *shlex.split(encode.format(cq=cq_level)))
        _run(way.xc, "encode", source, "-o", path, *quality)
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

    def part(self, first: int, last: int) -> bytes:
        """Frames first … last - 1 as a file."""
        with self._path.open("rb") as file:
            file.seek(len(self._head) + first * self._frame_bytes)
            return self._head + file.read((last - first) * self._frame_bytes)


def _run(*argv: str | Path) -> None:
    subprocess.run(list(map(str, argv)), check=True, capture_output=True)
