"""The first pass over a source: every packet's timestamps and flags, without decoding.

Which packets yield a shown frame, and which are places to begin, depends a little on the codec;
what can be read from a packet's first bytes is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction

import av
import av.logging
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.stream import VideoStream

from excamera_media import h264
from excamera_media.errors import clock

Complaint = tuple[int, str, str]
"""Level, sender and text of a line in the log."""

_LOST = "Packet corrupt"


@dataclass
class PacketTable:
    """What the demuxer said. `shown` are the timestamps of packets that yield a frame."""

    shown: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    last: tuple[int, int] = (-(1 << 62), 0)
    """Timestamp and duration of the packet that is shown last."""
    decoded: list[int] = field(default_factory=list)
    """When each packet is decoded, in order."""
    packets: int = 0
    untimed: int = 0
    corrupt: int = 0
    stopped: str = ""
    """Why reading ended before the end of the file, if it did."""
    broken: str = ""
    """After what the demuxer first complained that bytes of the container are lost."""


def read_packets(container: InputContainer, stream: VideoStream) -> PacketTable:
    """Read the whole source once."""
    for other in container.streams:
        if other.index != stream.index:
            other.discard = Discard.all
    table = PacketTable()
    is_shown, is_start = _shown_test(stream), _start_test(stream)
    base = stream.time_base or Fraction(0)
    with _complaints() as complaints:
        try:
            for packet in container.demux(stream):
                if complaints:
                    _hear(table, container.format.name, base, complaints)
                if packet.size:
                    _note(table, packet, is_shown(packet), is_start)
        except av.error.FFmpegError as error:
            table.stopped = error.strerror or str(error)
    return table


@contextmanager
def _complaints() -> Iterator[list[Complaint]]:
    """Collects what the media library logs."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with av.logging.Capture() as complaints:
            yield complaints
    finally:
        av.logging.set_level(level)


def _hear(table: PacketTable, container: str, base: Fraction, complaints: list[Complaint]) -> None:
    """Most complaints mean nothing. Those that mean lost bytes are known by their sender.

    Recordings of broadcasts begin with half a packet, so the first one is forgiven.
    """
    when = f" ({clock(float((table.last[0] - min(table.shown)) * base))})" if table.shown else ""
    for level, sender, message in complaints:  # the message itself is jargon
        lost = message.startswith(_LOST) or (
            level <= av.logging.ERROR and sender == container and "matroska" in container
        )
        if lost and table.packets > 1 and not table.broken:
            table.broken = f"after frame {len(table.shown) - 1}{when}"
    complaints.clear()


def _note(
    table: PacketTable, packet: Packet[VideoStream], shown: bool, is_start: Callable[..., bool]
) -> None:
    pts = packet.pts
    table.packets += 1
    if packet.dts is not None:
        table.decoded.append(packet.dts)
    table.corrupt += packet.is_corrupt
    if pts is None:
        table.untimed += shown
        return
    if packet.is_keyframe and is_start(packet):
        table.keys.append(pts)
    if shown and not packet.is_discard:
        table.shown.append(pts)
        if pts > table.last[0]:
            table.last = (pts, packet.duration or 0)


def _shown_test(stream: VideoStream) -> Callable[[Packet[VideoStream]], bool]:
    tests = {"vp8": _vp8_shown, "vp9": _vp9_shown}
    return tests.get(stream.codec_context.codec.canonical_name, _always)


def _start_test(stream: VideoStream) -> Callable[[Packet[VideoStream]], bool]:
    if stream.codec_context.codec.canonical_name != "h264":
        return _always
    size = h264.length_size(stream.codec_context.extradata)
    return lambda packet: h264.starts_exactly(bytes(packet), size)


def _always(packet: Packet[VideoStream]) -> bool:
    return True


def _vp8_shown(packet: Packet[VideoStream]) -> bool:
    """RFC 6386, 9.1: show_frame is bit 4 of the frame tag."""
    return bool((memoryview(packet)[0] >> 4) & 1)


def _vp9_shown(packet: Packet[VideoStream]) -> bool:
    """VP9 specification 6.2; a superframe (Annex B) ends with the frame that it shows."""
    data = memoryview(packet)
    if data[-1] & 0xE0 == 0xC0:
        return True
    bits = data[0] << 8 | (data[1] if len(data) > 1 else 0)
    at = 11 if bits >> 12 & 3 != 3 else 10  # profile 3 has a reserved bit first
    show_existing, show_frame = bits >> at & 1, bits >> (at - 2) & 1
    return bool(show_existing or show_frame)
