"""What a job will cost on Lambda, and what it has cost. Pure.

Lambda bills by request, and by the time that the handler and its environment's start take: in
GB-seconds of memory, and of /tmp beyond the free 512 MB. What it bills is what counts; both figures
here are for people who want to know sooner. Traffic, logs and the object store are not in them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from excamera_lambda.limits import Facts

FREE_STORAGE: Final = 512
"""MB of /tmp that cost nothing."""

PROCESSOR: Final = 1769
"""MB that come with one whole processor; less memory is as much slower, more is no faster, as a
worker computes in one thread."""

SECONDS_PER_MEGAPIXEL: Final = 0.25
"""Processor time for a frame, by its size in millions of pixels: decoding, two passes of libvpx,
rebase, measuring. From the example clip; docs/lambda.md says how."""

START_SECONDS: Final = 1.5
"""What an environment takes to start and a worker to dial."""

IDLE_PART: Final = 0.25
"""How much longer workers are there than they compute: they wait for states and for stores."""


@dataclass(frozen=True, slots=True)
class Prices:
    """In US dollars, of one region and architecture."""

    gb_second: float
    request: float
    storage_gb_second: float


@dataclass(frozen=True, slots=True)
class Usage:
    """What is billed."""

    requests: int = 0
    gb_seconds: float = 0.0
    storage_gb_seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.requests + other.requests,
            self.gb_seconds + other.gb_seconds,
            self.storage_gb_seconds + other.storage_gb_seconds,
        )

    def dollars(self, prices: Prices) -> float:
        return (
            self.requests * prices.request
            + self.gb_seconds * prices.gb_second
            + self.storage_gb_seconds * prices.storage_gb_second
        )


def used(facts: Facts, requests: int, seconds: float) -> Usage:
    """Of so many invocations that lasted so long together."""
    storage = max(0, facts.storage - FREE_STORAGE)
    return Usage(requests, seconds * facts.memory / 1024, seconds * storage / 1024)


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do: frames of so many pixels, in so many chunks."""

    frames: int
    pixels: int
    chunks: int


def estimate(work: Work, workers: int, facts: Facts) -> Usage:
    """Within a factor of two, mostly. workers: the most that there may be."""
    speed = min(1.0, facts.memory / PROCESSOR)
    computing = work.frames * work.pixels / 1e6 * SECONDS_PER_MEGAPIXEL / speed
    launched = min(workers, work.chunks)
    # Each leaves before its time limit, and another takes its place.
    most = max(1.0, facts.timeout - 30.0)
    requests = max(launched, -int(-computing * (1 + IDLE_PART) // most))
    seconds = computing * (1 + IDLE_PART) + requests * START_SECONDS / speed
    return used(facts, requests, seconds)


def shown(dollars: float) -> str:
    """To four places, or two figures where that is less."""
    places = 1 - math.floor(math.log10(dollars)) if dollars > 0 else 0
    return f"${dollars:.{max(4, places)}f}"


def usage_of(values: Mapping[str, object]) -> Usage:
    """From the figures of a status; none where there are none."""
    return Usage(
        int(str(values.get("requests", 0))),
        float(str(values.get("gbSeconds", 0))),
        float(str(values.get("storageGbSeconds", 0))),
    )
