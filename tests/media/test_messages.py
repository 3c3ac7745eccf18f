"""What people are told about files that are not what they should be."""

import errno
import os
from pathlib import Path
from tempfile import gettempdir

import pytest

from excamera_media.cli import main
from excamera_media.errors import readable
from tests.media.conftest import Source, quiet_index
from tests.media.sources import encode
from tests.media.test_bad_inputs import fails, run

PICTURE = "-f lavfi -i testsrc2=s=64x48:r=25"


def test_a_damaged_container_is_described_without_jargon(source: Source, tmp_path: Path) -> None:
    data = bytearray(source("ts-h264").read_bytes())
    middle = len(data) // 2 // 188 * 188
    data[middle : middle + 188 * 3] = bytes(188 * 3)
    path = tmp_path / "damaged.ts"
    path.write_bytes(data)
    done = run("index", path)
    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert "the file is damaged after frame " in last
    assert "): part of its data is missing or unreadable; fetch it again" in last
    assert not any(jargon in last for jargon in ("Packet", "stream =", "dts", ".;"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "tiff"])
def test_a_still_picture_is_called_one(suffix: str, tmp_path: Path, source: Source) -> None:
    path = encode(f"{PICTURE} -frames:v 1", tmp_path / f"still.{suffix}")
    fails(3, "index", path, saying=f"{path}: a still picture, not a video")


def test_an_animated_gif_is_a_video(tmp_path: Path, source: Source) -> None:
    path = encode(f"{PICTURE} -frames:v 10", tmp_path / "moving.gif")
    assert quiet_index(path).frames == 10


def test_a_name_that_is_not_utf_8_is_shown_with_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xff.mp4")
    path.write_bytes(b"no film")
    done = run("index", path)
    assert r"caf\xff.mp4" in done.stderr
    assert "udcff" not in done.stderr
    assert readable(f"é \udcff {chr(0xDC80)!a}") == r"é \xff '\x80'"


def test_a_full_disk_for_temporary_files_is_named_with_the_way_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The libraries that write such files do not say which it was."""

    def full(*given: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("excamera_media.indexer.make_index", full)
    assert main(["index", "film.mp4"]) == 4
    assert f"files in {gettempdir()}; free some, or set TMPDIR" in capsys.readouterr().err
