"""Files from an attacker: decoder states, IVF and whole videos. Each is refused in one line, in
bounded memory, and nothing is written."""

from __future__ import annotations

import random
import struct
import subprocess
from pathlib import Path

import pytest

from tests.local.clips import drawn
from tests.local.command import EXCAMERA

pytestmark = pytest.mark.tier("conformance")

MEMORY = 1 << 30
REFUSED = 3


def run(*argv: object) -> subprocess.CompletedProcess[str]:
    # A preexec_fn would run grpc's fork handlers, which crash the child now and then.
    ran = subprocess.run(
        ["prlimit", f"--as={MEMORY}", "--", *map(str, argv)],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
    )
    assert ran.returncode >= 0, f"ended by signal {-ran.returncode}: {argv}"
    return ran


@pytest.fixture(scope="module")
def encoded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clip.ivf, of six frames, and the state in which it ends."""
    folder = tmp_path_factory.mktemp("encoded")
    clip = drawn(folder / "clip.y4m", frames=6, size="64x48", options=("-an",))
    assert run("xc", "encode", clip, "-o", folder / "clip.ivf").returncode == 0
    assert run("xc", "state", folder / "clip.ivf", "-o", folder / "state").returncode == 0
    return folder


def refused(folder: Path, *argv: object) -> None:
    ran = run(*argv, "-o", folder / "out")
    assert ran.returncode == REFUSED, (argv, ran.returncode, ran.stderr)
    assert len(ran.stderr.strip().splitlines()) == 1
    assert not (folder / "out").exists()


HEADERS = {
    "no signature": (0, b"FIKD"),
    "another codec": (8, b"H264"),
    "a header as long as the world": (6, b"\xff\xff"),
    "a header of nothing": (6, b"\0\0"),
    "a frame of four gigabytes": (32, b"\xff\xff\xff\xff"),
    "a frame of nothing": (32, b"\0\0\0\0"),
}


@pytest.mark.parametrize("damage", HEADERS)
def test_an_ivf_that_lies_about_itself_is_refused(
    encoded: Path, tmp_path: Path, damage: str
) -> None:
    at, lie = HEADERS[damage]
    data = bytearray((encoded / "clip.ivf").read_bytes())
    data[at : at + len(lie)] = lie
    bad = tmp_path / "bad.ivf"
    bad.write_bytes(data)
    refused(tmp_path, "xc", "state", bad)


def test_a_picture_as_large_as_vp8_allows_does_not_take_all_memory(
    encoded: Path, tmp_path: Path
) -> None:
    """Its key frame claims 16383×16383, in a few bytes."""
    data = bytearray((encoded / "clip.ivf").read_bytes())
    data[12:16] = struct.pack("<HH", 16383, 16383)
    data[32 + 12 + 6 : 32 + 12 + 10] = struct.pack("<HH", 16383, 16383)
    bad = tmp_path / "bad.ivf"
    bad.write_bytes(data)
    ran = run("xc", "state", bad, "-o", tmp_path / "out")
    assert ran.returncode != 0
    assert not (tmp_path / "out").exists()


def test_a_state_that_was_touched_anywhere_is_refused(encoded: Path, tmp_path: Path) -> None:
    """Every byte of its head, and as many others again at random."""
    state = (encoded / "state").read_bytes()
    chance = random.Random(5)
    places = [*range(0, 40, 3), *(chance.randrange(len(state)) for _ in range(12))]
    for at in places:
        data = bytearray(state)
        data[at] ^= 1 << chance.randrange(8)
        bad = tmp_path / "bad"
        bad.write_bytes(data)
        _rebased_on(encoded, bad, tmp_path)


@pytest.mark.parametrize("size", [0, 1, 31, 32, 200])
def test_a_state_that_is_cut_off_is_refused(encoded: Path, tmp_path: Path, size: int) -> None:
    bad = tmp_path / "bad"
    bad.write_bytes((encoded / "state").read_bytes()[:size])
    _rebased_on(encoded, bad, tmp_path)


def _rebased_on(encoded: Path, state: Path, folder: Path) -> None:
    files = ("--source", encoded / "clip.y4m", "--prediction", encoded / "clip.ivf")
    after = ("--state-out", folder / "out-state")
    refused(folder, "xc", "rebase", *files, "--state", state, *after)
    assert not (folder / "out-state").exists()


PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "ffconcat": "ffconcat version 1.0\nfile '/etc/passwd'\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "svg": "<svg><image href='file:///etc/passwd'/></svg>",
    "mpd": "<?xml version='1.0'?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("disguise", ["", ".mp4"])
def test_a_source_that_points_elsewhere_is_no_video(
    tmp_path: Path, kind: str, disguise: str
) -> None:
    source = tmp_path / f"clip.{kind}{disguise}"
    source.write_text(PLAYLISTS[kind])
    ran = subprocess.run(
        [EXCAMERA.with_name("excamera-media"), "index", source, "-o", tmp_path / "out"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == REFUSED
    assert "root:" not in ran.stderr
    assert not (tmp_path / "out").exists()
