"""IVF, the plainest of containers: a header of 32 bytes, then frames with 12 bytes before each."""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from excamera_media.errors import BadInput

_HEADER = struct.Struct("<4sHH4sHHIIII")
_FRAME = struct.Struct("<IQ")
_COUNT = struct.Struct("<I")
_COUNT_AT = 24


@dataclass(frozen=True)
class Vp8Frame:
    """One coded frame. RFC 6386, 9.1: a frame may update references and not be shown."""

    data: bytes

    @property
    def key(self) -> bool:
        return not self.data[0] & 1

    @property
    def shown(self) -> bool:
        return bool((self.data[0] >> 4) & 1)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height; of key frames only."""
        width, height = struct.unpack_from("<HH", self.data, 6)
        return width & 0x3FFF, height & 0x3FFF


def parse_ivf(data: bytes, name: str) -> list[Vp8Frame]:
    """All frames of a whole IVF file that holds VP8; `BadInput` names the file and the frame."""
    if len(data) < _HEADER.size or data[:4] != b"DKIF":
        raise BadInput(f"{name}: not an IVF file; encode the chunk again")
    _, _, length, codec, *_ = _HEADER.unpack_from(data)
    if codec != b"VP80":
        raise BadInput(f"{name}: holds {codec!r}, not VP8; encode the chunk again")
    frames: list[Vp8Frame] = []
    at = length
    while at < len(data):
        if at + _FRAME.size > len(data):
            raise BadInput(f"{name}: cut off after {len(frames)} frames; encode the chunk again")
        size, _ = _FRAME.unpack_from(data, at)
        at += _FRAME.size
        frames.append(_frame(data[at : at + size], size, f"{name}, frame {len(frames)}"))
        at += size
    return frames


def _frame(data: bytes, size: int, where: str) -> Vp8Frame:
    if len(data) < size:
        raise BadInput(f"{where}: cut off; encode the chunk again")
    if len(data) < 3 or (not data[0] & 1 and len(data) < 10):
        raise BadInput(f"{where}: {len(data)} bytes are no VP8 frame; encode the chunk again")
    return Vp8Frame(data)


class IvfWriter:
    """Writes an IVF whose timestamps count `time_base` seconds. `frames` go into the header."""

    def __init__(
        self, file: BinaryIO, size: tuple[int, int], time_base: tuple[int, int], frames: int
    ) -> None:
        self._file = file
        numerator, denominator = time_base
        file.write(_HEADER.pack(b"DKIF", 0, 32, b"VP80", *size, denominator, numerator, frames, 0))

    def write(self, frame: Vp8Frame, tick: int) -> None:
        self._file.write(_FRAME.pack(len(frame.data), tick))
        self._file.write(frame.data)

    def correct_count(self, frames: int) -> None:
        """Put another number of frames into the header; the file must be seekable."""
        end = self._file.tell()
        self._file.seek(_COUNT_AT)
        self._file.write(_COUNT.pack(frames))
        self._file.seek(end)
