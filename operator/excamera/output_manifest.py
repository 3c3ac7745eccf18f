"""The manifest of an output: what it was made of, chunk by chunk. Pure.

Reports and a resource's status have one size whatever the job's; this is the list that they leave
out. It lies beside the output, is written once, when the output is there, and belongs to it: the
job removes neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from excamera.job import Encoding
from excamera.join import JoinedFile
from excamera.places import SourceIdentity
from excamera.report import Report
from excamera.resume import Finished
from excamera.stages import Effort

VERSION = 1
SUFFIX = ".manifest.json"


def beside(output: str) -> str:
    """Where the manifest of the output at this URL lies, where nobody says otherwise."""
    return f"{output}{SUFFIX}"


@dataclass(frozen=True, slots=True)
class ChunkAccount:
    """What is known of one chunk of the output: its quality, its file, and what it cost, unless
    another run of the job had finished it."""

    finished: Finished
    file: JoinedFile
    effort: Effort | None

    def to_plain(self) -> dict[str, Any]:
        """For JSON. Times are in seconds, `rebase_ms` in milliseconds; what is not known or does
        not apply is null."""
        chunk, effort = self.finished.chunk, self.effort
        return {
            "number": chunk.number,
            "chain": chunk.chain,
            "first_frame": chunk.first_frame,
            "frames": chunk.frames,
            "bytes": self.file.bytes,
            "sha256": self.file.sha256,
            "ssim": self.finished.ssim,
            "rebase_ms": self.finished.rebase_ms,
            "concealed": list(self.finished.concealed),
            "attempt": effort.attempt if effort else None,
            "attempts_lost": effort.lost if effort else None,
            "seconds": dict(effort.seconds) if effort else None,
        }


def accounts(
    finished: Sequence[Finished], files: Sequence[JoinedFile], efforts: Mapping[str, Effort]
) -> tuple[ChunkAccount, ...]:
    """Of all chunks in their order; `efforts` by name, of those that this run has finished."""
    pairs = zip(finished, files, strict=True)
    return tuple(ChunkAccount(one, file, efforts.get(one.chunk.name)) for one, file in pairs)


def output_manifest(
    report: Report,
    source: SourceIdentity,
    encoding: Encoding,
    release: str,
    chunks: Iterable[ChunkAccount],
) -> str:
    """One JSON object, with one line for each chunk. `encoding` is as the job has it, `layout` what
    came of that."""
    front = {
        "version": VERSION,
        "release": release,
        "source": asdict(source),
        "encoding": asdict(encoding) | {"keyframe_seconds": encoding.distance_seconds},
        "layout": asdict(report.layout),
        "output": {
            "url": report.output,
            "bytes": report.bytes,
            "sha256": report.sha256,
            "frames": report.frames,
            "key_frames": report.key_frames,
            "duration": report.duration,
            "ssim": report.ssim,
            "cq_level": report.cq_level,
        },
    }
    fields = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in front.items())
    listed = ",\n".join(json.dumps(chunk.to_plain()) for chunk in chunks)
    return f'{{{fields},\n"chunks": [\n{listed}\n]}}\n'
