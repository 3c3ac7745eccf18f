"""What a flat colour becomes, from every pixel format, and that Y4M is limited 4:2:0."""

import io
from pathlib import Path

import pytest

from excamera_media.cut import cut
from excamera_media.frames import write_frames
from excamera_media.kept import Kept
from tests.media.conftest import quiet_index
from tests.media.sources import encode

ORANGE = (136, 90, 161)
"""0xC08040 in BT.601, limited range."""

FORMATS = {
    "limited 8 bit": ("mkv", "-c:v ffv1 -pix_fmt yuv420p"),
    "10 bit": ("mkv", "-c:v ffv1 -pix_fmt yuv420p10le"),
    "12 bit 4:4:4": ("mkv", "-c:v ffv1 -pix_fmt yuv444p12le"),
    "full range 8 bit": (
        "mp4",
        "-vf scale=out_range=full -c:v libx264 -qp 1 -pix_fmt yuvj420p -color_range pc",
    ),
    "full range 10 bit": (
        "mkv",
        "-vf scale=out_range=full -c:v libx264 -qp 1 -pix_fmt yuv444p10le -color_range pc",
    ),
    "RGB": ("mkv", "-c:v ffv1 -pix_fmt bgr0"),
    "RGB 10 bit": ("mkv", "-c:v ffv1 -pix_fmt gbrp10le"),
    "alpha": ("mkv", "-c:v ffv1 -pix_fmt yuva444p"),
    "4:2:2 full": ("avi", "-c:v mjpeg -q:v 1 -pix_fmt yuvj422p"),
    "packed": ("avi", "-c:v rawvideo -pix_fmt yuyv422"),
}


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("name", FORMATS)
def test_a_colour_stays_itself(name: str, tmp_path: Path) -> None:
    suffix, options = FORMATS[name]
    path = encode(
        f"-f lavfi -i color=c=0xC08040:s=32x32:r=25 -frames:v 1 {options}",
        tmp_path / f"colour.{suffix}",
    )
    file = io.BytesIO()
    write_frames(
        str(path), cut(quiet_index(path), 0, 1), file, Kept(), hide=False, log=lambda line: None
    )
    start = file.getvalue().index(b"FRAME\n") + 6
    y, u, v = (file.getvalue()[start + at] for at in (500, 1024 + 100, 1280 + 100))
    assert (y, u, v) == pytest.approx(ORANGE, abs=1)
