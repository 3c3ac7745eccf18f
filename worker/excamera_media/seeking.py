"""Going to a key, and knowing that one is there.

What a demuxer makes of a seek differs from format to format: it goes by decoding or presentation
time, or to somewhere near by. So it is only asked to land somewhere before the key, further and
further before it; then packets are read, not decoded, until the key itself comes by. Where that
fails the file is read from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain

import av
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from excamera_media.errors import SourceChanged
from excamera_media.index import Identity
from excamera_media.plain_decode import prepare
from excamera_media.source import open_source
from excamera_media.source_file import SourceFile

_STEPS_BACK = (0, 1, 10)
"""Seconds before the key that are tried before the beginning of the file."""


@contextmanager
def packets_at(
    url: str,
    choose: Callable[[InputContainer], VideoStream],
    key: int | None,
    *,
    source: Identity | None,
    threads: int = 1,
    file: SourceFile | None = None,
) -> Iterator[tuple[VideoStream, Iterator[Packet[VideoStream]]]]:
    """A stream, its decoder prepared, and its packets from the key on.

    The empty packet that ends the stream is included. From the first byte if `key` is None.
    `source` is what the source must still be. file: see `open_source`.
    """
    with open_source(url, source, file) as container:
        stream = choose(container)
        prepare(stream, threads)
        packets = container.demux(stream) if key is None else _seek(container, stream, key)
        if packets is not None:
            yield stream, packets
            return
    with open_source(url, source, file) as container:
        stream = choose(container)
        prepare(stream, threads)
        packets = _find(container.demux(stream), key, patient=True)
        if packets is None:
            raise SourceChanged(url)  # there is no such key any more
        yield stream, packets


def _seek(
    container: InputContainer, stream: VideoStream, key: int
) -> Iterator[Packet[VideoStream]] | None:
    for seconds in _STEPS_BACK:
        target = key - round(seconds / stream.time_base) if stream.time_base else key
        if found := _try(container, stream, target, key):
            return found
    return None


def _try(
    container: InputContainer, stream: VideoStream, target: int, key: int
) -> Iterator[Packet[VideoStream]] | None:
    try:
        container.seek(target, stream=stream)
    except av.error.FFmpegError:
        return None
    return _find(container.demux(stream), key, patient=False)


def _find(
    packets: Iterator[Packet[VideoStream]], key: int | None, *, patient: bool
) -> Iterator[Packet[VideoStream]] | None:
    """Packets from the key on, or None once it must have been passed."""
    for packet in packets:
        if packet.pts == key and packet.is_keyframe:
            return chain((packet,), packets)
        if not patient and packet.dts is not None and key is not None and packet.dts > key:
            return None
    return None
