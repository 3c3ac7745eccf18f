"""IVF, H.264 and AVI as bytes from a stranger: read, or refused as bad input."""

from __future__ import annotations

import io

from excamera_media import avi, h264
from excamera_media.errors import BadInput
from excamera_media.ivf import IvfWriter, Vp8Frame, parse_ivf


def _ivf(data: bytes) -> None:
    frames = parse_ivf(data, "clip.ivf")
    assert sum(len(frame.data) for frame in frames) <= len(data)
    for frame in frames:
        assert frame.shown in (True, False)
        if frame.key:
            assert max(frame.size) < 1 << 14
    assert _written(frames) == [frame.data for frame in frames]


def _written(frames: list[Vp8Frame]) -> list[bytes]:
    file = io.BytesIO()
    writer = IvfWriter(file, (16, 16), (1, 25), len(frames))
    for tick, frame in enumerate(frames):
        writer.write(frame, tick)
    return [frame.data for frame in parse_ivf(file.getvalue(), "again.ivf")]


def _h264(data: bytes) -> None:
    size = h264.length_size(data[:8])
    for width in {size, 0, 4}:
        h264.starts_exactly(data, width)
        h264.disposable(data, width)


def _avi(data: bytes) -> None:
    said = avi.missing_part(io.BytesIO(data), len(data), stream=0, packets=1)
    assert "\n" not in said


READERS = (_ivf, _h264, _avi)


def one(data: bytes) -> None:
    """The first byte says what the rest is."""
    if data:
        try:
            READERS[data[0] % len(READERS)](data[1:])
        except BadInput as error:
            assert "\n" not in str(error)
