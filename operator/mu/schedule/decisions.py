"""What a schedule decides. The first group is to be carried out, the second to be made known."""

from __future__ import annotations

from dataclasses import dataclass

from mu.task import Attempt, Task


@dataclass(frozen=True, slots=True)
class Assign:
    """Start the attempt on the worker. restoring: by the task's `restore` machine."""

    worker: str
    attempt: Attempt
    restoring: bool = False
    speculative: bool = False


@dataclass(frozen=True, slots=True)
class Adopt:
    """Go on with an attempt that the worker brought along."""

    worker: str
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Forget:
    """The attempt is over as far as the worker is concerned; stop it and clear it away."""

    worker: str
    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True)
class QuitWorker:
    """Tell the worker to end."""

    worker: str
    reason: str


@dataclass(frozen=True, slots=True)
class StartWorkers:
    """Have the backend start so many."""

    count: int


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """The worker is given up; lost attempts are told one by one."""

    worker: str
    reason: str


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """The attempt did not finish its task. counted: against the task's back-off limit."""

    worker: str
    attempt: Attempt
    reason: str
    message: str
    counted: bool


@dataclass(frozen=True, slots=True)
class TaskDone:
    """The attempt is the first of its task to finish."""

    attempt: Attempt


@dataclass(frozen=True, slots=True)
class TaskRestored:
    """A finished task's messages have been sent once more. redone: by its own machine."""

    attempt: Attempt
    redone: bool


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """The task fails, and with it the job."""

    attempt: Attempt
    state: str
    reason: str
    message: str
    attempts: int
    permanent: bool


@dataclass(frozen=True, slots=True)
class TasksEntered:
    """The open job's graph has these tasks now."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class AllDone:
    """All tasks that are known are done, and the job is open: are there more?"""


@dataclass(frozen=True, slots=True)
class JobDone:
    """All tasks are done."""


@dataclass(frozen=True, slots=True)
class JobFailed:
    """No task will be assigned any more. task: the one that failed, if that is why."""

    message: str
    task: TaskFailed | None = None


Decision = (
    Assign
    | Adopt
    | Forget
    | QuitWorker
    | StartWorkers
    | WorkerLost
    | AttemptEnded
    | TaskDone
    | TaskRestored
    | TaskFailed
    | TasksEntered
    | AllDone
    | JobDone
    | JobFailed
)
