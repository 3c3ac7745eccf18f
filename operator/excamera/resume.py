"""Which chunks of a job are finished already, and what is known of them.

A chunk is finished when its quality.json is there, because that is written last. So what a job has
done is in the store and nowhere else, and survives whatever happens to the coordinator.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from excamera.access import StoreAccess
from excamera.errors import StorageFailed
from excamera.failures import of_store
from excamera.places import Places
from excamera.plan import Chunk
from excamera.quality import decibels
from excamera.report import WorstChunk
from excamera_store import ObjectMissing, ObjectTooLarge

READERS = 16
MOST_BYTES = 4 * 1024 * 1024
"""Of one of these objects: a thousand frames have some hundred bytes each."""


@dataclass(frozen=True, slots=True)
class Finished:
    """What is known of a finished chunk. `ssim` is the mean over its frames; damaged frames that
    were concealed are listed by number; `rebase_ms` is None for one that was not rebased."""

    chunk: Chunk
    ssim: float
    concealed: tuple[int, ...]
    rebase_ms: float | None


def worst(chunks: Collection[Finished]) -> WorstChunk:
    """The one that is least like the source; of several alike, the first."""
    found = min(chunks, key=lambda one: one.ssim)
    return WorstChunk(
        found.chunk.number, found.chunk.first_frame, found.chunk.frames, decibels(found.ssim)
    )


def finished_chunks(
    chunks: Collection[Chunk], places: Places, access: StoreAccess
) -> tuple[Finished, ...]:
    """Those of `chunks` that are finished. One whose figures cannot be read or do not fit is not:
    it is simply encoded again."""
    store = access.open(places.folder)
    with of_store("unfinished work"):
        keys = {info.key for info in store.list()}
    listed = [
        chunk for chunk in chunks if places.quality(chunk).removeprefix(f"{places.folder}/") in keys
    ]
    return tuple(found for found in _read_all(listed, places, access) if found is not None)


def read_finished(
    chunks: Collection[Chunk], places: Places, access: StoreAccess
) -> tuple[Finished, ...]:
    """What is known of each of `chunks`, all of which are finished."""
    try:
        found = _read_all(chunks, places, access)
    except StorageFailed as failed:
        if not isinstance(failed.__cause__, ObjectMissing):
            raise
        raise StorageFailed(
            f"finished chunks under {places.folder} are gone, perhaps since another command has"
            " finished the same output; if it is not there, run the job again"
        ) from failed.__cause__
    for chunk, one in zip(chunks, found, strict=True):
        if one is None:
            raise StorageFailed(
                f"the figures of {chunk.name} under {places.folder} are damaged;"
                " run the job again to encode it anew"
            )
    return tuple(one for one in found if one is not None)


def _read_all(
    chunks: Collection[Chunk], places: Places, access: StoreAccess
) -> list[Finished | None]:
    with ThreadPoolExecutor(READERS) as readers:
        return list(readers.map(lambda chunk: _read(chunk, places, access), chunks))


def _read(chunk: Chunk, places: Places, access: StoreAccess) -> Finished | None:
    with of_store("unfinished work"):
        try:
            quality = access.read(places.quality(chunk), MOST_BYTES)
            extraction = access.read(places.extraction(chunk), MOST_BYTES)
        except ObjectTooLarge:
            return None
    return finished_of(chunk, quality, extraction)


def finished_of(chunk: Chunk, quality: bytes, extraction: bytes) -> Finished | None:
    """What these two objects say of the chunk; None if they are not what a worker writes."""
    try:
        figures, extracted = json.loads(quality), json.loads(extraction)
        ssim = float(figures["mean"]["ssim"])
        rebase_ms = None if chunk.begins_chain else float(figures["rebase_ms"])
        if figures["frame_count"] != chunk.frames or not -1.0 <= ssim <= 1.0:
            return None
        if rebase_ms is not None and not math.isfinite(rebase_ms):
            return None
        return Finished(chunk, ssim, tuple(_kept(chunk, extracted["concealed"])), rebase_ms)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def _kept(chunk: Chunk, concealed: Collection[tuple[int, int | None]]) -> Iterator[int]:
    """Those that are the chunk's own; the frame before its first is another chunk's."""
    return (int(frame) for frame, _ in concealed if chunk.first_frame <= frame)
