"""Decoding as a plain player does: from the beginning, in order. The measure of all else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import av
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

HOLDS_MORE = frozenset(("h264",))
"""Codecs whose decoder, as it is prepared here, holds back more frames than it has to."""


@dataclass
class Decoded:
    """What came out of a decoder: each frame's timestamp, and how many errors there were."""

    ticks: list[int | None] = field(default_factory=list)
    fed: list[int | None] = field(default_factory=list)
    """When each frame came out: the decoding time of the packet that had just gone in."""
    first: VideoFrame | None = None
    errors: int = 0
    broken_at: int | None = None
    """How many frames came out before the first error, if any did."""

    def failed(self) -> None:
        self.errors += 1
        if self.broken_at is None and self.ticks:
            self.broken_at = len(self.ticks)


def prepare(stream: VideoStream, threads: int = 1) -> None:
    """Set up the decoder so that what it puts out depends on the stream alone.

    ``strict`` makes H.264 hold back as many frames as the standard lets it: otherwise the decoder
    guesses the reordering depth, and drops frames when it has guessed too low. ``explode`` makes
    HEVC say that a slice is broken, which it otherwise keeps to itself.
    """
    context = stream.codec_context
    context.thread_count = threads
    context.thread_type = "FRAME" if threads != 1 else "NONE"
    if context.codec.canonical_name == "h264":
        context.options = {"strict": "1"}
    elif context.codec.canonical_name == "hevc":
        context.options = {"err_detect": "explode"}


def decode_packet(stream: VideoStream, packet: Packet[VideoStream]) -> list[VideoFrame] | None:
    """The frames that come out when `packet` goes in; None if the decoder refuses it."""
    try:
        return stream.codec_context.decode(packet)
    except av.error.EOFError:
        return []
    except av.error.FFmpegError:
        return None


def decoded_frames(
    packets: Iterable[Packet[VideoStream]], stream: VideoStream, seen: Decoded
) -> Iterator[VideoFrame]:
    """Every frame in order of output; what was seen is noted in `seen`."""
    try:
        for packet in packets:
            frames = decode_packet(stream, packet)
            if frames is None:
                seen.failed()
            for frame in frames or ():
                if frame.is_corrupt:
                    seen.failed()
                seen.first = seen.first or frame
                seen.ticks.append(frame.pts)
                seen.fed.append(frame.dts)
                yield frame
    except av.error.FFmpegError:
        seen.failed()


def decode_all(
    packets: Iterable[Packet[VideoStream]], stream: VideoStream, limit: int | None = None
) -> Decoded:
    """Decode up to `limit` frames, or all, and keep only the timestamps."""
    seen = Decoded()
    for _ in decoded_frames(packets, stream, seen):
        if limit is not None and len(seen.ticks) >= limit:
            break
    return seen
