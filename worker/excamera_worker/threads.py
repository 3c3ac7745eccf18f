"""Blocking calls that may take long, each in a thread of its own that holds nothing up.

asyncio.to_thread is for short calls: at its end the interpreter waits for those threads. A worker
that is told to leave must not wait for an upload to a store that does not answer, so these threads
are daemons, and their results are dropped when nobody waits any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

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

    threading.Thread(target=run, name=f"excamera {function.__name__}", daemon=True).start()
    return await future
