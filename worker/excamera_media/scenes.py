"""Which frames of a part of a source begin a new scene: what a search for cuts has found.

This module is data only. `scene_search.py` finds them, the planner begins chains with them.
"""

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Final

from excamera_media.plain import reading, whole

VERSION: Final = 1

RADIUS: Final = 2
"""Frames behind the last one to be judged that its scores depend on."""

LEAD: Final = 2 + RADIUS
"""The same before the first one."""


@dataclass(frozen=True)
class Scenes:
    """Of frames `first` … `first + count − 1`, those that are the first behind a cut, in order."""

    first: int
    count: int
    begins: tuple[int, ...]

    def to_json(self) -> str:
        return json.dumps({"version": VERSION} | asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, written: str | bytes) -> "Scenes":
        """`BadInput` if it is no list of scenes of this version."""
        with reading(f"a list of scenes of version {VERSION}"):
            plain = json.loads(written)
            if plain.pop("version") != VERSION:
                raise ValueError("it is of another version")
            first, count = whole(plain.pop("first"), 0), whole(plain.pop("count"), 1)
            begins = tuple(whole(one, first, first + count - 1) for one in plain.pop("begins"))
            if plain or any(later <= earlier for earlier, later in pairwise(begins)):
                raise ValueError("it says more, or its frames are not in order")
            return cls(first, count, begins)
