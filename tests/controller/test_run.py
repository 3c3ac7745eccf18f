"""One run, as far as it comes without workers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from excamera_controller import patience
from excamera_controller.api import ApiError, NotFound, Object, Unreachable
from excamera_controller.conditions import Reason
from excamera_controller.observed import RunPhase, RunView
from excamera_controller.run import Run
from tests.controller.test_remains import JOB, place_of

SPEC = {
    "source": {"uri": "s3://videos/in.mp4"},
    "output": {"uri": "s3://videos/out.webm"},
    "storage": {"secretRef": {"name": "store"}},
}
PAST = {"progress": {"attemptsLost": 7}, "workers": {"lost": 3}}
STORED = replace(JOB, spec=SPEC, status={**JOB.status, **PAST})
NO_SECRET = NotFound(404, "NotFound", "")
AWAY = Unreachable("away")
INCOMPLETE: Object = {"data": {}}


@dataclass
class Answers:
    """An API server that is asked for Secrets: what it says, the last again and again."""

    said: list[ApiError | Object]
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str) -> Object:
        self.asked.append(path.rpartition("/")[2])
        answer = self.said.pop(0) if len(self.said) > 1 else self.said[0]
        if isinstance(answer, ApiError):
            raise answer
        return answer


@dataclass
class World:
    """A run, and all that it has ever had to say."""

    run: Run
    api: Answers
    told: list[RunView]
    _news: asyncio.Event

    async def until(self, there: Callable[[RunView], bool]) -> RunView:
        while not (self.told and there(self.told[-1])):
            self._news.clear()
            await self._news.wait()
        return self.told[-1]


Begin = Callable[..., World]


@pytest.fixture
async def begin() -> AsyncIterator[Begin]:
    begun: list[Run] = []

    def made(*said: ApiError | Object) -> World:
        api, told, news = Answers(list(said)), list[RunView](), asyncio.Event()

        def changed() -> None:
            told.append(run.view)
            news.set()

        place: Any = place_of(api)
        run = Run(STORED, place, changed, tuple, goes_on=True)
        begun.append(run)
        return World(run, api, told, news)

    yield made
    for run in begun:
        await run.stop()


def ended(view: RunView) -> bool:
    return view.phase is RunPhase.ENDED


def waits(view: RunView) -> bool:
    return view.trouble is not None


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hardly a pause between tries."""
    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.001)
    monkeypatch.setattr(patience, "MOST_SECONDS", 0.001)
    monkeypatch.setattr(patience, "SERVER_MOST_SECONDS", 0.001)


@pytest.fixture
def brief(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """And patience of hardly any time."""
    seconds = dict.fromkeys(patience.SECONDS, 0.02)
    monkeypatch.setattr(patience, "SECONDS", seconds)


async def test_a_secret_that_is_not_there_yet_is_named_at_once_and_tried_again(
    begin: Begin,
) -> None:
    view = await begin(NO_SECRET).until(waits)
    assert view.phase is RunPhase.PLANNING
    assert view.trouble is not None
    assert view.trouble.reason is Reason.SECRET_MISSING
    assert "tried 1 time, and again at" in view.trouble.message


@pytest.mark.usefixtures("quick")
async def test_a_secret_that_comes_in_time_is_taken(begin: Begin) -> None:
    world = begin(NO_SECRET, NO_SECRET, INCOMPLETE)

    def taken(view: RunView) -> bool:
        return view.trouble is not None and "has no AWS_ACCESS_KEY_ID" in view.trouble.message

    await world.until(taken)


async def test_what_the_last_try_has_failed_of_is_said_until_one_gets_further(
    begin: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A try at a store that is away takes many seconds, and is no sign that things are well."""
    trying = asyncio.Event()

    async def stuck(*_: object) -> object:
        trying.set()
        return await asyncio.Event().wait()

    monkeypatch.setattr(patience, "FIRST_SECONDS", 0.001)
    world = begin(NO_SECRET)
    await world.until(waits)
    monkeypatch.setattr("excamera_controller.run.backend_of", stuck)
    monkeypatch.setattr("excamera_controller.run.access_of", stuck)
    await trying.wait()
    assert waits(world.run.view)


@pytest.mark.usefixtures("brief")
async def test_a_secret_that_does_not_come_fails_the_job_in_the_end(begin: Begin) -> None:
    view = (await begin(NO_SECRET).until(ended)).failure
    assert view is not None
    assert view.reason is Reason.SECRET_MISSING
    assert "still so after" in view.message


async def test_a_changed_spec_is_tried_at_once(begin: Begin) -> None:
    """A wrong name of a Secret can be put right; the first wait is of seconds."""
    world = begin(NO_SECRET)
    await world.until(waits)
    spec = {**SPEC, "storage": {"secretRef": {"name": "right"}}}
    world.run.take(replace(STORED, spec=spec, generation=2))
    news = len(world.told)
    await world.until(lambda view: len(world.told) > news)
    assert world.api.asked == ["store", "right"]


async def test_a_run_that_waits_can_be_stopped_even_as_its_spec_changes(begin: Begin) -> None:
    """Deletion is both, in one pass."""
    world = begin(NO_SECRET)
    await world.until(waits)
    world.run.take(replace(STORED, generation=2))
    await world.run.stop()
    assert world.api.asked == ["store"]


@pytest.mark.usefixtures("brief")
async def test_an_api_server_that_is_away_for_longer_than_any_store_may_be_fails_no_job(
    begin: Begin,
) -> None:
    world = begin(*[AWAY] * 100, NO_SECRET)
    view = await world.until(ended)
    assert len(world.api.asked) > 100
    assert view.failure is not None
    assert view.failure.reason is Reason.SECRET_MISSING


@pytest.mark.usefixtures("brief")
async def test_a_run_counts_on_from_what_earlier_operators_have_lost(begin: Begin) -> None:
    view = await begin(NO_SECRET).until(ended)
    assert (view.attempts_lost, view.workers_lost) == (7, 3)
