"""spec.activeDeadlineSeconds, counted from status.startTime as Job does."""

from __future__ import annotations

from datetime import timedelta

from excamera_controller.conditions import Reason
from excamera_controller.decision import Decision
from excamera_controller.observed import Failure, Observed
from excamera_controller.policies.outcome import ended
from excamera_controller.policies.starting import is_resumed


def policy(observed: Observed) -> Decision | None:
    left = seconds_left(observed)
    if left is None or left > 0:
        return None
    limit = observed.job.spec["activeDeadlineSeconds"]
    message = (
        f"not done within activeDeadlineSeconds ({limit} s);"
        " give it longer, more workers, or larger chunks"
    )
    return ended(observed.run, Failure(Reason.DEADLINE_EXCEEDED, message))


def seconds_left(observed: Observed) -> float | None:
    """Until the deadline; None if there is none, or if the job has not been started: nor has one
    that was suspended since, whose clock is yet to start anew."""
    job = observed.job
    limit, started = job.spec.get("activeDeadlineSeconds"), job.time("startTime")
    if limit is None or started is None or job.suspended or is_resumed(job):
        return None
    return (started + timedelta(seconds=limit) - observed.now).total_seconds()
