"""Joins encoded chunks into one file and publishes it.

The file is built under a reserved name and published when it is whole, so nobody ever sees half of
it; what a join that was killed leaves behind, the next one in that folder removes. Its bytes depend
on the chunks, the index and the sound only: not on the date, the place or the machine's speed.
"""

import hashlib
import heapq
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from excamera_media.chunk_files import chunks_in_order, read_object
from excamera_media.clusters import Block, ClusterWriter
from excamera_media.colour import output_colour
from excamera_media.errors import BadInput, UsageError
from excamera_media.index import Index
from excamera_media.ivf import IvfWriter, Vp8Frame
from excamera_media.ivf_clock import ivf_clock
from excamera_media.manifest import JoinManifest
from excamera_media.sound import Sound
from excamera_media.webm import VideoTrack, head
from excamera_store import FolderStore, PartFile, Store, remove_stale, split_url

Log = Callable[[str], None]

_PROGRESS_EVERY = 50


@dataclass(frozen=True)
class JoinedChunk:
    """The file of one chunk that went into the output; SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class JoinStats:
    """`duration` in seconds, `bitrate` in bits a second over all tracks; SHA-256 of the output, in
    hexadecimal; `chunks` in their order."""

    bytes: int
    sha256: str
    frames: int
    duration: float
    bitrate: float
    key_frames: int
    audio_tracks: int
    chunks: tuple[JoinedChunk, ...]


def join(manifest: JoinManifest, output: str, *, scratch: str | None = None, log: Log) -> JoinStats:
    """Build the output and publish it at the URL `output`, whose extension says what it is."""
    kind = output.rpartition(".")[2].lower()
    if kind not in ("webm", "ivf"):
        raise UsageError(f"{output}: the output must end in .webm or .ivf")
    store, key = split_url(output)
    store.check_writable(key)
    index = manifest.index
    if isinstance(index, str):
        index = Index.from_json(read_object(index))
    if manifest.frames != index.frames:
        raise BadInput(
            f"the chunks hold {manifest.frames} frames, but the source has {index.frames}"
        )
    folder = scratch or (store.root if isinstance(store, FolderStore) else tempfile.gettempdir())
    remove_stale(folder)
    with PartFile(folder) as result, PartFile(folder) as clusters:
        joining = _Joining(manifest, index, result, clusters, log)
        joining.build(kind)
        result.file.flush()
        stats = joining.stats()
        _publish(store, key, result)
        return stats


def _publish(store: Store, key: str, part: PartFile) -> None:
    if isinstance(store, FolderStore):
        store.adopt(key, part)
    else:
        store.put(key, part.path)


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Joining:
    """Builds in `result`; `clusters` is for what can only be written when the rest is known."""

    def __init__(
        self, manifest: JoinManifest, index: Index, result: PartFile, clusters: PartFile, log: Log
    ) -> None:
        self.manifest, self.index, self.log = manifest, index, log
        self._result, self._clusters = result, clusters
        self._key_frames = 0
        self._joined: list[JoinedChunk] = []
        self._end_ms = 0.0
        self._size = (index.picture.width, index.picture.height)
        wanted = manifest.audio and bool(index.audio)
        self._sound = Sound(manifest.source, index, log) if wanted else None

    def build(self, kind: str) -> None:
        if kind == "ivf":
            self._build_ivf()
        else:
            self._build_webm()

    def stats(self) -> JoinStats:
        size, seconds = os.fstat(self._result.file.fileno()).st_size, self.index.duration
        return JoinStats(
            bytes=size,
            sha256=_digest(self._result.path),
            frames=self.index.frames,
            duration=seconds,
            bitrate=round(size * 8 / seconds, 1) if seconds else 0.0,
            key_frames=self._key_frames,
            audio_tracks=len(self._sound.tracks()) if self._sound else 0,
            chunks=tuple(self._joined),
        )

    def _build_ivf(self) -> None:
        if self._sound:
            self.log("note: IVF holds no sound; the source's is left out")
            self._sound = None
        clock = ivf_clock(self.index)
        writer = IvfWriter(self._result.file, self._size, clock.time_base, clock.length)
        for number, frame in self._frames():
            writer.write(frame, clock.ticks[number])

    def _build_webm(self) -> None:
        origin = self._origin()
        writer = ClusterWriter(self._clusters.file)
        sources = (self._video_blocks(origin), self._audio_blocks(origin))
        for block in heapq.merge(*sources, key=lambda block: block.time):
            writer.add(block)
        writer.flush()
        self._clusters.file.flush()
        front = head(
            self._video_track(),
            self._sound.tracks() if self._sound else (),
            writer.cues,
            title=self.index.title if self.manifest.title is None else self.manifest.title,
            duration=self._end_ms,
            clusters_size=writer.size,
        )
        self._result.file.write(front)
        with open(self._clusters.path, "rb") as clusters:
            shutil.copyfileobj(clusters, self._result.file, 1 << 20)

    def _origin(self) -> Fraction:
        """The moment on the source's clock that becomes zero: when the first track starts."""
        start = self.index.timeline.ticks[0] * Fraction(*self.index.time_base)
        heard = self._sound.start() if self._sound else None
        return start if heard is None else min(start, heard)

    def _video_blocks(self, origin: Fraction) -> Iterator[Block]:
        base, ticks = Fraction(*self.index.time_base), self.index.timeline.ticks
        previous = -1
        for number, frame in self._frames():
            time = round((ticks[number] * base - origin) * 1000)
            if not frame.shown:  # as libvpx does it: right after the frame before
                time = min(previous + 1, time) if previous >= 0 else time
            time = previous = max(time, previous)
            yield Block(1, time, frame.data, frame.key, not frame.shown)
        self._end_ms = max(self._end_ms, float((self.index.end * base - origin) * 1000))

    def _audio_blocks(self, origin: Fraction) -> Iterator[Block]:
        for number, packet in self._sound.packets() if self._sound else ():
            time = max(0, round((packet.time - origin) * 1000))
            self._end_ms = max(self._end_ms, time + 20 - packet.discard_ns / 1e6)
            yield Block(number + 2, time, packet.data, discard_ns=packet.discard_ns)

    def _frames(self) -> Iterator[tuple[int, Vp8Frame]]:
        """All frames with the number of the frame that they are, or come right before."""
        number, chunks = 0, self.manifest.chunks
        for done, chunk in enumerate(chunks_in_order(chunks), 1):
            self._joined.append(JoinedChunk(chunk.bytes, chunk.sha256))
            for frame in chunk.frames:
                self._check_size(frame, number)
                yield number, frame
                number += frame.shown
            if done % _PROGRESS_EVERY == 0 or done == len(chunks):
                self.log(f"progress joined {done} of {len(chunks)}")

    def _check_size(self, frame: Vp8Frame, number: int) -> None:
        if not frame.key:
            return
        self._key_frames += 1
        if frame.size != self._size:
            raise BadInput(
                f"frame {number} is coded as {frame.size[0]}×{frame.size[1]}, but the video is "
                f"{self._size[0]}×{self._size[1]}; encode its chunk again"
            )

    def _video_track(self) -> VideoTrack:
        picture = self.index.picture
        steps = Counter(later - first for first, later in pairwise(self.index.timeline.ticks))
        step = next(iter(steps)) if len(steps) == 1 else 0
        return VideoTrack(
            *self._size,
            sample_aspect=picture.sample_aspect,
            colour=output_colour(picture),
            interlaced=picture.interlaced,
            frame_ns=round(step * Fraction(*self.index.time_base) * 1_000_000_000),
        )
