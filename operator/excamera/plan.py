"""Frames -> chunks -> chains (DESIGN section 2; NSDI'17 section 4.2). Pure.

Frames are numbered from 0. Chunk k covers frames kN … kN+N−1, the last may be shorter; chain c is
chunks cx … cx+x−1. All but the first chunk of a chain also encode the frame before their first one,
which becomes a throw-away key frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from excamera.errors import BadSource
from excamera.job import Encoding


@dataclass(frozen=True, slots=True)
class Chunk:
    """N consecutive frames, the unit of parallel work."""

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


@dataclass(frozen=True, slots=True)
class Plan:
    """Every chunk of a job, in the order of the frames."""

    frames: int
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


def plan(frames: int, encoding: Encoding) -> Plan:
    """Cuts `frames` frames into chunks and chains.

    Raises BadSource when there is no frame at all.
    """
    if frames < 1:
        raise BadSource("the source has no frames")
    starts = range(0, frames, encoding.chunk_frames)
    last = len(starts) - 1
    return Plan(
        frames,
        tuple(
            Chunk(
                number=k,
                chain=k // encoding.chain_length,
                position=k % encoding.chain_length,
                first_frame=start,
                frames=min(encoding.chunk_frames, frames - start),
                ends_chain=k == last or (k + 1) % encoding.chain_length == 0,
            )
            for k, start in enumerate(starts)
        ),
    )
