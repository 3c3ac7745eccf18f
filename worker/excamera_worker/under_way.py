"""What an attempt has under way on which the bytes in its pipes depend.

That a pipe was closed does not say that what came out of it is whole: the program may have crashed.
And what a program makes of a message is worth as much as that message, whose digest comes last. So
whoever reads from a pipe waits for the programs, and for the messages that they read from pipes,
and asks whether all has gone well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class UnderWay:
    """failures: how many have not ended well. begun: how many there were."""

    def __init__(self) -> None:
        self.begun = 0
        self.failures = 0
        self._running = 0
        self._ended: asyncio.Future[None] | None = None

    @contextmanager
    def one(self) -> Iterator[None]:
        """A program runs, or a message is received. It has failed if this is left by an exception;
        who knows of another reason counts it in `failures` before."""
        self.begun += 1
        self._running += 1
        try:
            yield
        except BaseException:
            self.failures += 1
            raise
        finally:
            self._running -= 1
            if self._ended is not None and not self._ended.done():
                self._ended.set_result(None)

    async def ended(self, more_than: int = 0) -> None:
        """Until nothing is under way, and more than so many have been."""
        while self._running or self.begun <= more_than:
            if self._ended is None or self._ended.done():
                self._ended = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._ended)
