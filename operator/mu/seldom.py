"""Something that happens again and again is told once in a while. Pure."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

TOLD_SECONDS: Final = 60.0
REMEMBERED: Final = 1000


class Seldom:
    """What was told, and when."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, float] = OrderedDict()  # the latest last

    def due(self, what: str, now: float) -> bool:
        """Whether it is to be told now, which is noted: not if it was within the last minute."""
        last = self._told.get(what)
        if last is not None and now - last < TOLD_SECONDS:
            return False
        self._told[what] = now
        self._told.move_to_end(what)
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return True
