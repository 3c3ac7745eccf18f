"""The clips, made from examples/ with ffmpeg into the folder of the run."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "big-buck-bunny.mp4"


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip as Y4M, 8 bits 4:2:0."""

    name: str
    y4m: Path


def animation(folder: Path, *, frames: int, height: int = 720) -> Clip:
    """Big Buck Bunny, scaled to `height` lines."""
    name = f"animation {height}p, {frames} frames"
    path = folder / f"animation-{height}-{frames}.y4m"
    if not path.exists():
        _ffmpeg("-i", EXAMPLE, "-an", "-frames:v", frames, "-vf", f"scale=-2:{height}", path)
    return Clip(name, path)


def part(clip: Clip, first: int, frames: int) -> Path:
    """Some frames of a clip."""
    path = clip.y4m.with_name(f"{clip.y4m.stem}-{first}-{frames}.y4m")
    if not path.exists():
        chosen = f"trim=start_frame={first}:end_frame={first + frames},setpts=PTS-STARTPTS"
        _ffmpeg("-i", clip.y4m, "-vf", chosen, path)
    return path


def _ffmpeg(*arguments: object) -> None:
    argv = ["ffmpeg", "-loglevel", "error", "-y", *map(str, arguments)]
    argv[-1:-1] = ["-pix_fmt", "yuv420p"]
    subprocess.run(argv, check=True)
