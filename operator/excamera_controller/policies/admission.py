"""The cap over all jobs: a job that may have no worker yet waits, and says for what.

Who waits holds no workers: those of an earlier operator would keep the room that others wait for.
"""

from __future__ import annotations

from excamera_controller.conditions import (
    SUCCEEDED,
    SUSPENDED,
    Condition,
    Phase,
    Reason,
    Truth,
    succeeded,
)
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.observed import Observed
from excamera_controller.policies.starting import is_resumed

LOOK_AGAIN_SECONDS = 5.0
GONE_SECONDS = 30.0
"""How long workers may take to go; what is left then is on a node that is lost."""
WAITS_RESUMED = Condition(
    SUSPENDED, Truth.FALSE, Reason.WAITING_FOR_CAPACITY, "resumed, and waiting for workers"
)


def policy(observed: Observed) -> Decision | None:
    if observed.run is not None or observed.admitted:
        return None
    first = observed.job.condition(SUCCEEDED).get("reason") != Reason.WAITING_FOR_CAPACITY
    return Decision(
        actions=(Action.DISMISS_WORKERS,) if _may_hold_workers(observed) else (),
        phase=Phase.PENDING,
        conditions=(
            succeeded(Truth.UNKNOWN, Reason.WAITING_FOR_CAPACITY, observed.waiting),
            *((WAITS_RESUMED,) if is_resumed(observed.job) else ()),
        ),
        events=(Event(Reason.WAITING_FOR_CAPACITY, observed.waiting),) if first else (),
        again_seconds=LOOK_AGAIN_SECONDS,
    )


def _may_hold_workers(observed: Observed) -> bool:
    remains = observed.remains
    return observed.job.begun and remains is not None and remains < GONE_SECONDS
