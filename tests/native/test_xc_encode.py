"""xc encode against vpxenc, from which it must not differ by a byte."""

import shlex
import subprocess

import pytest

from tests.native import xc
from tests.native.clips import Clip, Pan, Slides, ivf_frames

pytestmark = pytest.mark.tier("conformance")

# The original's command line (docs/design.md), as vpxenc takes it.
VPXENC = shlex.split(
    "vpxenc --quiet --ivf --codec=vp8 --good --cpu-used=0 --end-usage=cq --min-q=0 --max-q=63 "
    "--buf-initial-sz=10000 --buf-optimal-sz=20000 --buf-sz=40000 --undershoot-pct=100 --passes=2 "
    "--auto-alt-ref=1 --threads=1 --token-parts=0 --tune=ssim --target-bitrate=4294967295"
)

# What xc calls otherwise than vpxenc.
OTHER_NAMES = {"--kf-mode=disabled": "--disable-kf", "--frames=4": "--limit=4"}


@pytest.mark.parametrize(
    ("clip", "options"),
    [
        (Clip(), []),
        (Clip(), ["--cq-level=4"]),
        (Clip(width=51, height=37, rate="30000:1001"), ["--cq-level=50"]),
        (Clip(frames=1), []),
        (Clip(frames=12), ["--lag-in-frames=8"]),
        (Clip(frames=12), ["--lag-in-frames=8", "--auto-alt-ref=0"]),
        (Clip(), ["--cpu-used=4"]),
        (Clip(), ["--tune=psnr"]),
        (Clip(), ["--min-q=20", "--max-q=30"]),
        (Clip(), ["--target-bitrate=50"]),
        (Clip(), ["--token-parts=2"]),
        (Clip(frames=12), ["--kf-max-dist=5"]),
        (Clip(frames=12), ["--kf-max-dist=5", "--kf-mode=disabled"]),
        (Clip(), ["--frames=4"]),
    ],
    ids=str,
)
def test_gives_the_bytes_of_vpxenc(tmp_path, clip, options):
    source, theirs = tmp_path / "clip.y4m", tmp_path / "theirs.ivf"
    source.write_bytes(clip.y4m())
    options = ["--cq-level=24", *options] if "--cq-level" not in str(options) else options
    translated = [OTHER_NAMES.get(option, option) for option in options]
    subprocess.run([*VPXENC, *translated, "-o", theirs, source], check=True, capture_output=True)
    assert xc.succeed("encode", source, "-o", "-", *options) == theirs.read_bytes()


@pytest.mark.parametrize("level", [38, 50, 63])
def test_what_memory_held_before_does_not_matter(tmp_path, monkeypatch, level):
    """libvpx reads behind what it was given, and rounds by what is there."""
    made = "mandelbrot=size=320x240:rate=25"
    ffmpeg = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", made, "-frames:v", "6"]
    source = tmp_path / "clip.y4m"
    subprocess.run([*ffmpeg, "-pix_fmt", "yuv420p", source], check=True)
    results = set()
    for value in ("0", "1", "29", "77", "200", "255"):
        monkeypatch.setenv("MALLOC_PERTURB_", value)
        results.add(xc.succeed("encode", source, "-o", "-", f"--cq-level={level}"))
    assert len(results) == 1


def test_a_pipe_gives_the_bytes_of_a_file(tmp_path):
    (tmp_path / "clip.y4m").write_bytes(Clip().y4m())
    xc.succeed("encode", tmp_path / "clip.y4m", "-o", tmp_path / "clip.ivf")
    piped = xc.succeed("encode", "-", "-o", "-", stdin=Clip().y4m())
    assert piped == (tmp_path / "clip.ivf").read_bytes()


def test_progress_is_a_line_for_each_frame_of_each_pass(tmp_path):
    result = xc.run("encode", "-", "-o", "-", "--progress", stdin=Clip(frames=3).y4m())
    lines = [f"pass {p} frame {n}" for p in (1, 2) for n in range(3)]
    assert result.err.splitlines() == lines


def test_only_the_first_frame_is_a_key_frame_if_that_is_asked(tmp_path):
    scenes = [Clip(seed=seed, frames=4) for seed in (1, 50, 99)]
    y4m = scenes[0].y4m() + b"".join(
        b"FRAME\n" + scene.picture(n) for scene in scenes[1:] for n in range(scene.frames)
    )
    frames = ivf_frames(xc.succeed("encode", "-", "-o", "-", "--first-frame-only-key", stdin=y4m))
    assert [frame[0] & 1 for frame in frames] == [0] + [1] * 11


def test_a_golden_frame_is_better_than_the_others_and_goes_where_it_is_predicted_from(tmp_path):
    output = tmp_path / "clip.ivf"
    xc.succeed("encode", "-", "-o", output, "--golden-frame=2", stdin=Clip().y4m())
    lines = xc.succeed("inspect", output).decode().splitlines()
    assert ["golden new" in line for line in lines] == [True, False, True, False, False, False]
    quantizers = [int(line.partition("quantizer ")[2].partition(",")[0]) for line in lines]
    assert quantizers[2] < min(quantizers[1], *quantizers[3:])


@pytest.mark.parametrize(("speed", "golden"), [(0, False), (4, True)])
def test_a_golden_frame_may_depend_on_how_much_moves(tmp_path, speed, golden):
    output = tmp_path / "clip.ivf"
    options = ["--golden-frame=2", "--golden-motion=30"]
    xc.succeed("encode", "-", "-o", output, *options, stdin=Pan(speed=speed).y4m())
    line = xc.succeed("inspect", output).decode().splitlines()[2]
    assert ("golden new" in line) is golden


@pytest.mark.parametrize(("speed", "best"), [(0, 8), (4, 20)])
def test_the_best_quantiser_may_be_a_share_of_the_level_and_another_where_much_moves(speed, best):
    y4m = Pan(speed=speed).y4m()
    encode = ("encode", "-", "-o", "-", "--cq-level=40")
    bounded = xc.succeed(*encode, "--min-q-share=20", "--min-q-share-moving=50", stdin=y4m)
    assert bounded == xc.succeed(*encode, f"--min-q={best}", stdin=y4m)
    assert bounded != xc.succeed(*encode, stdin=y4m)


@pytest.mark.parametrize(
    ("options", "best"),
    [
        (["--min-q-share=50"], 20),
        (["--min-q-share=50", "--min-q=10"], 20),
        (["--min-q-share=50", "--min-q=30"], 30),
        (["--min-q-share=50", "--min-q-share-moving=0"], 0),
    ],
)
def test_where_much_moves_the_share_is_the_same_unless_there_is_another(options, best):
    y4m = Pan(speed=4).y4m()
    encode = ("encode", "-", "-o", "-", "--cq-level=40")
    bounded = xc.succeed(*encode, *options, stdin=y4m)
    assert bounded == xc.succeed(*encode, f"--min-q={best}", stdin=y4m)


def test_the_condition_of_a_golden_frame_that_is_not_asked_for_is_refused():
    message = "--golden-motion is for --golden-frame, which is not given"
    xc.fail(xc.USAGE, message, "encode", "-", "-o", "-", "--golden-motion=30")


@pytest.mark.parametrize("page_frames", [11, 15, 25])
def test_marked_changes_leave_the_key_frames_of_still_pages_where_they_are(tmp_path, page_frames):
    slides = tmp_path / "slides.y4m"
    slides.write_bytes(Slides(page_frames=page_frames).y4m())
    usual, marked = (
        ivf_frames(xc.succeed("encode", slides, "-o", "-", *options))
        for options in ([], ["--mark-changes"])
    )
    assert key_frames(usual)[:3] == [0, page_frames, 2 * page_frames]
    assert key_frames(marked) == key_frames(usual)
    assert sum(map(len, marked)) <= 1.01 * sum(map(len, usual))


def key_frames(frames: list[bytes]) -> list[int]:
    return [number for number, frame in enumerate(frames) if frame[0] & 1 == 0]


def test_a_golden_frame_that_is_not_there_is_told_and_left_out():
    y4m = Clip().y4m()
    result = xc.run("encode", "-", "-o", "-", "--golden-frame=6", stdin=y4m)
    assert result.err == (
        "xc encode: there is no frame 6 to be golden: standard input has frames 0 to 5\n"
    )
    assert result.out == xc.succeed("encode", "-", "-o", "-", stdin=y4m)
