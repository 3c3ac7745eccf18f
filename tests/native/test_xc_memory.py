"""What xc rebase takes for pictures that cannot be predicted from others: the most there can be."""

import random

import pytest

from tests.native import xc
from tests.native.clips import Clip

pytestmark = pytest.mark.tier("conformance")

WIDTH, HEIGHT = 1280, 720
BYTES_A_PIXEL = 300e6 / (3840 * 2160)
"""Of six frames at 4K: the bar of issue 6."""
PROGRAM = 12e6
"""What xc has whatever the picture's size, its libraries included."""

FINE = ["--cq-level=0", "--cpu-used=8"]


class Noise(Clip):
    """Every sample by chance, and another one in each frame."""

    def picture(self, number: int) -> bytes:
        return random.Random(self.seed + number).randbytes(self.width * self.height * 3 // 2)


@pytest.fixture(scope="module")
def link(tmp_path_factory):
    """The files of one link of noise, as arguments."""
    folder = tmp_path_factory.mktemp("noise")
    source, overlapping = folder / "source.y4m", folder / "overlapping.y4m"
    source.write_bytes(Noise(WIDTH, HEIGHT, frames=6, seed=2).y4m())
    overlapping.write_bytes(Noise(WIDTH, HEIGHT, frames=7, seed=1).y4m())
    xc.succeed("encode", overlapping, "-o", folder / "prediction.ivf", *FINE)
    xc.succeed("encode", overlapping, "-o", folder / "before.ivf", "--frames=1", *FINE)
    xc.succeed("state", folder / "before.ivf", "-o", folder / "state")
    return [
        "rebase",
        f"--source={source}",
        f"--prediction={folder / 'prediction.ivf'}",
        f"--state={folder / 'state'}",
        f"--output={folder / 'out.ivf'}",
        f"--state-out={folder / 'out.state'}",
    ]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_the_richest_pictures_are_rebased_within_the_bar(link, threads):
    taken = xc.peak_memory(*link, f"--threads={threads}")
    assert taken < PROGRAM + BYTES_A_PIXEL * WIDTH * HEIGHT
