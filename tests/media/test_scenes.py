"""Cuts: found where they are and nowhere else, whatever the parts in which a source is searched."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from excamera_media.errors import DamagedFrame, UsageError
from excamera_media.index import Index
from excamera_media.kept import Kept
from excamera_media.scene_search import find_scenes
from excamera_media.scenes import Scenes
from tests.media.conftest import quiet_index
from tests.media.sources import X264, encode
from tests.media.test_bad_inputs import fails, run
from tests.media.test_conceal import damaged

Film = Callable[..., Path]

SIZE = "s=160x120:r=25"
DRAWN = f"testsrc2={SIZE},trim=end_frame=60"
STILL = "testsrc2=s=640x120:r=25,trim=end_frame=1,loop=-1:1,setpts=N/25/TB"
CUTS = (23, 41)
SCENES = (
    f"testsrc2={SIZE},trim=end_frame=23[a];mandelbrot={SIZE},trim=end_frame=18[b];"
    f"rgbtestsrc={SIZE},trim=end_frame=19[c];[a][b][c]concat=n=3"
)


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Makes one of 60 frames, a key frame every ten, out of a graph of filters."""

    def made(graph: str, options: str = f"{X264} -qp 10 -pix_fmt yuv420p") -> Path:
        return encode(f"-f lavfi -i {graph} -frames:v 60 {options}", tmp_path / "film.mkv")

    return made


def found(path: Path, *, hide: bool = False) -> tuple[int, ...]:
    """In the whole film."""
    index = quiet_index(path, conceal=hide)
    return part_of(path, index, 0, index.frames, hide=hide)


def part_of(
    path: Path, index: Index, first: int, count: int, *, hide: bool = False
) -> tuple[int, ...]:
    scenes = find_scenes(str(path), index, first, count, Kept(), hide=hide, log=lambda line: None)
    assert (scenes.first, scenes.count) == (first, count)
    return scenes.begins


@pytest.mark.parametrize(
    "changed",
    [
        "null",
        "noise=alls=40:allf=t",
        "scale=1280:720",
        "scale=64:48",
        "scale=33:47",
        "format=yuv422p10le",
        "format=rgb24",
        "format=gray",
    ],
)
def test_a_cut_is_found_at_the_first_frame_behind_it(film: Film, changed: str) -> None:
    assert found(film(f"{SCENES},{changed}", "-c:v ffv1")) == CUTS


@pytest.mark.parametrize(
    "what",
    [
        pytest.param(DRAWN, id="motion"),
        pytest.param(f"{DRAWN},noise=alls=80:allf=t", id="noise"),
        pytest.param(f"{DRAWN},fade=out:20:12,fade=in:35:12", id="fades"),
        pytest.param(
            f"testsrc2={SIZE}:d=2[a];mandelbrot={SIZE},trim=duration=2[b];"
            "[a][b]xfade=duration=0.6:offset=1",
            id="dissolve",
        ),
        pytest.param(f"{STILL},crop=160:120:x=8*n:y=0", id="pan"),
        pytest.param(f"{DRAWN},drawbox=c=white:t=fill:enable=eq(n\\,30)", id="flash"),
        pytest.param(
            f"{DRAWN},drawbox=c=white:t=fill:enable=between(n\\,30\\,31)", id="flash of two frames"
        ),
        pytest.param(
            f"{DRAWN},drawbox=c=white:t=fill:enable=lt(mod(n\\,5)\\,2)*gt(n\\,9)", id="strobe"
        ),
        pytest.param(f"{DRAWN},eq=brightness=0.05:enable=gt(n\\,30)", id="light"),
        pytest.param(f"color=c=black:{SIZE}", id="nothing"),
    ],
)
def test_what_is_no_cut_is_not_taken_for_one(film: Film, what: str) -> None:
    assert found(film(what)) == ()


def test_a_cut_beside_a_flash_is_found(film: Film) -> None:
    flash = "drawbox=c=white:t=fill:enable=eq(n\\,30)+eq(n\\,50)"
    assert found(film(f"{SCENES},{flash}")) == CUTS


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_film_of_a_few_frames_has_one_scene(tmp_path: Path, frames: int) -> None:
    path = encode(f"-f lavfi -i {DRAWN} -frames:v {frames} {X264}", tmp_path / "short.mkv")
    assert found(path) == ()


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("scenes") / "scenes.mkv"
    flash = "drawbox=c=white:t=fill:enable=eq(n\\,30)"
    return encode(f"-f lavfi -i {SCENES},{flash} {X264} -pix_fmt yuv420p", target)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(st.integers(1, 59), max_size=5))
def test_the_cuts_do_not_depend_on_the_parts_in_which_they_are_looked_for(
    scenes: Path, boundaries: set[int]
) -> None:
    index = quiet_index(scenes)
    assert index.frames == 60
    begins = [0, *sorted(boundaries)]
    ends = [*begins[1:], 60]
    parts = [
        part_of(scenes, index, begin, end - begin) for begin, end in zip(begins, ends, strict=True)
    ]
    assert tuple(frame for part in parts for frame in part) == CUTS


def test_a_damaged_frame_is_named_or_concealed(scenes: Path, tmp_path: Path) -> None:
    broken = damaged(scenes, tmp_path, 0.3)
    index = quiet_index(broken, conceal=True)
    with pytest.raises(DamagedFrame):
        part_of(broken, index, 0, index.frames)
    whole = part_of(broken, index, 0, index.frames, hide=True)
    assert 41 in whole, "the damage lies before that"
    halves = (part_of(broken, index, first, 30, hide=True) for first in (0, 30))
    assert tuple(frame for half in halves for frame in half) == whole


def test_frames_that_there_are_not_are_refused(scenes: Path) -> None:
    index = quiet_index(scenes)
    for first, count in ((0, 61), (60, 1), (-1, 5), (5, 0)):
        with pytest.raises(UsageError):
            part_of(scenes, index, first, count)


def test_the_command_writes_what_it_has_found(scenes: Path, tmp_path: Path) -> None:
    index, output = tmp_path / "index.json", tmp_path / "scenes.json"
    assert run("index", scenes, "-o", index).returncode == 0
    part = ("--index", index, "--first", "20", "--count", "20")
    assert run("scenes", scenes, *part, "-o", output).returncode == 0
    assert Scenes.from_json(output.read_text()) == Scenes(20, 20, (23,))
    assert json.loads(output.read_text())["version"] == 1


def test_the_command_says_what_it_cannot_do(scenes: Path, tmp_path: Path) -> None:
    index, output = tmp_path / "index.json", tmp_path / "scenes.json"
    assert run("index", scenes, "-o", index).returncode == 0
    where = ("--index", index, "-o", output)
    fails(2, "scenes", scenes, *where, "--first", "50", "--count", "20", saying="frames 0 … 59")
    broken = damaged(scenes, tmp_path, 0.3)
    assert run("index", broken, "-o", index).returncode == 0
    whole = ("--first", "0", "--count", "60")
    fails(3, "scenes", broken, *where, *whole, saying="repair the source")
    assert not output.exists()
    fails(3, "scenes", scenes, *where, *whole, saying="changed since it was indexed")
    no_film = tmp_path / "no-film.mkv"
    no_film.write_bytes(b"no film" * 1000)
    fails(3, "scenes", no_film, *where, *whole, saying="changed since it was indexed")
    index.write_text("{}")
    fails(3, "scenes", scenes, *where, *whole, saying="not an index")
