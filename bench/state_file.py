"""The file of a decoder state (native/src/vp8/state_file.cpp): where its pictures lie in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"XCSTATE\x1a"
SIZE_AT = 32  # width and height, two bytes each, behind the envelope
BLOCK = 16
MACROBLOCK_BYTES = 384  # one of luma, a quarter of it of each chroma


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane of a picture: a byte for each sample, row by row from this byte of the file on."""

    begin: int
    width: int
    height: int

    @property
    def end(self) -> int:
        """The byte behind it."""
        return self.begin + self.width * self.height


def planes(state: bytes) -> tuple[Plane, ...]:
    """Of all pictures. They end the file, in whole macroblocks; what is before them is shorter than
    a picture. ValueError if this is no state."""
    if not state.startswith(MAGIC):
        raise ValueError("this is not a decoder state")
    width = _macroblocks(state, SIZE_AT)
    height = _macroblocks(state, SIZE_AT + 2)
    pictures = len(state) // (MACROBLOCK_BYTES * width * height)
    begin = len(state) - pictures * MACROBLOCK_BYTES * width * height
    return tuple(_planes(begin, width * BLOCK, height * BLOCK, pictures))


def _macroblocks(state: bytes, at: int) -> int:
    return -(-int.from_bytes(state[at : at + 2], "little") // BLOCK)


def _planes(begin: int, width: int, height: int, pictures: int) -> Iterator[Plane]:
    luma, chroma = (width, height), (width // 2, height // 2)
    for size in (luma, chroma, chroma) * pictures:
        plane = Plane(begin, *size)
        yield plane
        begin = plane.end
