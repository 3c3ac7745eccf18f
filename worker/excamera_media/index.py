"""What is known of a source without decoding it: the planner's view of a video.

Frame i is the i-th frame that a plain decode from the beginning puts out. The index holds its
timestamp, and the *keys*: the packets from which decoding can begin such that every frame shown at
or after them comes out exactly as in a plain decode. (Frames that follow an open group's key in the
file but are shown before it belong to the group before.)

This module is data only. `indexer.py` builds an index, `cut.py` uses it.
"""

import json
import math
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from typing import Any

from excamera_media.plain import one_of, ratio, reading, text, whole
from excamera_media.timeline import Timeline, pack, unpack

VERSION = 1

SEEK = "seek"
SEQUENTIAL = "sequential"
"""Ways to reach a frame: from the nearest key by timestamp, or by counting from the beginning."""


@dataclass(frozen=True)
class Colour:
    """Code points of ITU-T H.273; `range` is 1 for limited (16–235), 2 for full; 2 or 0 = unknown.

    They describe the source. What `frames` puts out has the same ones, but is always limited.
    """

    range: int = 0
    matrix: int = 2
    primaries: int = 2
    transfer: int = 2


@dataclass(frozen=True)
class Picture:
    """How a decoded picture looks, and how it is to be shown.

    `width` × `height` is the size of what `frames` puts out: after cropping and rotation, before
    the sample aspect is applied. `turn` lists the rotation as filters, such as ``transpose=clock``.
    """

    width: int
    height: int
    source_width: int
    source_height: int
    pixel_format: str
    bit_depth: int
    sample_aspect: tuple[int, int] = (1, 1)
    turn: tuple[str, ...] = ()
    interlaced: bool = False
    rgb: bool = False
    colour: Colour = Colour()


@dataclass(frozen=True)
class AudioTrack:
    """One audio track. `start` is in seconds on the source's clock."""

    stream: int
    codec: str
    layout: str
    channels: int
    rate: int
    start: float
    language: str = ""
    title: str = ""
    default: bool = False


Identity = tuple[int, str]
"""A source's size and etag: what tells whether it is still the one that was indexed."""


@dataclass(frozen=True)
class Index:
    """The index of one source. Times in ticks are in `time_base` seconds.

    `source` is None in indexes from before it was recorded.
    """

    container: str
    codec: str
    stream: int
    picture: Picture
    time_base: tuple[int, int]
    rate: tuple[int, int]
    access: str
    timeline: Timeline
    end: int
    keys: tuple[int, ...]
    audio: tuple[AudioTrack, ...] = ()
    title: str = ""
    warnings: tuple[str, ...] = ()
    source: Identity | None = None

    @property
    def frames(self) -> int:
        return len(self.timeline)

    @property
    def duration(self) -> float:
        """Seconds from the start of the first frame to the end of the last."""
        return self._seconds(self.end - self.timeline.ticks[0])

    @property
    def start(self) -> float:
        """Seconds on the source's clock at which the first frame is shown."""
        return self._seconds(self.timeline.ticks[0])

    def time_of(self, frame: int) -> float:
        """Seconds from the first frame to `frame`."""
        return self._seconds(self.timeline.ticks[frame] - self.timeline.ticks[0])

    def _seconds(self, ticks: int) -> float:
        return float(ticks * Fraction(*self.time_base))

    def to_json(self) -> str:
        plain = {field.name: getattr(self, field.name) for field in fields(self)}
        plain |= {
            "version": VERSION,
            "picture": asdict(self.picture),
            "timeline": self.timeline.to_json(),
            "keys": pack(self.keys),
            "audio": [asdict(track) for track in self.audio],
            "frames": self.frames,
            "duration": self.duration,
        }
        return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, written: str | bytes) -> "Index":
        """`BadInput` if it is not an index of this version."""
        with reading(f"an index of version {VERSION}"):
            return _from_plain(json.loads(written))


def picture_from_plain(plain: dict[str, Any]) -> Picture:
    checked = {
        "colour": Colour(**{name: whole(value, 0) for name, value in plain["colour"].items()}),
        "sample_aspect": ratio(plain["sample_aspect"]),
        "turn": tuple(map(text, plain["turn"])),
        "pixel_format": text(plain["pixel_format"]),
    }
    sizes = ("width", "height", "source_width", "source_height", "bit_depth")
    return Picture(**(plain | checked | {name: whole(plain[name], 1) for name in sizes}))


def identity_from_plain(plain: list[Any] | None) -> Identity | None:
    if plain is None:
        return None
    size, etag = plain
    return whole(size, 0), text(etag)


def _from_plain(plain: dict[str, Any]) -> Index:
    if plain.pop("version") != VERSION:
        raise ValueError("it is of another version")
    del plain["frames"], plain["duration"]
    timeline = Timeline.from_json(plain["timeline"])
    plain |= {
        **{name: text(plain[name]) for name in ("container", "codec", "title")},
        "access": one_of(plain["access"], (SEEK, SEQUENTIAL)),
        "stream": whole(plain["stream"], 0),
        "picture": picture_from_plain(plain["picture"]),
        "time_base": ratio(plain["time_base"]),
        "rate": ratio(plain["rate"], least=0),
        "timeline": timeline,
        "end": whole(plain["end"], timeline.ticks[-1]),
        "keys": unpack(plain["keys"]),
        "audio": tuple(_track_from_plain(track) for track in plain["audio"]),
        "warnings": tuple(map(text, plain["warnings"])),
        "source": identity_from_plain(plain.get("source")),
    }
    return Index(**plain)


def _track_from_plain(plain: dict[str, Any]) -> AudioTrack:
    numbers = {name: whole(plain[name], 0) for name in ("stream", "channels", "rate")}
    texts = {name: text(plain[name]) for name in ("codec", "layout", "language", "title")}
    start = float(plain["start"])
    if not math.isfinite(start):
        raise ValueError("a track of sound begins at no time")
    return AudioTrack(**(plain | numbers | texts | {"start": start}))
