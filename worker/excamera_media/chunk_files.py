"""Reads encoded chunks from their store, a few ahead, and checks each before it is used."""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from excamera_media.errors import BadInput
from excamera_media.ivf import Vp8Frame, parse_ivf
from excamera_media.manifest import ChunkFile
from excamera_store import Store, open_store, split_url

_AHEAD = 8


@dataclass(frozen=True)
class EncodedChunk:
    """One chunk as it was read: its frames, and the size and SHA-256 (hexadecimal) of its file."""

    frames: list[Vp8Frame]
    bytes: int
    sha256: str


def read_object(url: str) -> bytes:
    store, key = _place(url)
    return store.read(key)


def chunks_in_order(chunks: tuple[ChunkFile, ...]) -> Iterator[EncodedChunk]:
    """One chunk after the other, each checked against what it must show."""
    found = objects_in_order([chunk.url for chunk in chunks])
    for number, (chunk, data) in enumerate(zip(chunks, found, strict=True)):
        frames = _checked(chunk, number, data)
        yield EncodedChunk(frames, len(data), hashlib.sha256(data).hexdigest())


def objects_in_order(urls: Sequence[str]) -> Iterator[bytes]:
    """One object after the other. A handful of them is in memory at any time."""
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(_AHEAD, "chunk") as pool:
        try:
            for number in range(len(urls)):
                for ahead in urls[number + len(waiting) : number + _AHEAD]:
                    waiting.append(pool.submit(read_object, ahead))
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _checked(chunk: ChunkFile, number: int, data: bytes) -> list[Vp8Frame]:
    frames = parse_ivf(data, chunk.url)
    shown = sum(frame.shown for frame in frames)
    if shown != chunk.frames:
        raise BadInput(
            f"chunk {number} ({chunk.url}) shows {shown} frames, but must show {chunk.frames} "
            f"(from frame {chunk.first} on); encode it again"
        )
    if number == 0 and not frames[0].key:
        raise BadInput(f"chunk 0 ({chunk.url}) does not begin with a key frame; encode it again")
    return frames


def _place(url: str) -> tuple[Store, str]:
    if url.lower().startswith("s3://"):
        folder, _, key = url.rpartition("/")
        return _shared_store(folder), key  # one connection pool for all the chunks
    return split_url(url)


@cache
def _shared_store(folder: str) -> Store:
    return open_store(folder)
