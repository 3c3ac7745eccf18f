"""What an answer to an invocation means, and when to try again: full jitter under a cap. Pure.

A request that timed out may have been taken all the same. To repeat it is harmless: both make
workers of one name, and the coordinator lets in only one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

NO_ANSWER: Final = 0
"""Stands for the status where there was none: no connection, or a time-out."""


class Verdict(Enum):
    TAKEN = auto()
    """A worker will come of it."""

    AGAIN = auto()
    """The same request may be taken later."""

    REFUSED = auto()
    """It never will be."""


def verdict(status: int, *, skewed: bool = False) -> Verdict:
    """202 is the answer to an asynchronous invocation. 409: the function is just being updated.
    skewed: it was refused because of the clock, and the next try has another signature."""
    if status == 202:
        return Verdict.TAKEN
    if skewed or status in (NO_ANSWER, 408, 409, 429) or status >= 500:
        return Verdict.AGAIN
    return Verdict.REFUSED


@dataclass(frozen=True, slots=True)
class Retry:
    """Times are in seconds. The first wait is anything from nothing to `first`, each later may be
    twice as long as that before it, up to `cap`. No try begins later than `limit` after the first.
    """

    first: float = 0.25
    cap: float = 8.0
    limit: float = 90.0

    def wait(self, tries: int, elapsed: float, chance: float) -> float | None:
        """How long to wait after `tries` tries; None: it is time to give up. chance: 0 to 1."""
        longest = min(self.cap, self.first * 2 ** min(tries - 1, 64))
        wait = chance * longest
        return wait if elapsed + wait <= self.limit else None
