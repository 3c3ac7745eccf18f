"""What lies in the object store as JSON, where a worker may have put it: index, cut, join manifest,
a stretch's scenes and a chunk's figures. Read as what it says it is, or refused as bad input."""

from __future__ import annotations

from collections.abc import Callable

from excamera.found_scenes import scenes_of
from excamera.plan import Chunk
from excamera.resume import finished_of
from excamera.stretches import Stretch
from excamera_media.cut import Cut, cut
from excamera_media.errors import MediaError
from excamera_media.index import Index
from excamera_media.ivf_clock import ivf_clock
from excamera_media.manifest import JoinManifest

CHUNK = Chunk(number=0, chain=0, position=0, first_frame=0, frames=6, ends_chain=False)
STRETCH = Stretch(number=1, first_frame=10, frames=20)


def _index(data: bytes) -> None:
    index = Index.from_json(data)
    assert Index.from_json(index.to_json()) == index
    assert index.frames > 0
    ivf_clock(index)
    cut(index, index.frames - 1, 1, conceal=True)


def _cut(data: bytes) -> None:
    read = Cut.from_json(data)
    assert Cut.from_json(read.to_json()) == read
    read.seconds(read.first)


def _manifest(data: bytes) -> None:
    manifest = JoinManifest.from_json(data)
    assert JoinManifest.from_json(manifest.to_json()) == manifest


def _figures(data: bytes) -> None:
    quality, _, extraction = data.partition(b"\n")
    found = finished_of(CHUNK, quality, extraction)
    assert found is None or -1.0 <= found.ssim <= 1.0


def _scenes(data: bytes) -> None:
    begins = scenes_of(STRETCH, data) or ()
    assert all(10 <= frame < 30 for frame in begins)
    assert list(begins) == sorted(set(begins))


READERS: tuple[Callable[[bytes], None], ...] = (_index, _cut, _manifest, _figures, _scenes)


def one(data: bytes) -> None:
    """The first byte says what the rest is."""
    if data:
        try:
            READERS[data[0] % len(READERS)](data[1:])
        except MediaError:
            return
