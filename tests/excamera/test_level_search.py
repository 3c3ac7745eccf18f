"""The search for a cq-level, on curves that no encoder would draw and on straight lines."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera.job import BEST_LEVEL, SMALLEST_LEVEL
from excamera.level_search import (
    DECIBELS_AN_OCTAVE,
    QUANTISERS,
    Take,
    expected_level,
    nearest,
    propose,
    usual_level,
)

LEVELS = range(BEST_LEVEL, SMALLEST_LEVEL + 1)
TOLERANCE, MOST = 0.15, 4

steps = st.lists(st.floats(0.0, 0.6), min_size=len(LEVELS), max_size=len(LEVELS))
"""How far a curve falls from level to level; plateaus are likely."""

noise = st.lists(st.floats(-0.3, 0.3), min_size=len(LEVELS), max_size=len(LEVELS))
targets = st.floats(1.0, 60.0)
firsts = st.integers(BEST_LEVEL, SMALLEST_LEVEL)


def curve(best: float, falls: list[float]) -> list[float]:
    decibels = [best]
    for fall in falls[1:]:
        decibels.append(decibels[-1] - fall)
    return decibels


def search(
    decibels: list[float], target: float, first: int, most: int = MOST
) -> tuple[int, dict[int, float]]:
    """The level taken, and what was tried."""
    tried: dict[int, float] = {}
    for _ in range(most + 1):
        step = propose(target, tried, first=first, tolerance=TOLERANCE, most=most)
        if isinstance(step, Take):
            return step.level, tried
        assert step.level in LEVELS, "a level that there is not"
        assert step.level not in tried, "a level is tried twice"
        tried[step.level] = decibels[step.level]
    raise AssertionError(f"it does not end: {tried}")


@given(st.floats(10, 40), steps, noise, targets, firsts, st.integers(1, 8))
def test_a_search_ends_within_its_bounds_with_the_best_level_that_it_has_tried(
    best: float, falls: list[float], noisy: list[float], target: float, first: int, most: int
) -> None:
    decibels = [a + b for a, b in zip(curve(best, falls), noisy, strict=True)]
    level, tried = search(decibels, target, first, most)
    assert 1 <= len(tried) <= most
    assert level in tried
    assert abs(tried[level] - target) == min(abs(one - target) for one in tried.values())


@given(st.floats(10, 40), steps, targets, firsts)
def test_with_tries_enough_the_nearest_of_all_levels_is_found_on_a_falling_curve(
    best: float, falls: list[float], target: float, first: int
) -> None:
    decibels = curve(best, falls)
    level, _ = search(decibels, target, first, most=len(LEVELS))
    miss = abs(decibels[level] - target)
    assert miss <= TOLERANCE or miss == min(abs(one - target) for one in decibels)


@given(st.floats(10, 40), steps, firsts, st.floats(0.01, 20))
def test_targets_beyond_the_curve_end_at_its_ends(
    best: float, falls: list[float], first: int, beyond: float
) -> None:
    decibels = curve(best, [max(fall, 0.01) for fall in falls])
    too_good, _ = search(decibels, decibels[0] + TOLERANCE + beyond, first, most=len(LEVELS))
    too_poor, _ = search(decibels, decibels[-1] - TOLERANCE - beyond, first, most=len(LEVELS))
    assert (too_good, too_poor) == (BEST_LEVEL, SMALLEST_LEVEL)


@pytest.mark.parametrize(("flat", "end"), [(10.0, BEST_LEVEL), (20.0, SMALLEST_LEVEL)])
def test_a_curve_that_never_changes_is_followed_to_its_end_at_once(flat: float, end: int) -> None:
    level, tried = search([flat] * len(LEVELS), 15.0, 30, most=6)
    assert level == end, "the best where none is good enough, the smallest where all are"
    assert end in tried


@given(st.floats(1.9, 2.6), st.floats(26, 33), st.floats(8, 24))
def test_where_quality_falls_as_it_usually_does_four_tries_are_enough(
    octave: float, at_one: float, target: float
) -> None:
    decibels = [at_one - octave * math.log2(QUANTISERS[level]) for level in LEVELS]
    level, tried = search(decibels, target, usual_level(target), most=4)
    best = min(abs(one - target) for one in decibels)
    assert abs(decibels[level] - target) <= max(TOLERANCE, best) + 1e-9, tried


def test_better_quality_begins_at_a_better_level() -> None:
    assert usual_level(60.0) == BEST_LEVEL
    assert usual_level(18.0) < usual_level(12.0)
    assert usual_level(1.0) == SMALLEST_LEVEL


def test_of_two_levels_that_miss_by_as_much_the_better_is_the_nearest() -> None:
    assert nearest(15.0, {20: 16.0, 26: 14.0}) == 20


def test_pictures_that_every_level_keeps_as_they_are_get_the_smallest_level_in_two_tries() -> None:
    level, tried = search([100.0] * len(LEVELS), 14.0, 48)
    assert (level, tried) == (SMALLEST_LEVEL, {48: 100.0, SMALLEST_LEVEL: 100.0})


def test_a_level_is_expected_by_the_octaves_of_its_quantiser() -> None:
    assert len(QUANTISERS) == len(LEVELS)
    assert list(QUANTISERS) == sorted(set(QUANTISERS))
    worse = expected_level(15.0 - DECIBELS_AN_OCTAVE, 20, 15.0)
    assert QUANTISERS[worse] == pytest.approx(2 * QUANTISERS[20], rel=0.05)
    assert expected_level(15.0, 20, 15.0) == 20
    assert expected_level(60.0, 20, 15.0) == BEST_LEVEL
