"""Shows a job's progress on standard error: a live panel on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from excamera.progress import Snapshot
from excamera.report import clock

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
        with suppress(asyncio.CancelledError):
            await task


def line(now: Snapshot) -> str:
    """One line that says how far the job is."""
    if not now.chunks:
        return f"{now.phase.lower()}: reading the source's index"
    left = f", {clock(now.remaining)} left" if now.remaining is not None else ""
    return (
        f"{now.phase.lower()}: {now.percent} %, chunks {now.encoded} encoded {now.rebased} rebased"
        f" {now.published} published of {now.chunks}, {now.frames_per_second:.1f} frames/s"
        f" ({now.speed:.2f} x real time), {now.workers} workers{left}"
    )


async def _plain(snapshot: Callable[[], Snapshot]) -> None:
    previous = ""
    while True:
        current = line(snapshot())
        if current != previous:
            print(current, file=sys.stderr, flush=True)
        previous = current
        await asyncio.sleep(PLAIN_SECONDS)


async def _live(snapshot: Callable[[], Snapshot]) -> None:
    console = Console(stderr=True)
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            live.update(_panel(snapshot()))
            await asyncio.sleep(LIVE_SECONDS)


def _panel(now: Snapshot) -> Group:
    machines = "  ".join(f"{state} {count}" for state, count in sorted(now.machines.items()))
    lost = f"  lost {now.attempts_lost}" if now.attempts_lost else ""
    return Group(
        ProgressBar(total=max(now.chunks, 1), completed=now.published, width=72),
        Text(line(now)),
        Text(f"machines: {machines}{lost}", style="dim"),
    )
