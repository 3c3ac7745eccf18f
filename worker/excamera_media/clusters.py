"""The clusters of a WebM: blocks of all tracks in order of time, written as they come."""

from dataclasses import dataclass
from typing import BinaryIO

from excamera_media.ebml import element, length, name, signed, unsigned
from excamera_media.webm import Cue

_LONGEST = 5_000
"""Milliseconds in a cluster. A block's time has 16 bits, so it must stay below 32 seconds."""
_LARGEST = 4 << 20


@dataclass(frozen=True)
class Block:
    """One frame of one track at `time` ms. Track 1 is the video.

    `discard_ns` is how much of the end of a decoded audio packet is not to be played.
    """

    track: int
    time: int
    data: bytes
    key: bool = True
    invisible: bool = False
    discard_ns: int = 0


class ClusterWriter:
    """Begins a cluster at every key frame of the video, and where one grows too long."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._blocks: list[bytes] = []
        self._start = 0
        self._held = 0
        self.size = 0
        """Bytes written to the file."""
        self.cues: list[Cue] = []

    def add(self, block: Block) -> None:
        seekable = block.track == 1 and block.key
        if self._blocks and (seekable or self._is_full(block)):
            self.flush()
        if not self._blocks:
            self._start = block.time
        if seekable:
            self.cues.append(Cue(block.time, self.size))
        written = _written(block, block.time - self._start)
        self._blocks.append(written)
        self._held += len(written)

    def flush(self) -> None:
        """Write the cluster that is being collected."""
        if not self._blocks:
            return
        contents = [unsigned(0xE7, self._start), *self._blocks]
        header = name(0x1F43B675) + length(sum(map(len, contents)))
        self._file.write(b"".join((header, *contents)))
        self.size += len(header) + sum(map(len, contents))
        self._blocks, self._held = [], 0

    def _is_full(self, block: Block) -> bool:
        return block.time - self._start >= _LONGEST or self._held + len(block.data) > _LARGEST


def _written(block: Block, relative: int) -> bytes:
    simple = not block.discard_ns
    flags = (0x80 if simple and block.key else 0) | (0x08 if block.invisible else 0)
    frame = b"".join(
        (length(block.track), relative.to_bytes(2, signed=True), bytes((flags,)), block.data)
    )
    if simple:
        return element(0xA3, frame)
    return element(0xA0, element(0xA1, frame), signed(0x75A2, block.discard_ns))
