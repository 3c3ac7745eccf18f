"""Small sources for whole jobs: moving pictures that ffmpeg draws, and ways to spoil them."""

from __future__ import annotations

import subprocess
from pathlib import Path


def drawn(path: Path, *, frames: int = 40, size: str = "176x144", options: tuple[str, ...] = ()):
    """A clip of a moving test picture with a tone, H.264 and AAC unless `options` say otherwise."""
    length = str(frames / 25)
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={length}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={length}"),
        *("-pix_fmt", "yuv420p", "-g", "12", "-threads", "1", *options, path),
    )
    return path


def with_cut(path: Path, *, frames: int = 40, at: int = 20) -> Path:
    """A clip whose picture changes altogether at one frame."""
    length, rest = str(at / 25), str((frames - at) / 25)
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size=176x144:rate=25:duration={length}"),
        *("-f", "lavfi", "-i", f"mandelbrot=size=176x144:rate=25,trim=duration={rest}"),
        *("-filter_complex", "[0][1]concat", "-pix_fmt", "yuv420p", "-threads", "1", path),
    )
    return path


def ffmpeg(*arguments: object) -> None:
    argv = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *map(str, arguments)]
    subprocess.run(argv, check=True)


def probed(path: Path, *entries: str) -> list[str]:
    """Values that ffprobe reads from the video track, one line each."""
    argv = ["ffprobe", "-loglevel", "error", "-select_streams", "v:0", *entries]
    argv += ["-of", "csv=p=0", str(path)]
    told = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return [line.rstrip(",") for line in told.split()]


def frame_count(path: Path) -> int:
    """Frames that a decoder puts out."""
    (count,) = probed(path, "-count_frames", "-show_entries", "stream=nb_read_frames")
    return int(count)


def key_frames(path: Path) -> list[int]:
    """Numbers of the key frames."""
    flags = probed(path, "-show_entries", "packet=flags")
    return [number for number, flag in enumerate(flags) if flag.startswith("K")]
