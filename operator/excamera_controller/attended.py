"""One EncodeJob that is being attended to, and how its passes get on."""

from __future__ import annotations

import asyncio
import time

from excamera_controller.api import Object, version_of
from excamera_controller.carry_out import CarryOut
from excamera_controller.gather import stored_of


class Attended:
    """`task` makes the passes, one after another, whenever `wake` is set or it is time. What is
    `doubtful` is fetched before the next of them; what is `gone` gets none."""

    def __init__(self, seen: Object, carry_out: CarryOut) -> None:
        self.seen = seen
        self.stored = stored_of(seen)
        self.carry_out = carry_out
        self.wake = asyncio.Event()
        self.gone = False
        self.doubtful = False
        self.task: asyncio.Task[None] | None = None
        self._began: float | None = None
        self._failing_since: float | None = None
        self.failures = 0
        self.wake.set()

    def take(self, seen: Object) -> bool:
        """Keeps the newer of two. Whether it was news."""
        news = version_of(seen) > version_of(self.seen)
        if news:
            self.replace(seen)
        return news

    def replace(self, seen: Object) -> None:
        """Keeps what the API server has just said, even if its version is an earlier one, as it is
        once a backup was restored."""
        self.seen, self.stored = seen, stored_of(seen)

    def doubt(self) -> None:
        """There may be something else in its place."""
        self.doubtful = True
        self.wake.set()

    # Passes

    def begin(self) -> None:
        """A pass begins."""
        self._began = time.monotonic()

    def succeeded(self) -> None:
        """It has, and nothing is owed."""
        self._began = self._failing_since = None
        self.failures = 0

    def failed(self) -> None:
        """It has not."""
        if self._failing_since is None:
            self._failing_since = self._began
        self._began = None
        self.failures += 1

    @property
    def is_abandoned(self) -> bool:
        """Whether its task is over although the job is not."""
        return self.task is not None and self.task.done()

    @property
    def pass_seconds(self) -> float:
        """How long the pass that is being made has taken by now; 0 between passes."""
        return 0.0 if self._began is None else time.monotonic() - self._began

    @property
    def failing_seconds(self) -> float:
        """For how long every pass has failed; 0 if the last was good."""
        return 0.0 if self._failing_since is None else time.monotonic() - self._failing_since
