"""AVI: frames that were dropped or packed together are no damage, and what is lost is told."""

import json
import struct
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.media.conftest import quiet_index
from tests.media.joining import probe
from tests.media.pictures import cut_frames, in_chunks, plain_decode
from tests.media.sources import FFMPEG, PICTURE, encode
from tests.media.test_bad_inputs import fails, run

Source = Callable[[str], Path]

FILM = f"-f lavfi -i {PICTURE} -t 2 -pix_fmt yuv420p"
GAP = f"-f lavfi -i {PICTURE},select='not(between(n\\,10\\,19))' -t 2 -fps_mode vfr"
KINDS = {
    "sound": f"-f lavfi -i {PICTURE} -f lavfi -i sine -t 2 -c:v mpeg4 -c:a libmp3lame",
    "packed": f"{FILM} -c:v libxvid -bf 2",
    "gap": f"{GAP} -c:v mpeg4",
    "gap-packed": f"{GAP} -c:v libxvid -bf 2",
    "gap-mjpeg": f"{GAP} -c:v mjpeg -pix_fmt yuvj420p",
}
pytestmark = pytest.mark.skipif(FFMPEG is None, reason="no ffmpeg to make inputs with")


def shown_times(path: Path) -> list[float]:
    """When ffmpeg shows each frame; of the last, which it does not say, a frame after another."""
    found = probe(path, "-select_streams", "v", "-show_entries", "frame=best_effort_timestamp")
    times: list[int] = []
    for frame in found["frames"]:
        times.append(frame.get("best_effort_timestamp", times[-1] + 1 if times else 0))
    return [float(time * Fraction(1, 25)) for time in times]


@pytest.mark.parametrize("kind", KINDS)
def test_an_avi_with_empty_chunks_has_the_frames_and_times_of_a_plain_decode(
    kind: str, tmp_path: Path
) -> None:
    path = encode(KINDS[kind], tmp_path / "film.avi")
    declared = int(probe(path, "-show_streams")["streams"][0]["nb_frames"])
    index = quiet_index(path)
    assert index.frames < declared
    plain = plain_decode(path, index)
    assert index.frames == len(plain)
    assert in_chunks(path, index, 7) == plain
    assert cut_frames(path, index, 30, 1) == plain[30:31]
    times = [index.start + index.time_of(frame) for frame in range(index.frames)]
    assert times == pytest.approx(shown_times(path))


def test_the_gap_of_an_avi_with_h264_is_not_closed(tmp_path: Path) -> None:
    path = encode(f"{GAP} -pix_fmt yuv420p -c:v libx264 -bf 3", tmp_path / "gap.avi")
    index = quiet_index(path)
    assert index.frames == 40
    assert index.duration == pytest.approx(2.0)


def test_an_avi_that_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "piped.avi"
    command = [str(FFMPEG), "-v", "error", "-nostdin", *f"{FILM} -c:v mpeg4 -f avi -".split()]
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
    assert quiet_index(path).frames == 50


@pytest.mark.parametrize("share", [0.3, 0.7, 0.995])
def test_an_avi_that_ends_early_is_refused_as_cut_off(share: float, tmp_path: Path) -> None:
    path = encode(KINDS["sound"], tmp_path / "film.avi")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    fails(3, "index", path, saying=f"cut off: it holds {int(len(data) * share):,} of at least")
    done = run("index", path, "--conceal")
    assert done.returncode == 0, done.stderr
    assert 0 < json.loads(done.stdout)["frames"] <= 50


def test_an_avi_whose_recording_was_interrupted_is_refused_as_cut_off(tmp_path: Path) -> None:
    path = encode(f"{FILM} -c:v mpeg4", tmp_path / "film.avi")
    data = bytearray(path.read_bytes())
    movi = data.index(b"movi")
    for at in (4, movi - 4):
        data[at : at + 4] = struct.pack("<I", 0)
    path.write_bytes(data[: data.index(b"idx1")])
    fails(3, "index", path, saying="cut off: the index at its end is missing")


def test_an_avi_with_a_hole_in_the_middle_is_refused_as_damaged(tmp_path: Path) -> None:
    path = encode(f"{FILM} -c:v mpeg4 -g 1", tmp_path / "film.avi")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 12_000] = bytes(12_000)
    path.write_bytes(data)
    fails(3, "index", path, saying="is damaged: only ")
