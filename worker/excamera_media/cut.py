"""What a worker must know to decode one run of frames, and nothing more.

A cut names a key to decode from and the timestamps of all frames from there to the last one
wanted. Those before the first wanted frame (the *lead*) are decoded too, and have to be looked at:
damage in one of them is damage in all that are predicted from it.

To conceal damage a worker may have to look back further, for the last good picture. It looks at
most `LOOK_BACK` frames back from the frame to be concealed, wherever the chunk begins, so that the
same frames are concealed in the same way whatever the chunks are. A cut for concealment therefore
reaches that far back, and lists all the keys from there to its end.
"""

import json
from bisect import bisect_right
from dataclasses import asdict, dataclass
from fractions import Fraction

from excamera_media.errors import UsageError
from excamera_media.index import (
    SEEK,
    SEQUENTIAL,
    Identity,
    Index,
    Picture,
    identity_from_plain,
    picture_from_plain,
)
from excamera_media.plain import one_of, ratio, reading, whole
from excamera_media.timeline import Timeline, pack, unpack

VERSION = 1
LOOK_BACK = 250


@dataclass(frozen=True)
class Cut:
    """Frames `first` … `first + count − 1` of a source.

    `timeline` covers frames `base` … `first + count − 1`. `keys` are the timestamps of the keys
    from which decoding may begin, the first at or before frame `base`; empty if it must begin at
    the source's first byte (`access` sequential: frames are told apart by counting, and `base` is
    0). `origin` is the timestamp of frame 0. `source` is what the source must still be.
    """

    stream: int
    access: str
    first: int
    count: int
    base: int
    timeline: Timeline
    keys: tuple[int, ...]
    origin: int
    time_base: tuple[int, int]
    rate: tuple[int, int]
    picture: Picture
    source: Identity | None = None

    @property
    def end(self) -> int:
        return self.first + self.count

    def tick(self, frame: int) -> int:
        return self.timeline.ticks[frame - self.base]

    def seconds(self, frame: int) -> float:
        """From the source's first frame to `frame`."""
        return float((self.tick(frame) - self.origin) * Fraction(*self.time_base))

    @property
    def key(self) -> int | None:
        """The last key from which frame `first` can be decoded."""
        found = bisect_right(self.keys, self.tick(self.first))
        return self.keys[found - 1] if found else None

    def group_start(self, key: int) -> int:
        """The first frame shown at or after the key."""
        return self.base + self.timeline.position(key)

    def to_json(self) -> str:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain |= {
            "version": VERSION,
            "timeline": self.timeline.to_json(),
            "keys": pack(self.keys),
            "picture": asdict(self.picture),
        }
        return json.dumps(plain, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> "Cut":
        """`BadInput` if `text` is not a cut of this version."""
        with reading(f"a cut of version {VERSION}"):
            plain = json.loads(text)
            if plain.pop("version") != VERSION:
                raise ValueError("it is of another version")
            plain["timeline"] = Timeline.from_json(plain["timeline"])
            plain["keys"] = unpack(plain["keys"])
            plain["time_base"] = ratio(plain["time_base"])
            plain["rate"] = ratio(plain["rate"], least=0)
            plain["picture"] = picture_from_plain(plain["picture"])
            plain["source"] = identity_from_plain(plain.get("source"))
            for name in ("stream", "first", "base"):
                whole(plain[name], 0)
            whole(plain["count"], 1)
            whole(plain["origin"])
            one_of(plain["access"], (SEEK, SEQUENTIAL))
            made = cls(**plain)
            if made.base + len(made.timeline) != made.end or made.first < made.base:
                raise ValueError("its timeline does not reach from its base to its end")
            return made


def cut(index: Index, first: int, count: int, *, conceal: bool = False) -> Cut:
    """The cut for frames `first` … `first + count − 1`, which must exist."""
    if first < 0 or count < 1 or first + count > index.frames:
        raise UsageError(
            f"frames {first} … {first + count - 1} were asked for, "
            f"but the source has frames 0 … {index.frames - 1}"
        )
    last = first + count - 1
    keys = _keys(index, max(0, first - LOOK_BACK), last) if conceal else _keys(index, first, first)
    base = index.timeline.position(keys[0]) if keys else 0
    return Cut(
        stream=index.stream,
        access=index.access,
        first=first,
        count=count,
        base=base,
        timeline=index.timeline.part(base, first + count),
        keys=keys,
        origin=index.timeline.ticks[0],
        time_base=index.time_base,
        rate=index.rate,
        picture=index.picture,
        source=index.source,
    )


def _keys(index: Index, earliest: int, latest: int) -> tuple[int, ...]:
    """Keys from the one for frame `earliest` to the one for frame `latest`.

    None if the first of these frames is shown before every key: then decoding begins at the start.
    """
    if index.access == SEQUENTIAL:
        return ()
    ticks = index.timeline.ticks
    low = bisect_right(index.keys, ticks[earliest])
    high = bisect_right(index.keys, ticks[latest])
    return index.keys[low - 1 : high] if low else ()
