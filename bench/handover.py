"""What handing a state over takes on the wire, as it is or compressed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BITS_A_MILLISECOND = 1e6
"""That 1 Gbit/s carries."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A state of `size` bytes in all, of which `coded` travel; times in ms."""

    size: int
    coded: int
    compress: float = 0.0
    decompress: float = 0.0

    @property
    def share(self) -> float:
        """What is left of its size."""
        return self.coded / self.size

    @property
    def work(self) -> float:
        """Both ends' time."""
        return self.compress + self.decompress

    def milliseconds(self, gigabits: float) -> float:
        """One step after the other, at so many Gbit/s."""
        return self.work + self._bits / (gigabits * BITS_A_MILLISECOND)

    @property
    def hidden_up_to(self) -> float:
        """Gbit/s up to which the wire takes longer than either end, so that a state that is coded
        piece by piece while it travels arrives as soon as if it were coded in no time. Without
        coding there is nothing to hide."""
        slower = max(self.compress, self.decompress)
        return self._bits / slower / BITS_A_MILLISECOND if slower else float("inf")

    @property
    def _bits(self) -> int:
        return 8 * self.coded


def soonest(ways: Mapping[str, Coded], gigabits: float) -> str:
    """The name of the way that takes least."""
    return min(ways, key=lambda name: ways[name].milliseconds(gigabits))
