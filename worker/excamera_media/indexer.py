"""Makes the index of a source.

One pass without decoding gives the timestamps of all frames, *if* every packet is one frame. For
common containers and codecs it is; so that the rest is not taken on trust, the beginning and the
end are decoded and compared. Where that shows a difference, and where a format is known not to
keep the rule (raw streams, AVI, field-coded H.264, …), the source is decoded once, in full: slower
by far, but the frames that come out are the frames that there are.
"""

import sys
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from av.container import InputContainer
from av.video.stream import VideoStream

from excamera_media import left_out
from excamera_media.audio_tracks import audio_tracks
from excamera_media.avi import missing_from_avi
from excamera_media.errors import TO_CONCEAL, BadInput, DamagedFrame, NotAVideo
from excamera_media.errors import clock as clock_text
from excamera_media.index import SEEK, SEQUENTIAL, Index
from excamera_media.packets import PacketTable, read_packets
from excamera_media.picture import describe
from excamera_media.plain_decode import Decoded, decode_all
from excamera_media.seeking import packets_at
from excamera_media.source import identity, open_source, video_stream
from excamera_media.trust import doubts, missing_part
from excamera_media.untimed import Clock, clock_of, increasing, placed_ticks

HEAD_FRAMES = 24
TAIL_FRAMES = 400
"""How much of each end is decoded. A last group longer than this is not looked at."""

Log = Callable[[str], None]


def log_to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def make_index(url: str, *, conceal: bool = False, log: Log = log_to_stderr) -> Index:
    """The index of the source at `url`. With `conceal`, a file that ends early is accepted."""
    return _Indexing(url, conceal, log).run()


class _Indexing:
    def __init__(self, url: str, conceal: bool, log: Log) -> None:
        self.url, self.conceal = url, conceal
        self.source = identity(url)
        self.warnings: list[str] = []
        self._log = log
        self._incomplete = False

    def warn(self, text: str) -> None:
        self.warnings.append(text)
        self._log(f"warning: {text}")

    def run(self) -> Index:
        with open_source(self.url, self.source) as container:
            stream = video_stream(container, self.url)
            table = read_packets(container, stream)
            self._check_whole(container, stream, table)
            head = self._decode(HEAD_FRAMES)
            if head.first is None:
                head = self._decode(None)
            if head.first is None:
                raise NotAVideo(f"{self.url}: not one frame of its video track can be decoded")
            picture = describe(head.first, stream)
            clock, access = self._clock(container, stream, table, head)
            codec = stream.codec_context.codec.canonical_name
            audio = audio_tracks(container)
            for what in (
                *left_out.of_pictures(head.first, picture, codec),
                *left_out.of_tracks(container, len(audio)),
            ):
                self.warn(what)
            return Index(
                container=container.format.name,
                codec=codec,
                stream=stream.index,
                picture=picture,
                time_base=clock.time_base,
                rate=clock.rate,
                access=access,
                timeline=clock.timeline,
                end=clock.end,
                keys=_usable_keys(table, clock) if access == SEEK else (),
                audio=audio,
                title=container.metadata.get("title", ""),
                warnings=tuple(self.warnings),
                source=self.source,
            )

    def _check_whole(
        self, container: InputContainer, stream: VideoStream, table: PacketTable
    ) -> None:
        problem = ""
        if container.format.name == "avi":
            problem = missing_from_avi(self.url, stream.index, table.packets)
        problem = problem or missing_part(container, stream, table)
        if problem and not self.conceal:
            raise BadInput(
                f"{self.url}: {problem}; fetch it again, or {TO_CONCEAL} to encode what is there"
            )
        if problem:
            self.warn(problem)
            self._incomplete = True

    def _clock(
        self, container: InputContainer, stream: VideoStream, table: PacketTable, head: Decoded
    ) -> tuple[Clock, str]:
        """When frames are shown, and whether they can be reached by seeking."""
        reason = doubts(container, stream, table)
        expected = sorted(table.shown)
        if not reason:
            expected = [tick for tick in expected if tick >= (head.ticks[0] or 0)]
            reason = self._compare_ends(expected, head, table)
        if not reason:
            return clock_of(stream, expected, table.last), SEEK
        self._log(f"index: decoding the whole source once, because {reason}")
        full = self._decode(None, threads=0)
        ticks = [tick for tick in full.ticks if tick is not None]
        timed = len(ticks) == len(full.ticks) and increasing(ticks)
        placed = placed_ticks(stream, full, table) if container.format.name == "avi" else None
        if timed:
            clock = clock_of(stream, ticks, table.last)
        elif placed is not None:
            clock = clock_of(stream, placed, table.last)
        else:
            self.warn("the source has no usable timestamps; a constant frame rate is assumed")
            clock = clock_of(stream, None, table.last, len(full.ticks))
        self._check_undamaged(full, clock)
        reachable = timed and set(ticks) <= set(table.shown) and bool(table.keys)
        sound = not full.errors and not self._incomplete
        return clock, SEEK if reachable and sound else SEQUENTIAL

    def _check_undamaged(self, full: Decoded, clock: Clock) -> None:
        """Where frames are only known by counting, one that is missing could not be told later."""
        if full.broken_at is None:
            return
        frame = min(full.broken_at, len(full.ticks) - 1)
        ticks = clock.timeline.ticks
        seconds = float((ticks[frame] - ticks[0]) * Fraction(*clock.time_base))
        if not self.conceal:
            raise DamagedFrame(frame, seconds, "it, or one near by, is damaged")
        self.warn(f"damaged from frame {frame} ({clock_text(seconds)}) on; frames may be missing")

    def _compare_ends(self, expected: list[int], head: Decoded, table: PacketTable) -> str:
        if list(expected[: len(head.ticks)]) != head.ticks and not head.errors:
            return "its first packets are not one frame each"
        key = max(table.keys, default=None)
        tail = [tick for tick in expected if key is not None and tick >= key]
        if key is None or len(tail) > TAIL_FRAMES:
            return ""
        seen = self._decode(None, key=key)
        found = [tick for tick in seen.ticks if tick is None or tick >= key]
        if found != tail and not seen.errors:
            return "its last packets are not one frame each"
        return ""

    def _decode(self, limit: int | None, threads: int = 1, key: int | None = None) -> Decoded:
        choose = partial(video_stream, url=self.url)
        at = packets_at(self.url, choose, key, source=self.source, threads=threads)
        with at as (stream, packets):
            return decode_all(packets, stream, limit)


def _usable_keys(table: PacketTable, clock: Clock) -> tuple[int, ...]:
    """Keys in order; a timestamp that several of them have does not tell them apart."""
    keys = sorted(table.keys)
    alone = {key for key in keys if table.keys.count(key) == 1} if _repeats(keys) else set(keys)
    return tuple(key for key in keys if key in alone and key <= clock.timeline.ticks[-1])


def _repeats(keys: list[int]) -> bool:
    return len(set(keys)) != len(keys)
