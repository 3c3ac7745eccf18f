"""Frames -> chains -> chunks (DESIGN section 2; NSDI'17 section 4.2). Pure.

Frames are numbered from 0. Chains begin at cuts, and where key frames are due (`chains`). A chain
is cut into chunks of N frames, of which the last one or two may be shorter. All but the first
chunk of a chain also encode the frame before their first one, which becomes a throw-away key frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from excamera.chains import Spacing, by_chunks, by_time, chain_heads
from excamera.errors import BadSource
from excamera.job import Encoding
from excamera.shape import automatic_chunk_frames
from excamera_media.index import Index


@dataclass(frozen=True, slots=True)
class Chunk:
    """Up to N consecutive frames, the unit of parallel work."""

    number: int
    chain: int
    position: int
    first_frame: int
    frames: int
    ends_chain: bool

    @property
    def name(self) -> str:
        """The task's and the mailbox's name; sorts like the number."""
        return f"chunk-{self.number:06d}"

    @property
    def begins_chain(self) -> bool:
        """Whether the chunk keeps its key frame instead of being rebased."""
        return self.position == 0

    @property
    def overlap(self) -> int:
        """How many frames before the first one are encoded as well, to be thrown away."""
        return 0 if self.begins_chain else 1


def chunk_of(task: str) -> str:
    """The name of the chunk that a task makes. What stands behind a point tells which of several
    tasks that make the same chunk it is."""
    return task.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Plan:
    """Every chunk of a job, in the order of the frames. `chunk_frames` is N; no chunk has more."""

    frames: int
    chunk_frames: int
    chunks: tuple[Chunk, ...]

    @property
    def chains(self) -> int:
        """How many chains there are, which is how many key frames the output needs."""
        return self.chunks[-1].chain + 1

    def predecessor(self, chunk: Chunk) -> Chunk | None:
        """The chunk whose final state `chunk` is rebased onto."""
        return None if chunk.begins_chain else self.chunks[chunk.number - 1]

    def successor(self, chunk: Chunk) -> Chunk | None:
        """The chunk that is rebased onto this one's final state."""
        return None if chunk.ends_chain else self.chunks[chunk.number + 1]


def plan(index: Index, encoding: Encoding, scenes: Sequence[int] = ()) -> Plan:
    """Cuts a source into chains and chunks. scenes: frames that are the first behind a cut, in
    order.

    Raises BadSource when there is no frame at all.
    """
    frames = index.frames
    if frames < 1:
        raise BadSource("the source has no frames")
    size = encoding.chunk_frames or automatic_chunk_frames(frames, index.picture)
    heads = chain_heads(frames, size, _spacing(index, size, encoding), scenes)
    chunks: list[Chunk] = []
    for chain, (head, following) in enumerate(pairwise((*heads, frames))):
        least = size // 2 if following < frames else 1
        firsts = _firsts(head, following, size, least)
        for position, (first, last) in enumerate(pairwise((*firsts, following))):
            made = Chunk(len(chunks), chain, position, first, last - first, last == following)
            chunks.append(made)
    return Plan(frames, size, tuple(chunks))


def _firsts(head: int, following: int, size: int, least: int) -> list[int]:
    """The first frames of the chunks of a chain. Of a few frames that are left over before a cut no
    chunk is made, or a strobe light would make thousands: the chunk before gives some of its own,
    so that there are `least`."""
    firsts = [*range(head, following, size)]
    if len(firsts) > 1:
        firsts[-1] = min(firsts[-1], following - least)
    return firsts


def _spacing(index: Index, size: int, encoding: Encoding) -> Spacing:
    if encoding.chain_length is not None:
        return by_chunks(size, encoding.chain_length)
    seconds = encoding.distance_seconds
    assert seconds is not None, "one of both is known"
    return by_time(index, size, seconds)
