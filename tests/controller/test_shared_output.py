"""Two jobs that write the same object, and the warning about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from excamera_controller.conditions import Reason
from excamera_controller.decision import Event
from excamera_controller.observed import FINALIZER, Observed, Stored
from excamera_controller.policies.shared_output import rival_of
from excamera_controller.reconcile import reconcile

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SPEC: dict[str, Any] = {
    "source": {"uri": "s3://videos/in.mp4"},
    "output": {"uri": "s3://videos/out.webm"},
}
OVER = {"conditions": [{"type": "Succeeded", "status": "True"}]}


def stored(name: str, age: int, **fields: Any) -> Stored:
    """`age` in seconds."""
    fixed: dict[str, Any] = {
        "namespace": "videos", "uid": f"uid-{name}", "generation": 1, "spec": SPEC,
        "created": NOW - timedelta(seconds=age), "finalizers": (FINALIZER,),
    }  # fmt: skip
    return Stored(name=name, **(fixed | fields))


LATER = stored("later", 1)


def warnings(observed: Observed) -> list[Event]:
    return [event for event in reconcile(observed).events if event.reason is Reason.OUTPUT_SHARED]


def test_the_oldest_of_those_before_is_the_rival_and_has_none_itself() -> None:
    jobs = [LATER, stored("second", 5), stored("first", 9)]
    assert rival_of(LATER, jobs) == "first"
    assert rival_of(jobs[-1], jobs) == ""


def test_of_two_of_one_second_exactly_one_has_a_rival() -> None:
    twins = [stored("a", 1), stored("b", 1)]
    assert sorted(rival_of(each, twins) for each in twins) == ["", "a"]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": OVER},
        {"deletion_requested": True},
        {"namespace": "previews"},
        {"spec": SPEC | {"output": {"uri": "s3://videos/other.webm"}}},
        {"spec": SPEC | {"storage": {"secretRef": {"name": "elsewhere"}}}},
    ],
    ids=["over", "being deleted", "another namespace", "another output", "another store"],
)
def test_who_writes_nothing_or_elsewhere_is_no_rival(fields: dict[str, Any]) -> None:
    assert rival_of(LATER, [stored("first", 9, **fields), LATER]) == ""


def test_a_job_warns_when_it_starts_of_who_writes_the_same_and_says_what_to_do() -> None:
    (warning,) = warnings(Observed(LATER, NOW, rival="first"))
    assert warning.warning
    assert "EncodeJob first is older" in warning.message
    assert "create it again with another output.uri" in warning.message


def test_it_is_said_again_neither_by_another_operator_nor_without_a_rival() -> None:
    begun = stored("later", 1, status={"phase": "Running", "startTime": "2026-01-02T03:04:04Z"})
    assert warnings(Observed(begun, NOW, rival="first")) == []
    assert warnings(Observed(LATER, NOW)) == []
