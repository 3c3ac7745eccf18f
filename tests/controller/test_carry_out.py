"""What a pass has decided, carried out against a stand-in for the API server and for the runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from excamera.progress import Progress
from excamera_controller import carry_out
from excamera_controller.api import ApiError, Conflict, Object, Unreachable
from excamera_controller.carry_out import FIGURES_SECONDS, CarryOut
from excamera_controller.conditions import Phase, Reason, Truth, succeeded
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.gather import stored_of
from excamera_controller.observed import FINALIZER, Observed, RunPhase, RunView

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STOPPED = Event(Reason.JOB_SUSPENDED, "suspended")
WARNED = Event(Reason.WORKERS_LOST, "1 worker lost: OOMKilled", warning=True)
OBJECT = "/apis/excamera.dev/v1alpha1/namespaces/videos/encodejobs/clip"
EVENTS = "/api/v1/namespaces/videos/events"


@dataclass
class World:
    """API server and runs: both note what is asked of them, in one list."""

    asked: list[tuple[str, Any]] = field(default_factory=list)
    version: int = 7
    status: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, ApiError] = field(default_factory=dict)
    """By path: how it is refused."""
    left: str = ""
    """What clean_up could not remove."""
    seconds: float = 1000.0

    async def patch(self, path: str, body: Object) -> Object:
        self._ask(path, body)
        self.version += 1
        self.status |= body.get("status") or {}
        return {**seen(version=self.version), "status": dict(self.status)}

    async def create(self, path: str, body: Object) -> Object:
        self._ask(path, (body["reason"], body["type"]))
        return body

    async def delete(self, path: str, *, uid: str = "") -> None:
        self._ask(f"DELETE {path}", uid)

    async def stop(self, job: object) -> None:
        self._ask("stop", None)

    async def clean_up(self, job: object) -> str:
        self._ask("clean up", None)
        return self.left

    def monotonic(self) -> float:
        return self.seconds

    def _ask(self, what: str, how: object) -> None:
        self.asked.append((what, how))
        if what in self.errors:
            raise self.errors[what]

    @property
    def order(self) -> list[str]:
        return [what for what, _ in self.asked]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(carry_out, "time", SimpleNamespace(monotonic=made.monotonic))
    return made


@pytest.fixture
def hands(world: World) -> CarryOut:
    api: Any = world
    return CarryOut(api, api, "operator-1")


def seen(*, version: int = 7, **metadata: Any) -> Object:
    """A running job as the API server has it."""
    return {
        "metadata": {
            "name": "clip",
            "namespace": "videos",
            "uid": "u-1",
            "resourceVersion": str(version),
            "creationTimestamp": "2026-01-01T00:00:00Z",
            **metadata,
        },
        "spec": {},
    }


def running(world: World, frames: int = 0) -> tuple[Observed, Decision]:
    """A pass over a running job, with `frames` in its message: mere figures."""
    view = RunView(RunPhase.ENCODING, Progress(0.0).snapshot(1.0))
    summary = succeeded(Truth.UNKNOWN, Reason.ENCODING, f"{frames} frames")
    observed = Observed(stored_of(seen(version=world.version)), NOW, run=view)
    return observed, Decision(phase=Phase.RUNNING, conditions=(summary,), view=view)


async def test_the_status_is_written_before_its_events_and_those_come_before_actions(
    world: World, hands: CarryOut
) -> None:
    observed, decision = running(world)
    decision = replace(decision, events=(STOPPED, WARNED), actions=(Action.STOP_RUN,))
    await hands.all(seen(), observed, decision)
    assert world.order == [f"{OBJECT}/status", EVENTS, EVENTS, "stop"]
    assert [how for what, how in world.asked if what == EVENTS] == [
        ("JobSuspended", "Normal"),
        ("WorkersLost", "Warning"),
    ]


async def test_who_looked_at_an_older_object_does_nothing(world: World, hands: CarryOut) -> None:
    world.errors[f"{OBJECT}/status"] = Conflict(409, "Conflict", "it has changed")
    observed, decision = running(world)
    decision = replace(decision, events=(STOPPED,), actions=(Action.STOP_RUN,))
    with pytest.raises(Conflict):
        await hands.all(seen(), observed, decision)
    ((_, patch),) = world.asked
    assert patch["metadata"] == {"resourceVersion": "7"}


async def test_mere_figures_are_written_every_few_seconds_and_never_the_same_twice(
    world: World, hands: CarryOut
) -> None:
    now = seen()
    written = []
    for frames in (1, 2, 3, 3, 3):
        observed, decision = running(world, frames)
        job = replace(observed.job, status=now.get("status") or {})
        before = len(world.asked)
        now = await hands.all(now, replace(observed, job=job), decision)
        written.append(len(world.asked) > before)
        world.seconds += FIGURES_SECONDS * 0.6
    assert written == [True, False, True, False, False]


async def test_a_new_reason_is_written_at_once(world: World, hands: CarryOut) -> None:
    observed, decision = running(world)
    now = await hands.all(seen(), observed, decision)
    lacking = succeeded(Truth.UNKNOWN, Reason.QUOTA_EXCEEDED, "no room")
    job = replace(observed.job, status=now["status"])
    now = await hands.all(now, replace(observed, job=job), replace(decision, conditions=(lacking,)))
    assert now["status"]["conditions"][0]["reason"] == "QuotaExceeded"
    assert world.order == [f"{OBJECT}/status"] * 2


async def test_an_event_that_cannot_be_written_holds_nothing_up(
    world: World, hands: CarryOut
) -> None:
    world.errors[EVENTS] = Unreachable("nobody answers")
    observed, decision = running(world)
    decision = replace(decision, events=(STOPPED,), actions=(Action.STOP_RUN,))
    await hands.all(seen(), observed, decision)
    assert world.order[-1] == "stop"


async def test_our_finalizer_is_put_beside_those_of_others_and_taken_off_alone(
    world: World, hands: CarryOut
) -> None:
    theirs = seen(finalizers=["theirs/one"])
    both = seen(finalizers=["theirs/one", FINALIZER])
    for now, action in ((theirs, Action.ADD_FINALIZER), (both, Action.RELEASE_FINALIZER)):
        observed = Observed(stored_of(now), NOW)
        await hands.all(now, observed, Decision(actions=(action,)))
    assert [how["metadata"]["finalizers"] for _, how in world.asked] == [
        ["theirs/one", FINALIZER],
        ["theirs/one"],
    ]
    assert {how["metadata"]["resourceVersion"] for _, how in world.asked} == {"7"}


async def test_what_clean_up_leaves_behind_is_told_and_the_resource_is_let_go_all_the_same(
    world: World, hands: CarryOut
) -> None:
    world.left = "unfinished objects are left"
    observed = Observed(stored_of(seen(finalizers=[FINALIZER])), NOW)
    actions = (Action.STOP_RUN, Action.CLEAN_UP, Action.RELEASE_FINALIZER)
    await hands.all(seen(), observed, Decision(actions=actions))
    assert world.order == ["stop", "clean up", EVENTS, OBJECT]
    assert (EVENTS, ("CleanUpIncomplete", "Warning")) in world.asked


async def test_only_the_object_that_was_looked_at_is_deleted(world: World, hands: CarryOut) -> None:
    observed = Observed(stored_of(seen()), NOW)
    await hands.all(seen(), observed, Decision(actions=(Action.DELETE,)))
    assert world.asked == [(f"DELETE {OBJECT}", "u-1")]
