"""A running attempt, as the coordinator sees it: its machine's position, and times."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mu.position import Position, shown_state
from mu.step import Effect, Event, Issue, Replied, step
from mu.table import Table
from mu.task import Attempt


@dataclass(slots=True)
class Activity:
    """deadlines: when the reply to each outstanding call is due. since: when the state shown began,
    None if that was under an earlier coordinator. seconds: in each state that was seen to begin."""

    attempt: Attempt
    worker: str
    stage: str
    table: Table
    position: Position
    since: float | None
    replies: int = 0
    state: str = ""
    blocked: bool = False
    deadlines: dict[int, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def take(self, event: Event) -> tuple[Effect, ...]:
        """Moves the machine. IllegalEvent leaves it as it was."""
        self.position, effects = step(self.table, self.position, event)
        if isinstance(event, Replied):
            self.replies += 1
            self.deadlines.pop(event.call, None)
        return effects

    def put_back(self, position: Position, replies: int) -> None:
        """Moves the machine to where a journal of so many replies has led it.

        Calls that the journal answers are due no more.
        """
        self.position, self.replies, self.blocked = position, replies, position.blocked
        calls = {token.call for token in position.calls}
        self.deadlines = {call: due for call, due in self.deadlines.items() if call in calls}

    def outstanding(self) -> list[Issue]:
        """Its calls without a reply."""
        return [
            Issue(token.call, token.state, token.command)
            for token in self.position.calls
            if token.call is not None and token.command is not None
        ]

    def calls(self, number: int) -> bool:
        """Whether the call is outstanding."""
        return any(token.call == number for token in self.position.calls)

    def state_of(self, call: int) -> str:
        """The state that made the call, or the one shown if that is over."""
        found = (token.state for token in self.position.calls if token.call == call)
        return next(found, self.state)

    def moved(self, now: float) -> bool:
        """Brings state and times up to date; whether another state is to be shown."""
        shown = shown_state(self.position)
        if shown == self.state:
            return False
        self.clock(now)
        self.state = shown
        return True

    def clock(self, now: float) -> None:
        """Accounts for the time up to now."""
        if self.state:
            if self.since is not None:
                spent = self.seconds.get(self.state, 0.0) + now - self.since
                self.seconds[self.state] = spent
            self.since = now

    def overdue(self, now: float) -> bool:
        return any(deadline < now for deadline in self.deadlines.values())


def belonging(activities: Iterable[Activity], worker: str) -> list[Activity]:
    return [activity for activity in activities if activity.worker == worker]
