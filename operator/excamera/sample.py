"""Which chunks are tried at a cq-level, and what their SSIM says of the whole clip. Pure.

There are two samples. The *trial* is a few chunks from all over the clip, each encoded as if a
chain began there, so that all can be encoded at once: it costs little, and is good enough to find
out about where the level lies. Nothing of it can be used.

The *survey* is the beginning of every chain, made as the output's chunks are made; at the level
that is taken at last they are the output's chunks. Of a short clip it is the clip, and then its
mean is the output's own. Of a longer one it is so many chunks that their mean comes near to that:
the first chunk of a chain, which has a key frame, stands for itself; those surveyed behind it stand
for the rest of the chain. As every few seconds have their share, what differs from scene to scene
is averaged out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from excamera.plan import Chunk

TRIAL_CHUNKS: Final = 12
"""In a trial, at most; and no more than one of four chunks."""

SURVEYED: Final = 800
"""About so many chunks are surveyed, unless chains are many. A clip of three minutes, at 24 frames
a second and in sixes, is surveyed altogether."""

MOST_CHAINS: Final = 1000
"""Of so many at most the beginnings are surveyed; of more every other one, or every third…"""

LINKS_AT_LEAST: Final = 3
"""Of each chain: the first, and a pair of those behind it (`encoder_settings.LINKS`)."""


def trial(chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """Chunks from the middles of as many equal parts of the clip; none of a very short one."""
    count = min(TRIAL_CHUNKS, len(chunks) // 4)
    places = ((2 * part + 1) * len(chunks) // (2 * count) for part in range(count))
    return tuple(replace(chunks[at], position=0, ends_chain=True) for at in places)


def survey(chunks: Sequence[Chunk]) -> tuple[Chunk, ...]:
    """The beginnings of chains; the last chunk taken of each has no successor to think of."""
    chains = [tuple(chain) for _, chain in groupby(chunks, key=lambda chunk: chunk.chain)]
    links = max(LINKS_AT_LEAST, math.ceil(SURVEYED / len(chains)))
    every = math.ceil(len(chains) / MOST_CHAINS)
    return tuple(chunk for chain in chains[::every] for chunk in _beginning(chain, links))


def _beginning(chain: tuple[Chunk, ...], links: int) -> tuple[Chunk, ...]:
    *front, last = chain[:links]
    return (*front, replace(last, ends_chain=True))


def estimated(chunks: Sequence[Chunk], sample: Sequence[Chunk], ssim: Mapping[int, float]) -> float:
    """The mean SSIM over all frames of `chunks`, from that of the sample's chunks by number."""
    total = 0.0
    for heads in (True, False):
        part = [chunk for chunk in sample if chunk.begins_chain is heads]
        frames = sum(chunk.frames for chunk in chunks if chunk.begins_chain is heads)
        total += frames * mean(part or sample, ssim) if frames else 0.0
    return total / sum(chunk.frames for chunk in chunks)


def mean(part: Sequence[Chunk], ssim: Mapping[int, float]) -> float:
    """Over the frames of these chunks."""
    weighed = sum(chunk.frames * ssim[chunk.number] for chunk in part)
    return weighed / sum(chunk.frames for chunk in part)
