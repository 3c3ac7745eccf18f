"""Blocking calls that may take long, each in a thread of its own that holds nothing up.

asyncio.to_thread is for short calls: at its end the interpreter waits for those threads. A worker
that is told to leave must not wait for an upload to a store that does not answer, so these threads
are daemons, and their results are dropped when nobody waits any more. `all_ended` tells whether any
are left.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

_PREFIX: Final = "excamera "

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Its result or exception. Cancelling stops the waiting, not the function."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]  # a T, where there is no error
        else:
            future.set_exception(error)

    def run() -> None:
        result, caught = None, None
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            caught = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, caught)

    threading.Thread(target=run, name=f"{_PREFIX}{function.__name__}", daemon=True).start()
    return await future


def all_ended(patience: float) -> bool:
    """Whether none of these threads is left after so many seconds at most."""
    until = time.monotonic() + patience
    left = [one for one in threading.enumerate() if one.name.startswith(_PREFIX)]
    for thread in left:
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in left)
