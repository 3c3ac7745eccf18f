"""Shows a job's progress on standard error: a live panel on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.progress_bar import ProgressBar
from rich.text import Text

from excamera.progress import Snapshot
from excamera.progress_line import line

LIVE_SECONDS = 0.25
PLAIN_SECONDS = 5.0


@asynccontextmanager
async def shown(snapshot: Callable[[], Snapshot], *, quiet: bool = False) -> AsyncIterator[None]:
    """Shows `snapshot()` again and again for as long as the context lasts."""
    if quiet:
        yield
        return
    show = _live if sys.stderr.isatty() else _plain
    task = asyncio.create_task(show(snapshot))
    try:
        yield
    finally:
        task.cancel()
        # Nobody may be looking any more: that is no reason for the job to fail.
        with suppress(asyncio.CancelledError, OSError):
            await task


async def _plain(snapshot: Callable[[], Snapshot]) -> None:
    previous = ""
    while True:
        current = line(snapshot())
        if current != previous:
            print(current, file=sys.stderr, flush=True)
        previous = current
        await asyncio.sleep(PLAIN_SECONDS)


class _Screen(Console):
    """One whose reader may leave, of which rich tells here and would end the process."""

    def on_broken_pipe(self) -> None:
        raise


async def _live(snapshot: Callable[[], Snapshot]) -> None:
    console = _Screen(stderr=True)
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            live.update(_panel(snapshot()))
            await asyncio.sleep(LIVE_SECONDS)


def _panel(now: Snapshot) -> Group:
    done, all_of_them = now.published, now.chunks
    if now.looking is not None:
        done, all_of_them = now.looking.finished, now.looking.parts
    elif now.choosing is not None:
        done, all_of_them = now.choosing.finished, now.choosing.chunks
    # A bar of its own does not end its line, and what follows would be cut off behind it.
    bar = Padding(ProgressBar(total=max(all_of_them, 1), completed=done), 0)
    return Group(bar, *map(_one_line, filter(None, (line(now), _machines(now)))))


def _machines(now: Snapshot) -> str:
    """Empty while none runs and none was lost."""
    counts = [f"{state} {count}" for state, count in sorted(now.machines.items())]
    lost = [f"lost {now.attempts_lost}"] if now.attempts_lost else []
    return f"machines: {'  '.join(counts + lost)}" if counts or lost else ""


def _one_line(text: str) -> Text:
    """Cut off where a narrow terminal ends."""
    return Text(text, no_wrap=True, overflow="ellipsis")
