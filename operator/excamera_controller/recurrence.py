"""Which events are new, and which are one more of what was told already. Pure.

A trouble that comes and goes would fill the list of events, and crowd out what matters. So, as with
Kubernetes' own recorders, the same again within a while is one event with a count; and of a reason
that comes with ever other words (how many workers, on which node) only the first few have events
of their own: what follows shares one. What comes oftener than every `PAUSE_SECONDS` is counted and
not written at once, so a count may lag behind.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from excamera_controller.conditions import Reason
from excamera_controller.decision import Event

WINDOW: Final = timedelta(minutes=10)
"""What was not told for so long is told as something new."""

DISTINCT: Final = 5
"""Events of one reason and different words, before the rest of them share one."""

PAUSE_SECONDS: Final = 30.0
SHARED: Final = ""
"""Instead of its words: the key of an event that stands for several."""


@dataclass(slots=True)
class Told:
    """An event that was written: `name` is its object's. count: how often it has happened.
    shared: in other words each time."""

    name: str
    since: datetime
    last: datetime
    written: datetime
    shared: bool
    count: int = 1

    @property
    def is_new(self) -> bool:
        """Whether there is no object of that name yet."""
        return self.count == 1


class Recurrence:
    """Of one EncodeJob's events, which all begin with its name."""

    def __init__(self) -> None:
        self._told: dict[tuple[Reason, str], Told] = {}

    def again(self, job: str, event: Event, now: datetime) -> Told | None:
        """What is to be written now; None if nothing is."""
        self._told = {key: one for key, one in self._told.items() if now - one.last < WINDOW}
        key = self._key(event)
        told = self._told.get(key)
        if told is None:
            name, shared = f"{job}.{secrets.token_hex(8)}", key[1] == SHARED
            self._told[key] = made = Told(name, now, now, now, shared)
            return made
        told.count += 1
        told.last = now
        if (now - told.written).total_seconds() < PAUSE_SECONDS:
            return None
        told.written = now
        return told

    def forget(self, told: Told) -> None:
        """It is not there any more."""
        self._told = {key: one for key, one in self._told.items() if one is not told}

    def _key(self, event: Event) -> tuple[Reason, str]:
        own = (event.reason, event.message)
        similar = sum(1 for reason, _ in self._told if reason is event.reason)
        return own if own in self._told or similar < DISTINCT else (event.reason, SHARED)
