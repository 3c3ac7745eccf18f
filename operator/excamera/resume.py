"""Which chunks of a job are finished already, and what is known of them.

A chunk is finished when its quality.json is there, because that is written last. So what a job has
done is in the store and nowhere else, and survives whatever happens to the coordinator.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from excamera.errors import StorageFailed
from excamera.failures import of_store
from excamera.places import Places
from excamera.plan import Chunk, Plan
from excamera_store import open_store, split_url

READERS = 16


@dataclass(frozen=True, slots=True)
class Finished:
    """What is known of a finished chunk. `ssim` is the mean over its frames; damaged frames that
    were concealed are listed by number."""

    chunk: Chunk
    ssim: float
    concealed: tuple[int, ...]


def finished_chunks(plan: Plan, places: Places) -> frozenset[str]:
    """The names of the chunks that are finished."""
    store = open_store(places.prefix)
    with of_store("unfinished work"):
        keys = {info.key for info in store.list()}
    return frozenset(
        chunk.name
        for chunk in plan.chunks
        if places.quality(chunk).removeprefix(f"{places.prefix}/") in keys
    )


def read_finished(chunks: Collection[Chunk], places: Places) -> tuple[Finished, ...]:
    """What is known of each of `chunks`, all of which are finished."""
    with ThreadPoolExecutor(READERS) as readers:
        return tuple(readers.map(lambda chunk: _read(chunk, places), chunks))


def _read(chunk: Chunk, places: Places) -> Finished:
    quality, extraction = _json(places.quality(chunk)), _json(places.extraction(chunk))
    if quality["frame_count"] != chunk.frames:
        raise StorageFailed(
            f"{chunk.name} has {quality['frame_count']} frames instead of {chunk.frames};"
            f" delete {places.prefix} and run the job again"
        )
    return Finished(
        chunk,
        ssim=float(quality["mean"]["ssim"]),
        concealed=tuple(_kept(chunk, extraction["concealed"])),
    )


def _kept(chunk: Chunk, concealed: Collection[tuple[int, int | None]]) -> Iterator[int]:
    """Those that are the chunk's own; the frame before its first is another chunk's."""
    return (frame for frame, _ in concealed if chunk.first_frame <= frame)


def _json(url: str) -> dict[str, Any]:
    with of_store("unfinished work"):
        store, key = split_url(url)
        read: dict[str, Any] = json.loads(store.read(key))
        return read
