"""What it takes to keep messages, beside their own bytes. Pure.

Python's objects are in memory, and what a file takes is on disk, in whole blocks. Both are charged,
so that a limit is one however a message is cut up. As measured with CPython 3.11 a part takes 320
bytes beside its frame, whether that is in memory or on disk, and a mailbox 540 beside its address.
"""

from __future__ import annotations

from typing import Final

from excamera_rendezvous.address import Address
from excamera_rendezvous.piece import MOST_HEADER

PART: Final = 512
MAILBOX: Final = 1024
CHARACTER: Final = 4
BLOCK: Final = 4096


def mailbox(address: Address) -> int:
    """Bytes of memory, without contents."""
    return MAILBOX + CHARACTER * (len(address.recipient) + len(address.name))


def file(payload: int) -> int:
    """Bytes on disk of a part with so many."""
    return -(-(payload + MOST_HEADER) // BLOCK) * BLOCK
