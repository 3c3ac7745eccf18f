"""Workers that were lost, as an event: also of a run that has just ended."""

from __future__ import annotations

from excamera_controller.conditions import Reason
from excamera_controller.decision import Event
from excamera_controller.observed import RunPhase, RunView


def losses(run: RunView | None) -> tuple[Event, ...]:
    """Tells of those that no event has told of yet."""
    if run is None or not run.losses:
        return ()
    listed = ", ".join(
        f"{count} {'worker' if count == 1 else 'workers'} lost: {reason}"
        for reason, count in run.losses.items()
    )
    begun = "; what they had begun is done again" if run.phase is not RunPhase.ENDED else ""
    return (Event(Reason.WORKERS_LOST, f"{listed}{begun}", warning=True),)
