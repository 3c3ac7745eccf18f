"""Hashes of frames: as a plain decode puts them out, and as they stand in a Y4M."""

import hashlib
import io
from pathlib import Path

import av

from excamera_media.convert import Converter, planes
from excamera_media.cut import cut
from excamera_media.frames import FramesStats, write_frames
from excamera_media.index import Index
from excamera_media.kept import Kept


def plain_decode(path: Path, index: Index) -> list[str]:
    """The hash of every frame that a decode from the beginning puts out, converted."""
    converter = Converter(index.picture)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        frames = container.decode(stream)
        return [digest(b"".join(planes(converter.convert(frame)))) for frame in frames]


def cut_frames(path: Path, index: Index, first: int, count: int) -> list[str]:
    return run_cut(path, index, first, count)[0]


def run_cut(
    path: Path | str,
    index: Index,
    first: int,
    count: int,
    *,
    hide: bool = False,
    kept: Kept | None = None,
) -> tuple[list[str], FramesStats]:
    """kept: what earlier cuts have left, if this is not the first of its process."""
    file = io.BytesIO()
    part = cut(index, first, count, conceal=hide)
    stats = write_frames(str(path), part, file, kept or Kept(), hide=hide, log=lambda line: None)
    return y4m_frames(file.getvalue()), stats


def in_chunks(path: Path, index: Index, size: int, *, hide: bool = False) -> list[str]:
    found: list[str] = []
    for first in range(0, index.frames, size):
        found += run_cut(path, index, first, min(size, index.frames - first), hide=hide)[0]
    return found


def y4m_frames(data: bytes) -> list[str]:
    """The hash of every frame of a Y4M in 4:2:0."""
    header, _, rest = data.partition(b"\n")
    fields = {field[:1]: field[1:] for field in header.split()[1:]}
    width, height = int(fields[b"W"]), int(fields[b"H"])
    size = width * height + 2 * ((width + 1) // 2) * ((height + 1) // 2)
    step = len(b"FRAME\n") + size
    assert len(rest) % step == 0
    return [digest(rest[at + 6 : at + step]) for at in range(0, len(rest), step)]


def digest(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()
