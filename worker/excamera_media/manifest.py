"""What `join` is told: the chunks in order, and where the timestamps and the sound come from."""

import json
from dataclasses import dataclass
from typing import Any

from excamera_media.errors import BadInput
from excamera_media.index import Index
from excamera_media.plain import reading, whole
from excamera_media.plain import text as plain_text

VERSION = 1


@dataclass(frozen=True)
class ChunkFile:
    """One encoded chunk: an IVF that must show exactly `frames` frames, from frame `first` on."""

    url: str
    first: int
    frames: int


@dataclass(frozen=True)
class JoinManifest:
    """A whole output.

    `index` is the source's index, or the URL of its JSON. `title` None keeps the source's title.
    `source` is only opened for its sound, so it may be empty if `audio` is False.
    """

    source: str
    index: Index | str
    chunks: tuple[ChunkFile, ...]
    audio: bool = True
    title: str | None = None

    def __post_init__(self) -> None:
        expected = 0
        for number, chunk in enumerate(self.chunks):
            if chunk.first != expected or chunk.frames < 1:
                raise BadInput(
                    f"chunk {number} ({chunk.url}) should begin with frame {expected}, not "
                    f"{chunk.first}: the manifest leaves frames out or has them twice"
                )
            expected += chunk.frames

    @property
    def frames(self) -> int:
        return sum(chunk.frames for chunk in self.chunks)

    def to_json(self) -> str:
        index = self.index if isinstance(self.index, str) else json.loads(self.index.to_json())
        plain = {
            "version": VERSION,
            "source": self.source,
            "index": index,
            "audio": self.audio,
            "title": self.title,
            "chunks": [[chunk.url, chunk.first, chunk.frames] for chunk in self.chunks],
        }
        return json.dumps(plain, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> "JoinManifest":
        """`BadInput` if `text` is not a manifest of this version."""
        with reading(f"a join manifest of version {VERSION}"):
            return _from_plain(json.loads(text))


def _from_plain(plain: dict[str, Any]) -> JoinManifest:
    if plain.pop("version") != VERSION:
        raise ValueError("it is of another version")
    index = plain.pop("index")
    chunks = tuple(
        ChunkFile(plain_text(url), whole(first, 0), whole(frames, 1))
        for url, first, frames in plain.pop("chunks")
    )
    if not isinstance(index, str):
        index = Index.from_json(json.dumps(index))
    title = plain.pop("title")
    return JoinManifest(
        source=plain_text(plain.pop("source")),
        index=index,
        chunks=chunks,
        title=None if title is None else plain_text(title),
        **plain,
    )
