"""A run of a message's bytes, together with the frame that carries it on the wire.

The frame is a `PutPart`, and at the same time a `GetPart`, that has nothing but data: the field's
tag, the length, the bytes (rendezvous.proto gives the field the same number in both). So what came
in goes out again as it is, to any number of readers, and nothing is encoded, decoded or copied.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

DIGEST_BYTES: Final = 32
DATA_TAG: Final = b"\x12"  # field 2, length-delimited
MOST_HEADER: Final = 11  # bytes before the payload: the tag and a varint


@dataclass(frozen=True, slots=True)
class Piece:
    """`frame[start:]` is the payload."""

    frame: bytes
    start: int

    @classmethod
    def of(cls, payload: bytes | memoryview) -> Piece:
        header = DATA_TAG + varint(len(payload))
        return cls(b"".join((header, payload)), len(header))

    @property
    def payload(self) -> memoryview:
        return memoryview(self.frame)[self.start :]

    @property
    def size(self) -> int:
        """Of the payload, in bytes."""
        return len(self.frame) - self.start

    @property
    def footprint(self) -> int:
        """What it takes in memory."""
        return len(self.frame)

    def holds(self, other: memoryview) -> bool:
        """Is that its payload?"""
        # Bytes are compared by memcmp, views byte by byte.
        return self.size == len(other) and self.frame.endswith(bytes(other))


def digest_of(payload: bytes | memoryview) -> bytes:
    return hashlib.blake2b(payload, digest_size=DIGEST_BYTES).digest()


def varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
