"""The tries at a job, one after another: `patience` with a clock."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import UTC, datetime

from excamera_controller.failing import Impossible
from excamera_controller.observed import Failure
from excamera_controller.patience import Patience, given_up, waiting


class Tries:
    """Of one run."""

    def __init__(self) -> None:
        self._patience = Patience()
        self._hurry = asyncio.Event()

    def after(self, failure: Failure, *, advanced: bool) -> tuple[Failure, float]:
        """A try has failed. What is said until the next, and the seconds until then; Impossible if
        there is none. advanced: workers have finished something in it."""
        if advanced:
            self._patience.restored()
        now = time.monotonic()
        wait = self._patience.wait(failure.reason, now)
        if wait is None:
            over = given_up(failure)
            raise Impossible(over.reason, over.message)
        left = self._patience.left(failure.reason, now)
        return waiting(failure, self._patience.tries, datetime.now(UTC), wait, left), wait

    def wait_for_server(self) -> float:
        """The API server did not answer. Seconds until the next try."""
        return self._patience.wait_for_server()

    def hurry(self) -> None:
        """What the tries go by has changed."""
        self._hurry.set()

    async def rest(self, seconds: float) -> None:
        """Until the next try."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        self._hurry.clear()
