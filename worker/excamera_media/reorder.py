"""What damage spreads to, in decoding order.

A damaged frame spoils those that are decoded after it, up to the next good key frame; some of them
are shown *before* it, and come out of the decoder before it is known to be damaged. So a frame is
held back until every packet that went in before its own has come out. What is judged damaged then
depends on the source and the key only, not on where a chunk ends.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

REORDERING = frozenset(("h264", "hevc", "vvc", "mpeg1video", "mpeg2video", "mpeg4", "vc1"))
_DEEPEST = 32
"""More than any of these codecs reorders by; a packet that is this late will not come out."""

CLEAN = ""
DAMAGED = "it is damaged"
SPOILED = "it is predicted from a damaged frame"


Place = tuple[int, int]
"""Of a frame: its number in decoding order, and its timestamp."""


@dataclass(frozen=True)
class _Held:
    order: int
    frame: VideoFrame
    damaged: bool


class Reorder:
    """Fed with packets and frames as they go in and come out; gives frames and their problems."""

    def __init__(self, stream: VideoStream, key: int | None) -> None:
        self._waits = stream.codec_context.codec.canonical_name in REORDERING
        self._key = key
        self._sent = 0
        self._inside: dict[int, int] = {}  # timestamp: order, of packets not yet come out
        self._held: deque[_Held] = deque()
        self._damage: list[Place] = []
        self._keys: list[Place] = []  # good key frames

    def sent(self, packet: Packet[VideoStream], *, refused: bool) -> None:
        """`packet` went into the decoder, which may have refused it."""
        self._sent += 1
        if refused:
            self._damage.append((self._sent, packet.pts or 0))
        elif packet.pts is not None and packet.size and not packet.is_discard:
            self._inside[packet.pts] = self._sent

    def came_out(self, frame: VideoFrame, *, damaged: bool) -> Iterator[tuple[VideoFrame, str]]:
        """`frame` came out; whichever frames can be judged now, in order."""
        pts = frame.pts
        order = self._inside.pop(pts, None) if pts is not None else None
        if order is None or not self._waits:
            yield frame, DAMAGED if damaged else CLEAN
            return
        if damaged:
            self._damage.append((order, pts or 0))
        elif frame.key_frame:
            self._keys.append((order, pts or 0))
        self._held.append(_Held(order, frame, damaged))
        self._inside = {at: n for at, n in self._inside.items() if self._may_come(at, n, order)}
        oldest = min(self._inside.values(), default=self._sent + 1)
        while self._held and self._held[0].order < oldest:
            yield self._judged(self._held.popleft())

    def _may_come(self, pts: int, sent: int, order: int) -> bool:
        """Frames that are shown before the key often do not come out, and are not wanted."""
        return sent > order - _DEEPEST and (self._key is None or pts >= self._key)

    def rest(self) -> Iterator[tuple[VideoFrame, str]]:
        """At the end of the source: whatever is still held."""
        while self._held:
            yield self._judged(self._held.popleft())

    def _judged(self, held: _Held) -> tuple[VideoFrame, str]:
        if held.damaged:
            return held.frame, DAMAGED
        place = (held.order, held.frame.pts or 0)
        spoiled = any(self._reaches(damage, place) for damage in self._damage)
        return held.frame, SPOILED if spoiled else CLEAN

    def _reaches(self, damage: Place, place: Place) -> bool:
        """Not past a good key frame: what is decoded and shown after it needs nothing before it."""
        if damage[0] >= place[0]:
            return False
        keys = (key for key in self._keys if key[0] <= place[0] and key[1] <= place[1])
        return not any(damage[0] < key[0] or damage[1] < key[1] for key in keys)
