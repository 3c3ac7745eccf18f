"""Two jobs that write the same object: allowed, as an output may be replaced, and seldom meant.

The later one says so when it starts; nothing else is done about it. In which store an object lies
depends on Secrets, which are not looked into here: only of jobs of one namespace that name their
storage alike it is known that they share an output.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from excamera_controller.conditions import Reason
from excamera_controller.decision import Event
from excamera_controller.observed import Observed, Stored


def rival_of(job: Stored, jobs: Iterable[Stored]) -> str:
    """The oldest job that is older than this one, not over, and writes the same output; its name,
    or nothing."""
    older = [each for each in jobs if _age(each) < _age(job) and _place(each) == _place(job)]
    under_way = [each for each in older if not (each.ended or each.deletion_requested)]
    return min(under_way, key=_age).name if under_way else ""


def warning(observed: Observed) -> tuple[Event, ...]:
    """For a job that starts."""
    if not observed.rival:
        return ()
    uri = observed.job.spec["output"]["uri"]
    message = (
        f"EncodeJob {observed.rival} is older, not over, and writes {uri} as well: the one that"
        " ends last replaces what the other has written; unless that is meant, delete one of them,"
        " or create it again with another output.uri"
    )
    return (Event(Reason.OUTPUT_SHARED, message, warning=True),)


def _age(job: Stored) -> tuple[datetime, str]:
    return (job.created, job.uid)


def _place(job: Stored) -> tuple[object, ...]:
    return (job.namespace, job.spec["output"]["uri"], job.spec.get("storage") or {})
