"""Which shard of the rendezvous carries a message. Pure.

The tasks of a job fall into *partitions* that never send each other anything. Sender, recipient and
coordinator each work out for themselves where a partition's messages go, from the shards' addresses
alone, in whatever order they know them. It is the shard with the greatest hash of (job, partition,
address): partitions spread evenly, and when a shard is added or taken away only those move that it
carries (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def shard_of(job: str, partition: str, addresses: Iterable[str]) -> str:
    """The address of the shard that carries the partition's messages; empty if there are none."""
    return max(addresses, key=lambda address: _weight(job, partition, address), default="")


def _weight(job: str, partition: str, address: str) -> bytes:
    text = "\0".join((job, partition, address))
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
