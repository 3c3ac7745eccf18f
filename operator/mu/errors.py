"""What mu raises.

MuError
├── InvalidMachine      a machine that cannot be: duplicate names, unreachable states
├── IllegalEvent        an event that the machine cannot take where it stands
├── InvalidTasks        tasks that cannot be scheduled: unknown names, cycles, a bad order
├── SigningFailed       there is no leave to be had for an object that a call needs
├── WireError           a message that means nothing to mu
├── BackendError        a backend could not start workers
└── JobFailed           a run ended without all of its tasks done
    ├── TaskFailed      because of one task, which is named
    └── NoWorkers       because no worker came, however often they were started
"""

from __future__ import annotations


class MuError(Exception):
    """The root of the tree."""


class InvalidMachine(MuError):
    """A machine that cannot be compiled, or a table that is not sound."""


class IllegalEvent(MuError):
    """An event that the machine cannot take at its position; the position is unchanged."""


class InvalidTasks(MuError):
    """Tasks that cannot be scheduled."""


class SigningFailed(MuError):
    """There is no leave to be had for an object that a call needs."""


class WireError(MuError):
    """A message that is well-formed Protobuf and still means nothing."""


class BackendError(MuError):
    """A backend could not start workers. permanent: trying again is of no use. passing: what is in
    the way will go away, and is waited for however long that takes."""

    def __init__(self, message: str, *, permanent: bool = False, passing: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.passing = passing


class JobFailed(MuError):
    """A run ended without all of its tasks done."""


class NoWorkers(JobFailed):
    """No worker came, however often they were started."""


class TaskFailed(JobFailed):
    """A task failed for good, at `state` of its machine, after `attempts` attempts."""

    def __init__(
        self, task: str, state: str, reason: str, message: str, attempts: int, permanent: bool
    ) -> None:
        super().__init__(f"{task}: {state}: {message}")
        self.task = task
        self.state = state
        self.reason = reason
        self.message = message
        self.attempts = attempts
        self.permanent = permanent
