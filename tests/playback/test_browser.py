"""The player's own test: what it reports of files that are known, and of broken ones."""

import subprocess
from pathlib import Path

import pytest

FRAMES, RATE = 50, 25
BEEP_AT = 1.0


def ffmpeg(*arguments: object) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=120)


@pytest.fixture(scope="module")
def webm(tmp_path_factory) -> Path:
    """Two seconds of VP8 with a beep in Opus that begins after one second."""
    path = tmp_path_factory.mktemp("playback") / "beep.webm"
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=size=320x180:rate={RATE}"),
        *("-f", "lavfi", "-i", f"aevalsrc='0.5*sin(2*PI*880*t)*gte(t,{BEEP_AT})':s=48000"),
        *("-frames:v", FRAMES, "-t", FRAMES / RATE, "-c:v", "libvpx", "-deadline", "realtime"),
        *("-c:a", "libopus", path),
    )
    return path


def test_a_good_file_is_played_to_its_end(play, webm):
    report = play(webm)
    assert report.error is None
    assert report.ended
    assert report.duration == pytest.approx(FRAMES / RATE, abs=1 / RATE)
    assert report.reached == pytest.approx(FRAMES / RATE, abs=1 / RATE)
    assert (report.width, report.height) == (320, 180)
    assert report.frames == FRAMES
    assert report.seekable_to == pytest.approx(FRAMES / RATE / 2, abs=1 / RATE)


def test_sound_is_decoded_and_its_onset_found(play, webm):
    report = play(webm)
    assert report.audio_bytes > 0
    assert report.sound is not None
    assert report.sound.seconds == pytest.approx(FRAMES / RATE, abs=0.05)
    assert report.sound.first_loud == pytest.approx(BEEP_AT, abs=0.02)


def test_a_file_without_sound_has_none(play, webm, tmp_path):
    silent = tmp_path / "silent.webm"
    ffmpeg("-i", webm, "-an", "-c", "copy", silent)
    report = play(silent)
    assert report.error is None
    assert report.frames == FRAMES
    assert report.sound is None
    assert report.audio_bytes == 0


def test_a_broken_file_is_reported_as_such(play, webm, tmp_path):
    broken = tmp_path / "broken.webm"
    broken.write_bytes(webm.read_bytes()[:200])
    report = play(broken)
    assert report.error is not None
    assert not report.ended
