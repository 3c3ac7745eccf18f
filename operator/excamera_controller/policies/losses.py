"""Workers that were lost, as an event with advice: also of a run that has just ended."""

from __future__ import annotations

from excamera_controller.advice import OUT_OF_MEMORY
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
    advice = f"; {run.more_memory}" if OUT_OF_MEMORY in run.losses else ""
    return (Event(Reason.WORKERS_LOST, f"{listed}{begun}{advice}", warning=True),)
