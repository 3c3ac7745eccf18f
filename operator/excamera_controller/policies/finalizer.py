"""Nothing is started for a resource that could vanish without being cleared away."""

from __future__ import annotations

from excamera_controller.decision import Action, Decision
from excamera_controller.observed import FINALIZER, Observed


def policy(observed: Observed) -> Decision | None:
    if FINALIZER in observed.job.finalizers:
        return None
    return Decision(actions=(Action.ADD_FINALIZER,), again_seconds=0)
