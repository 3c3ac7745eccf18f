"""What a pass looks at: the object as it was seen last, its run, and its share of workers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from excamera_controller.api import Object
from excamera_controller.observed import Observed, RunView, Stored
from excamera_controller.shares import Demand, shares

SURPLUS: Final = 0.05
"""How many more workers than tasks are started at first, where they may: some fail or are slow."""


def stored_of(seen: Object) -> Stored:
    """The EncodeJob that the API server's object holds."""
    metadata = seen["metadata"]
    return Stored(
        name=metadata["name"],
        namespace=metadata["namespace"],
        uid=metadata["uid"],
        generation=metadata.get("generation", 1),
        created=datetime.fromisoformat(metadata["creationTimestamp"]),
        spec=seen.get("spec") or {},
        status=seen.get("status") or {},
        finalizers=tuple(metadata.get("finalizers") or ()),
        deletion_requested=bool(metadata.get("deletionTimestamp")),
    )


def observed(
    job: Stored,
    codec: str,
    run: RunView | None,
    remains: float | None,
    unfinished: bool,
    granted: Mapping[str, int],
    share: int,
    cap: int,
    rival: str,
) -> Observed:
    """Everything that a decision about the job depends on, now. share: workers it may have.

    A job that has workers is taken up even where the cap, that was lowered, leaves it none: they
    finish what they have begun and are sent away, and what they have kept of it is not lost.
    """
    others = sum(1 for uid, count in granted.items() if count and uid != job.uid)
    return Observed(
        job=job,
        now=datetime.now(UTC),
        codec=codec,
        run=run,
        admitted=share > 0 or (run is None and job.under_way),
        waiting=f"all {cap} workers of this installation are taken by {others} other jobs",
        remains=remains,
        unfinished=unfinished,
        rival=rival,
    )


def granted_workers(
    jobs: Iterable[Stored], left: Mapping[str, int | None], cap: int
) -> dict[str, int]:
    """Workers by uid, for all jobs that want any. left: chunks to do, where that is known."""
    active = [job for job in jobs if not (job.ended or job.suspended or job.deletion_requested)]
    active.sort(key=lambda job: (job.created, job.uid))
    demands = [Demand(job.uid, _demand(job.spec, left.get(job.uid), cap)) for job in active]
    return shares(demands, cap)


def available(uid: str, granted: Mapping[str, int], connected: Mapping[str, int], cap: int) -> int:
    """How many of its workers a job may have at once.

    Others may still have some that are not theirs any more, until those have finished what they
    do. As far as nobody was granted the room that these take, there is less for the job; but what
    it has of its share already it keeps.
    """
    lent = sum(
        max(0, count - granted.get(other, 0)) for other, count in connected.items() if other != uid
    )
    short = max(0, lent - (cap - sum(granted.values())))
    share = granted.get(uid, 0)
    return max(min(share, connected.get(uid, 0)), share - short)


def _demand(spec: Mapping[str, Any], left: int | None, cap: int) -> int:
    most = (spec.get("workers") or {}).get("max") or cap
    useful = cap if left is None else left + int(SURPLUS * left)
    return max(1, min(most, cap, useful))
