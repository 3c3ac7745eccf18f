"""The cap over all jobs, while jobs come and go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from excamera_controller.gather import available, granted_workers, stored_of
from excamera_controller.observed import Stored

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def job(name: str, minutes: int = 0, *, suspend: bool = False, **workers: Any) -> Stored:
    created = BEGAN + timedelta(minutes=minutes)
    return stored_of(
        {
            "metadata": {
                "name": name,
                "namespace": "videos",
                "uid": name,
                "creationTimestamp": created.isoformat(),
            },
            "spec": {"workers": workers, "suspend": suspend},
        }
    )


def test_a_job_that_is_alone_has_all_the_workers_it_can_use() -> None:
    assert granted_workers([job("a")], {}, 8) == {"a": 8}
    assert granted_workers([job("a", max=3)], {}, 8) == {"a": 3}
    assert granted_workers([job("a")], {"a": 2}, 8) == {"a": 2}


def test_a_second_job_gets_half_and_a_suspended_one_nothing() -> None:
    jobs = [job("a"), job("b", 1), job("c", 2, suspend=True)]
    assert granted_workers(jobs, {}, 8) == {"a": 4, "b": 4}


def test_when_there_are_too_many_the_oldest_go_first() -> None:
    jobs = [job("new", 9), job("old", 1), job("middle", 5)]
    assert granted_workers(jobs, {}, 2) == {"old": 1, "middle": 1, "new": 0}


def test_workers_that_another_job_still_has_cannot_be_had_yet() -> None:
    granted = {"a": 4, "b": 4}
    assert available("b", granted, {"a": 8}) == 0
    assert available("b", granted, {"a": 6}) == 2
    assert available("b", granted, {"a": 4, "b": 2}) == 4
