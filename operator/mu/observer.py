"""What a run tells those who watch it: progress displays, metrics, tests, and the application.

An observer is called in the coordinator's event loop, in the order in which things happen, and must
return quickly; what it raises is logged and otherwise ignored. When a task is done an application
releases the task's mailboxes, for nobody reads them any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from mu.commands import Reply
from mu.task import Attempt


@dataclass(frozen=True, slots=True)
class WorkersStarted:
    """The backend has been asked for so many more."""

    backend: str
    count: int


@dataclass(frozen=True, slots=True)
class WorkerJoined:
    """Connected for the first time. launch_seconds: since the first launch that it can come from;
    None if there is none, or it brought attempts along and so was started by another coordinator.
    seconds_left: of its time limit, if it has one.
    """

    worker: str
    number: int
    backend: str
    launch_seconds: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class WorkerLeft:
    """Lost, or sent away. reason: one of a few words."""

    worker: str
    backend: str
    reason: str
    lost: bool


@dataclass(frozen=True, slots=True)
class AttemptStarted:
    """Also told, as adopted, of one that a restarted coordinator finds running."""

    attempt: Attempt
    stage: str
    worker: str
    backend: str
    restoring: bool = False
    speculative: bool = False
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class StateEntered:
    """The attempt's shown state is now this one; `done` and `failed` are not told here."""

    attempt: Attempt
    worker: str
    backend: str
    state: str


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """What a running program wrote for people to read."""

    attempt: Attempt
    state: str
    line: str


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """Every attempt that was started ends in exactly one of these. reason: `done` or why not, one
    of a few words. counted: against the task's back-off limit. seconds: in each state shown; of an
    adopted attempt, in those that began under this coordinator."""

    attempt: Attempt
    stage: str
    worker: str
    backend: str
    reason: str
    message: str = ""
    counted: bool = False
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def lost(self) -> bool:
        """Whether it has to be made good by another attempt because something went wrong."""
        return self.counted


@dataclass(frozen=True, slots=True)
class TaskDone:
    """Told once for each task. result: the replies that its machine kept. seconds: as above."""

    task: str
    attempt: Attempt
    stage: str
    result: Mapping[str, Reply]
    seconds: Mapping[str, float]
    partition: str = ""


@dataclass(frozen=True, slots=True)
class TaskRestored:
    """A finished task's messages were sent once more. redone: its own machine was run for that, so
    that it received its own messages again."""

    task: str
    attempt: Attempt
    redone: bool


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """The task has failed for good, and the job with it."""

    task: str
    attempt: Attempt
    stage: str
    state: str
    reason: str
    message: str
    attempts: int
    permanent: bool


@dataclass(frozen=True, slots=True)
class JobEnded:
    """Nothing comes after this. error: why it failed; empty when all is done."""

    error: str = ""


Observation = (
    WorkersStarted
    | WorkerJoined
    | WorkerLeft
    | AttemptStarted
    | StateEntered
    | ProgressLine
    | AttemptEnded
    | TaskDone
    | TaskRestored
    | TaskFailed
    | JobEnded
)


class Observer(Protocol):
    def observe(self, event: Observation) -> None: ...


class Observers:
    """Several as one."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def observe(self, event: Observation) -> None:
        for observer in self._observers:
            observer.observe(event)
