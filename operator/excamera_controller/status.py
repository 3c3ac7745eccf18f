"""A job's status as it should be, from what is stored and what was decided. Pure.

The status is small whatever the job's size: counts, never an entry per chunk or worker. It says
when the operator last looked: once a minute at least while the job is not over, with whatever else
is new. So a status that nobody keeps up any more can be told from one that has not changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from excamera.progress import Snapshot
from excamera.report import Report
from excamera_controller.conditions import (
    PLANNED,
    SUCCEEDED,
    WORKERS_READY,
    Condition,
    Phase,
    Reason,
    Truth,
)
from excamera_controller.decision import Decision
from excamera_controller.observed import Observed, RunView, SourceFacts

LOOKED = "lastObservedTime"
LOOKED_SECONDS = 60.0

# States of the machine of a chunk, as status.workers sums them up.
WORKER_STATES = {
    "encoding": ("looking", "telling", "fetching", "encoding", "decoding", "measuring"),
    "waiting": ("waiting",),
    "rebasing": ("rebasing", "sending", "uploading", "reporting", "finishing", "gathering"),
}


def status_of(observed: Observed, decision: Decision) -> dict[str, Any] | None:
    """The whole status, or None if it is to stay as it is."""
    if decision.phase is None:
        return None
    stored = observed.job.status
    status = dict(stored)
    status["observedGeneration"] = observed.job.generation
    status["phase"] = decision.phase.value
    over = decision.phase in (Phase.SUSPENDED, Phase.SUCCEEDED, Phase.FAILED)
    gone = _workers_gone(observed) if over else ()
    conditions = _conditions(observed, (*decision.conditions, *gone))
    finished = decision.phase in (Phase.SUCCEEDED, Phase.FAILED)
    status["conditions"] = [c for c in conditions if _lasts(c)] if finished else conditions
    if decision.starts_clock:
        if stored.get("codec") != observed.codec:  # whatever was done is done anew
            status.pop("progress", None)
        status["startTime"] = _time(_start_time(observed))
        status["codec"] = observed.codec
    if decision.completes:
        status["completionTime"] = _time(observed.now)
    if decision.view is not None:
        status |= _figures(decision.view, decision.phase, stored.get("progress") or {})
    if over or decision.phase is Phase.PENDING:
        status.pop("eta", None)
    if over:
        status["workers"] = _gone(status.get("workers") or {})
    if _is_news(status, stored) or _is_old(observed):
        return status | {LOOKED: _time(observed.now)}
    return dict(stored)


def _is_news(status: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Whether more is new than the time that has passed."""
    return _without_time(status) != _without_time(stored)


def _without_time(status: Mapping[str, Any]) -> dict[str, Any]:
    progress = {k: v for k, v in (status.get("progress") or {}).items() if k != "secondsWorked"}
    return {**status, "progress": progress}


def _is_old(observed: Observed) -> bool:
    """Whether it is time to say that the job is looked after, although nothing is new."""
    looked = observed.job.time(LOOKED)
    return looked is None or observed.now - looked >= timedelta(seconds=LOOKED_SECONDS)


def _start_time(observed: Observed) -> datetime:
    """Now, and later than the last, since it names the run: times have whole seconds."""
    last = observed.job.time("startTime")
    return observed.now if last is None else max(observed.now, last + timedelta(seconds=1))


def _workers_gone(observed: Observed) -> tuple[Condition, ...]:
    """Those that were connected are not any more."""
    if observed.job.condition(WORKERS_READY).get("status") != Truth.TRUE:
        return ()
    message = "the job needs no workers now"
    return (Condition(WORKERS_READY, Truth.FALSE, Reason.NOT_STARTED, message),)


def _lasts(condition: Mapping[str, Any]) -> bool:
    """Whether it still means something once the job has ended: how it ended, and that it was
    planned; not what its workers were doing, nor that it is not suspended or planned."""
    kind, truth = condition["type"], condition["status"]
    return bool(kind == SUCCEEDED or (kind == PLANNED and truth == Truth.TRUE))


def _conditions(observed: Observed, wanted: tuple[Condition, ...]) -> list[dict[str, Any]]:
    """The stored conditions with the wanted ones put in; a time changes only with a status."""
    merged = {c["type"]: dict(c) for c in observed.job.status.get("conditions") or ()}
    for condition in wanted:
        stored = merged.get(condition.type, {})
        unseen = stored.get("reason") == Reason.WAITING_FOR_OPERATOR
        unchanged = stored.get("status") == condition.status and not unseen
        since = stored["lastTransitionTime"] if unchanged else _time(observed.now)
        merged[condition.type] = {
            "type": condition.type,
            "status": condition.status.value,
            "observedGeneration": observed.job.generation,
            "lastTransitionTime": since,
            "reason": condition.reason.value,
            "message": condition.message,
        }
    return list(merged.values())


def _figures(view: RunView, phase: Phase, before: Mapping[str, Any]) -> dict[str, Any]:
    """before: the progress that was last told."""
    figures: dict[str, Any] = {}
    if view.source is not None:
        figures["source"] = _source(view.source)
    now = view.snapshot
    if now is not None and now.chunks:
        figures |= _progress(view, now, phase, before)
    if now is not None and (now.chunks or now.looking):
        figures["workers"] = _workers(view, now)
    if view.cost:
        figures["cost"] = dict(view.cost)
    if view.report is not None:
        figures["output"] = _output(view.report)
        figures["manifestUri"] = view.report.manifest
        figures["speed"] = f"{view.report.speed:.2f}x"
        if view.report.concealed:
            figures["progress"]["framesConcealed"] = len(view.report.concealed)
    return figures


def _source(source: SourceFacts) -> dict[str, Any]:
    return {
        "frames": source.frames,
        "width": source.width,
        "height": source.height,
        "duration": f"{source.duration:.2f}",
        "bytes": source.bytes,
    }


def _percent(now: Snapshot, before: Mapping[str, Any]) -> int:
    """It does not fall while nothing that was finished is lost: what workers have done of chunks
    that are not, another operator learns only when they hand it in."""
    percent = min(now.percent, 99)
    kept = now.published >= before.get("published", 0)
    return max(percent, before.get("percent", 0)) if kept else percent


def _progress(
    view: RunView, now: Snapshot, phase: Phase, before: Mapping[str, Any]
) -> dict[str, Any]:
    finished = phase is Phase.SUCCEEDED
    figures: dict[str, Any] = {
        "progress": {
            "chunkFrames": now.chunk_frames,
            "chunksTotal": now.chunks,
            "encoded": now.encoded,
            "rebased": now.rebased,
            "published": now.published,
            "chunks": f"{now.published}/{now.chunks}",
            "percent": 100 if finished else _percent(now, before),
            "attemptsLost": view.attempts_lost,
            "secondsWorked": round(now.worked),
        },
    }
    if (choosing := now.choosing) is not None:
        figures["progress"]["choosing"] = {
            "cqLevel": choosing.level,
            "chunks": f"{choosing.finished}/{choosing.chunks}",
        }
    if now.remaining is not None:
        figures |= {"speed": f"{now.speed:.2f}x", "eta": _duration(now.remaining)}
    return figures


def _workers(view: RunView, now: Snapshot) -> dict[str, int]:
    counts = {
        name: sum(now.machines.get(state, 0) for state in states)
        for name, states in WORKER_STATES.items()
    }
    return {
        "wanted": view.workers_wanted,
        "starting": max(0, view.workers_wanted - now.workers),
        "connected": now.workers,
        **counts,
        "idle": max(0, now.workers - sum(counts.values())),
        "lost": view.workers_lost,
    }


def _gone(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {name: count if name == "lost" else 0 for name, count in stored.items()}


def _output(report: Report) -> dict[str, Any]:
    layout, worst = report.layout, report.worst_chunk
    return {
        "bytes": report.bytes,
        "frames": report.frames,
        "duration": f"{report.duration:.2f}",
        "bitrate": round(report.bitrate),
        "ssimDecibels": f"{report.ssim_decibels:.2f}",
        "cqLevel": report.cq_level,
        "keyFrames": report.key_frames,
        "chains": layout.chains,
        **({} if layout.chains_at_cuts is None else {"chainsAtCuts": layout.chains_at_cuts}),
        "chainLength": layout.chain_length,
        "keyframeSeconds": f"{layout.keyframe_seconds:.2f}",
        "worstChunk": {
            "number": worst.number,
            "firstFrame": worst.first_frame,
            "ssimDecibels": f"{worst.ssim_db:.2f}",
        },
        "sha256": report.sha256,
    }


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
