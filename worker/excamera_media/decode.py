"""Decodes what a cut asks for, and accounts for every frame on the way.

Frames are known by their timestamps, or, in a sequential source, by counting. Each frame of the
cut's timeline from the chosen key on gets one verdict, in order: its picture, or why there is none.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
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

MISSING = "the decoder puts out nothing for it"


@dataclass(frozen=True)
class Verdict:
    """One frame. `problem` is empty if `picture` is exactly what it should be."""

    frame: int
    picture: VideoFrame | None
    problem: str = ""


def verdicts(
    url: str, cut: Cut, key: int | None, *, lean: bool = False
) -> Generator[Verdict, None, None]:
    """One verdict a frame, from the first that is shown at or after `key` to the cut's last.

    `key` is one of the cut's, or None to begin at the source's first byte. With `lean`, there are
    no verdicts on frames before the first wanted one that nothing depends on: they are not decoded.
    """
    start = cut.base if key is None else cut.group_start(key)
    choose = partial(_stream, cut.stream)
    with packets_at(url, choose, key, source=cut.source) as (stream, packets):
        spared: set[int] = set()
        if lean and cut.access != SEQUENTIAL:
            packets = _needed(cut, stream, packets, spared)
        found = _account(cut, start, _numbered(cut, stream, packets, key))
        yield from (verdict for verdict in found if verdict.frame not in spared)


def _stream(number: int, container: InputContainer) -> VideoStream:
    for stream in container.streams:
        if isinstance(stream, VideoStream) and stream.index == number:
            return stream
    raise BadInput(f"stream {number} is not a video track: the source is not the one indexed")


def _needed(
    cut: Cut, stream: VideoStream, packets: Iterable[Packet[VideoStream]], spared: set[int]
) -> Iterator[Packet[VideoStream]]:
    """`packets` without those of the lead that can be spared, whose frames are noted."""
    wanted, disposable = cut.tick(cut.first), disposable_test(stream)
    for packet in packets:
        pts = packet.pts
        if pts is None or pts >= wanted or packet.is_keyframe or not disposable(bytes(packet)):
            yield packet
        elif (number := cut.timeline.find(pts)) is not None:
            spared.add(cut.base + number)


def _numbered(
    cut: Cut, stream: VideoStream, packets: Iterable[Packet[VideoStream]], key: int | None
) -> Iterator[Verdict]:
    """Decoded frames with their numbers; frames behind the cut get the number `cut.end`."""
    counted = enumerate(_judged(stream, packets, key))
    for count, (frame, problem) in counted:
        number = count if cut.access == SEQUENTIAL else _number(cut, frame.pts)
        if number is not None:
            yield Verdict(number, frame, problem)


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


def _number(cut: Cut, pts: int | None) -> int | None:
    if pts is None:
        return None
    found = cut.timeline.find(pts)
    if found is not None:
        return cut.base + found
    return cut.end if pts > cut.timeline.ticks[-1] else None


def _account(cut: Cut, start: int, found: Iterable[Verdict]) -> Iterator[Verdict]:
    """Fill the holes: every number from `start` to the cut's end once, in order."""
    expected = start
    for verdict in found:
        if verdict.frame < expected:
            continue
        for frame in range(expected, min(verdict.frame, cut.end)):
            yield Verdict(frame, None, MISSING)
        if verdict.frame < cut.end:
            yield verdict
        expected = verdict.frame + 1
        if expected >= cut.end:
            return
    for frame in range(expected, cut.end):
        yield Verdict(frame, None, MISSING)
