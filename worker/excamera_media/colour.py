"""Colour tags: what goes in, what comes out, and what the numbers are called.

The numbers are those of ITU-T H.273, which containers and the media library share.
"""

from dataclasses import replace

from excamera_media.index import Colour, Picture

LIMITED = 1
FULL = 2

_RGB = 0
_BT709 = 1
_BT601 = 6
_NAMES = {1: "bt709", 4: "fcc", 5: "bt470", 6: "smpte170m", 7: "smpte240m", 9: "bt2020"}
_HD_LINES = 720


def output_colour(picture: Picture) -> Colour:
    """The tags of what `frames` puts out: the source's, in limited range, and never RGB."""
    colour = replace(picture.colour, range=LIMITED)
    if picture.rgb or colour.matrix == _RGB:
        return replace(colour, matrix=_BT709 if picture.height >= _HD_LINES else _BT601)
    return colour


def matrix_name(colour: Colour) -> str:
    """swscale's name of the matrix. One that it does not know changes nothing: in and out agree."""
    return _NAMES.get(colour.matrix, "smpte170m")
