"""What `xc encode` is told for each chunk of a chain, beside the cq-level. Pure.

For the figures see docs/experiments.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from excamera.plan import Chunk

T = TypeVar("T")

EVERY = ("--mark-changes",)
BETTER = (*EVERY, "--golden-frame", "1")

# The key frame of a chain may be finer than the frames behind it, but not by much where things
# move. The bound is on all frames of its chunk.
HEAD = (*EVERY, "--min-q-share", "10", "--min-q-share-moving", "30")

# Every other chunk behind it begins with a frame that is better than others, which profit from it,
# and the others do where much moves.
LINKS = (BETTER, (*BETTER, "--golden-motion", "30"))


def in_turn(chunk: Chunk, head: T, links: Sequence[T]) -> T:
    """The head for a chunk that begins a chain; those behind it take the links in turn."""
    return head if chunk.begins_chain else links[(chunk.position - 1) % len(links)]
