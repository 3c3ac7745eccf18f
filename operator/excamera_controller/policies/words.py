"""Phrases that several policies use, and what they go by."""

from __future__ import annotations

from excamera_controller.observed import RunView


def published(run: RunView) -> int:
    """Chunks that are finished."""
    return run.snapshot.published if run.snapshot is not None else 0


def finished(run: RunView) -> str:
    """How much of the job is done: "12 of 22 chunks are finished"; empty before it is planned."""
    now = run.snapshot
    return f"{now.published} of {now.chunks} chunks are finished" if now and now.chunks else ""
