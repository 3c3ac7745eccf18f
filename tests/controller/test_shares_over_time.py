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
    assert available("b", granted, {"a": 8}, cap=8) == 0
    assert available("b", granted, {"a": 6}, cap=8) == 2
    assert available("b", granted, {"a": 4, "b": 2}, cap=8) == 4


def test_workers_that_another_job_still_has_take_nothing_while_there_is_room_for_all() -> None:
    """Such as pods of a large job that no node has room for, and that it needs no more."""
    granted = {"large": 2, "b": 1, "c": 1}
    assert available("b", granted, {"large": 23, "b": 1}, cap=1000) == 1
    assert available("c", granted, {"large": 23, "b": 1}, cap=25) == 1
    assert available("c", granted, {"large": 23, "b": 1}, cap=24) == 0


def test_what_a_job_has_of_its_share_it_keeps() -> None:
    """Though another has more than its own: taking it would help nobody."""
    granted = {"a": 4, "b": 4}
    assert available("b", granted, {"a": 8, "b": 3}, cap=8) == 3
    assert available("b", granted, {"a": 8, "b": 5}, cap=8) == 4
