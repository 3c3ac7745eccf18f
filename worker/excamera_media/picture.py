"""What a decoded picture tells of itself: containers are wrong about it too often to be asked."""

import struct
from typing import cast

from av.sidedata.sidedata import SideDataContainer, Type
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from excamera_media.errors import BadInput
from excamera_media.index import Colour, Picture

MAX_SIDE = 16383
"""RFC 6386, 9.1: width and height have 14 bits each."""

_FULL_RANGE = 2


def describe(frame: VideoFrame, stream: VideoStream) -> Picture:
    """The picture of a source whose first frame is `frame`."""
    if max(frame.width, frame.height) > MAX_SIDE:
        raise BadInput(
            f"the picture is {frame.width}×{frame.height}; VP8 holds at most "
            f"{MAX_SIDE}×{MAX_SIDE}: scale it down first"
        )
    turn = turn_of(frame)
    across = any(step.startswith("transpose") for step in turn)
    aspect = stream.sample_aspect_ratio
    shape = (aspect.numerator, aspect.denominator) if aspect else (1, 1)
    return Picture(
        width=frame.height if across else frame.width,
        height=frame.width if across else frame.height,
        source_width=frame.width,
        source_height=frame.height,
        pixel_format=frame.format.name,
        bit_depth=max(component.bits for component in frame.format.components),
        sample_aspect=(shape[1], shape[0]) if across else shape,
        turn=turn,
        interlaced=frame.interlaced_frame,
        rgb=frame.format.is_rgb or "pal8" in frame.format.name,
        colour=_colour(frame),
    )


def _colour(frame: VideoFrame) -> Colour:
    full = frame.format.name.startswith("yuvj")
    return Colour(
        range=_FULL_RANGE if full else int(frame.color_range),
        matrix=int(frame.colorspace),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
    )


def turn_of(frame: VideoFrame) -> tuple[str, ...]:
    """The display matrix as filters, as ffmpeg's own ``-autorotate`` does it.

    The matrix is nine 16.16 numbers, row by row; a, b, c, d are its upper left 2 × 2. Angles that
    are not multiples of 90° are rounded: nobody cuts corners off a picture to show it.
    """
    data = _display_matrix(frame)
    if len(data) < 36:
        return ()
    a, b, _, c, d = struct.unpack("=9i", data[:36])[:5]
    if abs(b) > abs(a):
        if b > 0:
            return ("transpose=cclock_flip",) if c > 0 else ("transpose=clock",)
        return ("transpose=clock_flip",) if c < 0 else ("transpose=cclock",)
    return (("hflip",) if a < 0 else ()) + (("vflip",) if d < 0 else ())


def _display_matrix(frame: VideoFrame) -> bytes:
    sides = cast(SideDataContainer, frame.side_data)  # which the stubs take for a dictionary
    found = (sides[number] for number in range(len(sides)))
    return next((bytes(side) for side in found if side.type == Type.DISPLAYMATRIX), b"")
