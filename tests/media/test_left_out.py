"""What is worth knowing of a source, because the output will not have it."""

from pathlib import Path

import pytest

from tests.media.conftest import Source, quiet_index
from tests.media.sources import encode

PICTURE = "-f lavfi -i testsrc2=s=64x48:r=25:d=0.4"
HDR = "-c:v ffv1 -pix_fmt yuv420p10le -color_primaries bt2020 -colorspace bt2020nc -color_trc"
SUBTITLE = "1\n00:00:00,000 --> 00:00:00,300\nhello\n"


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("plain.mkv", "-c:v ffv1 -pix_fmt yuv420p", ()),
        ("alpha.mkv", "-c:v ffv1 -pix_fmt yuva420p", ("an alpha channel, which is left out",)),
        ("alpha.mov", "-c:v qtrle -pix_fmt argb", ("an alpha channel, which is left out",)),
        ("moving.gif", "", ()),
        ("pq.mkv", f"{HDR} smpte2084", ("is HDR (PQ); it is encoded with 8 bits",)),
        ("hlg.mkv", f"{HDR} arib-std-b67", ("is HDR (HLG); it is encoded with 8 bits",)),
        ("wide.mkv", f"{HDR} bt2020-10", ()),
    ],
)
def test_what_becomes_of_pictures_is_told_where_it_is_not_as_expected(
    name: str, options: str, told: tuple[str, ...], tmp_path: Path
) -> None:
    found = quiet_index(encode(f"{PICTURE} {options}", tmp_path / name)).warnings
    assert len(found) == len(told)
    assert all(words in warning for words, warning in zip(told, found, strict=True))


@pytest.mark.usefixtures("source")
def test_tracks_that_will_not_be_in_the_output_are_counted(tmp_path: Path) -> None:
    (tmp_path / "said.srt").write_text(SUBTITLE)
    said = f"-i {tmp_path / 'said.srt'}"
    path = encode(
        f"{PICTURE} {PICTURE} {said} {said} -f lavfi -i sine=d=0.4"
        " -map 0 -map 1 -map 2 -map 3 -map 4 -c:v ffv1",
        tmp_path / "tracks.mkv",
    )
    index = quiet_index(path)
    assert index.warnings == (
        "1 further video track is left out",
        "2 subtitle tracks are left out",
    )
    assert len(index.audio) == 1


def test_a_cover_is_no_video_track(source: Source, tmp_path: Path) -> None:
    cover = encode(f"{PICTURE} -frames:v 1", tmp_path / "cover.png")
    path = encode(
        f"-i {source('mp4-h264')} -i {cover} -map 0 -map 1 -c copy -disposition:v:1 attached_pic",
        tmp_path / "film.mp4",
    )
    assert quiet_index(path).warnings == ()


@pytest.mark.usefixtures("source")
def test_sound_that_nothing_can_decode_is_told(tmp_path: Path) -> None:
    path = encode(f"{PICTURE} -f lavfi -i sine=d=0.4 -c:v ffv1 -c:a flac", tmp_path / "sound.mkv")
    path.write_bytes(path.read_bytes().replace(b"A_FLAC", b"A_FLAX"))
    assert quiet_index(path).warnings == ("1 sound track is left out: there is no decoder",)
