"""reconcile(observed) -> decision: the first policy that has something to say. Pure.

The order is the meaning: a resource that is being deleted is only ever cleaned up, one that has
ended never runs again, a result is worth more than a deadline that passes in the same moment, and
only a job that nothing holds back is started.
"""

from __future__ import annotations

from collections.abc import Callable

from excamera_controller.decision import Decision
from excamera_controller.observed import Observed
from excamera_controller.policies import (
    admission,
    deadline,
    deletion,
    finalizer,
    finished,
    outcome,
    running,
    starting,
    suspension,
)

Policy = Callable[[Observed], Decision | None]

POLICIES: tuple[Policy, ...] = (
    deletion.policy,
    finished.policy,
    finalizer.policy,
    outcome.policy,
    suspension.policy,
    deadline.policy,
    admission.policy,
    starting.policy,
    running.policy,
)


def reconcile(observed: Observed) -> Decision:
    """What to do next about one job."""
    decisions = (policy(observed) for policy in POLICIES)
    return next(decision for decision in decisions if decision is not None)
