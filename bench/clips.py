"""The clips, made with ffmpeg into the folder of the run; the same bytes every time."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.footage import BUNNY, footage


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip as Y4M, 8 bits 4:2:0."""

    name: str
    y4m: Path


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a clip is made: inputs by name of footage, or as lavfi sources, and filters."""

    name: str
    inputs: tuple[str, ...]
    filters: str
    frames: int = 192


def _plain(colour: str, size: str) -> str:
    return f"color=c=0x{colour}:s={size}:r=25"


# Panning over what a still camera has seen, with the tremor of a hand.
_PAN = "crop=640:360:'64+60*sin(n/23)+2*sin(n*1.7)':'108+90*sin(n/31)+2*sin(n*2.3)'"
_FONT = "fontfile=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"
_TEXT = f"expansion=none:textfile={Path(__file__).parents[1] / 'LICENSE'}"
# A window of text that is read (three lines at a time, then scrolled), one that runs through, and a
# counter in the bar above.
_SCREEN = (
    f"[0]drawtext={_FONT}:{_TEXT}:fontsize=14:fontcolor=black:x=28:y='60-48*floor(n/24)'[page];"
    f"[1]drawtext={_FONT}:{_TEXT}:fontsize=11:fontcolor=0x40ff40:x=-30:y='170-4*n'[terminal];"
    "[page][terminal]overlay=x=330:y=180,drawbox=x=0:y=0:w=640:h=44:color=0x3060a0:t=fill,"
    f"drawtext={_FONT}:text='%{{n}}':fontsize=20:fontcolor=white:x=560:y=14"
)
_CUT = (
    "[0]trim=start_frame=100:end_frame=199,settb=1/25,setpts=N,crop=640:360,fps=25[a];"
    "[1]trim=end_frame=120,settb=1/25,setpts=N,crop=640:360,fps=25[b];[a][b]concat"
)
_GRAIN = "crop=640:360,noise=alls={}:all_seed=1:allf=t+u"
# There and back again: the excerpt is shorter than a clip should be.
_BOOMERANG = "split[a][b];[b]trim=start_frame=1,reverse[r];[a][r]concat"

BUNNY_FRAMES = 132

RECIPES = (
    Recipe("animation", (BUNNY.name,), _BOOMERANG),
    Recipe("camera, still", ("vtest.avi",), "null"),
    Recipe("camera, moving", ("vtest.avi",), f"trim=start_frame=300,setpts=PTS-STARTPTS,{_PAN}"),
    Recipe("camera, hand-held thing", ("box.mp4",), "null"),
    Recipe("film grain", ("cup.mp4",), _GRAIN.format(14)),
    Recipe("light film grain", ("cup.mp4",), _GRAIN.format(6)),
    Recipe("screen", (_plain("f4f4f0", "640x360"), _plain("202020", "300x170")), _SCREEN),
    Recipe("a cut inside a chunk", ("vtest.avi", "box.mp4"), _CUT),
    Recipe("five cuts", ("bikes.mp4",), "null", frames=246),
)


def clip(folder: Path, recipe: Recipe) -> Clip:
    """Makes a clip, unless it is there."""
    path = folder / f"{recipe.name.replace(', ', '-').replace(' ', '-')}.y4m"
    if not path.exists():
        inputs = [part for name in recipe.inputs for part in _input(folder, name)]
        graph = f"{recipe.filters},setpts=N/FRAME_RATE/TB"
        exact = ("-fflags", "+bitexact", "-flags", "+bitexact", "-sws_flags", "bitexact+bicubic")
        chain = ("-filter_complex", graph, *exact, "-an", "-frames:v", str(recipe.frames))
        _ffmpeg(*inputs, *chain, "-fps_mode", "passthrough", path)
    return Clip(recipe.name, path)


def animation(folder: Path, *, frames: int, height: int = 720) -> Clip:
    """Big Buck Bunny, scaled to `height` lines; longer than the excerpt, there and back again."""
    name = f"animation {height}p, {frames} frames"
    path = folder / f"animation-{height}-{frames}.y4m"
    if not path.exists():
        on_and_on = f"{_BOOMERANG},loop=loop=-1:size={2 * BUNNY_FRAMES - 1},setpts=N/FRAME_RATE/TB,"
        filters = f"{on_and_on if frames > BUNNY_FRAMES else ''}scale=-2:{height}"
        _ffmpeg("-i", BUNNY, "-an", "-filter_complex", filters, "-frames:v", frames, path)
    return Clip(name, path)


def noisy(folder: Path, clip: Clip, *, frames: int) -> Clip:
    """The first frames of a clip with strong noise that changes with each of them."""
    path = folder / f"{clip.y4m.stem}-noise-{frames}.y4m"
    if not path.exists():
        noise = ("-vf", "noise=alls=20:allf=t", "-frames:v", frames)
        _ffmpeg("-i", clip.y4m, *noise, path)
    return Clip(f"{clip.name.partition(',')[0]} with noise", path)


def film(clip: Clip) -> Path:
    """A clip as people have theirs: H.264 in MP4, with few key frames."""
    path = clip.y4m.with_suffix(".mp4")
    if not path.exists():
        _ffmpeg("-i", clip.y4m, "-c:v", "libx264", "-crf", "18", "-g", "250", path)
    return path


def part(clip: Clip, first: int, frames: int) -> Path:
    """Some frames of a clip."""
    path = clip.y4m.with_name(f"{clip.y4m.stem}-{first}-{frames}.y4m")
    if not path.exists():
        chosen = f"trim=start_frame={first}:end_frame={first + frames},setpts=PTS-STARTPTS"
        _ffmpeg("-i", clip.y4m, "-vf", chosen, path)
    return path


def _input(folder: Path, name: str) -> Sequence[str | Path]:
    if "=" in name:
        return ("-f", "lavfi", "-i", name)
    return ("-i", footage(folder / "footage", name))


def _ffmpeg(*arguments: object) -> None:
    """Makes the last of the arguments, whole or not at all."""
    *others, path = map(str, arguments)
    begun = Path(path).with_suffix(f".begun{Path(path).suffix}")
    argv = ("ffmpeg", "-loglevel", "error", "-y", *others, "-pix_fmt", "yuv420p", str(begun))
    subprocess.run(argv, check=True)
    begun.replace(path)
