"""The joined file: whole, seekable, timed as the source was, the same bytes every time."""

import errno
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from excamera_media.errors import BadInput, UsageError
from excamera_media.ivf import Vp8Frame, parse_ivf
from excamera_media.join import join
from excamera_media.manifest import ChunkFile, JoinManifest
from excamera_store import BucketMissing, FolderStore, ObjectMissing, PartFile
from tests.media.conftest import quiet_index
from tests.media.joining import encode_chunks, join_source, packets, probe, write_ivf
from tests.media.sources import PICTURE, encode

Source = Callable[[str], Path]


def quiet(line: str) -> None:
    pass


def test_every_frame_is_there_once_and_cues_come_first(source: Source, tmp_path: Path) -> None:
    output, stats, index = join_source(source("mp4-h264"), tmp_path)
    assert stats.frames == index.frames == 33
    assert stats.key_frames == 6
    assert stats.bytes == output.stat().st_size
    with av.open(str(output)) as container:
        frames = list(container.decode(video=0))
    assert [frame.pts for frame in frames] == [40 * number for number in range(33)]
    data = output.read_bytes()
    assert data.index(bytes.fromhex("1c53bb6b"), 100) < data.index(bytes.fromhex("1f43b675"))
    listing = subprocess.run(["mkvinfo", str(output)], capture_output=True, text=True, check=False)
    assert "error" not in listing.stdout.lower()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_output_and_every_chunk_come_with_their_checksums(
    source: Source, tmp_path: Path
) -> None:
    path, index = source("mp4-h264"), quiet_index(source("mp4-h264"))
    chunks = tuple(encode_chunks(path, index, tmp_path))
    output = tmp_path / "out.webm"
    stats = join(JoinManifest(str(path), index, chunks), str(output), log=quiet)
    assert stats.sha256 == hashlib.sha256(output.read_bytes()).hexdigest()
    files = [Path(chunk.url).read_bytes() for chunk in chunks]
    assert [chunk.bytes for chunk in stats.chunks] == [len(data) for data in files]
    digests = [hashlib.sha256(data).hexdigest() for data in files]
    assert [chunk.sha256 for chunk in stats.chunks] == digests


def test_seeking_lands_on_every_key_frame(source: Source, tmp_path: Path) -> None:
    output, _, _ = join_source(source("mp4-h264"), tmp_path)
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert [entry.timestamp for entry in stream.index_entries] == [0, 240, 480, 720, 960, 1200]
        container.seek(500, stream=stream)
        packet = next(container.demux(stream))
        assert (packet.pts, packet.is_keyframe) == (480, True)


def test_the_bytes_are_the_same_every_time(source: Source, tmp_path: Path) -> None:
    path, index = source("vfr-mkv"), quiet_index(source("vfr-mkv"))
    chunks = tuple(encode_chunks(path, index, tmp_path))
    manifest = JoinManifest(str(path), index, chunks)
    for name in ("a.webm", "b.webm"):
        join(manifest, str(tmp_path / name), log=quiet)
    assert (tmp_path / "a.webm").read_bytes() == (tmp_path / "b.webm").read_bytes()


@pytest.mark.parametrize("name", ["vfr-mkv", "vfr-mp4", "late-start-ts", "ntsc-mkv", "edit-list"])
def test_timestamps_are_those_of_the_source(name: str, source: Source, tmp_path: Path) -> None:
    output, _, index = join_source(source(name), tmp_path)
    found = [float(packet["pts_time"]) for packet in packets(output, "v")]
    wanted = [index.time_of(frame) for frame in range(index.frames)]
    assert found == pytest.approx(wanted, abs=0.00051)
    assert float(probe(output, "-show_format")["format"]["duration"]) == pytest.approx(
        index.duration, abs=0.001
    )


def test_colour_title_and_aspect_are_kept(tmp_path: Path) -> None:
    path = encode(
        f"-f lavfi -i {PICTURE} -frames:v 7 -c:v libx264 -pix_fmt yuv420p -aspect 16:9"
        " -colorspace bt2020nc -color_primaries bt2020 -color_trc smpte2084 -metadata title=Größe",
        tmp_path / "tagged.mkv",
    )
    output, _, _ = join_source(path, tmp_path)
    video = probe(output, "-show_streams")["streams"][0]
    assert video["color_space"] == "bt2020nc"
    assert video["color_primaries"] == "bt2020"
    assert video["color_transfer"] == "smpte2084"
    assert video["color_range"] == "tv"
    assert video["display_aspect_ratio"] == "85:48"  # 64 × 48 shown as 85 × 48, in whole pixels
    assert probe(output, "-show_format")["format"]["tags"]["title"] == "Größe"


def test_hidden_frames_are_invisible_blocks(source: Source, tmp_path: Path) -> None:
    path, index = source("mp4-h264"), quiet_index(source("mp4-h264"))
    chunks = encode_chunks(path, index, tmp_path)
    frames = parse_ivf(Path(chunks[1].url).read_bytes(), "1.ivf")
    tag = frames[3].data
    frames.insert(3, Vp8Frame(bytes([tag[0] & ~0x10]) + tag[1:]))
    write_ivf(frames, Path(chunks[1].url))
    output = tmp_path / "out.webm"
    stats = join(JoinManifest(str(path), index, tuple(chunks)), str(output), log=quiet)
    with av.open(str(output)) as container:
        assert sum(1 for _ in container.decode(video=0)) == stats.frames == index.frames
    times = [int(packet["pts"]) for packet in packets(output, "v")]
    assert len(times) == index.frames + 1
    assert times[8:11] == [320, 321, 360]


def test_an_ivf_holds_the_same_frames(source: Source, tmp_path: Path) -> None:
    output, _, index = join_source(source("vfr-mp4"), tmp_path, name="out.ivf")
    assert len(parse_ivf(output.read_bytes(), "out.ivf")) == index.frames
    with av.open(str(output)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        times = [frame.time for frame in container.decode(stream)]
    wanted = [index.time_of(frame) for frame in range(index.frames)]
    assert times == pytest.approx(wanted, abs=1e-6)


def test_the_output_is_renamed_not_copied_and_a_scratch_elsewhere_will_do(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, index = source("mp4-h264"), quiet_index(source("mp4-h264"))
    manifest = JoinManifest(str(path), index, tuple(encode_chunks(path, index, tmp_path)))
    for folder in ("scratch", "out"):
        (tmp_path / folder).mkdir()
    other = tmp_path / "out" / "b.webm"

    def no_copy(*arguments: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "put", no_copy)
        join(manifest, str(tmp_path / "out" / "a.webm"), log=quiet)
    with monkeypatch.context() as patch:
        patch.setattr(PartFile, "publish", elsewhere(PartFile.publish, tmp_path / "scratch"))
        join(manifest, str(other), scratch=str(tmp_path / "scratch"), log=quiet)
    assert other.read_bytes() == (tmp_path / "out" / "a.webm").read_bytes()
    assert list((tmp_path / "scratch").iterdir()) == []
    assert len(list((tmp_path / "out").iterdir())) == 2


def elsewhere(publish: Callable[[PartFile, str], None], folder: Path) -> Callable[..., None]:
    """`publish` as it is when `folder` is on another file system."""

    def refuse(part: PartFile, target: str) -> None:
        if part.path.startswith(str(folder)):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        publish(part, target)

    return refuse


def test_one_frame_is_enough(source: Source, tmp_path: Path) -> None:
    output, stats, _ = join_source(source("one-frame"), tmp_path)
    assert stats.frames == 1
    assert float(probe(output, "-show_format")["format"]["duration"]) == pytest.approx(0.04)


def test_a_chunk_with_too_few_frames_is_refused_and_nothing_is_left(
    source: Source, tmp_path: Path
) -> None:
    path, index = source("mp4-h264"), quiet_index(source("mp4-h264"))
    chunks = encode_chunks(path, index, tmp_path)
    short = parse_ivf(Path(chunks[2].url).read_bytes(), "2.ivf")[:-1]
    write_ivf(short, Path(chunks[2].url))
    folder = tmp_path / "out"
    folder.mkdir()
    manifest = JoinManifest(str(path), index, tuple(chunks))
    with pytest.raises(BadInput, match=r"chunk 2 .* shows 5 frames, but must show 6"):
        join(manifest, str(folder / "out.webm"), log=quiet)
    assert list(folder.iterdir()) == []


def test_a_manifest_with_a_hole_is_refused(source: Source) -> None:
    index = quiet_index(source("mp4-h264"))
    with pytest.raises(BadInput, match="should begin with frame 6"):
        JoinManifest("s", index, (ChunkFile("a", 0, 6), ChunkFile("b", 12, 6)))
    with pytest.raises(BadInput, match="hold 6 frames, but the source has 33"):
        join(JoinManifest("s", index, (ChunkFile("a", 0, 6),)), "/tmp/out.webm", log=quiet)


def test_a_manifest_survives_json(source: Source) -> None:
    manifest = JoinManifest("s", quiet_index(source("vfr-mkv")), (ChunkFile("a", 0, 28),))
    assert JoinManifest.from_json(manifest.to_json()) == manifest


def test_what_cannot_be_written_or_read_is_said(source: Source, tmp_path: Path) -> None:
    index = quiet_index(source("mp4-h264"))
    manifest = JoinManifest("s", index, (ChunkFile(str(tmp_path / "no.ivf"), 0, 33),), audio=False)
    with pytest.raises(UsageError, match=r"must end in \.webm or \.ivf"):
        join(manifest, str(tmp_path / "out.mp4"), log=quiet)
    with pytest.raises(BucketMissing):
        join(manifest, str(tmp_path / "missing" / "out.webm"), log=quiet)
    with pytest.raises(ObjectMissing):
        join(manifest, str(tmp_path / "out.webm"), log=quiet)
    assert list(tmp_path.iterdir()) == []


def test_thousands_of_chunks_are_not_thousands_of_open_files(
    source: Source, tmp_path: Path
) -> None:
    path = encode(
        "-f lavfi -i testsrc2=s=16x16:r=25 -frames:v 3000 -c:v libx264 -preset ultrafast"
        " -pix_fmt yuv420p",
        tmp_path / "long.mkv",
    )
    index = quiet_index(path)
    key = parse_ivf(
        encode(
            "-f lavfi -i color=s=16x16 -frames:v 1 -c:v libvpx -f ivf", tmp_path / "k.ivf"
        ).read_bytes(),
        "k.ivf",
    )
    url = str(write_ivf(key, tmp_path / "one.ivf"))
    chunks = tuple(ChunkFile(url, first, 1) for first in range(3000))
    lines: list[str] = []
    join(JoinManifest(str(path), index, chunks), str(tmp_path / "o.webm"), log=lines.append)
    assert lines[-1] == "progress joined 3000 of 3000"
    assert len(packets(tmp_path / "o.webm", "v")) == 3000
