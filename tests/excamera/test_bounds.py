"""What a program on one chunk may take."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera.bounds import MEMORY_AT_LEAST, SECONDS_AT_LEAST, Bounds
from excamera.graph_command import example_index

PICTURE = example_index(1).picture
MEBIBYTE = 1 << 20
# Program, width, height, frames, and the peak of its address space as measured.
MEASURED = [
    ("excamera-media", 1280, 720, 7, 153),
    ("excamera-media", 3840, 2160, 7, 331),
    ("xc", 1280, 720, 7, 52),
    ("xc", 3840, 2160, 7, 379),
    ("xc", 1280, 720, 49, 136),
]


@pytest.mark.parametrize(("program", "width", "height", "frames", "peak"), MEASURED)
def test_a_program_may_have_several_times_what_it_was_seen_to_need(
    program: str, width: int, height: int, frames: int, peak: int
) -> None:
    assert Bounds(width * height, frames).memory(program) > 4 * peak * MEBIBYTE


@given(st.integers(1, 16_383**2), st.integers(1, 1001), st.sampled_from(list(MEMORY_AT_LEAST)))
def test_there_is_a_floor_and_larger_pictures_and_more_frames_may_take_more(
    pixels: int, frames: int, program: str
) -> None:
    bounds = Bounds(pixels, frames)
    assert bounds.memory(program) > MEMORY_AT_LEAST[program]
    assert bounds.seconds >= SECONDS_AT_LEAST
    larger, longer = Bounds(pixels + 1, frames), Bounds(pixels, frames + 1)
    assert larger.memory(program) > bounds.memory(program)
    assert (longer.memory(program) > bounds.memory(program)) == (program == "xc")
    assert larger.seconds >= bounds.seconds
    assert longer.seconds >= bounds.seconds


def test_what_counts_is_the_larger_of_the_source_and_what_is_made_of_it() -> None:
    turned = replace(PICTURE, source_width=4 * PICTURE.width)
    assert Bounds.of(turned, 1).pixels == 4 * PICTURE.width * PICTURE.source_height
    assert Bounds.of(replace(PICTURE, source_width=16), 1).pixels == PICTURE.width * PICTURE.height
