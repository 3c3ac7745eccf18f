"""IVF files as bytes: a header of 32 bytes; before each frame 12, its size and number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

HEADER, FRAME_HEADER = 32, 12


def frames(ivf: bytes) -> Iterator[bytes]:
    """The frames of a file."""
    at = HEADER
    while at < len(ivf):
        size = int.from_bytes(ivf[at : at + 4], "little")
        at += FRAME_HEADER
        yield ivf[at : at + size]
        at += size


def concatenate(parts: Iterable[Path], joined: Path) -> None:
    """Frames of several files as one file, numbered on."""
    read = [path.read_bytes() for path in parts]
    all_frames = [frame for data in read for frame in frames(data)]
    numbered = (
        len(frame).to_bytes(4, "little") + number.to_bytes(8, "little") + frame
        for number, frame in enumerate(all_frames)
    )
    head = read[0][:24] + len(all_frames).to_bytes(4, "little") + bytes(4)
    joined.write_bytes(head + b"".join(numbered))
