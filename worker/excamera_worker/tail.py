"""Bounded views of an unbounded output: its end, and some of its lines. Pure.

A program may write gigabytes to its standard error, or one line without an end. Of all of it the
worker keeps a fixed number of bytes, and passes a limited number of lines on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

LINE_LIMIT: Final = 1000
"""Bytes of a line that are passed on; what follows is left out."""

_LINE_END: Final = re.compile(rb"[\r\n]")  # programs that draw progress bars end lines with \r


class Tail:
    """The last `limit` bytes of what was added."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._left_out = 0

    def add(self, data: bytes) -> None:
        self._kept += data
        # Trimmed only now and then: moving the bytes at every addition would be quadratic.
        if len(self._kept) > 2 * self._limit:
            self._trim()

    def text(self) -> str:
        """What was kept, as UTF-8 with replacements, after a note of how much was not."""
        self._trim()
        kept = self._kept.decode("utf-8", "replace")
        return f"[{self._left_out} bytes left out]\n{kept}" if self._left_out else kept

    def _trim(self) -> None:
        excess = max(0, len(self._kept) - self._limit)
        self._left_out += excess
        del self._kept[:excess]


class Lines:
    """Splits what is added into lines, of which only the first `LINE_LIMIT` bytes are kept."""

    def __init__(self) -> None:
        self._open = bytearray()

    def add(self, data: bytes) -> list[str]:
        """The lines that are complete now, without their ends; empty ones are dropped."""
        *ended, rest = _LINE_END.split(data)
        lines = []
        for part in ended:
            self._extend(part)
            lines += self.end()
        self._extend(rest)
        return lines

    def end(self) -> list[str]:
        """The line that was not ended, if there is one."""
        line = self._open.decode("utf-8", "replace").rstrip()
        self._open.clear()
        return [line] if line else []

    def _extend(self, part: bytes) -> None:
        self._open += part[: LINE_LIMIT - len(self._open)]


@dataclass(slots=True)
class RateLimit:
    """A token bucket: `burst` at once, then `per_second`."""

    burst: int
    per_second: float
    _tokens: float = field(init=False)
    _at: float = field(default=float("-inf"), init=False)

    def __post_init__(self) -> None:
        self._tokens = self.burst

    def allows(self, now: float) -> bool:
        """Whether one more is within the limit at the time `now` (seconds, monotonic)."""
        if now > self._at:
            self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
            self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
