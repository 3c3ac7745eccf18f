"""Bad sources: one clear line that says what, where and what to do, and an exit code by kind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from excamera_media.cut import cut
from excamera_media.join import join
from excamera_media.manifest import JoinManifest
from excamera_store.names import RESERVED
from tests.media.conftest import quiet_index
from tests.media.joining import encode_chunks
from tests.media.sources import X264, encode

Source = Callable[[str], Path]
WORKER = Path(__file__).parents[2] / "worker"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "excamera_media", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment())


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(WORKER)}


def fails(code: int, *arguments: str | Path, saying: str) -> None:
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("excamera-media: ")
    assert saying in last
    assert "Traceback" not in done.stderr


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    fails(3, "index", path, saying=f"{path}: the file is empty")


def test_not_a_video(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a video\n" * 1000)
    fails(3, "index", path, saying="not a video")


def test_a_playlist_opens_nothing(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    film = source("mp4-h264")
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3600\n#EXTINF:9,\n{film}\n")
    fails(3, "index", path, saying="not a video, but a playlist")  # and at once, not in an hour


def test_no_video_track(source: Source, tmp_path: Path) -> None:
    path = encode("-f lavfi -i sine=d=1 -c:a aac", tmp_path / "sound.mp4")
    fails(3, "index", path, saying="no video track")


def test_no_index_in_an_mp4(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(source("mp4-h264").read_bytes()[:3000])
    fails(3, "index", path, saying="its index, moov, is missing")


@pytest.mark.parametrize("name", ["mp4-faststart", "mkv-h264"])
def test_a_file_that_ends_early(name: str, source: Source, tmp_path: Path) -> None:
    data = source(name).read_bytes()
    path = tmp_path / source(name).name
    path.write_bytes(data[: len(data) * 2 // 3])
    fails(3, "index", path, saying="run with --keep-going, or keepGoing in a manifest,")
    done = run("index", path, "--conceal")
    assert done.returncode == 0
    assert 0 < json.loads(done.stdout)["frames"] < 33


def test_zero_frames(source: Source, tmp_path: Path) -> None:
    header = source("y4m").read_bytes().partition(b"\n")[0] + b"\n"
    path = tmp_path / "none.y4m"
    path.write_bytes(header)
    fails(3, "index", path, saying="holds no frames")


def test_a_picture_that_vp8_cannot_hold(tmp_path: Path, source: Source) -> None:
    path = encode(
        "-f lavfi -i color=s=16400x16 -frames:v 1 -c:v ffv1 -pix_fmt yuv420p", tmp_path / "w.mkv"
    )
    fails(3, "index", path, saying="16400×16")


def test_8k(tmp_path: Path, source: Source) -> None:
    path = encode(
        f"-f lavfi -i testsrc2=s=7680x4320:r=25 -frames:v 2 {X264} -pix_fmt yuv420p",
        tmp_path / "8k.mp4",
    )
    part = tmp_path / "part.json"
    part.write_text(cut(quiet_index(path), 1, 1).to_json())
    output = tmp_path / "o.y4m"
    assert run("frames", path, "--cut", f"@{part}", "-o", output).returncode == 0
    assert output.stat().st_size == pytest.approx(7680 * 4320 * 3 // 2, abs=200)


def test_what_is_not_there(tmp_path: Path) -> None:
    fails(4, "index", tmp_path / "no.mp4", saying="does not exist")
    fails(2, "frames", "x.mp4", "--cut", "@/none", "-o", "-", saying="/none")
    fails(3, "frames", "x.mp4", "--cut", "{}", "-o", "-", saying="not a cut")
    fails(3, "join", "--manifest", "{}", "-o", tmp_path / "o.webm", saying="not a join manifest")
    assert run("frames").returncode == 2


def test_an_output_that_cannot_be_written(source: Source, tmp_path: Path) -> None:
    path = source("mp4-h264")
    part = cut(quiet_index(path), 0, 6).to_json()
    fails(4, "index", path, "-o", tmp_path / "no" / "i.json", saying="cannot write")
    fails(4, "frames", path, "--cut", part, "-o", tmp_path / "no" / "o.y4m", saying="no/o.y4m")
    fails(4, "frames", path, "--cut", part, "-o", "/dev/full", saying="No space left")


def test_a_damaged_frame_is_named_with_its_time(source: Source, tmp_path: Path) -> None:
    from tests.media.test_conceal import damaged

    path = damaged(source("mp4-h264"), tmp_path, 0.4)
    part = cut(quiet_index(path), 6, 12, conceal=True).to_json()
    output, stats = tmp_path / "o.y4m", tmp_path / "stats.json"
    fails(3, "frames", path, "--cut", part, "-o", output, saying="frame 1")
    advice = "run with --keep-going, or keepGoing in a manifest, to conceal it"
    fails(3, "frames", path, "--cut", part, "-o", output, saying=advice)
    assert not output.exists()
    done = run("frames", path, "--cut", part, "-o", output, "--conceal", "--stats", stats)
    assert done.returncode == 0, done.stderr
    assert json.loads(stats.read_text())["concealed"] != []


def test_a_terminated_join_leaves_nothing(source: Source, tmp_path: Path) -> None:
    assert interrupted_join(source, tmp_path, signal.SIGTERM) == 128 + signal.SIGTERM
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_killed_join_leaves_the_next_one_removes(source: Source, tmp_path: Path) -> None:
    assert interrupted_join(source, tmp_path, signal.SIGKILL) == -signal.SIGKILL
    left = [path.name for path in (tmp_path / "out").iterdir()]
    assert left
    assert all(name.startswith(RESERVED) for name in left)
    index = quiet_index(source("mp4-h264"))
    chunks = tuple(encode_chunks(source("mp4-h264"), index, tmp_path))
    output = tmp_path / "out" / "o.webm"
    join(JoinManifest("", index, chunks, audio=False), str(output), log=lambda line: None)
    assert list(output.parent.iterdir()) == [output]


def interrupted_join(source: Source, tmp_path: Path, number: signal.Signals) -> int:
    """The exit status of a join into tmp_path/out that got a signal in the middle."""
    path = source("mp4-h264")
    manifest = {
        "version": 1,
        "source": str(path),
        "index": json.loads(quiet_index(path).to_json()),
        "audio": False,
        "title": None,
        "chunks": [[str(source("vp8-altref-ivf")), 0, 33]],
    }
    folder = tmp_path / "out"
    folder.mkdir()
    slow = "import time, excamera_media.join as j, excamera_media.cli as c; "
    slow += "j.chunks_in_order = lambda chunks: time.sleep(60); raise SystemExit(c.main())"
    command = [sys.executable, "-c", slow, "join", "--manifest", json.dumps(manifest)]
    process = subprocess.Popen([*command, "-o", str(folder / "o.webm")], env=environment())
    deadline = time.monotonic() + 20
    while not list(folder.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list(folder.iterdir()), "it never began"
    process.send_signal(number)
    return process.wait(20)
