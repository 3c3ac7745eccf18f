"""A job that has ended: cleared away and let go, then kept until its time or somebody deletes it.

The operator that has written the result may have been killed before it acted on it. So as long as
a job that has ended is held by our finalizer, its workers are ended, and what is unfinished is
removed: it never runs again, and another job never takes it up. That is done while there are
workers, too, since late rivals of attempts may still write. Then it is let go: a resource
that nobody has anything to do for can be deleted without an operator.

What cannot be removed, as its store is away or its Secret gone, is tried for an hour. Then the
events have said often enough what is left and where. Workers that do not go, as their node is lost,
are waited for as long.
"""

from __future__ import annotations

from datetime import timedelta

from excamera_controller.decision import Action, Decision
from excamera_controller.observed import FINALIZER, Observed
from excamera_controller.policies.deletion import LEFT

AGAIN_SECONDS = 5.0, 300.0
"""Between the tries at removing: as long as it has been tried, within these bounds."""

TRYING_SECONDS = 3600.0


def policy(observed: Observed) -> Decision | None:
    job = observed.job
    if not job.ended:
        return None
    held = FINALIZER in job.finalizers
    left = _seconds_left(observed)
    if observed.run is not None or (held and observed.remains is not None):
        return _end_workers(observed, left)
    if left is not None and left <= 0:
        return Decision(actions=(Action.DELETE,))
    if held:
        return _clear(observed, left)
    return Decision(again_seconds=left)


def _end_workers(observed: Observed, left: float | None) -> Decision:
    """left: until it should be deleted, or less than nothing."""
    clear = (Action.STOP_RUN, Action.CLEAN_UP)
    if observed.run is not None or (observed.remains or 0.0) < TRYING_SECONDS:
        return Decision(actions=clear, again_seconds=observed.remains_again)
    again = None if left is None else max(0.0, left)
    return Decision((*clear, Action.RELEASE_FINALIZER), events=(LEFT,), again_seconds=again)


def _clear(observed: Observed, left: float | None) -> Decision:
    """left: until it is deleted."""
    if not observed.unfinished:
        return Decision(actions=(Action.RELEASE_FINALIZER,), again_seconds=left)
    completed = observed.job.time("completionTime")
    tried = (observed.now - completed).total_seconds() if completed else TRYING_SECONDS
    if tried >= TRYING_SECONDS:
        return Decision(actions=(Action.CLEAN_UP, Action.RELEASE_FINALIZER), again_seconds=left)
    least, most = AGAIN_SECONDS
    again = min(max(least, tried), most)
    return Decision(
        actions=(Action.CLEAN_UP,), again_seconds=again if left is None else min(again, left)
    )


def _seconds_left(observed: Observed) -> float | None:
    """Of ttlSecondsAfterFinished; None if it is kept."""
    lifetime = observed.job.spec.get("ttlSecondsAfterFinished")
    completed = observed.job.time("completionTime")
    if lifetime is None or completed is None:
        return None
    return (completed + timedelta(seconds=lifetime) - observed.now).total_seconds()
