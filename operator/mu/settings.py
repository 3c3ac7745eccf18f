"""How a run and its connections behave. All times are in seconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from mu.commands import Command, Receive, Run, Send
from mu.schedule import ScheduleSettings

HELLO_SECONDS: Final = 10.0
"""How long a stream may take to introduce itself."""

MOST_WORKERS: Final = 200_000
"""Names under which workers of one job may come: twice as many as a job may have at once."""

OUTBOX_LIMIT: Final = 10_000
"""Messages that may wait for one worker to take them before its stream is given up."""


LEAVE_SECONDS: Final = 3600.0
LEAVE_MARGIN: Final = 900.0
"""How long leave to use an object lasts at least, and beyond the time that a call may take."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """One for each run.

    heartbeat_seconds: how often workers send one; a stream that is mute for `silence_seconds` is
        closed, and its worker has the schedule's grace period to come back.
    reply_margin: by how much a program may exceed its own time-out before its attempt is lost.
    transfer_seconds: how long any other command may take; waiting for a message may take for ever,
        and so may sending what a program has yet to write, which has a time-out of its own.
    farewell_seconds: how long workers may take to go once they are told to.
    programs: which programs workers must have, as those say of themselves (Hello.programs); a
        worker that has others is not let in, because what it makes may differ.
    """

    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)
    heartbeat_seconds: float = 5.0
    silence_seconds: float = 20.0
    tick_seconds: float = 0.5
    reply_margin: float = 30.0
    transfer_seconds: float = 900.0
    farewell_seconds: float = 5.0
    programs: tuple[str, ...] = ()

    def deadline(self, command: Command) -> float | None:
        """How long the reply may take; None for ever."""
        match command:
            case Receive() | Send(pipe=True):
                return None
            case Run(timeout=timeout):
                return timeout + self.reply_margin
            case _:
                return self.transfer_seconds

    def leave(self, command: Command) -> float:
        """How long a worker may use the objects that the command names: for as long as it may take,
        and time enough for clocks that do not agree."""
        return max(LEAVE_SECONDS, (self.deadline(command) or 0.0) + LEAVE_MARGIN)
