"""One track of sound as Opus, in step with the source's clock.

The output is one unbroken row of samples from the track's first one on, so its length is exact and
cannot drift by rounding. What can drift is the source: its timestamps are compared with the samples
that came before them. Small differences are spread by stretching (swresample's ``async``), those of
more than `_HARD_SECONDS` are filled with silence or cut. A step of more than a second is filled
here, in small pieces, so that no timestamp can make us allocate without bound; one that goes back,
or beyond the end of the video, is a clock that was set anew, and is followed without a gap.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.filter import Graph

RATE = 48_000
PACKET_SAMPLES = 960
_HARD_SECONDS = 0.04
_BIG_STEP = 1.0
_LAYOUTS = ("mono", "stereo", "3.0", "quad", "5.0", "5.1", "6.1", "7.1")
_BITS_PER_CHANNEL = 64_000


@dataclass(frozen=True)
class OpusPacket:
    """20 ms of sound; `time` in seconds on the source's clock."""

    time: Fraction
    data: bytes
    discard_ns: int = 0


class OpusEncoder:
    """Takes decoded frames in order, gives packets in order. `end`: when the video ends."""

    def __init__(self, channels: int, end: float) -> None:
        self.channels = min(max(channels, 1), len(_LAYOUTS))
        self._end = end
        self._layout = _LAYOUTS[self.channels - 1]
        self._encoder = _encoder(self._layout, self.channels)
        self._fifo = AudioFifo()
        self._graph: Graph | None = None
        self._format: tuple[int, str, str] | None = None
        self.start: Fraction | None = None  # when the first sample is heard
        self._next = Fraction(0)  # where the source's clock should be now
        self._shift = Fraction(0)  # by how much it was set anew
        self._sent = self._given = 0  # samples into the encoder, packets out of it
        self._held: bytes | None = None

    @property
    def head(self) -> bytes:
        """The OpusHead packet."""
        return self._encoder.extradata or b""

    @property
    def delay(self) -> int:
        """Samples in front of the first real one (pre-skip)."""
        return int.from_bytes(self.head[10:12], "little")

    def push(self, frame: AudioFrame) -> Iterator[OpusPacket]:
        """Packets that are ready once `frame` has been heard."""
        base = frame.time_base or Fraction(1, frame.sample_rate)
        raw = self._next - self._shift if frame.pts is None else frame.pts * base
        if self.start is None:
            self.start = self._next = raw
        yield from self._step_to(raw, frame)
        at = raw + self._shift
        self._next = at + Fraction(frame.samples, frame.sample_rate)
        yield from self._resample(frame, at)

    def finish(self) -> Iterator[OpusPacket]:
        """The rest. The last packet says how much of it is padding."""
        yield from self._drain_graph()
        yield from self._encode(final=True)
        for packet in self._encoder.encode(None):
            yield from self._pass_on(bytes(packet))
        if self._held is not None and self.start is not None:
            produced = (self._given + 1) * PACKET_SAMPLES
            padding = max(0, produced - self.delay - self._sent)
            yield self._packet(self._held, padding * 1_000_000_000 // RATE)

    def _step_to(self, raw: Fraction, frame: AudioFrame) -> Iterator[OpusPacket]:
        gap = raw + self._shift - self._next
        if abs(gap) <= _BIG_STEP:
            return
        if gap < 0 or raw + self._shift > self._end + _BIG_STEP:
            self._shift -= gap
            return
        while self._next < raw + self._shift - Fraction(1, 10):
            quiet = _silence(frame)
            at, self._next = self._next, self._next + Fraction(quiet.samples, quiet.sample_rate)
            yield from self._resample(quiet, at)

    def _resample(self, frame: AudioFrame, at: Fraction) -> Iterator[OpusPacket]:
        found = (frame.sample_rate, frame.layout.name, frame.format.name)
        if found != self._format:
            yield from self._drain_graph()
            self._graph, self._format = _graph(*found, self._layout), found
        assert self._graph is not None
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = round(at * frame.sample_rate)
        self._graph.push(frame)
        yield from self._pull()

    def _drain_graph(self) -> Iterator[OpusPacket]:
        if self._graph is not None:
            self._graph.push(None)
            yield from self._pull()
            self._graph = None

    def _pull(self) -> Iterator[OpusPacket]:
        while self._graph is not None:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                break
            assert isinstance(frame, AudioFrame)
            frame.pts = None
            self._fifo.write(frame)
        yield from self._encode()

    def _encode(self, final: bool = False) -> Iterator[OpusPacket]:
        while (frame := self._fifo.read(PACKET_SAMPLES, final)) is not None:
            frame.pts, frame.time_base = self._sent, Fraction(1, RATE)
            self._sent += frame.samples
            for packet in self._encoder.encode(frame):
                yield from self._pass_on(bytes(packet))

    def _pass_on(self, data: bytes) -> Iterator[OpusPacket]:
        if self._held is not None:
            yield self._packet(self._held)
            self._given += 1
        self._held = data

    def _packet(self, data: bytes, discard_ns: int = 0) -> OpusPacket:
        assert self.start is not None
        return OpusPacket(
            self.start + Fraction(self._given * PACKET_SAMPLES, RATE), data, discard_ns
        )


def _encoder(layout: str, channels: int) -> AudioCodecContext:
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, layout, "flt"
    encoder.time_base = Fraction(1, RATE)
    encoder.bit_rate = _BITS_PER_CHANNEL * channels
    encoder.open()
    return encoder


def _graph(rate: int, layout: str, samples: str, wanted: str) -> Graph:
    graph = Graph()
    graph.threads = 1
    known = "channels=" in layout or (layout[:1].isdigit() and layout.endswith("channels"))
    place = wanted if known else layout
    chain = (
        graph.add(
            "abuffer",
            f"sample_rate={rate}:sample_fmt={samples}:channel_layout={place}:time_base=1/{rate}",
        ),
        graph.add(
            "aresample",
            f"{RATE}:async=1000:min_comp=0.002:min_hard_comp={_HARD_SECONDS}",
        ),
        graph.add("aformat", f"sample_fmts=flt:sample_rates={RATE}:channel_layouts={wanted}"),
        graph.add("abuffersink"),
    )
    graph.link_nodes(*chain).configure()
    return graph


def _silence(like: AudioFrame) -> AudioFrame:
    """A tenth of a second. Zero bytes are silence in every format but unsigned ones."""
    frame = AudioFrame(like.format.name, like.layout.name, max(1, like.sample_rate // 10))
    quiet = b"\x80" if like.format.name.startswith("u8") else b"\0"
    for plane in frame.planes:
        plane.update(quiet * plane.buffer_size)
    frame.sample_rate = like.sample_rate
    return frame
