"""Chunks of a chain one after the other in a local IVF, for the codec to run through.

Nobody watches the result, so no index is asked for: its timestamps only count the frames.
"""

from dataclasses import dataclass
from typing import BinaryIO

from excamera_media.chunk_files import objects_in_order
from excamera_media.errors import BadInput, UsageError
from excamera_media.ivf import IvfWriter, parse_ivf

CHUNK_NAME = "chunk-{:06}.ivf"
_TIME_BASE = (1, 25)


@dataclass(frozen=True)
class ConcatStats:
    """`frames` counts those that are shown."""

    chunks: int
    frames: int


def concat(folder: str, first: int, last: int, file: BinaryIO) -> ConcatStats:
    """Write chunks `first` … `last` below the URL `folder` to `file`, which must be seekable.

    `BadInput` if the first of them does not begin with a key frame, or one of them is no IVF.
    """
    if not 0 <= first <= last:
        raise UsageError(f"there are no chunks {first} … {last}; --first must not exceed --last")
    urls = [f"{folder.rstrip('/')}/{CHUNK_NAME.format(n)}" for n in range(first, last + 1)]
    writer: IvfWriter | None = None
    shown = written = 0
    for url, data in zip(urls, objects_in_order(urls), strict=True):
        for frame in parse_ivf(data, url):
            if writer is None:
                if not frame.key:
                    raise BadInput(f"{url} does not begin with a key frame: no chain begins there")
                writer = IvfWriter(file, frame.size, _TIME_BASE, 0)
            writer.write(frame, shown)
            shown, written = shown + frame.shown, written + 1
    if writer is None:
        raise BadInput(f"chunks {first} … {last} of {folder} hold no frames; encode them again")
    writer.correct_count(written)
    return ConcatStats(len(urls), shown)
