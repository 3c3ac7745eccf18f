"""Any decoded picture as upright 8-bit 4:2:0 in limited range.

Most pictures are that already and pass untouched. Others go through swscale with its exact,
machine-independent arithmetic (``accurate_rnd+bitexact``); the colour matrix stays as it is, so the
source's colour tags remain true, but for RGB, which gets one.
"""

from av.filter import Graph
from av.video.frame import VideoFrame

from excamera_media.colour import FULL, matrix_name, output_colour
from excamera_media.filtering import Filtering, source
from excamera_media.index import Picture

PIXELS = "yuv420p"
_FLAGS = "bicubic+accurate_rnd+bitexact+full_chroma_int+full_chroma_inp"


class Converter:
    """Converts the frames of one source."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._filter = Filtering(self._build)

    def convert(self, frame: VideoFrame) -> VideoFrame:
        """A picture of `picture.width` × `picture.height`, whatever the size of `frame`."""
        found = (frame.width, frame.height, frame.format.name)
        size = (self._picture.source_width, self._picture.source_height)
        plain = not self._picture.turn and self._picture.colour.range != FULL
        if plain and found == (*size, PIXELS):
            return frame
        return self._filter(frame)

    def _build(self, width: int, height: int, pixels: str) -> Graph:
        picture, graph = self._picture, Graph()
        graph.threads = 1
        wanted = output_colour(picture)
        matrix = "" if picture.rgb else f":in_color_matrix={matrix_name(wanted)}"
        scale = (
            f"w={picture.source_width}:h={picture.source_height}:flags={_FLAGS}:interl=-1"
            f":in_range={'full' if picture.rgb or picture.colour.range == FULL else 'limited'}"
            f":out_range=limited{matrix}:out_color_matrix={matrix_name(wanted)}"
        )
        chain = [graph.add("buffer", source(width, height, pixels)), graph.add("scale", scale)]
        chain.append(graph.add("format", PIXELS))
        for step in picture.turn:
            name, _, argument = step.partition("=")
            chain.append(graph.add(name, argument or None))
        chain.append(graph.add("buffersink"))
        graph.link_nodes(*chain).configure()
        return graph


def planes(frame: VideoFrame) -> list[bytes]:
    """Y, U and V of a 4:2:0 picture, rows close together."""
    width, height = frame.width, frame.height
    sizes = [(width, height)] + [((width + 1) // 2, (height + 1) // 2)] * 2
    return [
        _rows(memoryview(plane), plane.line_size, *size)
        for plane, size in zip(frame.planes, sizes, strict=True)
    ]


def black(width: int, height: int) -> list[bytes]:
    """What is shown where there is no picture to repeat."""
    chroma = bytes([128]) * (((width + 1) // 2) * ((height + 1) // 2))
    return [bytes([16]) * (width * height), chroma, chroma]


def _rows(data: memoryview, stride: int, width: int, height: int) -> bytes:
    if stride == width:
        return bytes(data[: width * height])
    return b"".join(data[row * stride : row * stride + width] for row in range(height))
