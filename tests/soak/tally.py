"""How many faults were meant for jobs, and how many have hit them: a few come too late."""

from __future__ import annotations

from collections import Counter

from tests.soak.faults import Fault, nothing

ENOUGH = 0.5
"""The part of the faults that must have hit, or the soak has shown too little."""


class Tally:
    """By fault; `nothing` always hits, and is none."""

    def __init__(self) -> None:
        self._meant: Counter[str] = Counter()
        self._hit: Counter[str] = Counter()

    def note(self, fault: Fault, *, hit: bool) -> None:
        self._meant[fault.__name__] += 1
        self._hit[fault.__name__] += hit

    def __str__(self) -> str:
        return "\n".join(f"{name}: {self._hit[name]} of {n}" for name, n in self._meant.items())

    @property
    def wrong(self) -> list[str]:
        faults = [name for name in self._meant if name != nothing.__name__]
        hit, meant = (sum(one[name] for name in faults) for one in (self._hit, self._meant))
        return [] if hit >= ENOUGH * meant else [f"only {hit} of {meant} faults have hit anything"]
