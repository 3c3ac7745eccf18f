"""Chunks to join, encoded with ffmpeg, and what a joined file really holds, by ffprobe."""

import json
import subprocess
from pathlib import Path
from typing import Any

from excamera_media.index import Index
from excamera_media.ivf import IvfWriter, Vp8Frame, parse_ivf
from excamera_media.join import JoinStats, join
from excamera_media.manifest import ChunkFile, JoinManifest
from tests.media.conftest import quiet_index
from tests.media.sources import encode

CHUNK = 6


def encode_chunks(path: Path, index: Index, folder: Path, options: str = "") -> list[ChunkFile]:
    """Chunks of six frames, each with a key frame, from one run of libvpx."""
    whole = encode(
        f"-i {path} -an -vsync 0 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 200k"
        f" -g {CHUNK} -keyint_min {CHUNK} -threads 1 {options} -f ivf",
        folder / "whole.ivf",
    )
    frames = parse_ivf(whole.read_bytes(), "whole.ivf")
    assert sum(frame.shown for frame in frames) == index.frames
    return write_chunks(frames, folder)


def write_chunks(frames: list[Vp8Frame], folder: Path) -> list[ChunkFile]:
    groups: list[list[Vp8Frame]] = []
    for frame in frames:
        if frame.key:
            groups.append([])
        groups[-1].append(frame)
    chunks, first = [], 0
    for number, group in enumerate(groups):
        shown = sum(frame.shown for frame in group)
        chunks.append(ChunkFile(str(write_ivf(group, folder / f"{number}.ivf")), first, shown))
        first += shown
    return chunks


def write_ivf(frames: list[Vp8Frame], path: Path) -> Path:
    with open(path, "wb") as file:
        writer = IvfWriter(file, frames[0].size, (1, 25), len(frames))
        for tick, frame in enumerate(frames):
            writer.write(frame, tick)
    return path


def join_source(
    path: Path, folder: Path, *, name: str = "out.webm", options: str = "", **extra: Any
) -> tuple[Path, JoinStats, Index]:
    """Index, encode and join a source."""
    index = quiet_index(path)
    chunks = tuple(encode_chunks(path, index, folder, options))
    manifest = JoinManifest(str(path), index, chunks, **extra)
    output = folder / name
    return output, join(manifest, str(output), log=lambda line: None), index


def probe(path: Path, *options: str) -> dict[str, Any]:
    """ffprobe's view, as JSON."""
    command = ["ffprobe", "-v", "error", "-of", "json", *options, str(path)]
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    return found


def packets(path: Path, stream: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = probe(path, "-select_streams", stream, "-show_packets")["packets"]
    return found
