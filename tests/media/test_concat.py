"""Chunks put together without an index, and frames cut out with one instead of a cut."""

import io
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from excamera_media.concat import CHUNK_NAME, concat
from excamera_media.cut import cut
from excamera_media.errors import BadInput, UsageError
from excamera_media.ivf import Vp8Frame, parse_ivf
from excamera_store import ObjectMissing
from tests.media.conftest import quiet_index
from tests.media.joining import write_ivf
from tests.media.pictures import y4m_frames
from tests.media.test_bad_inputs import fails, run

Source = Callable[[str], Path]


@pytest.fixture
def folder(source: Source, tmp_path: Path) -> Path:
    """A chain with hidden frames in chunks 3 … 6, of which the first only has a key frame."""
    whole = parse_ivf(source("vp8-altref-ivf").read_bytes(), "whole")
    second = next(n for n, frame in enumerate(whole) if n and frame.key)
    for number in range(4):
        write_part(whole[second * number // 4 : second * (number + 1) // 4], tmp_path, 3 + number)
    return tmp_path


def write_part(frames: list[Vp8Frame], folder: Path, number: int) -> None:
    key = frames[0] if frames[0].key else Vp8Frame(bytes(6) + b"\x40\0\x30\0")  # for its size
    write_ivf([key], folder / "header")
    header = (folder / "header").read_bytes()[:32]
    body = b"".join(len(f.data).to_bytes(4, "little") + bytes(8) + f.data for f in frames)
    (folder / CHUNK_NAME.format(number)).write_bytes(header + body)


def test_chunks_of_a_chain_come_one_after_the_other(source: Source, folder: Path) -> None:
    output = folder / "chain.ivf"
    done = run("concat", folder, "--first", "3", "--last", "6", "-o", output)
    assert done.returncode == 0, done.stderr
    whole = parse_ivf(source("vp8-altref-ivf").read_bytes(), "whole")
    joined = parse_ivf(output.read_bytes(), "chain")
    assert joined == whole[: len(joined)]
    assert int.from_bytes(output.read_bytes()[24:28], "little") == len(joined)
    with av.open(str(output)) as container:
        assert sum(1 for _ in container.decode(video=0)) == sum(frame.shown for frame in joined)


def test_a_file_url_with_a_slash_at_its_end_is_the_same_folder(folder: Path) -> None:
    one, other = io.BytesIO(), io.BytesIO()
    stats = concat(str(folder), 3, 4, one)
    assert concat(f"file://{folder}/", 3, 4, other) == stats
    assert one.getvalue() == other.getvalue()
    assert stats.chunks == 2


def test_chunks_that_are_no_chain_are_refused(folder: Path) -> None:
    with pytest.raises(BadInput, match=r"chunk-000004\.ivf does not begin with a key frame"):
        concat(str(folder), 4, 6, io.BytesIO())
    with pytest.raises(ObjectMissing, match=r"chunk-000007\.ivf"):
        concat(str(folder), 3, 7, io.BytesIO())
    with pytest.raises(UsageError, match="no chunks 5 … 4"):
        concat(str(folder), 5, 4, io.BytesIO())


def test_a_concat_that_fails_leaves_no_file(folder: Path) -> None:
    output = folder / "chain.ivf"
    fails(4, "concat", folder, "--first", "3", "--last", "9", "-o", output, saying="000007.ivf")
    assert not output.exists()


@pytest.mark.parametrize("conceal", [(), ("--conceal",)])
def test_an_index_does_as_well_as_a_cut(
    conceal: tuple[str, ...], source: Source, tmp_path: Path
) -> None:
    path, index = source("vfr-mkv"), quiet_index(source("vfr-mkv"))
    (tmp_path / "index.json").write_text(index.to_json())
    (tmp_path / "cut.json").write_text(cut(index, 7, 9, conceal=bool(conceal)).to_json())
    by_cut = ("--cut", f"@{tmp_path / 'cut.json'}", "-o", tmp_path / "a.y4m")
    where = ("--index", f"file://{tmp_path}/index.json", "--first", "7", "--count", "9")
    assert run("frames", path, *by_cut, *conceal).returncode == 0
    assert run("frames", path, *where, "-o", tmp_path / "b.y4m", *conceal).returncode == 0
    found = (tmp_path / "b.y4m").read_bytes()
    assert found == (tmp_path / "a.y4m").read_bytes()
    assert len(y4m_frames(found)) == 9


def test_an_index_and_a_cut_are_not_mixed_up(source: Source, tmp_path: Path) -> None:
    path, place = source("mp4-h264"), tmp_path / "index.json"
    place.write_text(quiet_index(path).to_json())
    output = ("-o", tmp_path / "o.y4m")
    fails(2, "frames", path, "--index", place, *output, saying="--index needs --first and --count")
    fails(2, "frames", path, "--cut", "{}", "--first", "1", *output, saying="go with --index")
    beyond = ("--index", place, "--first", "30", "--count", "6")
    fails(2, "frames", path, *beyond, *output, saying="the source has frames 0 … 32")
