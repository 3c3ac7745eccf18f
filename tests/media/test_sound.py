"""The sound: all tracks, whole, and where it was, over any length."""

from __future__ import annotations

import subprocess
import wave
from array import array
from math import pi, sin
from pathlib import Path

import pytest

from tests.media.joining import join_source, probe
from tests.media.sources import encode

pytestmark = pytest.mark.usefixtures("source")

VIDEO = "-f lavfi -i testsrc2=s=32x32:r=25"
SLOW = "-f lavfi -i testsrc2=s=16x16:r=1"
X264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
RATE = 48_000


def decoded(path: Path, track: int = 0, rate: int = RATE) -> array[int]:
    """The samples of an audio track, mixed to one channel, from time 0 on, 16 bits each."""
    command = ["ffmpeg", "-v", "error", "-copyts", "-i", str(path), "-map", f"0:a:{track}"]
    command += ["-af", "aresample=async=1:first_pts=0", "-ac", "1", "-ar", str(rate)]
    data = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    return array("h", data)


def clicks(path: Path) -> list[float]:
    """When each click begins, in seconds."""
    samples = decoded(path, rate=8000)
    found: list[float] = []
    for block in range(0, len(samples), 80):
        loud = max(samples[block : block + 80]) > 6000
        if loud and (not found or block / 8000 > found[-1] + 1):
            number = next(n for n in range(block, block + 80) if abs(samples[n]) > 6000)
            found.append(number / 8000)
    return found


def click_track(path: Path, rate: int, seconds: int) -> Path:
    """Silence, with 10 ms of 1 kHz every half a minute."""
    click = array("h", (int(20000 * sin(2 * pi * 1000 * n / rate)) for n in range(rate // 100)))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        for _ in range(seconds // 30):
            file.writeframes(click.tobytes() + bytes(2 * (30 * rate - len(click))))
    return path


def audio_streams(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = probe(path, "-select_streams", "a", "-show_streams")["streams"]
    return found


@pytest.mark.parametrize(("layout", "channels"), [("mono", 1), ("stereo", 2), ("5.1", 6)])
@pytest.mark.parametrize("codec", ["aac", "ac3", "flac"])
def test_layouts_are_kept(layout: str, channels: int, codec: str, tmp_path: Path) -> None:
    sine = f"-f lavfi -i sine=f=440:d=1,aformat=channel_layouts={layout}"
    path = encode(f"{VIDEO} {sine} -t 1 {X264} -c:a {codec}", tmp_path / "in.mkv")
    output, stats, _ = join_source(path, tmp_path)
    (stream,) = audio_streams(output)
    assert (stream["codec_name"], stream["channels"]) == ("opus", channels)
    assert stream["channel_layout"] == layout
    assert stats.audio_tracks == 1
    assert len(decoded(output)) == pytest.approx(RATE, abs=RATE * 0.06)


def test_two_tracks_with_their_languages_and_starts(tmp_path: Path) -> None:
    sounds = "-f lavfi -i sine=f=440:d=2 -itsoffset 0.5 -f lavfi -i sine=f=880:d=1:r=44100"
    path = encode(
        f"{VIDEO} {sounds} -t 2 -map 0 -map 1 -map 2 {X264} -c:a flac"
        " -metadata:s:a:0 language=ger -metadata:s:a:1 language=fre -metadata:s:a:1 title=Bis",
        tmp_path / "in.mkv",
    )
    output, _, _ = join_source(path, tmp_path)
    first, second = audio_streams(output)
    assert first["tags"]["language"] == "ger"  # type: ignore[index]
    assert second["tags"] == {"language": "fre", "title": "Bis"}
    silent = next(n for n, value in enumerate(decoded(output, 1)) if abs(value) > 300)
    assert silent / RATE == pytest.approx(0.5, abs=0.005)


def test_sound_that_begins_first_keeps_its_lead(tmp_path: Path) -> None:
    path = encode(
        f"-f lavfi -i sine=f=440:d=1.5 -itsoffset 0.4 {VIDEO} -map 1 -map 0 -t 1.5 {X264}"
        " -c:a pcm_s16le",
        tmp_path / "in.mkv",
    )
    output, _, index = join_source(path, tmp_path)
    streams = probe(output, "-show_entries", "packet=pts_time", "-select_streams", "v")["packets"]
    assert float(streams[0]["pts_time"]) == pytest.approx(0.4, abs=0.002)
    assert index.start == pytest.approx(0.4, abs=0.002)


def test_no_sound_when_none_is_wanted(tmp_path: Path) -> None:
    path = encode(f"{VIDEO} -f lavfi -i sine=d=1 -t 1 {X264} -c:a aac", tmp_path / "in.mp4")
    output, stats, _ = join_source(path, tmp_path, audio=False)
    assert audio_streams(output) == []
    assert stats.audio_tracks == 0


def test_the_length_is_exact_to_the_sample(tmp_path: Path) -> None:
    path = encode(
        f"{VIDEO} -f lavfi -i sine=r=48000:d=0.987 -t 1 {X264} -c:a flac", tmp_path / "in.mkv"
    )
    output, _, _ = join_source(path, tmp_path)
    assert len(decoded(output)) == pytest.approx(0.987 * RATE, abs=48)


@pytest.mark.parametrize(("rate", "seconds"), [(44_100, 120), (48_000, 60)])
def test_sound_does_not_drift(rate: int, seconds: int, tmp_path: Path) -> None:
    sound = f"-i {click_track(tmp_path / 'clicks.wav', rate, seconds)}"
    path = encode(f"{SLOW} {sound} -t {seconds} {X264} -c:a pcm_s16le", tmp_path / "in.mkv")
    output, _, _ = join_source(path, tmp_path)
    first, *later = clicks(output)
    assert first == pytest.approx(0, abs=0.005)
    wanted = [30 * number for number in range(1, seconds // 30)]
    # A millisecond in a minute and a half is a tenth of a second in three hours.
    assert [click - first for click in later] == pytest.approx(wanted, abs=0.001)


def test_a_clock_that_runs_slow_is_followed(tmp_path: Path) -> None:
    """One part in a thousand: after a minute and a half 90 ms, if nobody looked at the clock."""
    sound = f"-i {click_track(tmp_path / 'clicks.wav', 44100, 90)} -af asetpts=PTS*1.001"
    path = encode(f"{SLOW} {sound} -t 90 {X264} -c:a pcm_s16le", tmp_path / "in.mkv")
    output, _, _ = join_source(path, tmp_path)
    found = clicks(output)
    assert found == pytest.approx([30.03 * number for number in range(3)], abs=0.02)


def test_a_hole_becomes_silence(tmp_path: Path) -> None:
    sound = "-f lavfi -i sine=f=1000:d=9,aselect='not(between(t\\,3\\,6))'"
    path = encode(f"{VIDEO} {sound} -t 9 {X264} -c:a pcm_s16le", tmp_path / "in.mkv")
    output, _, _ = join_source(path, tmp_path)
    samples = decoded(output)
    assert len(samples) == pytest.approx(9 * RATE, abs=RATE * 0.06)
    assert max(map(abs, samples[int(3.3 * RATE) : int(5.7 * RATE)])) < 300
    assert max(map(abs, samples[int(6.3 * RATE) : int(6.5 * RATE)])) > 1500
