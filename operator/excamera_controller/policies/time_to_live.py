"""A job that has ended: kept for ttlSecondsAfterFinished, or until somebody deletes it.

The operator that has written the result may have been killed before it acted on it. So whoever
first sees an ended job ends its workers. What is unfinished of one that succeeded is removed as
long as there are any: late rivals of attempts may still write.
"""

from __future__ import annotations

from datetime import timedelta

from excamera_controller.conditions import Phase
from excamera_controller.decision import Action, Decision
from excamera_controller.observed import Observed


def policy(observed: Observed) -> Decision | None:
    job = observed.job
    if not job.ended:
        return None
    if observed.run is not None or observed.remains is not None:
        left = (Action.CLEAN_UP,) if job.phase is Phase.SUCCEEDED else ()
        return Decision(actions=(Action.STOP_RUN, *left), again_seconds=observed.remains_again)
    lifetime, completed = job.spec.get("ttlSecondsAfterFinished"), job.time("completionTime")
    if lifetime is None or completed is None:
        return Decision()
    left_seconds = (completed + timedelta(seconds=lifetime) - observed.now).total_seconds()
    if left_seconds > 0:
        return Decision(again_seconds=left_seconds)
    return Decision(actions=(Action.DELETE,))
