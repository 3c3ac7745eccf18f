"""The cap over all jobs: a job that may have no worker yet waits, and says for what."""

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
from excamera_controller.decision import Decision, Event
from excamera_controller.observed import Observed
from excamera_controller.policies.starting import is_resumed

LOOK_AGAIN_SECONDS = 5.0
WAITS_RESUMED = Condition(
    SUSPENDED, Truth.FALSE, Reason.WAITING_FOR_CAPACITY, "resumed, and waiting for workers"
)


def policy(observed: Observed) -> Decision | None:
    if observed.run is not None or observed.admitted:
        return None
    first = observed.job.condition(SUCCEEDED).get("reason") != Reason.WAITING_FOR_CAPACITY
    return Decision(
        phase=Phase.PENDING,
        conditions=(
            succeeded(Truth.UNKNOWN, Reason.WAITING_FOR_CAPACITY, observed.waiting),
            *((WAITS_RESUMED,) if is_resumed(observed.job) else ()),
        ),
        events=(Event(Reason.WAITING_FOR_CAPACITY, observed.waiting),) if first else (),
        again_seconds=LOOK_AGAIN_SECONDS,
    )
