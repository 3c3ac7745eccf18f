"""How far a job is, in one line: for terminals, conditions and events alike. Pure."""

from __future__ import annotations

from excamera.progress import Snapshot
from excamera.report import clock, counted


def line(now: Snapshot) -> str:
    """One line that says how far the job is."""
    return f"{now.phase.lower()}: {_how_far(now)}"


def _how_far(now: Snapshot) -> str:
    workers = counted(now.workers, "worker")
    if now.looking is not None:
        parts = counted(now.looking.parts, "part")
        return f"{now.looking.finished} of {parts} of the source looked through, {workers}"
    if not now.chunks:
        return "reading the source's index"
    if now.choosing is not None:
        chunks = counted(now.choosing.chunks, "chunk")
        return f"cq-level {now.choosing.level}, {now.choosing.finished} of {chunks}, {workers}"
    if now.published == now.chunks:
        return f"{now.percent} %, {counted(now.chunks, 'chunk')} published"
    left, rate = _left_and_rate(now)
    return (
        f"{now.percent} %{left}, chunks {now.encoded} encoded {now.rebased} rebased"
        f" {now.published} published of {now.chunks}, {workers}{rate}"
    )


def _left_and_rate(now: Snapshot) -> tuple[str, str]:
    """What people look for comes first, where a narrow terminal still shows it."""
    if now.remaining is None:
        return "", ""
    rate = f"{now.frames_per_second:.1f} frames/s ({now.speed:.2f} x real time)"
    return f", {clock(now.remaining)} left", f", {rate}"
