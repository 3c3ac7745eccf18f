"""The operator is uninstalled: what becomes of a job for which nobody will do anything any more.

This is not one of `reconcile`'s policies: it is for when there is no operator left that would
follow those. A job that is not over is stopped as if it were suspended, and told why; the next
operator resumes it. Whatever it is, it is let go, since nobody would ever do so later. What it has
in the store stays, finished chunks to go on from among it; removing that takes rights that
uninstalling does not need.
"""

from __future__ import annotations

from excamera_controller.conditions import SUSPENDED, Condition, Phase, Reason, Truth, succeeded
from excamera_controller.decision import Action, Decision, Event
from excamera_controller.observed import FINALIZER, Observed, Stored

STOPPED = (
    "the operator was uninstalled: workers are stopped, finished chunks are kept;"
    " the job goes on when the chart is installed again"
)


def policy(observed: Observed) -> Decision | None:
    """None if there is nothing to do about the job."""
    job = observed.job
    actions = (Action.RELEASE_FINALIZER,) if FINALIZER in job.finalizers else ()
    if job.ended or job.deletion_requested:
        return Decision(actions, events=_left(job)) if actions else None
    if job.suspended:
        return Decision(actions, events=(_uninstalled(job),)) if actions else None
    if not actions and job.condition(SUSPENDED).get("reason") == Reason.OPERATOR_UNINSTALLED:
        return None
    return Decision(
        actions=actions,
        phase=Phase.SUSPENDED,
        conditions=(
            Condition(SUSPENDED, Truth.TRUE, Reason.OPERATOR_UNINSTALLED, STOPPED),
            succeeded(Truth.UNKNOWN, Reason.OPERATOR_UNINSTALLED, STOPPED),
        ),
        events=(_uninstalled(job),),
    )


def _uninstalled(job: Stored) -> Event:
    message = STOPPED
    if job.planned:
        message += f"; if it is deleted before, remove {job.work} from the store"
    return Event(Reason.OPERATOR_UNINSTALLED, message, warning=True)


def _left(job: Stored) -> tuple[Event, ...]:
    if not job.planned:
        return ()
    why = "the operator was uninstalled before it had removed them"
    message = f"unfinished objects may be left at {job.work}: {why}"
    return (Event(Reason.CLEAN_UP_INCOMPLETE, message, warning=True),)
