"""A resource that is being deleted: stop, wait until the workers are gone, clear away, let go.

A worker that is told to end may still write a chunk in its last seconds, so what is unfinished is
removed only when there is none. The finalizer is released in any case: workers that do not go and
an unreachable store must not keep a resource, and with it its namespace, from going away. Both are
waited for within bounds, and an event says what was left.

One that is let go, by us or by hand, may be held by others yet; nobody works for it meanwhile.
"""

from __future__ import annotations

from excamera_controller.conditions import Reason
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.observed import FINALIZER, Observed

LOOK_SECONDS = 1.0
GONE_SECONDS = 30.0
"""How long workers may take to go: twice their pods' grace period."""

LEFT = Event(
    Reason.CLEAN_UP_INCOMPLETE,
    "workers have not ended in time, and what they still write is left in the store",
    warning=True,
)


def policy(observed: Observed) -> Decision | None:
    if not observed.job.deletion_requested:
        return None
    if FINALIZER not in observed.job.finalizers:
        return Decision(actions=(Action.STOP_RUN,) if observed.run is not None else ())
    left = observed.remains
    if observed.run is not None or (left is not None and left < GONE_SECONDS):
        return Decision(actions=(Action.STOP_RUN,), again_seconds=LOOK_SECONDS)
    return Decision(
        actions=(Action.STOP_RUN, Action.CLEAN_UP, Action.RELEASE_FINALIZER),
        events=(LEFT,) if left is not None else (),
    )
