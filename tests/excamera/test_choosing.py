"""Which chunks are tried at which level, and what is made of their figures."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import groupby

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from excamera import sample
from excamera.choosing import PROMISED, SURVEYS, Choice, Kind, Round, next_step, shortfall
from excamera.job import BEST_LEVEL, SMALLEST_LEVEL, Encoding
from excamera.level_search import QUANTISERS
from excamera.plan import Chunk, Plan, chunk_of, plan
from excamera.quality import decibels
from tests.excamera.sources import source

Quality = Callable[[Chunk, int], float]
"""1 - SSIM of a chunk at a level."""


def clip(frames: int, chain_length: int = 16) -> Plan:
    return plan(source(frames), Encoding(chain_length=chain_length))


def chosen(planned: Plan, target: float, loss: Quality) -> tuple[Choice, list[Round]]:
    """The choice, and the rounds that led to it."""
    rounds: list[Round] = []
    tried: dict[tuple[Kind, int], float] = {}
    while isinstance(step := next_step(planned.chunks, target, tried), Round):
        ssim = {chunk.number: 1 - loss(chunk, step.level) for chunk in step.chunks}
        tried[step.kind, step.level] = decibels(step.ssim(planned.chunks, ssim))
        rounds.append(step)
        assert len(rounds) <= 1 + SURVEYS, "it does not end"
    return step, rounds


def reached(planned: Plan, level: int, loss: Quality) -> float:
    """Of the whole clip."""
    total = sum(chunk.frames * loss(chunk, level) for chunk in planned.chunks)
    return decibels(1 - total / planned.frames)


def scenes(difficulty: list[float], chunks: int = 23) -> Quality:
    """Scenes of so many chunks that are more or less difficult (in dB), over and over again; heads
    of chains are better."""

    return lambda chunk, level: _loss(
        chunk, level, difficulty[chunk.number // chunks % len(difficulty)]
    )


def film(seed: int) -> Quality:
    """Scenes of random length, three seconds in the median, and of random difficulty."""
    chance = random.Random(seed)
    difficulty: list[float] = []

    def loss(chunk: Chunk, level: int) -> float:
        while len(difficulty) <= chunk.number:
            scene = chance.gauss(0, 2)
            difficulty.extend([scene] * round(max(2, chance.lognormvariate(2.5, 0.6))))
        return _loss(chunk, level, difficulty[chunk.number])

    return loss


def _loss(chunk: Chunk, level: int, difficulty: float) -> float:
    bonus = 1.5 if chunk.position == 0 else 0
    octaves = math.log2(QUANTISERS[level])
    return float(10 ** (-(29 - 2.2 * octaves - difficulty + bonus) / 10))


@settings(max_examples=50)
@given(st.integers(1, 4000), st.integers(1, 40))
def test_samples_are_chunks_of_the_clip_that_can_be_made_without_others(
    frames: int, chain_length: int
) -> None:
    planned = clip(frames, chain_length)
    for chunk in sample.trial(planned.chunks):
        assert (chunk.begins_chain, chunk.ends_chain) == (True, True)
        assert chunk.frames == planned.chunks[chunk.number].frames
    surveyed = sample.survey(planned.chunks)
    for _, chain in groupby(surveyed, key=lambda chunk: chunk.chain):
        links = list(chain)
        assert [chunk.position for chunk in links] == list(range(len(links)))
        assert [chunk.ends_chain for chunk in links] == [False] * (len(links) - 1) + [True]


def test_a_trial_is_small_and_comes_from_everywhere() -> None:
    numbers = [chunk.number for chunk in sample.trial(clip(6 * 1200).chunks)]
    assert len(numbers) == sample.TRIAL_CHUNKS
    assert numbers == [50 + 100 * part for part in range(12)]
    assert sample.trial(clip(18).chunks) == ()


def test_a_short_clip_is_surveyed_altogether_and_its_mean_is_the_outputs() -> None:
    planned = clip(6 * 130 + 2)
    surveyed = sample.survey(planned.chunks)
    assert surveyed == planned.chunks
    loss = scenes([0.0, 3.0, -2.0])
    ssim = {chunk.number: 1 - loss(chunk, 30) for chunk in surveyed}
    mean = sample.estimated(planned.chunks, surveyed, ssim)
    assert decibels(mean) == pytest.approx(reached(planned, 30, loss))


def test_of_a_film_every_part_of_a_minute_is_surveyed_at_a_fifth_of_the_cost() -> None:
    planned = clip(25 * 3600)
    surveyed = sample.survey(planned.chunks)
    assert {chunk.chain for chunk in surveyed} == set(range(planned.chains))
    assert len(surveyed) < 0.2 * len(planned.chunks)
    longer = sample.survey(clip(25 * 3600 * 4).chunks)
    assert len(longer) <= sample.MOST_CHAINS * sample.LINKS_AT_LEAST


@pytest.mark.parametrize("minutes", [5, 10, 60])
def test_what_a_survey_says_of_a_film_is_near_the_truth(minutes: int) -> None:
    planned, loss = clip(minutes * 60 * 25), film(seed=minutes)
    surveyed = sample.survey(planned.chunks)
    assert len(surveyed) < len(planned.chunks)
    ssim = {chunk.number: 1 - loss(chunk, 30) for chunk in surveyed}
    told = decibels(sample.estimated(planned.chunks, surveyed, ssim))
    assert told == pytest.approx(reached(planned, 30, loss), abs=0.15)


@settings(max_examples=50)
@given(
    st.integers(1, 1200),
    st.lists(st.floats(-2, 2), min_size=1, max_size=9),
    st.floats(13.5, 17.5),
)
def test_a_short_clip_gets_what_was_asked_for(
    frames: int, difficulty: list[float], target: float
) -> None:
    planned, loss = clip(frames), scenes(difficulty)
    assume(reached(planned, SMALLEST_LEVEL, loss) <= target)  # an easy one may be better at worst
    choice, _ = chosen(planned, target, loss)
    told = reached(planned, choice.level, loss)
    assert choice.decibels == pytest.approx(told)
    assert abs(told - target) <= PROMISED
    assert shortfall(target, choice.level, told) == ""


def test_the_same_figures_lead_to_the_same_rounds_and_every_round_has_its_own_name() -> None:
    planned, loss = clip(1200), scenes([0.0, 2.0])
    choice, rounds = chosen(planned, 14.0, loss)
    assert chosen(planned, 14.0, loss) == (choice, rounds)
    tasks = [one.task(chunk) for one in rounds for chunk in one.chunks]
    assert len(set(tasks)) == len(tasks)
    names = {chunk.name for chunk in planned.chunks}
    assert {chunk_of(task) for task in tasks} <= names
    assert not names & set(tasks)


def test_quality_that_no_level_has_is_said_to_be_out_of_reach() -> None:
    planned, loss = clip(400), scenes([0.0])
    for target, level, words in [
        (30.0, BEST_LEVEL, "SSIM 30 dB was asked for and is out of reach: cq-level 0, the best"),
        (5.0, SMALLEST_LEVEL, "SSIM 5 dB was asked for, and even cq-level 63, the smallest"),
    ]:
        choice, rounds = chosen(planned, target, loss)
        assert choice.level == level
        assert len(rounds) <= 3, "it is not searched for long"
        assert words in shortfall(target, level, choice.decibels)


def test_a_target_that_is_missed_is_told_with_what_it_was_missed_by() -> None:
    assert "missed by 0.31 dB" in shortfall(15.0, 30, 14.69)


@pytest.mark.parametrize("level", [48, SMALLEST_LEVEL])
def test_pictures_that_are_the_sources_miss_a_target_by_no_number(level: int) -> None:
    said = shortfall(14.0, level, decibels(1.0))
    assert "no difference to be seen" in said
    assert "inf" not in said
