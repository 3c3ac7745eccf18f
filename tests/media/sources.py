"""Makes the inputs of the media tests: small films of every kind, with ffmpeg's command.

A recipe is the options that come between the generated picture and the file. Films are made once a
session, when a test asks for them.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

FFMPEG = shutil.which("ffmpeg")
X264 = "-c:v libx264 -preset ultrafast -bf 3 -g 10"
PICTURE = "testsrc2=s=64x48:r=25,noise=c0s=20:c0f=t"
"""No two frames are equal."""
FRAMES = 33


@dataclass(frozen=True)
class Recipe:
    """`exact` is the number of frames that a plain decode puts out, where it is known."""

    suffix: str
    options: str
    picture: str = PICTURE
    frames: int = FRAMES
    access: str = "seek"
    before: str = ""
    copy: str = ""
    """Options of a second pass that copies the first pass's packets."""
    exact: int | None = FRAMES


RECIPES = {
    "mp4-h264": Recipe("mp4", f"{X264} -pix_fmt yuv420p"),
    "mp4-h264-presets": Recipe(
        "mp4",
        "-c:v libx264 -preset slow -bf 8 -b_strategy 2 -b-pyramid normal -refs 6 -g 12"
        " -pix_fmt yuv420p",
        frames=50,
        exact=50,
    ),
    "mp4-faststart": Recipe("mp4", f"{X264} -pix_fmt yuv420p -movflags +faststart"),
    "mp4-fragmented": Recipe("mp4", f"{X264} -pix_fmt yuv420p -movflags frag_keyframe+empty_moov"),
    "mkv-h264": Recipe("mkv", f"{X264} -pix_fmt yuv420p"),
    "mov-h264": Recipe("mov", f"{X264} -pix_fmt yuv420p"),
    "ts-h264": Recipe("ts", f"{X264} -pix_fmt yuv420p"),
    "flv-h264": Recipe("flv", f"{X264} -pix_fmt yuv420p"),
    "open-gop-mp4": Recipe("mp4", f"{X264} -pix_fmt yuv420p -x264-params open-gop=1"),
    "open-gop-mkv": Recipe("mkv", f"{X264} -pix_fmt yuv420p -x264-params open-gop=1"),
    "open-gop-ts": Recipe("ts", f"{X264} -pix_fmt yuv420p -x264-params open-gop=1"),
    "intra-refresh-mp4": Recipe("mp4", "-c:v libx264 -g 10 -intra-refresh 1 -pix_fmt yuv420p"),
    "intra-refresh-ts": Recipe("ts", "-c:v libx264 -g 10 -intra-refresh 1 -pix_fmt yuv420p"),
    "10-bit": Recipe("mkv", f"{X264} -pix_fmt yuv420p10le"),
    "4:2:2": Recipe("mkv", f"{X264} -pix_fmt yuv422p"),
    "4:4:4": Recipe("mkv", f"{X264} -pix_fmt yuv444p"),
    "4:2:2-10-bit": Recipe("mov", "-c:v prores_ks -pix_fmt yuv422p10le"),
    "full-range": Recipe("mp4", f"{X264} -pix_fmt yuvj420p -color_range pc"),
    "grey": Recipe("mkv", "-c:v ffv1 -g 5 -pix_fmt gray"),
    "rgb": Recipe("mkv", "-c:v ffv1 -pix_fmt bgr0"),
    "alpha": Recipe("mkv", "-c:v ffv1 -pix_fmt yuva420p"),
    "odd-size": Recipe("mkv", "-c:v ffv1 -pix_fmt yuv420p", picture=f"{PICTURE},scale=63:47"),
    "odd-size-vp9": Recipe(
        "webm",
        "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 10 -pix_fmt yuv420p",
        picture=f"{PICTURE},scale=63:47",
    ),
    "16x16": Recipe(
        "mp4", f"{X264} -pix_fmt yuv420p", picture="testsrc2=s=16x16:r=25,noise=c0s=60:c0f=t"
    ),
    "one-frame": Recipe("mp4", f"{X264} -pix_fmt yuv420p", frames=1, exact=1),
    "hevc-mp4": Recipe(
        "mp4",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -tag:v hvc1"
        " -x265-params keyint=10:min-keyint=10:bframes=3:log-level=none:pools=none:frame-threads=1",
    ),
    "hevc-cra": Recipe(
        "mkv",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p10le -x265-params"
        " keyint=10:min-keyint=10:open-gop=1:bframes=4:log-level=none:pools=none:frame-threads=1",
    ),
    "hevc-ts": Recipe(
        "ts",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params"
        " keyint=10:min-keyint=10:open-gop=1:bframes=4:log-level=none:pools=none:frame-threads=1",
    ),
    "vp9-altref": Recipe(
        "webm",
        "-c:v libvpx-vp9 -cpu-used 8 -g 12 -auto-alt-ref 1 -lag-in-frames 16 -pix_fmt yuv420p",
    ),
    "vp8-altref": Recipe(
        "webm", "-c:v libvpx -cpu-used 5 -g 12 -auto-alt-ref 1 -lag-in-frames 16 -pix_fmt yuv420p"
    ),
    "vp8-altref-ivf": Recipe(
        "ivf", "-c:v libvpx -cpu-used 5 -g 12 -auto-alt-ref 1 -lag-in-frames 16 -pix_fmt yuv420p"
    ),
    "av1-mp4": Recipe(
        "mp4", "-c:v libaom-av1 -cpu-used 8 -usage realtime -g 12", frames=20, exact=20
    ),
    "av1-mkv": Recipe(
        "mkv", "-c:v libaom-av1 -cpu-used 8 -g 12 -lag-in-frames 12", frames=20, exact=20
    ),
    "mpeg2-ts": Recipe("ts", "-c:v mpeg2video -g 8 -bf 2 -q:v 3"),
    "mpeg2-mkv": Recipe("mkv", "-c:v mpeg2video -g 8 -bf 2 -q:v 3"),
    "mpeg2-ps": Recipe("mpg", "-c:v mpeg2video -g 8 -bf 2 -q:v 3"),
    "mpeg4-avi": Recipe("avi", "-c:v mpeg4 -g 8 -q:v 3"),
    "mpeg4-avi-b": Recipe("avi", "-c:v mpeg4 -g 8 -bf 2 -q:v 3"),
    "mjpeg-avi": Recipe("avi", "-c:v mjpeg -q:v 3 -pix_fmt yuvj422p"),
    "y4m": Recipe("y4m", "-pix_fmt yuv420p"),
    "raw-h264": Recipe("h264", f"{X264} -pix_fmt yuv420p", access="sequential"),
    "raw-hevc": Recipe(
        "hevc",
        "-c:v libx265 -preset ultrafast -pix_fmt yuv420p -x265-params"
        " keyint=10:bframes=3:log-level=none:pools=none:frame-threads=1",
        access="sequential",
    ),
    "interlaced-h264": Recipe(
        "ts",
        f"{X264} -flags +ildct+ilme -x264-params tff=1 -pix_fmt yuv420p -vf scale=64:64,interlace",
        picture="testsrc2=s=64x64:r=50",
        frames=66,
        exact=None,
    ),
    "interlaced-mpeg2": Recipe(
        "ts",
        "-c:v mpeg2video -g 8 -bf 2 -q:v 3 -flags +ildct+ilme -vf interlace",
        picture="testsrc2=s=64x64:r=50",
        frames=66,
        exact=None,
    ),
    "vfr-mkv": Recipe(
        "mkv",
        f"{X264} -pix_fmt yuv420p -vf select='not(eq(mod(n\\,7)\\,3))' -vsync vfr",
        exact=28,
    ),
    "vfr-mp4": Recipe(
        "mp4",
        f"{X264} -pix_fmt yuv420p -vf select='not(eq(mod(n\\,7)\\,3))' -vsync vfr",
        exact=28,
    ),
    "ntsc-mkv": Recipe(
        "mkv",
        f"{X264} -pix_fmt yuv420p",
        picture="testsrc2=s=64x48:r=30000/1001,noise=c0s=20:c0f=t",
    ),
    "late-start-ts": Recipe("ts", f"{X264} -pix_fmt yuv420p -output_ts_offset 1000"),
    "late-start-mkv": Recipe("mkv", f"{X264} -pix_fmt yuv420p -output_ts_offset 12.345"),
    "edit-list": Recipe(
        "mp4", f"{X264} -pix_fmt yuv420p", frames=40, before="-ss 0.52", copy="-c copy", exact=27
    ),
    "edit-list-open-gop": Recipe(
        "mp4",
        f"{X264} -pix_fmt yuv420p -x264-params open-gop=1",
        frames=40,
        before="-ss 0.52",
        copy="-c copy",
        exact=None,
    ),
    "mid-stream-ts": Recipe(
        "ts",
        f"{X264} -pix_fmt yuv420p -x264-params open-gop=1",
        frames=40,
        before="-ss 0.5",
        copy="-c copy",
        exact=None,
    ),
    "rotated-90": Recipe("mp4", f"{X264} -pix_fmt yuv420p", copy="-c copy -metadata:s:v rotate=90"),
    "rotated-180": Recipe(
        "mp4", f"{X264} -pix_fmt yuv420p", copy="-c copy -metadata:s:v rotate=180"
    ),
    "rotated-270": Recipe(
        "mov", f"{X264} -pix_fmt yuv420p", copy="-c copy -metadata:s:v rotate=270"
    ),
    "anamorphic": Recipe("mp4", f"{X264} -pix_fmt yuv420p -aspect 16:9"),
}


def make(recipe: Recipe, target: Path) -> Path:
    """Run the recipe into `target`."""
    first = target.with_name(f"first-{target.name}") if recipe.copy else target
    encode(
        f"-f lavfi -i {recipe.picture} -frames:v {recipe.frames} {recipe.options}"
        if "-vf" not in recipe.options
        else f"-f lavfi -i {recipe.picture},trim=end_frame={recipe.frames} {recipe.options}",
        first,
    )
    if recipe.copy:
        encode(f"{recipe.before} -i {first} {recipe.copy}", target)
    return target


def encode(options: str, target: Path) -> Path:
    """ffmpeg with one thread, reproducibly; `options` are split at spaces."""
    command = [str(FFMPEG), "-v", "error", "-nostdin", "-y", "-threads", "1", *options.split()]
    if "-c copy" not in options:
        command += ["-threads", "1"]
    subprocess.run([*command, "-fflags", "+bitexact", str(target)], check=True)
    return target
