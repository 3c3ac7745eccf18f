"""spec.activeDeadlineSeconds, counted from status.startTime as Job does.

The message says how far the job had come, and what was in its way if something was.
"""

from __future__ import annotations

from datetime import timedelta

from excamera_controller.conditions import Reason
from excamera_controller.decision import Decision
from excamera_controller.observed import Failure, Observed
from excamera_controller.policies.outcome import ended
from excamera_controller.policies.starting import is_resumed
from excamera_controller.policies.words import finished

ADVICE = (
    "give it a larger spec.activeDeadlineSeconds, or none, or more of spec.workers.max if there is"
    " room for them"
)


def policy(observed: Observed) -> Decision | None:
    left = seconds_left(observed)
    if left is None or left > 0:
        return None
    limit = observed.job.spec["activeDeadlineSeconds"]
    message = f"not done within spec.activeDeadlineSeconds, {limit} s: {_state(observed)}; {ADVICE}"
    return ended(observed.run, Failure(Reason.DEADLINE_EXCEEDED, message))


def _state(observed: Observed) -> str:
    run = observed.run
    if run is None:
        return observed.waiting if not observed.admitted else "it was not running"
    state = finished(run) or "the source was not read yet"
    return f"{state}; {run.trouble.message}" if run.trouble is not None else state


def seconds_left(observed: Observed) -> float | None:
    """Until the deadline; None if there is none, or if the job has not been started: nor has one
    that was suspended since, whose clock is yet to start anew."""
    job = observed.job
    limit, started = job.spec.get("activeDeadlineSeconds"), job.time("startTime")
    if limit is None or started is None or job.suspended or is_resumed(job):
        return None
    return (started + timedelta(seconds=limit) - observed.now).total_seconds()
