"""Which object of a job lies where. Pure.

Everything that a job leaves behind before it is done lies under one prefix of the store, named by
what determines the bytes: the source, the encoding and the format of this very layout. So the same
command finds the finished chunks again, and another one never does.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from excamera.encoder_settings import HEAD, LINKS
from excamera.job import Encoding
from excamera.plan import Chunk
from excamera.stretches import Stretch

# To be raised whenever the same source and encoding would give other bytes than before, for another
# reason than the encoder's settings or the codec's release.
FORMAT = 3


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """Tells one content of a source from another: its size and the store's entity tag."""

    url: str
    size: int
    etag: str


def job_id(source: SourceIdentity, encoding: Encoding, release: str) -> str:
    """A short name for the job, equal whenever its chunks would be.

    Sound does not touch the chunks; another release of the codec may.
    """
    chunks = asdict(encoding)
    del chunks["audio"]
    determines = {
        "format": FORMAT,
        "release": release,
        "source": asdict(source),
        "chunks": chunks,
        "settings": (HEAD, *LINKS),
    }
    text = json.dumps(determines, sort_keys=True).encode()
    return hashlib.blake2b(text, digest_size=10).hexdigest()


@dataclass(frozen=True, slots=True)
class Places:
    """URLs of a job's objects, under `prefix` (which ends in the job's name, without a slash).

    `part`: chunks that are not those of a job with a given cq-level lie in a folder of that name.
    """

    prefix: str
    part: str = ""

    @property
    def folder(self) -> str:
        """Under which the chunks lie, without a slash."""
        return f"{self.prefix}/{self.part}" if self.part else self.prefix

    @property
    def index(self) -> str:
        """The source's index."""
        return f"{self.prefix}/index.json"

    def scenes(self, stretch: Stretch) -> str:
        """The cuts that were found in a part of the source."""
        return f"{self.prefix}/{stretch.name}.scenes.json"

    def ivf(self, chunk: Chunk) -> str:
        """The finished chunk."""
        return f"{self.folder}/{chunk.name}.ivf"

    def extraction(self, chunk: Chunk) -> str:
        """What was found while the chunk's frames were taken from the source."""
        return f"{self.folder}/{chunk.name}.frames.json"

    def quality(self, chunk: Chunk) -> str:
        """The chunk's figures. Written last: where it is, the chunk is finished."""
        return f"{self.folder}/{chunk.name}.quality.json"
