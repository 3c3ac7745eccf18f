"""Which troubles of a job are tried again, how often and for how long. Pure.

It is about what the operator itself does for a job: before workers are asked for, and once their
chunks are to be joined. What goes by itself is waited for longer than what somebody has to do, such
as the Secret of a folder that is being applied. Each reason has its own time, so that troubles that
come and go by turns have an end as well. For what keeps workers away see `backends`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from excamera.report import counted
from excamera_controller.conditions import Reason
from excamera_controller.observed import Failure
from mu.schedule.backoff import doubled

FIRST_SECONDS: Final = 5.0
MOST_SECONDS: Final = 30.0
SERVER_MOST_SECONDS: Final = 60.0
"""Between tries while the API server is away. Nothing can be said to anybody then, so there is no
end to them."""

SOMEBODY: Final = 300.0
ITSELF: Final = 1800.0

SECONDS: Final[Mapping[Reason, float]] = {
    Reason.SECRET_MISSING: SOMEBODY,
    Reason.SOURCE_MISSING: SOMEBODY,
    Reason.ACCESS_DENIED: SOMEBODY,
    Reason.OUTPUT_NOT_WRITABLE: SOMEBODY,
    Reason.STORE_FAILED: SOMEBODY,
    Reason.BACKEND_UNAVAILABLE: SOMEBODY,
    Reason.PROGRAM_KILLED: SOMEBODY,
    Reason.STORE_UNREACHABLE: ITSELF,
}
"""How long each is tried again; what is not here, not at all."""


class Patience:
    """Of one job. Times are in seconds from any fixed origin."""

    def __init__(self) -> None:
        self._since: dict[Reason, float] = {}
        self.tries = 0

    def wait(self, reason: Reason, now: float) -> float | None:
        """A try has failed. Seconds until the next; None if there is none."""
        if reason not in SECONDS:
            return None
        self.tries += 1
        left = self.left(reason, now)
        return min(self._pause(MOST_SECONDS), left) if left > 0 else None

    def wait_for_server(self) -> float:
        """The API server did not answer. Seconds until the next try."""
        self.tries += 1
        return self._pause(SERVER_MOST_SECONDS)

    def left(self, reason: Reason, now: float) -> float:
        """Seconds for which this is still put up with."""
        return self._since.setdefault(reason, now) + SECONDS[reason] - now

    def restored(self) -> None:
        """Things go well again: the next trouble is the first."""
        self._since.clear()
        self.tries = 0

    def _pause(self, most: float) -> float:
        return doubled(FIRST_SECONDS, most, self.tries - 1)


def waiting(failure: Failure, tries: int, now: datetime, wait: float, left: float) -> Failure:
    """What is said while it is tried again: in `wait` seconds, and for `left` seconds in all."""
    again, end = now + timedelta(seconds=wait), now + timedelta(seconds=left)
    message = (
        f"{failure.message}; tried {counted(tries, 'time')}, and again at {again:%H:%M:%S} UTC;"
        f" if it is still so at {end:%H:%M:%S} UTC, the job fails"
    )
    return Failure(failure.reason, message)


def given_up(failure: Failure) -> Failure:
    """What is said once it is not tried again."""
    if failure.reason not in SECONDS:
        return failure
    minutes = round(SECONDS[failure.reason] / 60)
    return Failure(failure.reason, f"{failure.message}; still so after {minutes} minutes")
