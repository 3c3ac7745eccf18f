"""How far a job is, in one line: for terminals, conditions and events alike. Pure."""

from __future__ import annotations

from excamera.progress import Snapshot
from excamera.report import clock, counted


def line(now: Snapshot) -> str:
    """One line that says how far the job is."""
    if now.looking is not None:
        parts = counted(now.looking.parts, "part")
        return (
            f"{now.phase.lower()}: {now.looking.finished} of {parts} of the source looked through,"
            f" {counted(now.workers, 'worker')}"
        )
    if not now.chunks:
        return f"{now.phase.lower()}: reading the source's index"
    if now.choosing is not None:
        return (
            f"{now.phase.lower()}: cq-level {now.choosing.level}, {now.choosing.finished} of"
            f" {counted(now.choosing.chunks, 'chunk')}, {counted(now.workers, 'worker')}"
        )
    rate = ""
    if now.remaining is not None:
        rate = (
            f", {now.frames_per_second:.1f} frames/s ({now.speed:.2f} x real time),"
            f" {clock(now.remaining)} left"
        )
    return (
        f"{now.phase.lower()}: {now.percent} %, chunks {now.encoded} encoded {now.rebased} rebased"
        f" {now.published} published of {now.chunks}, {counted(now.workers, 'worker')}{rate}"
    )
