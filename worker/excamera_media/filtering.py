"""Pictures through filters of libavfilter, one by one."""

from collections.abc import Callable

from av.filter import Graph
from av.video.frame import VideoFrame


class Filtering:
    """A graph of filters with one picture out for each one in.

    build: makes the graph for pictures of a width, height and pixel format; it is kept as long as
    these stay.
    """

    def __init__(self, build: Callable[[int, int, str], Graph]) -> None:
        self._build = build
        self._graph: Graph | None = None
        self._format: tuple[int, int, str] | None = None

    def __call__(self, frame: VideoFrame) -> VideoFrame:
        found = (frame.width, frame.height, frame.format.name)
        if self._graph is None or found != self._format:
            self._graph, self._format = self._build(*found), found
        frame.pts = None
        self._graph.vpush(frame)
        return self._graph.vpull()


def source(width: int, height: int, pixels: str) -> str:
    """What a graph's first filter, `buffer`, has to be told of the pictures."""
    return f"video_size={width}x{height}:pix_fmt={pixels}:time_base=1/1000"
