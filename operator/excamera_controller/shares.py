"""How many workers each job may have, under one cap over all jobs. Pure.

Max-min fair: no job gets more than it can use, and what it does not use goes to the others evenly.
When there are more jobs than workers, the oldest jobs get one worker each and the rest wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Demand:
    """A job that wants workers: how many it could use now. Demands are given oldest first."""

    job: str
    workers: int


def shares(demands: Sequence[Demand], cap: int) -> dict[str, int]:
    """Workers by job; a job with none waits."""
    granted = dict.fromkeys((demand.job for demand in demands), 0)
    wanting = [demand for demand in demands if demand.workers > 0]
    left = cap
    while wanting and left > 0:
        each = left // len(wanting)
        for demand in wanting if each else wanting[:left]:
            share = min(demand.workers - granted[demand.job], each or 1)
            granted[demand.job] += share
            left -= share
        wanting = [demand for demand in wanting if granted[demand.job] < demand.workers]
    return granted
