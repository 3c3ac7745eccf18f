"""A job on its way: say how far it is, and what is in its way.

With workers at work a trouble is of the condition WorkersReady alone; while there are none, it is
also what the job waits for, and the phase is Pending. So it is until the first of them has come. A
job whose last worker is gone for a moment, or whose operator is a new one, goes on Running.
"""

from __future__ import annotations

from excamera.progress_line import line
from excamera_controller.conditions import (
    PLANNED,
    SUCCEEDED,
    WORKERS_READY,
    Condition,
    Phase,
    Reason,
    Truth,
    succeeded,
)
from excamera_controller.decision import Decision, Event
from excamera_controller.observed import WITH_WORKERS, Failure, Observed, RunPhase, RunView
from excamera_controller.policies.deadline import seconds_left
from excamera_controller.policies.losses import losses
from excamera_controller.policies.starting import INDEXING, RESUMED
from excamera_controller.policies.words import finished, published

STATUS_SECONDS = 3.0
PLANNING_SECONDS = 0.5
"""The source of a brief clip is read in a second or two, and searched for cuts in as many."""

PHASES = {
    RunPhase.PLANNING: (Phase.PLANNING, Reason.INDEXING),
    RunPhase.LOOKING: (Phase.RUNNING, Reason.FINDING_SCENES),
    RunPhase.CHOOSING: (Phase.RUNNING, Reason.CHOOSING_QUALITY),
    RunPhase.ENCODING: (Phase.RUNNING, Reason.ENCODING),
    RunPhase.JOINING: (Phase.PUBLISHING, Reason.JOINING),
}
BEHIND_THE_PLAN = (RunPhase.CHOOSING, RunPhase.ENCODING, RunPhase.JOINING)
KEPT = (Phase.PENDING, Phase.RUNNING, Phase.PUBLISHING)
"""While an operator that takes a job up reads again what was planned before."""


def policy(observed: Observed) -> Decision | None:
    run = observed.run
    if run is None:
        return None
    left = seconds_left(observed)
    again = STATUS_SECONDS if run.phase in BEHIND_THE_PLAN else PLANNING_SECONDS
    return Decision(
        phase=_phase(observed, run),
        conditions=(_summary(observed, run), *_details(observed, run)),
        events=_events(observed, run),
        view=run,
        again_seconds=min(again, left) if left is not None else again,
    )


def _phase(observed: Observed, run: RunView) -> Phase:
    before = observed.job.phase
    if _in_the_way(observed, run) is not None:
        return Phase.PENDING
    if run.phase is RunPhase.PLANNING:
        return before if observed.job.had_workers and before in KEPT else Phase.PLANNING
    if run.phase in WITH_WORKERS and not _connected(run):
        return Phase.RUNNING if before is Phase.RUNNING else Phase.PENDING
    return PHASES[run.phase][0]


def _in_the_way(observed: Observed, run: RunView) -> Failure | None:
    """What the job waits for, if nobody works on it."""
    if _connected(run):
        return None
    if run.trouble is None and run.phase in WITH_WORKERS and not observed.admitted:
        return Failure(Reason.WAITING_FOR_CAPACITY, observed.waiting)
    return run.trouble


def _summary(observed: Observed, run: RunView) -> Condition:
    """What keeps workers away counts for more than progress where there is none without them."""
    waits = _in_the_way(observed, run)
    if waits is not None:
        done = finished(run) if published(run) else ""
        message = f"{waits.message}; {done}" if done else waits.message
        return succeeded(Truth.UNKNOWN, waits.reason, message)
    if run.phase in WITH_WORKERS and not _connected(run):
        done = finished(run)
        message = f"workers are on their way; {done}" if done else "workers are on their way"
        return succeeded(Truth.UNKNOWN, Reason.WAITING_FOR_WORKERS, message)
    return succeeded(Truth.UNKNOWN, PHASES[run.phase][1], _message(observed, run))


def _was_planned(observed: Observed) -> bool:
    return observed.job.condition(PLANNED).get("status") == Truth.TRUE


def _connected(run: RunView) -> int:
    return run.snapshot.workers if run.snapshot is not None else 0


def _message(observed: Observed, run: RunView) -> str:
    now = run.snapshot
    if now is not None and (now.chunks or now.looking):
        return line(now)
    return RESUMED if observed.job.had_workers else INDEXING


def _details(observed: Observed, run: RunView) -> tuple[Condition, ...]:
    snapshot = run.snapshot
    planned: tuple[Condition, ...] = ()
    if snapshot is not None and snapshot.chunks:
        made = f"{snapshot.frames} frames in {snapshot.chunks} chunks of {snapshot.chunk_frames}"
        made = "; ".join((made, *(run.source.warnings if run.source else ())))
        planned = (Condition(PLANNED, Truth.TRUE, Reason.SOURCE_INDEXED, made),)
    elif not _was_planned(observed):
        planned = (Condition(PLANNED, Truth.FALSE, Reason.NOT_STARTED, "not yet"),)
    if snapshot is None or not (snapshot.chunks or snapshot.looking):
        return planned
    return (*planned, _workers_ready(run, snapshot.workers))


def _workers_ready(run: RunView, workers: int) -> Condition:
    connected = f"{workers} workers are connected"
    if run.workers_limit:
        connected += f"; {run.workers_limit}"
    reason = Reason.WORKERS_CONNECTED if workers else Reason.WAITING_FOR_WORKERS
    if run.trouble is not None:
        reason = run.trouble.reason
        connected += f"; {run.trouble.message}"
    return Condition(WORKERS_READY, Truth.TRUE if workers else Truth.FALSE, reason, connected)


def _events(observed: Observed, run: RunView) -> tuple[Event, ...]:
    events = []
    if run.snapshot is not None and run.snapshot.chunks and not _was_planned(observed):
        planned = f"{run.snapshot.frames} frames in {run.snapshot.chunks} chunks"
        events.append(Event(Reason.SOURCE_INDEXED, planned))
    told = {observed.job.condition(type_).get("reason") for type_ in (SUCCEEDED, WORKERS_READY)}
    if run.trouble is not None and run.trouble.reason not in told:
        events.append(Event(run.trouble.reason, run.trouble.message, warning=True))
    return (*events, *losses(run))
