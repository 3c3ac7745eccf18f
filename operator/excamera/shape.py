"""How many frames a chunk has where the job leaves that open: N of ExCamera[N, x]. Pure.

It follows from the source alone. The number of workers has no say, or the output's bytes would
depend on it.
"""

from __future__ import annotations

from typing import Final

from excamera_media.index import Picture

CHUNK_FRAMES: Final = (6, 12, 24)
"""What is chosen from. NSDI'17 has 6; for whole numbers of these chains come out alike."""

CHUNKS_WANTED: Final = 4000
"""Enough for every worker that there may be; with more, chunks only grow dearer."""

MEGAPIXELS_AT_MOST: Final = 100.0
"""In one chunk. libvpx takes up to 0.1 s for each, and that is what a lost attempt costs."""


def automatic_chunk_frames(frames: int, picture: Picture) -> int:
    """N for a source of so many frames: the least that makes no more chunks than are of use, and
    no more than libvpx encodes in about ten seconds."""
    megapixels = picture.width * picture.height / 1e6
    sane = [count for count in CHUNK_FRAMES if count * megapixels <= MEGAPIXELS_AT_MOST]
    few = (count for count in sane if count * CHUNKS_WANTED >= frames)
    return next(few, max(sane, default=CHUNK_FRAMES[0]))
