"""Finds the cuts of a film, with libavfilter's detector (scdet) on small grey pictures.

The detector takes a picture for the first of a scene if it differs much from the one before, and
if that one differed less from its own predecessor: so neither noise nor a camera that moves makes
cuts, and no fade does. A flash does. So the same is asked of the pictures' median over five frames
(tmedian, two to either side): what lasts no longer than two of them vanishes in it, and a cut stays
where it is. A cut must be one by both: by the detector's own threshold, and, since the median also
takes from a cut between two moving scenes, by half of it.

The scores of a frame depend on nothing but a few frames around it. So it does not matter for the
cuts in which parts a source is searched.
"""

from collections.abc import Callable, Iterator
from typing import Final

import av
from av.filter import Graph
from av.video.frame import VideoFrame

from excamera_media.conceal import Shown
from excamera_media.cut import Cut, cut
from excamera_media.filtering import Filtering, source
from excamera_media.index import Index
from excamera_media.kept import Kept
from excamera_media.scenes import LEAD, RADIUS, Scenes
from excamera_media.shortage import check_memory
from excamera_media.shown import shown_frames

WIDTH: Final = 160
HEIGHT: Final = 90
"""Of the small pictures, whatever shape the large ones have."""

THRESHOLD: Final = 10.0
"""In hundredths of the range of samples: what ffmpeg has unless told otherwise."""

LASTING_THRESHOLD: Final = THRESHOLD / 2

_SCORE: Final = "lavfi.scd.score"


def find_scenes(
    url: str,
    index: Index,
    first: int,
    count: int,
    kept: Kept,
    *,
    hide: bool,
    log: Callable[[str], None],
) -> Scenes:
    """Which of these frames begin a scene. `DamagedFrame` if one is bad and `hide` is off. kept:
    see `shown_frames`."""
    asked = cut(index, first, count)  # they must exist
    begin, end = max(0, first - LEAD), min(index.frames, asked.end + RADIUS)
    plain, lasting = _Detector(), _Detector(f"tmedian=radius={RADIUS}")
    differs: set[int] = set()
    stays: set[int] = set()
    wanted = cut(index, begin, end - begin, conceal=hide)
    for small in _small_pictures(url, wanted, kept, hide, log):
        differs.update(begin + at for at in plain.above(small, THRESHOLD))
        stays.update(begin + RADIUS + at for at in lasting.above(small, LASTING_THRESHOLD))
    judged = range(max(first, 1), asked.end)
    return Scenes(first, count, tuple(frame for frame in judged if frame in differs & stays))


class _Detector:
    """scdet on a sequence of small pictures, behind another filter if one is given."""

    def __init__(self, before: str = "") -> None:
        graph = Graph()
        graph.threads = 1
        name, _, settings = before.partition("=")
        chain = [graph.add("buffer", source(WIDTH, HEIGHT, "gray"))]
        chain += [graph.add(name, settings)] if name else []
        chain += [graph.add("scdet", "threshold=100"), graph.add("buffersink")]
        graph.link_nodes(*chain).configure()
        self._graph = graph
        self._seen = 0

    def above(self, picture: VideoFrame, threshold: float) -> Iterator[int]:
        """Takes one more picture; the numbers of those that came out and are so different."""
        self._graph.vpush(picture)
        while (scored := _pulled(self._graph)) is not None:
            if float(scored.metadata[_SCORE]) >= threshold:
                yield self._seen
            self._seen += 1


def _pulled(graph: Graph) -> VideoFrame | None:
    try:
        return graph.vpull()
    except (av.error.BlockingIOError, av.error.EOFError):
        return None


def _small_pictures(
    url: str, wanted: Cut, kept: Kept, hide: bool, log: Callable[[str], None]
) -> Iterator[VideoFrame]:
    """One for each frame of the cut."""
    shrink = Filtering(_shrinking)
    ready: tuple[int | None, VideoFrame] = (None, _black())
    for shown in shown_frames(url, wanted, kept, hide=hide):
        if shown.frame < wanted.first:
            continue
        if shown.problem:
            check_memory()
            log(f"concealed frame {shown.frame}: {shown.problem}")
        if shown.origin != ready[0]:
            ready = (shown.origin, _small(shown, shrink))
        yield ready[1]


def _small(shown: Shown, shrink: Filtering) -> VideoFrame:
    return _black() if shown.picture is None else shrink(shown.picture)


def _black() -> VideoFrame:
    frame = VideoFrame(WIDTH, HEIGHT, "gray")
    plane = frame.planes[0]
    plane.update(bytes(plane.buffer_size))
    return frame


def _shrinking(width: int, height: int, pixels: str) -> Graph:
    """Makes pictures small and grey; the same ones on every machine, as `convert` does it."""
    graph = Graph()
    graph.threads = 1
    scale = f"w={WIDTH}:h={HEIGHT}:flags=area+accurate_rnd+bitexact:interl=-1"
    nodes = (
        graph.add("buffer", source(width, height, pixels)),
        graph.add("scale", scale),
        graph.add("format", "gray"),
        graph.add("buffersink"),
    )
    graph.link_nodes(*nodes).configure()
    return graph
