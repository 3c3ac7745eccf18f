"""The demo's output, as its players see it: Chromium, libvpx and ffmpeg.

`make demo`'s own command encodes the example clip once; the tests look at what came out.
"""

import json
import subprocess
from pathlib import Path

import numpy
import pytest

from tests.tiers import ROOT

CLIP = ROOT / "examples" / "big-buck-bunny.mp4"
FRAMES, RATE, SIZE = 132, 25, (1280, 720)
CHUNK, CHAIN = 6, 16
SOUND_SECONDS = 5.312


def output_of(*command: object, cwd: Path | None = None) -> bytes:
    """What the program printed; its complaints are in the failure's message."""
    run = subprocess.run([*map(str, command)], cwd=cwd, capture_output=True, timeout=280)
    assert run.returncode == 0, f"{command}: {run.stderr.decode(errors='replace')[-4000:]}"
    return run.stdout


@pytest.fixture(scope="module")
def webm(tmp_path_factory) -> Path:
    """The clip, encoded with ExCamera[6,16] on local workers."""
    path: Path = tmp_path_factory.mktemp("demo") / "demo-output.webm"
    settings = ("--chunk-frames", CHUNK, "--chain-length", CHAIN)
    # As in make/demo.sh, with a source that is relative to the folder one is in.
    output_of("excamera", "encode", CLIP.relative_to(ROOT), "-o", path, *settings, cwd=ROOT)
    return path


def test_chromium_plays_every_frame_to_the_end(play, webm):
    report = play(webm)
    assert report.error is None
    assert report.ended
    # The container lasts as long as the longer of picture and sound.
    assert report.duration == pytest.approx(max(FRAMES / RATE, SOUND_SECONDS), abs=1 / RATE)
    assert report.reached == pytest.approx(report.duration, abs=1 / RATE)
    assert (report.width, report.height) == SIZE
    assert report.frames == FRAMES
    assert report.seekable_to == pytest.approx(report.duration / 2, abs=1 / RATE)


def test_chromium_decodes_the_sound(play, webm):
    report = play(webm)
    assert report.audio_bytes > 0
    assert report.sound is not None
    assert report.sound.channels == 6
    assert report.sound.seconds == pytest.approx(SOUND_SECONDS, abs=1 / RATE)


@pytest.mark.tier("local")
def test_libvpx_and_ffmpeg_decode_the_same_pictures(webm):
    bytes_of_a_frame = SIZE[0] * SIZE[1] * 3 // 2
    libvpx = output_of("vpxdec", "--i420", "-o", "-", webm)
    ffmpeg = output_of("ffmpeg", "-v", "error", "-i", webm, *("-f", "rawvideo"), "-an", "-")
    assert len(libvpx) == FRAMES * bytes_of_a_frame
    assert libvpx == ffmpeg


@pytest.mark.tier("local")
def test_there_is_one_key_frame_per_chain_and_every_timestamp_is_the_sources(webm):
    shown = output_of(
        *("ffprobe", "-v", "error", "-of", "json", "-select_streams", "v:0"),
        *("-show_entries", "packet=pts_time,flags", webm),
    )
    packets = json.loads(shown)["packets"]
    times = [float(packet["pts_time"]) for packet in packets]
    keys = [number for number, packet in enumerate(packets) if "K" in packet["flags"]]
    assert times == pytest.approx([frame / RATE for frame in range(FRAMES)], abs=0.001)
    assert keys == list(range(0, FRAMES, CHUNK * CHAIN))


@pytest.mark.tier("local")
def test_sound_is_in_sync_with_the_source(webm):
    source, encoded = samples(CLIP), samples(webm)
    count = 1 << (len(source) + len(encoded)).bit_length()
    spectrum = numpy.fft.rfft(encoded, count) * numpy.conj(numpy.fft.rfft(source, count))
    lag = int(numpy.argmax(numpy.fft.irfft(spectrum, count)))
    lag -= count if lag > count // 2 else 0
    assert abs(lag) / 48000 < 1 / RATE / 4
    assert abs(len(encoded) - len(source)) / 48000 < 1 / RATE


def samples(path: Path) -> "numpy.ndarray[tuple[int], numpy.dtype[numpy.float32]]":
    """The first audio track, mixed to one channel, with its start on the video's clock."""
    decode = ("ffmpeg", "-v", "error", "-i", path, "-vn", "-af", "aresample=async=1:first_pts=0")
    raw = output_of(*decode, "-ac", 1, "-ar", 48000, "-f", "f32le", "-")
    return numpy.frombuffer(raw, dtype=numpy.float32)
