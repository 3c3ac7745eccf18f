"""How many invocations may run at once, and why no more. Pure.

Lambda counts by account and region; a function may have a part of that to itself (reserved
concurrency), which is its limit at the same time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SURPLUS: Final = 0.05
"""A part of launches fails or is slow; so many more are made."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A function as it is. memory and storage are in MB, timeout in seconds.

    reserved: its part of the account's concurrency. unreserved: what functions without such a part
    share. None: not known, or not set.
    """

    name: str
    region: str
    memory: int
    timeout: int
    architecture: str
    storage: int
    reserved: int | None = None
    unreserved: int | None = None

    @property
    def most(self) -> int | None:
        """How many may run at once; None if nobody says so."""
        return self.unreserved if self.reserved is None else self.reserved

    def surplus(self, workers: int) -> float:
        """How many more than `workers` to start, as a part of them: none beyond the limit, where
        they would only wait for others to end."""
        if self.most is None or workers < 1:
            return SURPLUS
        return min(SURPLUS, max(0, self.most - workers) / workers)


def limit_message(facts: Facts, wanted: int) -> str:
    """Why there will not be as many workers as wanted; empty if there may be."""
    most = facts.most
    if most is None or wanted <= most:
        return ""
    if facts.reserved is not None:
        whose = f"function {facts.name} has a reserved concurrency of {most}"
        remedy = "deploy it with a higher one"
    else:
        whose = f"the account may run {most} invocations at once in {facts.region}"
        remedy = "ask AWS for a higher quota"
    return f"{whose}, the job could use {wanted} workers; {remedy} for more"
