"""The frames of one cut, as Y4M."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from excamera_media.conceal import Shown
from excamera_media.convert import Converter, black, planes
from excamera_media.cut import Cut
from excamera_media.kept import Kept
from excamera_media.shortage import check_memory
from excamera_media.shown import shown_frames
from excamera_media.y4m import Y4mWriter


@dataclass(frozen=True)
class FramesStats:
    """`decoded` counts the frames before the first wanted one as well, if they had to be.

    `concealed` lists ``[frame, frame whose picture is shown, or null for black]``.
    """

    frames: int
    decoded: int
    width: int
    height: int
    concealed: tuple[tuple[int, int | None], ...] = ()


def write_frames(
    url: str, cut: Cut, file: BinaryIO, kept: Kept, *, hide: bool, log: Callable[[str], None]
) -> FramesStats:
    """Write exactly the cut's frames; `DamagedFrame` if one is bad and `hide` is off, MemoryError
    if it may only seem so. kept: see `shown_frames`."""
    writer = Y4mWriter(file, cut.picture, cut.rate)
    converter = Converter(cut.picture)
    concealed: list[tuple[int, int | None]] = []
    if cut.picture.interlaced:
        log("note: the video is interlaced; its fields are kept, interleaved")
    ready: tuple[int | None, list[bytes]] = (None, black(cut.picture.width, cut.picture.height))
    sizes: set[tuple[int, int]] = {(cut.picture.source_width, cut.picture.source_height)}
    decoded = 0
    for shown in shown_frames(url, cut, kept, hide=hide):
        decoded += shown.picture is not None and shown.origin == shown.frame
        if shown.frame < cut.first:
            continue
        if shown.problem:
            check_memory()
            concealed.append((shown.frame, shown.origin))
            log(f"concealed frame {shown.frame}: {shown.problem}")
        if shown.picture is not None and shown.origin != ready[0]:
            _note_size(shown, sizes, cut, log)
            ready = (shown.origin, planes(converter.convert(shown.picture)))
        elif shown.picture is None:
            ready = (None, black(cut.picture.width, cut.picture.height))
        writer.write(ready[1])
    return FramesStats(cut.count, decoded, cut.picture.width, cut.picture.height, tuple(concealed))


def _note_size(
    shown: Shown, sizes: set[tuple[int, int]], cut: Cut, log: Callable[[str], None]
) -> None:
    picture = shown.picture
    if picture is None or (size := (picture.width, picture.height)) in sizes:
        return
    sizes.add(size)
    wanted = f"{cut.picture.source_width}×{cut.picture.source_height}"
    log(f"note: frame {shown.frame} is {size[0]}×{size[1]}; scaled to {wanted}")
