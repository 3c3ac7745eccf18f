"""What xc rebase makes of its inputs, and says to those that do not belong together."""

import subprocess

import pytest

from tests.native import xc
from tests.native.clips import Clip, ivf_frames

pytestmark = pytest.mark.tier("conformance")


CLIP = Clip()


class Chunk:
    """The files of one rebase: the state of a first clip, and a second clip with one frame more."""

    def __init__(self, folder, state_clip=CLIP):
        self.folder = folder
        self.source, self.prediction = folder / "source.y4m", folder / "prediction.ivf"
        self.state = folder / "state"
        overlapping = Clip(frames=CLIP.frames + 1)
        self.source.write_bytes(CLIP.y4m())
        xc.succeed("encode", "-", "-o", self.prediction, stdin=overlapping.y4m())
        before = xc.succeed("encode", "-", "-o", "-", stdin=state_clip.y4m())
        xc.succeed("state", "-", "-o", self.state, stdin=before)

    def arguments(self, out="out.ivf", state_out="out.state"):
        return [
            "rebase",
            f"--source={self.source}",
            f"--prediction={self.prediction}",
            f"--state={self.state}",
            f"--output={self.folder / out}",
            f"--state-out={self.folder / state_out}",
        ]

    def fails(self, code, message, **arguments):
        """No output, whole or half, is there afterwards."""
        before = set(self.folder.iterdir())
        xc.fail(code, message, *self.arguments(**arguments))
        assert set(self.folder.iterdir()) == before


@pytest.fixture
def chunk(tmp_path):
    return Chunk(tmp_path)


def test_files_that_belong_together_are_rebased(chunk):
    xc.succeed(*chunk.arguments())
    assert len(ivf_frames((chunk.folder / "out.ivf").read_bytes())) == CLIP.frames
    assert (chunk.folder / "out.state").stat().st_size > 0


@pytest.mark.parametrize("threads", [0, 3])
def test_any_number_of_threads_writes_the_same_files(chunk, threads):
    xc.succeed(*chunk.arguments())
    xc.succeed(*chunk.arguments("other.ivf", "other.state"), f"--threads={threads}")
    for kind in ("ivf", "state"):
        other = (chunk.folder / f"other.{kind}").read_bytes()
        assert other == (chunk.folder / f"out.{kind}").read_bytes()


def test_threads_that_cannot_be_started_are_done_without(chunk):
    """Each takes some megabytes of addresses."""
    xc.succeed(*chunk.arguments())
    argv = xc.command(*chunk.arguments("other.ivf", "other.state"), "--threads=64")
    limited = ["prlimit", f"--as={200 << 20}", *argv]
    done = subprocess.run(limited, capture_output=True, text=True, timeout=120)
    assert done.returncode == xc.OK, done.stderr
    assert (chunk.folder / "other.ivf").read_bytes() == (chunk.folder / "out.ivf").read_bytes()


@pytest.mark.parametrize("threads", ["-1", "65", "two"])
def test_an_impossible_number_of_threads_is_refused(chunk, threads):
    xc.fail(xc.USAGE, "threads", *chunk.arguments(), f"--threads={threads}")


def test_a_source_of_another_size_than_the_prediction_is_refused(chunk):
    chunk.source.write_bytes(Clip(width=66).y4m())
    chunk.fails(xc.BAD_INPUT, "66x48")


def test_a_state_of_another_size_than_the_prediction_is_refused(tmp_path):
    Chunk(tmp_path, state_clip=Clip(width=80)).fails(xc.BAD_INPUT, "80x48")


@pytest.mark.parametrize("frames", [0, 1, 5, 7])
def test_a_source_of_another_length_than_the_prediction_is_refused(chunk, frames):
    chunk.source.write_bytes(Clip(frames=frames).y4m())
    chunk.fails(xc.BAD_INPUT, f"keeps 6 frames that are shown, but the source has {frames}")


@pytest.mark.parametrize("file", ["source", "prediction", "state"])
@pytest.mark.parametrize("spoil", [lambda b: b"", lambda b: b"garbage" * 99, lambda b: b[:-1]])
def test_a_spoilt_file_is_refused_by_name(chunk, file, spoil):
    path = getattr(chunk, file)
    path.write_bytes(spoil(path.read_bytes()))
    chunk.fails(xc.BAD_INPUT, path.name)


def test_a_state_with_a_flipped_bit_is_refused(chunk):
    state = bytearray(chunk.state.read_bytes())
    state[len(state) // 2] ^= 4
    chunk.state.write_bytes(state)
    chunk.fails(xc.BAD_INPUT, "state: ")


@pytest.mark.parametrize("file", ["source", "prediction", "state"])
def test_a_missing_file_is_bad_input(chunk, file):
    getattr(chunk, file).unlink()
    chunk.fails(xc.BAD_INPUT, "cannot open for reading")


def test_a_state_that_cannot_be_written_is_an_io_error(chunk):
    chunk.fails(xc.IO, "cannot open for writing", state_out="missing/x")


def test_frames_that_cannot_be_written_are_an_io_error(chunk):
    # The state is out by then: the next chunk waits for it, and it is right whatever comes after.
    xc.fail(xc.IO, "cannot open for writing", *chunk.arguments(out="missing/x"))
