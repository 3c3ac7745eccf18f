"""What a machine remembers: the replies that it was told to keep, by name.

A memory is a value. `last` is the latest reply in the same branch of the machine, and None where a
branch begins or branches have just been joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mu.commands import Ran, Reply, Transferred, Value


@dataclass(frozen=True, slots=True)
class Memory(Mapping[str, Reply]):
    """Kept replies by name; `memory["name"]` is the reply itself."""

    kept: Mapping[str, Reply] = field(default_factory=dict)
    last: Reply | None = None

    def __getitem__(self, name: str) -> Reply:
        return self.kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.kept)

    def __len__(self) -> int:
        return len(self.kept)

    def text(self, name: str) -> str:
        """The text of a kept Value, or the standard output of a kept Ran. TypeError otherwise."""
        match self.kept[name]:
            case Value(text):
                return text
            case Ran(stdout=stdout):
                return stdout
            case other:
                raise TypeError(f"{name} holds no text but {other}")

    def digest(self, name: str) -> str:
        """The digest of a kept Transferred. TypeError otherwise."""
        match self.kept[name]:
            case Transferred(digest=digest):
                return digest
            case other:
                raise TypeError(f"{name} holds no digest but {other}")

    def keeping(self, name: str, reply: Reply) -> Memory:
        """This memory with `reply` as the last one, and kept under `name` unless that is empty."""
        kept = {**self.kept, name: reply} if name else self.kept
        return Memory(kept, reply)

    def seen_from(self, last: Reply | None) -> Memory:
        """This memory in a branch whose latest reply was `last`."""
        return Memory(self.kept, last)
