"""What cannot be encoded: one clear line, an exit status by kind, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from excamera.encode import Encode
from excamera.errors import BadSource, StorageFailed
from excamera.job import Job
from tests.local.clips import drawn, ffmpeg, frame_count
from tests.local.command import EXCAMERA, encoded, excamera

USAGE, SOURCE, STORAGE = 2, 3, 4


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("this is not a video\n" * 1000)


def audio_only(path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", path)


def without_its_end(path: Path) -> None:
    drawn(path)
    path.write_bytes(path.read_bytes()[:-4000])


def no_frames(path: Path) -> None:
    path.write_bytes(b"YUV4MPEG2 W16 H16 F25:1 Ip A1:1 C420jpeg\n")


def missing(path: Path) -> None:
    path.unlink(missing_ok=True)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (empty, "empty.mp4"),
        (text, "text.mp4"),
        (audio_only, "audio.mp4"),
        (without_its_end, "truncated.mp4"),
        (no_frames, "no-frames.y4m"),
        (missing, "missing.mp4"),
    ],
)
def test_a_source_that_is_no_video_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], None], name: str
) -> None:
    make(tmp_path / name)
    refused(tmp_path, tmp_path / name, tmp_path / "out.webm", SOURCE)


def test_a_folder_is_no_source(tmp_path: Path) -> None:
    folder(tmp_path / "clip.mp4")
    refused(tmp_path, tmp_path / "clip.mp4", tmp_path / "out.webm", SOURCE)


def test_damage_in_the_middle_fails_with_frame_and_time_and_is_concealed_if_asked(
    tmp_path: Path,
) -> None:
    source = drawn(tmp_path / "clip.ts", frames=80, options=("-b:v", "2M", "-bf", "0"))
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 188 * 20] = b"\x55" * (188 * 20)
    source.write_bytes(bytes(data))
    ran = excamera("encode", source, "-o", tmp_path / "out.webm")
    assert ran.returncode == SOURCE, ran.stderr
    assert "frame" in ran.stderr.splitlines()[-1]
    report = encoded(source, tmp_path / "out.webm", "--keep-going")
    assert report["concealed"]
    assert frame_count(tmp_path / "out.webm") == report["frames"]


@dataclass(frozen=True)
class Unreadable:
    """A runner whose workers find no place to read from, once `meanwhile` has happened."""

    meanwhile: Callable[[], None]

    async def run(self, *_: object) -> None:
        self.meanwhile()
        raise StorageFailed("cannot read it")


async def test_a_source_that_is_removed_meanwhile_is_missing_and_no_fault_of_the_store(
    tmp_path: Path,
) -> None:
    source = drawn(tmp_path / "clip.mp4", frames=6)
    job, work = Job(str(source), str(tmp_path / "out.webm")), str(tmp_path / "work")
    encode = Encode(job, work, time.monotonic, lambda _: None)
    with pytest.raises(StorageFailed, match="cannot read it"):
        await encode.run(Unreadable(lambda: None))
    encode = Encode(job, work, time.monotonic, lambda _: None)
    with pytest.raises(BadSource, match="it does not exist"):
        await encode.run(Unreadable(source.unlink))


@pytest.mark.parametrize(
    ("output", "status"),
    [
        ("nowhere/out.webm", STORAGE),
        ("out.mp4", USAGE),
        ("out", USAGE),
        ("ftp://host/out.webm", USAGE),
        ("/proc/out.webm", STORAGE),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, output: str, status: int
) -> None:
    source = drawn(tmp_path / "clip.mp4", frames=6)
    target = output if output.startswith(("/", "ftp:")) else tmp_path / output
    refused(tmp_path, source, target, status)


def test_the_source_is_never_overwritten(tmp_path: Path) -> None:
    source = drawn(tmp_path / "clip.webm", frames=6, options=("-c:v", "libvpx", "-c:a", "libopus"))
    before = source.read_bytes()
    refused(tmp_path, source, source, USAGE)
    assert source.read_bytes() == before


NUMBERS = ["--chunk-frames", "--chain-length", "--keyframe-seconds", "--workers"]


@pytest.mark.parametrize("option", NUMBERS)
def test_numbers_that_make_no_sense_are_refused(tmp_path: Path, option: str) -> None:
    source = drawn(tmp_path / "clip.mp4", frames=6)
    for value in ("0", "-3", "many"):
        ran = excamera("encode", source, "-o", tmp_path / "out.webm", option, value)
        assert ran.returncode == USAGE


def test_a_store_that_does_not_answer_is_named(tmp_path: Path) -> None:
    source = drawn(tmp_path / "clip.mp4", frames=6)
    env = os.environ | {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    ran = excamera("encode", source, "-o", "s3://videos/out.webm", env=env)
    assert ran.returncode == STORAGE, ran.stderr
    assert "videos" in one_line(ran)


def test_a_full_disk_is_named_and_the_job_goes_on_when_there_is_room(tmp_path: Path) -> None:
    source = drawn(tmp_path / "clip.mp4", frames=40, size="640x360", options=("-b:v", "4M"))
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", small], check=True)
    try:
        ran = excamera("encode", source, "-o", small / "out.webm", "--cq-level", "4")
        assert ran.returncode == STORAGE, ran.stderr
        assert "space" in ran.stderr.splitlines()[-1]
        assert not (small / "out.webm").exists()
        subprocess.run(["mount", "-o", "remount,size=64m", small], check=True)
        encoded(source, small / "out.webm", "--cq-level", "4")
    finally:
        subprocess.run(["umount", small], check=True)


def refused(tmp_path: Path, source: Path, output: object, status: int) -> None:
    ran = excamera("encode", source, "-o", output)
    assert ran.returncode == status, ran.stderr
    assert one_line(ran)
    left = {path.name for path in tmp_path.iterdir()} - {source.name}
    assert not left


def one_line(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line that says why; nothing precedes it but the progress display and warnings."""
    lines = ran.stderr.splitlines()
    told = [line for line in lines if not line.startswith(("planning:", "encoding:", "warning:"))]
    assert len(told) == 1, ran.stderr
    assert told[0].startswith("excamera: ")
    return told[0]


def test_a_source_is_not_overwritten_through_a_link_either(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    source = drawn(
        tmp_path / "real" / "clip.webm", frames=6, options=("-c:v", "libvpx", "-c:a", "libopus")
    )
    before = source.read_bytes()
    (tmp_path / "link.webm").symlink_to(source)
    (tmp_path / "folder").symlink_to(source.parent)
    for name in (tmp_path / "link.webm", tmp_path / "folder" / "clip.webm"):
        ran = excamera("encode", name, "-o", source)
        assert ran.returncode == USAGE
        assert "overwrite" in one_line(ran)
    assert source.read_bytes() == before


def test_a_report_that_cannot_be_written_is_said_and_the_output_is_there(tmp_path: Path) -> None:
    source = drawn(tmp_path / "clip.mp4", frames=6)
    argv = [EXCAMERA, "encode", source, "-o", tmp_path / "out.webm", "--json"]
    with open("/dev/full", "w") as full:
        ran = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ran.returncode == STORAGE
    assert "report" in one_line(ran)
    assert frame_count(tmp_path / "out.webm") == 6
