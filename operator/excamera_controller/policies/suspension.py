"""spec.suspend: no workers, but every finished chunk is kept. Resuming starts the clock anew."""

from __future__ import annotations

from excamera_controller.conditions import SUSPENDED, Condition, Phase, Reason, Truth, succeeded
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.observed import Observed
from excamera_controller.policies.losses import losses

STOPPED = "suspended by spec.suspend; finished chunks are kept, set it to false to go on"
SUSPENDS = Event(Reason.JOB_SUSPENDED, STOPPED)


def policy(observed: Observed) -> Decision | None:
    if not observed.job.suspended:
        return None
    already = observed.job.condition(SUSPENDED).get("status") == Truth.TRUE
    remains = observed.run is not None or observed.remains is not None
    return Decision(
        actions=(Action.STOP_RUN,) if remains else (),
        phase=Phase.SUSPENDED,
        conditions=(
            Condition(SUSPENDED, Truth.TRUE, Reason.JOB_SUSPENDED, STOPPED),
            succeeded(Truth.UNKNOWN, Reason.JOB_SUSPENDED, STOPPED),
        ),
        events=(*losses(observed.run), *(() if already else (SUSPENDS,))),
        view=observed.run,
        again_seconds=observed.remains_again if remains else None,
    )
