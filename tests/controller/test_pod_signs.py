"""What a pod's status is taken to say."""

from __future__ import annotations

from typing import Any

import pytest

from excamera_controller.backends.pod_signs import end_of, trouble_of
from excamera_controller.conditions import Reason


def pod(phase: str = "Pending", **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "clip-a-0-x"}, "status": {"phase": phase, **status}}


def container(**state: Any) -> list[dict[str, Any]]:
    return [{"name": "worker", "image": "registry/excamera:1", "state": state}]


def condition(type_: str, reason: str, status: str = "True") -> list[dict[str, Any]]:
    return [{"type": type_, "reason": reason, "status": status, "message": "why"}]


def disrupted(reason: str) -> dict[str, Any]:
    return pod("Failed", conditions=condition("DisruptionTarget", reason))


def terminated(phase: str, reason: str) -> dict[str, Any]:
    return pod(phase, containerStatuses=container(terminated={"reason": reason}))


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (terminated("Failed", "OOMKilled"), "OOMKilled"),
        (terminated("Failed", "Error"), "Error"),
        (terminated("Succeeded", "Completed"), "Completed"),
        (pod("Failed", reason="Evicted", message="low on disk"), "Evicted"),
        (disrupted("PreemptionByScheduler"), "Preempted"),
        (disrupted("EvictionByEvictionAPI"), "Evicted"),
        (disrupted("DeletionByTaintManager"), "NodeLost"),
    ],
)
def test_an_end_has_kubernetes_own_name(seen: dict[str, Any], reason: str) -> None:
    end = end_of(seen)
    assert end is not None
    assert (end.worker, end.reason) == ("clip-a-0-x", reason)


@pytest.mark.parametrize(
    ("how", "reason"), [("Completed", "Deleted"), ("OOMKilled", "OOMKilled"), ("Error", "Error")]
)
def test_a_worker_that_was_asked_to_go_and_went_was_deleted(how: str, reason: str) -> None:
    seen = terminated("Succeeded", how)
    seen["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    ends = (end_of(seen), end_of(seen, deleted=True))
    assert [end and end.reason for end in ends] == [reason, reason]


def test_a_message_has_the_exit_status_and_the_last_words() -> None:
    ended = {"reason": "Error", "exitCode": 4, "message": "the coordinator was out of reach"}
    end = end_of(pod("Failed", containerStatuses=container(terminated=ended)))
    assert end is not None
    assert "exit status 4: the coordinator was out of reach" in end.message


@pytest.mark.parametrize("phase", ["Pending", "Running", "Unknown"])
def test_a_pod_that_has_not_ended_has_no_end_unless_it_is_deleted(phase: str) -> None:
    assert end_of(pod(phase)) is None
    end = end_of(pod(phase), deleted=True)
    assert end is not None
    assert end.reason == "Deleted"


@pytest.mark.parametrize(
    ("reason", "final"),
    [("ErrImagePull", False), ("ImagePullBackOff", False), ("InvalidImageName", True)],
)
def test_an_image_that_cannot_be_pulled_is_named_with_advice(reason: str, final: bool) -> None:
    trouble = trouble_of(pod(containerStatuses=container(waiting={"reason": reason})))
    assert trouble is not None
    assert trouble.failure.reason is Reason.IMAGE_UNPULLABLE
    assert "registry/excamera:1" in trouble.failure.message
    assert "image.repository" in trouble.failure.message
    assert trouble.final is final


def test_a_pod_that_no_node_takes_is_a_trouble() -> None:
    trouble = trouble_of(pod(conditions=condition("PodScheduled", "Unschedulable", "False")))
    assert trouble is not None
    assert trouble.failure.reason is Reason.UNSCHEDULABLE


@pytest.mark.parametrize("reason", ["ContainerCreating", "PodInitializing", ""])
def test_a_pod_that_is_on_its_way_is_no_trouble(reason: str) -> None:
    assert trouble_of(pod(containerStatuses=container(waiting={"reason": reason}))) is None
