"""Joins a job's finished chunks into its output, by way of the executable `excamera-media`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from excamera.job import Job
from excamera.places import Places
from excamera.plan import Plan
from excamera_media.manifest import ChunkFile, JoinManifest


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A file by its size in bytes and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Joined:
    """The published output, `duration` seconds long, and the chunks' files in their order."""

    output: JoinedFile
    duration: float
    key_frames: int
    chunks: tuple[JoinedFile, ...]


async def join(
    job: Job, planned: Plan, places: Places, run: Callable[..., Awaitable[None]]
) -> Joined:
    """Publishes the output. `run` runs an executable by its arguments; raises JobError."""
    with tempfile.TemporaryDirectory(prefix="excamera-") as folder:
        told, stats = Path(folder) / "manifest.json", Path(folder) / "stats.json"
        told.write_text(_manifest(job, planned, places).to_json(), "utf-8")
        argv = ("excamera-media", "join", "--manifest", f"@{told}", "-o", job.output)
        await run(*argv, "--stats", str(stats))
        return _read(stats.read_text("utf-8"))


def _manifest(job: Job, planned: Plan, places: Places) -> JoinManifest:
    chunks = (ChunkFile(places.ivf(one), one.first_frame, one.frames) for one in planned.chunks)
    return JoinManifest(
        source=job.source,
        index=places.index,
        chunks=tuple(chunks),
        audio=job.encoding.audio,
        title=job.title or None,
    )


def _read(stats: str) -> Joined:
    read = json.loads(stats)
    return Joined(
        output=JoinedFile(read["bytes"], read["sha256"]),
        duration=float(read["duration"]),
        key_frames=read["key_frames"],
        chunks=tuple(JoinedFile(**chunk) for chunk in read["chunks"]),
    )
