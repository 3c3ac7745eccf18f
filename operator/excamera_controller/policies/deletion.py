"""A resource that is being deleted: stop, clear away, let go.

The finalizer is released whether or not the clean-up succeeded. An unreachable store must not keep
a resource, and with it its namespace, from going away; `CLEAN_UP` tries for a bounded time and an
event says what was left.
"""

from __future__ import annotations

from excamera_controller.decision import Action, Decision
from excamera_controller.observed import FINALIZER, Observed


def policy(observed: Observed) -> Decision | None:
    if not observed.job.deletion_requested:
        return None
    if FINALIZER not in observed.job.finalizers:
        return Decision()
    return Decision(actions=(Action.STOP_RUN, Action.CLEAN_UP, Action.RELEASE_FINALIZER))
