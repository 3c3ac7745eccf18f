"""A job on its way: say how far it is, and what keeps workers away.

With workers at work a trouble is of the condition WorkersReady alone; while there are none, it is
also what the job waits for.
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
from excamera_controller.observed import Observed, RunPhase, RunView
from excamera_controller.policies.deadline import seconds_left
from excamera_controller.policies.losses import losses

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
    left = seconds_left(observed)
    return Decision(
        phase=PHASES[run.phase][0],
        conditions=(_summary(observed, run), *_details(run)),
        events=_events(observed, run),
        view=run,
        again_seconds=min(STATUS_SECONDS, left) if left is not None else STATUS_SECONDS,
    )


def _summary(observed: Observed, run: RunView) -> Condition:
    """What keeps workers away counts for more than progress where there is none without them."""
    if not _connected(run):
        if run.trouble is not None:
            return succeeded(Truth.UNKNOWN, run.trouble.reason, run.trouble.message)
        if run.phase is RunPhase.ENCODING and not observed.admitted:
            return succeeded(Truth.UNKNOWN, Reason.WAITING_FOR_CAPACITY, observed.waiting)
    return succeeded(Truth.UNKNOWN, PHASES[run.phase][1], _message(run))


def _connected(run: RunView) -> int:
    return run.snapshot.workers if run.snapshot is not None else 0


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
    reason = Reason.WORKERS_CONNECTED if snapshot.workers else Reason.WAITING_FOR_WORKERS
    if run.trouble is not None:
        reason = run.trouble.reason
        connected += f"; {run.trouble.message}"
    ready = Truth.TRUE if snapshot.workers else Truth.FALSE
    return (
        Condition(PLANNED, Truth.TRUE, Reason.SOURCE_INDEXED, planned),
        Condition(WORKERS_READY, ready, reason, connected),
    )


def _events(observed: Observed, run: RunView) -> tuple[Event, ...]:
    events = []
    was_planned = observed.job.condition(PLANNED).get("status") == Truth.TRUE
    if run.snapshot is not None and run.snapshot.chunks and not was_planned:
        planned = f"{run.snapshot.frames} frames in {run.snapshot.chunks} chunks"
        events.append(Event(Reason.SOURCE_INDEXED, planned))
    told = {observed.job.condition(type_).get("reason") for type_ in (SUCCEEDED, WORKERS_READY)}
    if run.trouble is not None and run.trouble.reason not in told:
        events.append(Event(run.trouble.reason, run.trouble.message, warning=True))
    return (*events, *losses(run))
