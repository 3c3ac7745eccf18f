"""How much time and memory a program that works on one chunk may take. Pure.

Far more than it needs: what exceeds them is stuck or has run wild. Measured on H.264 from 176×144
to 3840×2160 (address space, which is what is bounded):

    excamera-media frames   130 MB, and 25 bytes for each pixel of a picture
    xc encode               46 bytes for each pixel
    xc rebase               20 bytes for each pixel, and 2.6 more for each frame of the chunk

libvpx at its slowest takes 0.1 s a megapixel; before the first frame there may be a long group of
frames to decode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from excamera_media.index import Picture

SECONDS_AT_LEAST: Final = 300.0
SECONDS_A_MEGAPIXEL: Final = 2.0

# Python and libav are large before they have done anything, and each thread that reads from S3
# reserves 64 MiB to allocate from.
MEMORY_AT_LEAST: Final = {"excamera-media": 4 << 30, "xc": 512 << 20}
BYTES_A_PIXEL: Final = 512
BYTES_A_PIXEL_OF_EACH_FRAME: Final = {"excamera-media": 0, "xc": 32}
"""What reads frames does so one by one. A worker keeps it for all chunks that have the same bound.
"""


@dataclass(frozen=True, slots=True)
class Bounds:
    """For so many frames of so many pixels each."""

    pixels: int
    frames: int

    @classmethod
    def of(cls, picture: Picture, frames: int) -> Self:
        """The source's picture may be larger than what is made of it, or smaller."""
        source = picture.source_width * picture.source_height
        return cls(max(picture.width * picture.height, source), frames)

    @property
    def seconds(self) -> float:
        return max(SECONDS_AT_LEAST, SECONDS_A_MEGAPIXEL * self.pixels / 1e6 * self.frames)

    def memory(self, program: str) -> int:
        """Bytes of address space."""
        a_pixel = BYTES_A_PIXEL + BYTES_A_PIXEL_OF_EACH_FRAME[program] * self.frames
        return MEMORY_AT_LEAST[program] + a_pixel * self.pixels
