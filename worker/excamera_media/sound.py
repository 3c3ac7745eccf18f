"""All audio tracks of a source as Opus, interleaved in order of time, from one pass over it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard, Stream

from excamera_media.index import AudioTrack, Index
from excamera_media.opus import RATE, OpusEncoder, OpusPacket
from excamera_media.source import open_source
from excamera_media.webm import OpusTrack

_LOOK_AHEAD = 1000
"""Packets to read for a track's first sound, before it is taken to begin later."""


@dataclass
class _Track:
    described: AudioTrack
    encoder: OpusEncoder
    ready: deque[OpusPacket]
    bad_packets: int = 0


class Sound:
    """The audio of the source at `url`. Tracks are known at once, packets come as they are read."""

    def __init__(self, url: str, index: Index, log: Callable[[str], None]) -> None:
        self._url, self._source, self._log = url, index.source, log
        end = index.start + index.duration
        self._tracks = {
            track.stream: _Track(track, OpusEncoder(track.channels, end), deque())
            for track in index.audio
        }
        self._reader = self._read()

    def start(self) -> Fraction | None:
        """When the first track is heard, on the source's clock. Codecs' own delays do not count."""
        for _ in islice(self._reader, _LOOK_AHEAD):
            if all(track.encoder.start is not None for track in self._tracks.values()):
                break
        starts = (track.encoder.start for track in self._tracks.values())
        return min((start for start in starts if start is not None), default=None)

    def tracks(self) -> list[OpusTrack]:
        return [
            OpusTrack(
                head=track.encoder.head,
                channels=track.encoder.channels,
                delay_ns=track.encoder.delay * 1_000_000_000 // RATE,
                language=track.described.language,
                title=track.described.title,
                default=track.described.default,
            )
            for track in self._tracks.values()
        ]

    def packets(self) -> Iterator[tuple[int, OpusPacket]]:
        """(number of the track from 0, packet), in order of time."""
        for _ in self._reader:
            while all(track.ready for track in self._tracks.values()):
                yield self._earliest()
        while any(track.ready for track in self._tracks.values()):
            yield self._earliest()
        for track in self._tracks.values():
            if track.bad_packets:
                self._log(
                    f"warning: audio stream {track.described.stream}: {track.bad_packets} damaged "
                    "packets were replaced by silence"
                )

    def _earliest(self) -> tuple[int, OpusPacket]:
        far = Fraction(1 << 62)
        waiting = [track.ready[0].time if track.ready else far for track in self._tracks.values()]
        number = min(range(len(waiting)), key=waiting.__getitem__)
        return number, list(self._tracks.values())[number].ready.popleft()

    def _read(self) -> Iterator[None]:
        """Fill the queues, a packet at a time."""
        with open_source(self._url, self._source) as container:
            streams = _only(container, set(self._tracks))
            try:
                for packet in container.demux(streams):
                    self._decode(packet, self._tracks[packet.stream.index])
                    yield
            except av.error.InvalidDataError as error:
                self._log(f"warning: the sound ends early: {error.strerror}")
        for track in self._tracks.values():
            track.ready.extend(track.encoder.finish())

    def _decode(self, packet: Packet[Stream], track: _Track) -> None:
        try:
            frames = packet.decode()
        except av.error.EOFError:
            return
        except av.error.FFmpegError:
            track.bad_packets += 1
            return
        for frame in frames:
            if isinstance(frame, av.AudioFrame) and frame.samples:
                track.ready.extend(track.encoder.push(frame))


def _only(container: InputContainer, wanted: set[int]) -> list[Stream]:
    chosen = []
    for stream in container.streams:
        if stream.index in wanted:
            stream.codec_context.thread_count = 1
            chosen.append(stream)
        else:
            stream.discard = Discard.all
    return chosen
