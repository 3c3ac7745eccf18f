"""What xc says and leaves behind when something is wrong: one line, an exit code, no half files."""

import os
import re
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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no command given"),
        (["transmogrify"], "no command 'transmogrify'"),
        (["encode"], "IN.y4m is missing"),
        (["encode", "-"], "--output OUT.ivf is missing"),
        (["encode", "-", "-o", "-", "--cq"], "did you mean --cq-level?"),
        (["encode", "-", "-o", "-", "--cq-level=64"], "from 0 to 63"),
        (["encode", "-", "-o", "-", "--min-q=30"], "between --min-q and --max-q"),
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
def test_a_file_that_is_not_there_is_an_io_error(command, tmp_path):
    words = [tmp_path / "none" if word == "-" else word for word in READERS[command][:2]]
    xc.fail(xc.IO, "none: cannot open", *words, *READERS[command][2:])


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
