"""What xc says and leaves behind when something is wrong: one line, an exit code, no half files."""

import json
import os
import re
import socket
import subprocess

import pytest

from tests.native import xc
from tests.native.clips import IVF_FRAME_HEADER, IVF_HEADER, Clip

pytestmark = pytest.mark.tier("conformance")

COMMANDS = ["encode", "decode", "state", "rebase", "inspect", "compare"]


@pytest.fixture(scope="module")
def ivf() -> bytes:
    return xc.succeed("encode", "-", "-o", "-", stdin=Clip().y4m())


@pytest.fixture
def y4m(tmp_path):
    path = tmp_path / "clip.y4m"
    path.write_bytes(Clip().y4m())
    return path


def test_help_lists_every_command():
    text = xc.succeed("--help").decode()
    assert all(f"\n  {command} " in text for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    text = xc.succeed(command, "--help").decode()
    assert text.startswith(f"xc {command} - ")
    assert f"Usage: xc {command}" in text
    assert "--help" in text


def test_the_version_names_the_sources_and_libvpx():
    said = xc.succeed("--version").decode()
    assert re.fullmatch(r"xc 0\.\S+, sources [0-9a-f]{12}, libvpx v\S+\n", said)


def numbers():
    """Each option with a range in --help, and the two ends of that."""
    text = xc.succeed("encode", "--help").decode()
    found = re.findall(r"--(\S+) .*\((-?\d+) to (-?\d+)\)", text)
    return [(name, int(least), int(most)) for name, least, most in found]


def test_help_tells_the_ranges_of_numbers_and_all_in_them_is_taken(y4m):
    ranges = numbers()
    assert ("cq-level", 0, 63) in ranges
    assert ("cpu-used", -16, 16) in ranges
    assert len(ranges) == 14
    for name, least, most in ranges:
        for value in (least, most):
            others = {
                "min-q": ["--cq-level=63"],
                "max-q": ["--cq-level=0"],
                "kf-min-dist": [f"--kf-max-dist={value}"],
                "golden-motion": ["--golden-frame=1"],
            }.get(name, [])
            xc.succeed("encode", y4m, "-o", "/dev/null", f"--{name}={value}", *others)
        for value in (least - 1, most + 1):
            message = f"--{name} must be an integer from {least} to {most}, not '{value}'"
            xc.fail(xc.USAGE, message, "encode", y4m, "-o", "/dev/null", f"--{name}={value}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no command given"),
        (["transmogrify"], "no command 'transmogrify'"),
        (["encode"], "IN.y4m is missing"),
        (["encode", "-"], "--output OUT.ivf is missing"),
        (["encode", "-", "-o", "-", "--cq"], "did you mean --cq-level?"),
        (["encode", "-", "-o", "-", "--cq-level=64"], "from 0 to 63"),
        (["encode", "-", "-o", "-", "--cq=64"], "did you mean --cq-level?"),
        (["encode", "-", "-o", "-", "--min-q=30"], "24 does not lie between --min-q 30 and --max"),
        (["encode", "-", "-o", "-", "--min-q=30", "--max-q=20"], "--min-q 30 is above --max-q 20"),
        (["encode", "-", "-o", "-", "--kf-min-dist=5"], "--kf-min-dist 5 must be 0 or the same"),
        (["decode", "-", "-o", "-", "--md5"], "both want standard output"),
        (["state", "-", "-o", "-", "--from=-"], "can be standard input"),
        (["encode", "-", "-o", "-", "--tune=film"], "ssim or psnr"),
        (["compare", "-", "-"], "only one"),
    ],
    ids=str,
)
def test_a_senseless_command_line_is_a_usage_error(arguments, message):
    xc.fail(xc.USAGE, message, *arguments)


READERS = {
    "encode": ["encode", "-", "-o", "-"],
    "decode": ["decode", "-", "-o", "-"],
    "state": ["state", "-", "-o", "-"],
    "inspect": ["inspect", "-"],
}


@pytest.mark.parametrize("command", READERS)
def test_an_empty_input_is_refused(command):
    xc.fail(xc.BAD_INPUT, "standard input: is empty", *READERS[command])


@pytest.mark.parametrize("command", READERS)
def test_garbage_is_refused(command):
    garbage = bytes(range(256)) * 8
    xc.fail(xc.BAD_INPUT, "standard input: not a", *READERS[command], stdin=garbage)


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize(("name", "message"), [("none", "none: cannot open"), (".", "is a dir")])
def test_a_file_that_is_not_there_or_none_is_bad_input(command, name, message, tmp_path):
    words = [tmp_path / name if word == "-" else word for word in READERS[command][:2]]
    xc.fail(xc.BAD_INPUT, message, *words, *READERS[command][2:])


def test_an_input_that_cannot_be_opened_is_an_io_error(tmp_path):
    """Nobody may open a socket, not even root."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        xc.fail(xc.IO, "cannot open for reading", "decode", tmp_path / "socket")


@pytest.mark.parametrize("command", ["decode", "state", "inspect"])
@pytest.mark.parametrize(
    ("cut", "message"),
    [
        (IVF_HEADER - 1, "ends inside the IVF header"),
        (IVF_HEADER + 3, "frame 0: the file ends inside its IVF frame header"),
        (IVF_HEADER + IVF_FRAME_HEADER + 9, "frame 0: the file ends after 9 of its"),
        (-1, "frame 5: the file ends after"),
    ],
)
def test_a_cut_ivf_is_refused_with_the_frame(command, cut, message, ivf):
    xc.fail(xc.BAD_INPUT, f"standard input: {message}", *READERS[command], stdin=ivf[:cut])


def test_a_cut_y4m_is_refused_with_the_frame():
    cut = Clip().y4m()[:-1]
    xc.fail(xc.BAD_INPUT, "standard input: frame 5: ", *READERS["encode"], stdin=cut)


def test_a_video_without_frames_cannot_be_encoded():
    xc.fail(xc.BAD_INPUT, "holds no frames", *READERS["encode"], stdin=Clip(frames=0).y4m())


def test_ten_bits_are_refused_by_name():
    y4m = Clip().y4m().replace(b"C420jpeg", b"C420p10", 1)
    xc.fail(xc.BAD_INPUT, "C420p10", *READERS["encode"], stdin=y4m)


def test_files_of_different_size_or_length_cannot_be_compared(y4m):
    larger, longer = Clip(width=66).y4m(), Clip(frames=7).y4m()
    xc.fail(xc.BAD_INPUT, "64x48 and 66x48", "compare", y4m, "-", stdin=larger)
    xc.fail(xc.BAD_INPUT, "has only 6 frames", "compare", y4m, "-", stdin=longer)


def test_equal_pictures_are_called_identical(y4m):
    said = xc.succeed("compare", y4m, y4m, "--mean").decode()
    assert said == ("mean of 6 psnr-y identical psnr identical ssim 1.000000 ssim-db identical\n")
    mean = json.loads(xc.succeed("compare", y4m, y4m, "--mean", "--json"))["mean"]
    assert mean == {"psnr_y": None, "psnr": None, "ssim": 1.0, "ssim_db": None}


WEBM = bytes.fromhex("1a45dfa3") + bytes(60)


@pytest.mark.parametrize(
    ("arguments", "given", "hint"),
    [
        (["compare", "-", "/dev/null"], WEBM, "it is WebM or Matroska; `ffmpeg"),
        (["decode", "-"], WEBM, "it is WebM or Matroska; `ffmpeg"),
        (["encode", "-", "-o", "-"], b"DKIF" + bytes(60), "it is IVF; `xc decode`"),
        (["decode", "-"], Clip().header(), "it is Y4M; `xc encode`"),
    ],
    ids=str,
)
def test_a_file_of_another_kind_is_called_by_its_name(arguments, given, hint):
    xc.fail(xc.BAD_INPUT, hint, *arguments, stdin=given)


@pytest.mark.parametrize("target", ["missing/clip.ivf", "."])
def test_an_output_that_cannot_be_written_is_an_io_error(target, tmp_path, y4m):
    xc.fail(xc.IO, "cannot open for writing", "encode", y4m, "-o", tmp_path / target)


def test_a_full_disk_is_an_io_error(y4m, ivf, tmp_path):
    (tmp_path / "clip.ivf").write_bytes(ivf)
    for arguments in (["encode", y4m], ["decode", tmp_path / "clip.ivf"]):
        xc.fail(xc.IO, "No space left on device", *arguments, "-o", "/dev/full")


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "{y4m}", "{y4m}"]], ids=str)
def test_standard_output_on_a_full_disk_is_an_io_error(arguments, y4m):
    with open("/dev/full", "wb") as full:
        result = xc.run(*(a.format(y4m=y4m) for a in arguments), stdout=full.fileno())
    xc.check_failure(result, xc.IO, "standard output: cannot write: No space left on device")


def test_a_reader_that_goes_away_is_an_io_error(y4m):
    reading, writing = os.pipe()
    os.close(reading)
    result = xc.run("encode", y4m, "-o", "-", stdout=writing)
    os.close(writing)
    xc.check_failure(result, xc.IO, "standard output: cannot write: the reader has closed it")


def test_a_failure_leaves_the_old_output_and_nothing_else(tmp_path):
    (tmp_path / "out.ivf").write_bytes(b"old")
    cut = Clip().y4m()[:-1]
    xc.fail(xc.BAD_INPUT, "frame 5", "encode", "-", "-o", tmp_path / "out.ivf", stdin=cut)
    assert [path.name for path in tmp_path.iterdir()] == ["out.ivf"]
    assert (tmp_path / "out.ivf").read_bytes() == b"old"


def test_a_process_that_is_killed_leaves_the_old_output(tmp_path):
    out = tmp_path / "out.ivf"
    out.write_bytes(b"old")
    process = subprocess.Popen(xc.command("encode", "-", "-o", out), stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(Clip().header())
    process.stdin.flush()
    process.kill()
    process.wait()
    process.stdin.close()
    assert out.read_bytes() == b"old"
