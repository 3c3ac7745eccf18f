"""No work begins that could be left behind: a job that has begun, or is about to, is held.

One that has not begun (it waits, or was suspended from the start) leaves nothing and is free to go;
one that has ended is let go once it is cleared away (`finished`). Whoever takes the finalizer off a
job that is not over, as uninstalling does, finds it held again by the next operator.
"""

from __future__ import annotations

from excamera_controller.decision import Action, Decision
from excamera_controller.observed import FINALIZER, Observed


def policy(observed: Observed) -> Decision | None:
    job = observed.job
    begins = observed.admitted and not job.suspended
    if FINALIZER in job.finalizers or not (job.begun or begins):
        return None
    return Decision(actions=(Action.ADD_FINALIZER,), again_seconds=0)
