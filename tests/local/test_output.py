"""A whole job on local workers: what comes out is what went in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.local.clips import drawn, ffmpeg, frame_count, key_frames, with_cut
from tests.local.command import encoded, excamera

SMALL = ("--chunk-frames", "4", "--chain-length", "3")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return drawn(tmp_path_factory.mktemp("clip") / "clip.mp4")


def test_every_frame_comes_out_with_one_key_frame_a_chain(clip: Path, tmp_path: Path) -> None:
    report = encoded(clip, tmp_path / "out.webm", *SMALL)
    assert report["frames"] == frame_count(tmp_path / "out.webm") == 40
    assert key_frames(tmp_path / "out.webm") == [0, 12, 24, 36]
    assert report["chunks"] == 10
    assert report["ssim_db"] > 10


def test_key_frames_are_where_seeking_wants_them(clip: Path, tmp_path: Path) -> None:
    encoded(clip, tmp_path / "out.webm", "--chunk-frames", "5", "--keyframe-seconds", "0.4")
    assert key_frames(tmp_path / "out.webm") == [0, 10, 20, 30]


def test_libvpx_and_ffmpeg_decode_the_output_to_the_same_pictures(
    clip: Path, tmp_path: Path
) -> None:
    encoded(clip, tmp_path / "out.ivf", *SMALL)
    argv = ["vpxdec", "--i420", "--md5", str(tmp_path / "out.ivf")]
    libvpx = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()[0]
    raw = tmp_path / "out.yuv"
    ffmpeg("-c:v", "vp8", "-i", tmp_path / "out.ivf", "-f", "rawvideo", "-vsync", "0", raw)
    md5 = subprocess.run(["md5sum", raw], check=True, capture_output=True, text=True).stdout
    assert md5.split()[0] == libvpx


def test_a_chunk_whose_picture_changes_altogether_keeps_its_key_frame(tmp_path: Path) -> None:
    source = with_cut(tmp_path / "cut.mp4", frames=40, at=20)
    encoded(source, tmp_path / "out.webm", "--chunk-frames", "4", "--chain-length", "100")
    assert key_frames(tmp_path / "out.webm") == [0, 20]


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_the_bytes_do_not_depend_on_the_number_of_workers(
    clip: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, workers: int
) -> None:
    first = tmp_path_factory.getbasetemp() / "determinism.webm"
    if not first.exists():
        encoded(clip, first, *SMALL, "--workers", 3)
    encoded(clip, tmp_path / "out.webm", *SMALL, "--workers", workers)
    assert (tmp_path / "out.webm").read_bytes() == first.read_bytes()


@pytest.mark.parametrize("frames", [1, 3, 6, 7, 13])
def test_clips_shorter_than_a_chunk_or_a_little_longer_are_encoded(
    tmp_path: Path, frames: int
) -> None:
    source = drawn(tmp_path / "short.mkv", frames=frames)
    encoded(source, tmp_path / "out.webm")
    assert frame_count(tmp_path / "out.webm") == frames


@pytest.mark.parametrize("size", ["16x16", "18x34", "178x146"])
def test_small_and_odd_sizes_are_kept(tmp_path: Path, size: str) -> None:
    source = drawn(tmp_path / "small.mkv", frames=9, size=size, options=("-c:v", "ffv1"))
    encoded(source, tmp_path / "out.webm", *SMALL)
    assert frame_count(tmp_path / "out.webm") == 9


def test_an_8k_picture_is_encoded(tmp_path: Path) -> None:
    source = drawn(
        tmp_path / "8k.mkv", frames=2, size="7680x4320", options=("-preset", "ultrafast")
    )
    encoded(source, tmp_path / "out.webm", "--chunk-frames", "1", "--workers", "1")
    assert frame_count(tmp_path / "out.webm") == 2


def test_a_manifest_runs_without_a_cluster_with_a_folder_for_the_bucket(
    clip: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "job.yaml"
    manifest.write_text(
        "apiVersion: excamera.dev/v1alpha1\nkind: EncodeJob\nmetadata: {name: clip}\n"
        "spec:\n  source: {uri: s3://videos/clip.mp4}\n  output: {uri: s3://out/out.webm}\n"
        "  encoding: {chunkFrames: 4, chainLength: 3}\n"
    )
    folders = ("--bucket", f"videos={clip.parent}", "--bucket", f"out={tmp_path}")
    ran = excamera("run", "-f", manifest, *folders)
    assert ran.returncode == 0, ran.stderr
    encoded(clip, tmp_path / "same.webm", *SMALL)
    assert (tmp_path / "out.webm").read_bytes() == (tmp_path / "same.webm").read_bytes()


def test_nothing_is_left_beside_the_output(clip: Path, tmp_path: Path) -> None:
    encoded(clip, tmp_path / "out.webm", *SMALL)
    assert [path.name for path in tmp_path.iterdir()] == ["out.webm"]


def test_a_folder_for_unfinished_work_is_left_as_it_was_found(clip: Path, tmp_path: Path) -> None:
    (found := tmp_path / "found").mkdir()
    for store in (found, tmp_path / "made"):
        encoded(clip, tmp_path / "out.webm", *SMALL, "--store", store)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found", "out.webm"]
    assert not [*found.iterdir()]
