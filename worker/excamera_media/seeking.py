"""Going to a key, and knowing that one is there.

What a demuxer makes of a seek differs from format to format: it goes by decoding or presentation
time, or to somewhere near by. So it is only asked to land somewhere before the key, further and
further before it; then packets are read, not decoded, until the key itself comes by.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from excamera_media.errors import BadInput

_STEPS_BACK = (0, 1, 10)
"""Seconds before the key that are tried before the beginning of the file."""


def packets_from(
    container: InputContainer, stream: VideoStream, key: int | None
) -> Iterator[Packet[VideoStream]]:
    """The stream's packets from the key on, the empty one that ends it included.

    From the first byte if `key` is None. The container must not have been read from yet.
    """
    if key is None:
        return container.demux(stream)
    for seconds in _STEPS_BACK:
        target = key - round(seconds / stream.time_base) if stream.time_base else key
        if found := _try(container, stream, target, key):
            return found
    container.seek(-(1 << 62), stream=stream)
    if found := _find(container.demux(stream), key, patient=True):
        return found
    raise BadInput(f"no key frame at timestamp {key}: the source is not the one that was indexed")


def _try(
    container: InputContainer, stream: VideoStream, target: int, key: int
) -> Iterator[Packet[VideoStream]] | None:
    try:
        container.seek(target, stream=stream)
    except av.error.FFmpegError:
        return None
    return _find(container.demux(stream), key, patient=False)


def _find(
    packets: Iterator[Packet[VideoStream]], key: int, *, patient: bool
) -> Iterator[Packet[VideoStream]] | None:
    """Packets from the key on, or None once it must have been passed."""
    for packet in packets:
        if packet.pts == key and packet.is_keyframe:
            return chain((packet,), packets)
        if not patient and packet.dts is not None and packet.dts > key:
            return None
    return None
