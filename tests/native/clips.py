"""Small clips for the tests of xc, and what is needed to look inside IVF files."""

import math
import random
import struct
from dataclasses import dataclass

IVF_HEADER = 32
IVF_FRAME_HEADER = 12


@dataclass(frozen=True)
class Clip:
    """Frames of a square that wanders over noise; another seed is another scene."""

    width: int = 64
    height: int = 48
    frames: int = 6
    seed: int = 1
    rate: str = "25:1"

    def y4m(self) -> bytes:
        return self.header() + b"".join(b"FRAME\n" + self.picture(n) for n in range(self.frames))

    def header(self) -> bytes:
        return f"YUV4MPEG2 W{self.width} H{self.height} F{self.rate} C420jpeg\n".encode()

    def picture(self, number: int) -> bytes:
        luma = self.noise(self.width * self.height, self.seed)
        for y in range(min(12, self.height)):
            start = y * self.width + (3 * number) % self.width
            length = min(12, self.width - start % self.width)
            luma[start : start + length] = bytes([235]) * length
        chroma = -(-self.width // 2) * -(-self.height // 2)
        return bytes(luma + self.noise(2 * chroma, self.seed + 1))

    @staticmethod
    def noise(size: int, seed: int) -> bytearray:
        generator = random.Random(seed)
        return bytearray(generator.choices(range(90, 150), k=size))


@dataclass(frozen=True)
class Pan(Clip):
    """A wide picture of noise that passes by, so many samples a frame."""

    width: int = 128
    height: int = 96
    speed: int = 4

    def picture(self, number: int) -> bytes:
        across = self.width + self.speed * self.frames
        wide = self.noise(across * self.height, self.seed)
        first = self.speed * number
        rows = (wide[across * y + first :][: self.width] for y in range(self.height))
        return b"".join(rows) + bytes([128]) * (self.width * self.height // 2)


@dataclass(frozen=True)
class Slides(Clip):
    """Still pages of waves, each for so many frames."""

    width: int = 320
    height: int = 176
    frames: int = 60
    page_frames: int = 15

    def picture(self, number: int) -> bytes:
        page = random.Random(self.seed + number // self.page_frames)
        across = self.wave(self.width, page.uniform(5, 40), page.uniform(0, 6))
        down = self.wave(self.height, page.uniform(5, 40), 0)
        luma = b"".join(bytes(128 + x + y for x in across) for y in down)
        return luma + bytes([128]) * (self.width * self.height // 2)

    @staticmethod
    def wave(size: int, period: float, start: float) -> list[int]:
        return [round(50 * math.sin(i / period + start)) for i in range(size)]


def ivf_frames(ivf: bytes) -> list[bytes]:
    frames, position = [], IVF_HEADER
    while position < len(ivf):
        (size,) = struct.unpack_from("<I", ivf, position)
        position += IVF_FRAME_HEADER
        frames.append(ivf[position : position + size])
        position += size
    return frames
