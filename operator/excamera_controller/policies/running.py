"""A job on its way: say how far it is. A trouble that keeps workers away is said as well."""

from __future__ import annotations

from excamera.progress_line import line
from excamera_controller.conditions import (
    PLANNED,
    WORKERS_READY,
    Condition,
    Phase,
    Reason,
    Truth,
    succeeded,
)
from excamera_controller.decision import Decision, Event
from excamera_controller.observed import Observed, RunPhase, RunView
from excamera_controller.policies.deadline import seconds_left

STATUS_SECONDS = 3.0
PHASES = {
    RunPhase.PLANNING: (Phase.PLANNING, Reason.INDEXING),
    RunPhase.ENCODING: (Phase.RUNNING, Reason.ENCODING),
    RunPhase.JOINING: (Phase.PUBLISHING, Reason.JOINING),
}


def policy(observed: Observed) -> Decision | None:
    run = observed.run
    if run is None:
        return None
    phase, reason = PHASES[run.phase]
    if run.trouble is not None:
        summary = succeeded(Truth.UNKNOWN, run.trouble.reason, run.trouble.message)
    else:
        summary = succeeded(Truth.UNKNOWN, reason, _message(run))
    left = seconds_left(observed)
    return Decision(
        phase=phase,
        conditions=(summary, *_details(run)),
        events=_events(observed, run),
        view=run,
        again_seconds=min(STATUS_SECONDS, left) if left is not None else STATUS_SECONDS,
    )


def _message(run: RunView) -> str:
    return line(run.snapshot) if run.snapshot is not None else "reading the source's index"


def _details(run: RunView) -> tuple[Condition, ...]:
    snapshot = run.snapshot
    if snapshot is None or not snapshot.chunks:
        return (Condition(PLANNED, Truth.FALSE, Reason.NOT_STARTED, "not yet"),)
    planned = f"{snapshot.frames} frames in {snapshot.chunks} chunks"
    connected = f"{snapshot.workers} workers are connected"
    if run.workers_limit:
        connected += f"; {run.workers_limit}"
    ready = (
        Condition(WORKERS_READY, Truth.TRUE, Reason.WORKERS_CONNECTED, connected)
        if snapshot.workers
        else Condition(WORKERS_READY, Truth.FALSE, Reason.WAITING_FOR_WORKERS, connected)
    )
    return (Condition(PLANNED, Truth.TRUE, Reason.SOURCE_INDEXED, planned), ready)


def _events(observed: Observed, run: RunView) -> tuple[Event, ...]:
    events = []
    was_planned = observed.job.condition(PLANNED).get("status") == Truth.TRUE
    if run.snapshot is not None and run.snapshot.chunks and not was_planned:
        planned = f"{run.snapshot.frames} frames in {run.snapshot.chunks} chunks"
        events.append(Event(Reason.SOURCE_INDEXED, planned))
    stored = observed.job.condition("Succeeded").get("reason")
    if run.trouble is not None and run.trouble.reason != stored:
        events.append(Event(run.trouble.reason, run.trouble.message, warning=True))
    if run.losses:
        message = f"{run.losses}; what they had begun is done again"
        events.append(Event(Reason.WORKERS_LOST, message, warning=True))
    return tuple(events)
