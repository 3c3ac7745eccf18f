"""Damage: found, named by frame and time, or concealed in the same way whatever the chunks are."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from excamera_media.errors import DamagedFrame
from tests.media.conftest import quiet_index
from tests.media.pictures import in_chunks, plain_decode, run_cut

Source = Callable[[str], Path]

SEED = 20170327


def damaged(path: Path, folder: Path, share: float, seed: int = SEED) -> Path:
    """A copy with 200 bytes of noise at `share` of its length."""
    data, noise = bytearray(path.read_bytes()), random.Random(seed)
    at = int(len(data) * share)
    data[at : at + 200] = noise.randbytes(200)
    broken = folder / f"broken-{path.name}"
    broken.write_bytes(data)
    return broken


@pytest.mark.parametrize(
    ("name", "share"), [("mp4-h264", 0.4), ("av1-mp4", 0.4), ("mpeg2-mkv", 0.4), ("hevc-mp4", 0.5)]
)
def test_the_first_bad_frame_and_its_time_are_named(
    name: str, share: float, source: Source, tmp_path: Path
) -> None:
    path = damaged(source(name), tmp_path, share)
    index = quiet_index(path)
    with pytest.raises(DamagedFrame) as caught:
        in_chunks(path, index, 6)
    frame = caught.value.frame
    assert 0 < frame < index.frames
    assert str(caught.value).startswith(f"frame {frame} (0:00:00.{frame * 40:03}): ")


@pytest.mark.parametrize(
    "name", ["mp4-h264", "mp4-h264-presets", "hevc-mp4", "av1-mp4", "mpeg2-mkv", "mpeg4-avi"]
)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_concealment_does_not_depend_on_the_chunks(
    name: str, share: float, source: Source, tmp_path: Path
) -> None:
    path = damaged(source(name), tmp_path, share)
    index = quiet_index(path, conceal=True)
    whole, stats = run_cut(path, index, 0, index.frames, hide=True)
    for size in (1, 5, 6):
        assert in_chunks(path, index, size, hide=True) == whole
    for frame, origin in stats.concealed:
        if origin is not None:
            assert whole[frame] == whole[origin]


def test_damage_lasts_until_the_next_key_frame(source: Source, tmp_path: Path) -> None:
    path = damaged(source("mp4-h264"), tmp_path, 0.4)
    index = quiet_index(path)
    whole, stats = run_cut(path, index, 0, index.frames, hide=True)
    bad = [frame for frame, _ in stats.concealed]
    assert bad == list(range(bad[0], bad[-1] + 1))
    assert (bad[-1] + 1) % 10 == 0
    plain = plain_decode(source("mp4-h264"), index)
    good = [frame for frame in range(index.frames) if frame not in bad]
    assert [whole[frame] for frame in good] == [plain[frame] for frame in good]


def test_an_undamaged_source_is_left_alone(source: Source) -> None:
    path = source("open-gop-mkv")
    index = quiet_index(path)
    frames, stats = run_cut(path, index, 0, index.frames, hide=True)
    assert frames == plain_decode(path, index)
    assert stats.concealed == ()
