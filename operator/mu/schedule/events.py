"""What a schedule is told."""

from __future__ import annotations

from dataclasses import dataclass

from mu.task import Attempt, Task


@dataclass(frozen=True, slots=True)
class Held:
    """An attempt that a worker still holds when it (re)connects; `has_sent` a message, perhaps."""

    attempt: Attempt
    has_sent: bool = False
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class WorkerJoined:
    """A worker has connected, for the first time or again."""

    worker: str
    held: tuple[Held, ...] = ()
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class WorkerSilent:
    """Its stream is gone or its heartbeats are missing; it may come back."""

    worker: str


@dataclass(frozen=True, slots=True)
class WorkerLeaving:
    """It has said goodbye and does nothing more. What made it leave, its backend may tell soon."""

    worker: str


@dataclass(frozen=True, slots=True)
class WorkerGone:
    """It has ended and will not come back."""

    worker: str
    reason: str


@dataclass(frozen=True, slots=True)
class WorkerTime:
    """How much of its time limit a worker has left."""

    worker: str
    seconds_left: float


@dataclass(frozen=True, slots=True)
class LaunchesFailed:
    """So many workers that were to be started will not come."""

    count: int
    message: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class LaunchesPostponed:
    """So many workers could not be started for now: what is in the way will go away. Nothing was
    tried in vain, and nothing is counted."""

    count: int


@dataclass(frozen=True, slots=True)
class LaunchesWithdrawn:
    """So many workers that were to come were taken back, as there may be fewer now."""

    count: int


@dataclass(frozen=True, slots=True)
class AttemptBlocked:
    """The attempt waits for another task's message or fact (or no longer does)."""

    attempt: Attempt
    blocked: bool


@dataclass(frozen=True, slots=True)
class AttemptDone:
    """The attempt's machine came to `done`."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """The attempt's machine came to `failed` in `state`."""

    attempt: Attempt
    state: str
    reason: str
    message: str
    permanent: bool = False


@dataclass(frozen=True, slots=True)
class AttemptLost:
    """Nothing can be known of the attempt any more, though its worker may live."""

    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True)
class MessagesLost:
    """The rendezvous forgot the messages of these partitions. senders: running attempts, of any
    partition, that may have sent some."""

    partitions: frozenset[str]
    senders: frozenset[Attempt] = frozenset()


@dataclass(frozen=True, slots=True)
class Resized:
    """How many workers to have at most has changed."""

    workers: int


@dataclass(frozen=True, slots=True)
class TasksAdded:
    """An open job has these tasks besides. done: those of them that were finished earlier. last:
    it is open no more."""

    tasks: tuple[Task, ...]
    done: frozenset[str] = frozenset()
    last: bool = False


@dataclass(frozen=True, slots=True)
class NoMoreTasks:
    """An open job has no tasks besides those that are known."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed."""


ScheduleEvent = (
    WorkerJoined
    | WorkerSilent
    | WorkerLeaving
    | WorkerGone
    | WorkerTime
    | LaunchesFailed
    | LaunchesPostponed
    | LaunchesWithdrawn
    | AttemptBlocked
    | AttemptDone
    | AttemptFailed
    | AttemptLost
    | MessagesLost
    | Resized
    | TasksAdded
    | NoMoreTasks
    | Tick
)
