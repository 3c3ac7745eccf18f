"""Waits that double from one refusal to the next, up to a bound. Pure."""

from __future__ import annotations

from typing import Final

DOUBLINGS: Final = 30
"""More make no difference to any sensible bound, and would overflow some day."""


def doubled(first: float, most: float, times: int) -> float:
    """`first` seconds, doubled so many times; no more than `most`."""
    return min(most, first * 2.0 ** min(times, DOUBLINGS))


class Backoff:
    """When to try again what has been refused. first, most: seconds of the first and longest wait.

    `until`: before that time there is nothing to be tried.
    """

    def __init__(self, first: float, most: float) -> None:
        self._first = first
        self._most = most
        self._refusals = 0
        self.until = float("-inf")

    def refused(self, now: float) -> None:
        """Refused. What is refused during a wait was tried before it, and adds nothing."""
        if now >= self.until:
            self.until = now + doubled(self._first, self._most, self._refusals)
            self._refusals += 1

    def over(self) -> None:
        """It was granted: the next refusal is the first again."""
        self._refusals = 0
