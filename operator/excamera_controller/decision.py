"""What one pass decides. Pure data; `carry_out.py` does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from excamera_controller.conditions import Condition, Phase, Reason
from excamera_controller.observed import RunView


class Action(StrEnum):
    """What to do besides writing the status. Each is idempotent."""

    ADD_FINALIZER = "add the finalizer"
    START_RUN = "start the run"
    STOP_RUN = "stop workers and keep what is finished"
    DISMISS_WORKERS = "end workers that an earlier operator has left"
    CLEAN_UP = "remove workers, mailboxes and unfinished objects"
    RELEASE_FINALIZER = "let the resource go"
    DELETE = "delete the resource"


@dataclass(frozen=True, slots=True)
class Event:
    """For `kubectl describe`."""

    reason: Reason
    message: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """Actions in order, the status as it should be, and when to look again.

    `phase` None leaves the status alone. `view` is where figures for the status come from.
    `starts_clock` sets startTime to now, `completes` sets completionTime.
    """

    actions: tuple[Action, ...] = ()
    phase: Phase | None = None
    conditions: tuple[Condition, ...] = ()
    events: tuple[Event, ...] = ()
    view: RunView | None = None
    starts_clock: bool = False
    completes: bool = False
    again_seconds: float | None = None
