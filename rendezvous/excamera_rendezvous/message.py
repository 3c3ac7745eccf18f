"""A message while it is stored: its parts, and those who write and read it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from excamera_rendezvous.address import Address
from excamera_rendezvous.job import Job
from excamera_rendezvous.piece import DIGEST_BYTES, Piece

Place = Any
"""Where a spilled part lies. The shell's business; the core only hands it back."""


@dataclass(eq=False, slots=True)
class Part:
    """In memory (`piece`), on disk (`place` and `digest`), or, while it is written there, both."""

    message: Message
    offset: int
    size: int
    piece: Piece | None
    place: Place = None
    digest: bytes = b""  # of the payload, once it is not in memory any more
    spilling: bool = False


@dataclass(eq=False, slots=True)
class Message:
    """`parts` are in order and without gaps. With a `digest` the message is complete.

    `edition` counts how often what had arrived was forgotten. A message that is `gone` has been
    dropped or has expired; writers and readers that still hold it learn so from there.
    """

    address: Address
    job: Job
    parts: list[Part] = field(default_factory=list)
    size: int = 0
    digest: str = ""
    edition: int = 0
    writers: int = 0
    readers: int = 0
    gone: bool = False

    @property
    def complete(self) -> bool:
        return bool(self.digest)

    @property
    def stored(self) -> bool:
        """Whether there is anything to keep, or somebody only waits."""
        return bool(self.parts) or self.complete

    @property
    def held(self) -> bool:
        return self.writers > 0 or self.readers > 0


@dataclass(eq=False, slots=True)
class Writer:
    """One put. It proves the bytes that are there already, part by part, and then adds to them."""

    message: Message
    edition: int
    offset: int = 0
    index: int = 0  # of the part in which `offset` lies
    added: bool = False
    # Over the beginning of that part, as far as it has been proved.
    partial: hashlib.blake2b = field(
        default_factory=lambda: hashlib.blake2b(digest_size=DIGEST_BYTES)
    )


@dataclass(eq=False, slots=True)
class Reader:
    """One get. `index` is that of the next part."""

    message: Message
    edition: int
    index: int = 0
