"""A job that has ended: kept for ttlSecondsAfterFinished, or until somebody deletes it."""

from __future__ import annotations

from datetime import timedelta

from excamera_controller.decision import Action, Decision
from excamera_controller.observed import Observed


def policy(observed: Observed) -> Decision | None:
    job = observed.job
    if not job.ended:
        return None
    stop = (Action.STOP_RUN,) if observed.run is not None else ()
    lifetime, completed = job.spec.get("ttlSecondsAfterFinished"), job.time("completionTime")
    if lifetime is None or completed is None:
        return Decision(actions=stop)
    left = (completed + timedelta(seconds=lifetime) - observed.now).total_seconds()
    if left > 0:
        return Decision(actions=stop, again_seconds=left)
    return Decision(actions=(*stop, Action.DELETE))
