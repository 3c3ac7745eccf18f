"""YUV4MPEG2: a line of text, then for every frame a line and its planes."""

from collections.abc import Sequence
from typing import BinaryIO

from excamera_media.index import Picture


class Y4mWriter:
    """Writes 8-bit 4:2:0. Chroma planes of odd sizes are rounded up."""

    def __init__(self, file: BinaryIO, picture: Picture, rate: tuple[int, int]) -> None:
        self._file = file
        aspect = picture.sample_aspect
        file.write(
            f"YUV4MPEG2 W{picture.width} H{picture.height} F{rate[0]}:{rate[1]} "
            f"Ip A{aspect[0]}:{aspect[1]} C420jpeg\n".encode()
        )

    def write(self, planes: Sequence[bytes]) -> None:
        self._file.write(b"FRAME\n")
        for plane in planes:
            self._file.write(plane)
