"""The cq-level of a job that names a quality: which chunks to try next, and at which level. Pure.

First the trial is encoded (`sample`), at the level that is usual for the quality; from what it
tells the first level for the survey follows. Then the survey is encoded, at one level after the
other, until its mean is near enough (`level_search`). What is to be done next follows from the
figures of what was done, and from nothing else. So any coordinator that finds these figures goes on
from there, and ends with the same level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from excamera import level_search, sample
from excamera.job import BEST_LEVEL, SMALLEST_LEVEL
from excamera.level_search import Take
from excamera.plan import Chunk
from excamera.quality import PERFECT, shown

PROMISED: Final = 0.2
"""By how many decibels the output may miss its target."""

NEAR_ENOUGH: Final = 0.19
"""For a survey of the whole clip. One more try might come nearer, but costs as much as the clip."""

NEARER: Final = 0.1
"""For a survey of parts of it, which may err."""

SURVEYS: Final = 6
"""At most, each at another level."""

HEAD_ADVANTAGE_A_LEVEL: Final = 0.045
"""Decibels by which chunks that begin a chain, as all of a trial do, are better than the clip: so
many for each level (docs/benchmarks.md)."""


class Kind(StrEnum):
    """Of rounds."""

    TRIAL = "trial"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Round:
    """These chunks are to be encoded at this level."""

    kind: Kind
    level: int
    chunks: tuple[Chunk, ...]

    @property
    def name(self) -> str:
        """Like no other round's of the job."""
        return f"{self.kind}-{self.level}"

    def task(self, chunk: Chunk) -> str:
        """What the task is called that makes this chunk; see `plan.chunk_of`."""
        return f"{chunk.name}.{self.name}"

    def ssim(self, clip: Sequence[Chunk], ssim: Mapping[int, float]) -> float:
        """The mean of the clip as this round's chunks tell, from theirs by number."""
        if self.kind is Kind.TRIAL:
            return sample.mean(self.chunks, ssim)
        return sample.estimated(clip, self.chunks, ssim)


@dataclass(frozen=True, slots=True)
class Choice:
    """The level to encode the clip at, and the decibels that the survey has there. rounds: that
    were needed to find it."""

    level: int
    decibels: float
    rounds: int


Tried = Mapping[tuple[Kind, int], float]
"""Decibels by round."""


def next_step(clip: Sequence[Chunk], target: float, tried: Tried) -> Round | Choice:
    """What follows from what was tried. target: SSIM in decibels of the mean."""
    first = level_search.usual_level(target)
    if chunks := sample.trial(clip):
        told = tried.get((Kind.TRIAL, first))
        if told is None:
            return Round(Kind.TRIAL, first, chunks)
        first = level_search.expected_level(target, first, told - HEAD_ADVANTAGE_A_LEVEL * first)
    surveys = {level: told for (kind, level), told in tried.items() if kind is Kind.SURVEY}
    surveyed = sample.survey(clip)
    step = level_search.propose(
        target,
        surveys,
        first=first,
        tolerance=NEAR_ENOUGH if len(surveyed) == len(clip) else NEARER,
        most=SURVEYS,
    )
    if isinstance(step, Take):
        return Choice(step.level, surveys[step.level], len(tried))
    return Round(Kind.SURVEY, step.level, surveyed)


def shortfall(target: float, level: int, reached: float) -> str:
    """Why the output has not the quality that was asked for; empty if it has. In decibels."""
    miss = reached - target
    if abs(miss) <= PROMISED:
        return ""
    asked = f"SSIM {target:g} dB was asked for"
    if level == BEST_LEVEL and miss < 0:
        return f"{asked} and is out of reach: cq-level {level}, the best, gives {shown(reached)}"
    if level == SMALLEST_LEVEL and miss > 0:
        return f"{asked}, and even cq-level {level}, the smallest, gives {shown(reached)}"
    by = f"by {abs(miss):.2f} dB" if reached < PERFECT else f"with {shown(reached)}"
    return (
        f"{asked} and missed {by}: of the cq-levels that were tried, {level} promised to come"
        " nearest"
    )
