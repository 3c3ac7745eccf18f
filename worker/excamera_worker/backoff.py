"""How long to wait before the next try: exponential, capped, with full jitter.

Full jitter (any time between nothing and the bound) spreads thousands of workers that lost the
same coordinator in the same moment.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """Waits in seconds: uniform in [0, min(cap, first · 2ⁿ)] for the n-th try since `reset`."""

    first: float
    cap: float
    random: Callable[[], float] = random.random
    tries: int = field(default=0, init=False)

    def bound(self) -> float:
        # 2ⁿ of a float overflows at n = 1024, and a week of tries would get there.
        return min(self.cap, self.first * 2.0 ** min(self.tries, 63))

    def next(self) -> float:
        wait = self.random() * self.bound()
        self.tries += 1
        return wait

    def reset(self) -> None:
        self.tries = 0
