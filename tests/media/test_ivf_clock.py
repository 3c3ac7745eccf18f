"""The header of an IVF says how fast it is, how long, and how many frames it has."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.joining import join_source, packets, probe

Source = Callable[[str], Path]


def header(path: Path) -> tuple[int, int, int]:
    """Denominator and numerator of the time base, and the count."""
    denominator, numerator, count = struct.unpack_from("<III", path.read_bytes(), 16)
    return denominator, numerator, count


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("mp4-h264", (25, 1)),
        ("mkv-h264", (25, 1)),
        ("ts-h264", (25, 1)),
        ("ntsc-mkv", (30000, 1001)),
    ],
)
def test_an_ivf_says_the_rate_the_duration_and_the_number_of_frames(
    name: str, rate: tuple[int, int], source: Source, tmp_path: Path
) -> None:
    output, _, index = join_source(source(name), tmp_path, name="out.ivf")
    assert header(output) == (*rate, index.frames)
    stream = probe(output, "-show_streams")["streams"][0]
    assert stream["r_frame_rate"] == f"{rate[0]}/{rate[1]}"
    assert float(stream["duration"]) == pytest.approx(index.frames * rate[1] / rate[0], abs=1e-5)
    assert [packet["pts"] for packet in packets(output, "v")] == list(range(index.frames))


def test_an_ivf_of_a_variable_rate_keeps_the_times_and_the_duration(
    source: Source, tmp_path: Path
) -> None:
    output, _, index = join_source(source("vfr-mp4"), tmp_path, name="out.ivf")
    times = [float(packet["pts_time"]) for packet in packets(output, "v")]
    assert times == pytest.approx([index.time_of(frame) for frame in range(index.frames)], abs=1e-5)
    stream = probe(output, "-show_streams")["streams"][0]
    assert float(stream["duration"]) == pytest.approx(index.duration, abs=1e-5)
    assert header(output)[:2] == (25, 1)


def test_an_ivf_of_one_frame_lasts_one_frame(source: Source, tmp_path: Path) -> None:
    output, _, _ = join_source(source("one-frame"), tmp_path, name="out.ivf")
    assert header(output) == (25, 1, 1)
