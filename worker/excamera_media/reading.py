"""A source that is being decoded: what comes out of it for one cut after the other.

Frames are known by their timestamps, or, in a sequential source, by counting. Each frame of a cut's
timeline gets one verdict, in order: its picture, or why there is none.

What was decoded ahead of a cut's last frame, and that frame itself, which the next chunk begins
with as well, are remembered. So a reading can go on with a cut further on, if that is to be decoded
from the same key: its decoder has seen then what one that begins there sees. From another key the
pictures should be the same, but need not be: containers call frames keys that are none, and damage
that no decoder notices lasts as long as it remembers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from excamera_media.cut import Cut
from excamera_media.disposable import disposable_test
from excamera_media.errors import BadInput
from excamera_media.index import SEQUENTIAL
from excamera_media.plain_decode import decode_packet
from excamera_media.reorder import Reorder
from excamera_media.seeking import packets_at
from excamera_media.source import identity, is_still
from excamera_media.source_file import SourceFile

MISSING = "the decoder puts out nothing for it"


@dataclass(frozen=True)
class Verdict:
    """One frame. `problem` is empty if `picture` is exactly what it should be."""

    frame: int
    picture: VideoFrame | None
    problem: str = ""


@dataclass(frozen=True)
class _Decoded:
    """`place`: its timestamp; in a sequential source, how many frames came before it."""

    place: int | None
    picture: VideoFrame
    problem: str


class Reading:
    """Has an open source and a decoder; to be closed.

    `position` is the next frame to be judged. With `lean`, frames before a cut's first one that
    nothing depends on are not decoded, and there are no verdicts on them.
    """

    def __init__(self, url: str, cut: Cut, key: int | None, *, lean: bool) -> None:
        """From `key` on, which is one of the cut's, or from the source's first byte."""
        self.position = cut.base if key is None else cut.group_start(key)
        self._kind = (url, cut.stream, cut.access, key, lean)
        self._source = cut.source or identity(url)
        self._wanted = 0
        self._spared: set[int | None] = set()
        self._ahead: deque[_Decoded] = deque()
        self._last: _Decoded | None = None
        with ExitStack() as opened:
            self._file = SourceFile(url)
            opened.callback(self._file.close)
            choose = partial(_stream, cut.stream)
            at = packets_at(url, choose, key, source=self._source, file=self._file)
            stream, packets = opened.enter_context(at)
            sequential = cut.access == SEQUENTIAL
            needed = self._needed(stream, packets) if lean and not sequential else packets
            judged = _judged(stream, needed, key)
            self._decoded: Iterator[_Decoded] = _counted(judged) if sequential else _timed(judged)
            self._opened = opened.pop_all()

    def close(self) -> None:
        """Nothing can be read any more. What is large is let go at once: what decodes knows this
        object as well as the other way round, and would stay until the interpreter looks for such
        circles."""
        self._opened.close()
        self._decoded = iter(())
        self._ahead.clear()
        self._last = None

    def rest(self) -> None:
        """Until it goes on: it keeps no file open, nor what was read of it and not asked for."""
        self._file.close()

    def leads_to(self, url: str, cut: Cut, *, lean: bool) -> bool:
        """Whether it can go on with this cut. One frame back is kept."""
        return (
            self._kind == (url, cut.stream, cut.access, cut.key, lean)
            and cut.source in (None, self._source)
            and self.position <= cut.first + 1
            and is_still(url, self._source)
        )

    def go_on(self, cut: Cut) -> None:
        """To this cut, which it leads to, with the leave that this process has now."""
        self._file.open()
        if cut.first < self.position and self._last is not None:
            self._ahead.appendleft(self._last)
            self.position = cut.first

    def verdicts(self, cut: Cut) -> Iterator[Verdict]:
        """One a frame, in order, from the position to the cut's last."""
        self._wanted = cut.tick(cut.first)
        while self.position < cut.end:
            decoded = self._next()
            number = cut.end if decoded is None else _number(cut, decoded.place)
            if number is None or number < self.position:
                continue
            for frame in range(self.position, min(number, cut.end)):
                self.position += 1
                if cut.tick(frame) not in self._spared:
                    yield Verdict(frame, None, MISSING)
            if decoded is None:
                return
            if number >= cut.end:
                self._ahead.appendleft(decoded)
                return
            self.position, self._last = number + 1, decoded
            yield Verdict(number, decoded.picture, decoded.problem)

    def _next(self) -> _Decoded | None:
        return self._ahead.popleft() if self._ahead else next(self._decoded, None)

    def _needed(
        self, stream: VideoStream, packets: Iterable[Packet[VideoStream]]
    ) -> Iterator[Packet[VideoStream]]:
        """`packets` without those that can be spared."""
        disposable = disposable_test(stream)
        for packet in packets:
            pts = packet.pts
            before = pts is not None and pts < self._wanted
            if before and not packet.is_keyframe and disposable(bytes(packet)):
                self._spared.add(pts)
            else:
                yield packet


def _stream(number: int, container: InputContainer) -> VideoStream:
    for stream in container.streams:
        if isinstance(stream, VideoStream) and stream.index == number:
            return stream
    raise BadInput(f"stream {number} is not a video track: the source is not the one indexed")


def _judged(
    stream: VideoStream, packets: Iterable[Packet[VideoStream]], key: int | None
) -> Iterator[tuple[VideoFrame, str]]:
    """Every frame that comes out, and its problem."""
    reorder = Reorder(stream, key)
    suspect: set[int | None] = set()
    for packet in packets:
        frames = decode_packet(stream, packet)
        reorder.sent(packet, refused=frames is None)
        if frames is None or packet.is_corrupt:
            suspect.add(packet.pts)
        for frame in frames or ():
            bad = frame.is_corrupt or (frame.pts is not None and frame.pts in suspect)
            yield from reorder.came_out(frame, damaged=bad)
    yield from reorder.rest()


def _counted(judged: Iterable[tuple[VideoFrame, str]]) -> Iterator[_Decoded]:
    for count, (frame, problem) in enumerate(judged):
        yield _Decoded(count, frame, problem)


def _timed(judged: Iterable[tuple[VideoFrame, str]]) -> Iterator[_Decoded]:
    for frame, problem in judged:
        yield _Decoded(frame.pts, frame, problem)


def _number(cut: Cut, place: int | None) -> int | None:
    """Of the frame in the source; behind the cut it is `cut.end`, and not a frame of the cut's
    timeline has none."""
    if place is None or cut.access == SEQUENTIAL:
        return place
    found = cut.timeline.find(place)
    if found is not None:
        return cut.base + found
    return cut.end if place > cut.timeline.ticks[-1] else None
