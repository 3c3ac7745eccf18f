"""A source that is replaced under a running job is noticed, and not encoded half and half."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from excamera_media.cut import Cut, cut
from excamera_media.errors import SourceChanged
from excamera_media.index import Index
from excamera_media.join import join
from excamera_media.manifest import JoinManifest
from tests.media.conftest import quiet_index
from tests.media.joining import encode_chunks
from tests.media.pictures import run_cut
from tests.media.sources import PICTURE, X264, encode
from tests.media.test_bad_inputs import fails

Source = Callable[[str], Path]


@pytest.fixture
def film(source: Source, tmp_path: Path) -> Path:
    return Path(shutil.copy2(source("mp4-h264"), tmp_path / "film.mp4"))


def replace(film: Path) -> None:
    """By another of the same kind and size."""
    data = film.read_bytes()
    film.write_bytes(data)
    os.utime(film, (1, 1))


def test_an_index_and_its_cuts_know_their_source(film: Path) -> None:
    index = quiet_index(film)
    assert index.source is not None
    assert index.source[0] == film.stat().st_size
    assert Index.from_json(index.to_json()) == index
    part = cut(index, 3, 4)
    assert part.source == index.source
    assert Cut.from_json(part.to_json()) == part


def test_frames_of_a_source_that_has_changed_are_refused(film: Path) -> None:
    index = quiet_index(film)
    place = film.with_name("index.json")
    place.write_text(index.to_json())
    replace(film)
    asked = ("frames", film, "--index", place, "--first", "0", "--count", "6", "-o", "/dev/null")
    advice = "the source has changed since it was indexed; run the job again"
    fails(3, *asked, saying=advice)


def test_sound_of_a_source_that_has_changed_is_refused(source: Source, tmp_path: Path) -> None:
    path = encode(
        f"-f lavfi -i {PICTURE} -f lavfi -i sine=d=1 -t 1 {X264} -pix_fmt yuv420p -c:a aac",
        tmp_path / "film.mp4",
    )
    index = quiet_index(path)
    chunks = tuple(encode_chunks(path, index, tmp_path))
    replace(path)
    with pytest.raises(SourceChanged):
        join(JoinManifest(str(path), index, chunks), str(tmp_path / "o.webm"), log=lambda _: None)


def test_an_index_of_former_days_is_still_read(film: Path) -> None:
    plain = json.loads(quiet_index(film).to_json())
    del plain["source"]
    index = Index.from_json(json.dumps(plain))
    assert index.source is None
    replace(film)
    assert len(run_cut(film, index, 3, 4)[0]) == 4


def test_the_same_folder_on_another_machine_has_other_inode_numbers(film: Path) -> None:
    index = quiet_index(film)
    copy = film.with_name("copy.mp4")
    shutil.copy2(film, copy)
    os.replace(copy, film)
    assert quiet_index(film).source != index.source
    assert len(run_cut(film, index, 3, 4)[0]) == 4
