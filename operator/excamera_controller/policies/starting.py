"""A job that nothing holds back and that this process does not run: start it.

This is also how a job goes on after the operator was restarted: finished chunks are in the store,
workers reconnect, and the clock of activeDeadlineSeconds keeps the time at which it began.

An operator with another codec than the job was begun with, as after an upgrade, cannot go on with
its chunks: those of two codecs do not fit together. It ends the workers there are and begins anew.
"""

from __future__ import annotations

from excamera_controller.conditions import (
    SUSPENDED,
    Condition,
    Phase,
    Reason,
    Truth,
    succeeded,
)
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.observed import Observed, Stored
from excamera_controller.policies.shared_output import warning

INDEXING = "reading the source's index"
RESUMED = "going on from the finished chunks"
BEGUN_ANEW = (
    "beginning anew: the operator has another codec now, whose chunks do not fit the finished ones"
)


def is_resumed(job: Stored) -> bool:
    """Whether it was suspended since it last started, as policy `admission` may have noted."""
    noted = job.condition(SUSPENDED)
    return noted.get("status") == Truth.TRUE or noted.get("reason") == Reason.WAITING_FOR_CAPACITY


def policy(observed: Observed) -> Decision | None:
    if observed.run is not None:
        return None
    resumed = is_resumed(observed.job)
    fresh = observed.job.time("startTime") is None
    changed = not fresh and observed.job.codec != observed.codec
    going_on = observed.job.had_workers and not changed
    how = BEGUN_ANEW if changed else RESUMED
    not_suspended = Condition(SUSPENDED, Truth.FALSE, Reason.JOB_RESUMED, how)
    events: tuple[Event, ...] = ()
    if resumed:
        events = (Event(Reason.JOB_RESUMED, how),)
    elif changed:
        events = (Event(Reason.CODEC_CHANGED, how, warning=True),)
    elif fresh:
        events = (Event(Reason.INDEXING, INDEXING),)
    if resumed or fresh:
        events += warning(observed)
    return Decision(
        actions=(Action.STOP_RUN, Action.START_RUN) if changed else (Action.START_RUN,),
        phase=_phase(observed.job) if going_on else Phase.PLANNING,
        conditions=(
            succeeded(Truth.UNKNOWN, Reason.INDEXING, RESUMED if going_on else INDEXING),
            *((not_suspended,) if resumed else ()),
        ),
        events=events,
        starts_clock=fresh or resumed or changed,
        again_seconds=0.0,
    )


def _phase(job: Stored) -> Phase:
    """Of one that was begun before. An operator that takes it up changes nothing for people; one
    that was suspended waits for workers."""
    return Phase.PENDING if job.phase is Phase.SUSPENDED else job.phase
