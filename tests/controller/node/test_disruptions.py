"""Workers that are taken away: evicted, preempted by what is more important, deleted, or out of
memory. What is lost, and why, is told by event, status and metrics."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import pytest

from tests.cluster.cluster import Object
from tests.cluster.pods import pod
from tests.controller.node.installation import Installation, until

pytestmark = pytest.mark.tier("node")

SEAT = "excamera.dev/seat"
"""A resource of which the node has as many as there are workers, so that it is full."""

URGENT = "excamera-test-urgent"


@dataclass(frozen=True, slots=True)
class Losses:
    """What is told of losses for a reason, as it was at first."""

    installed: Installation
    reason: str
    counted: float

    @classmethod
    def by(cls, installed: Installation, reason: str) -> Self:
        return cls(installed, reason, _counted(installed, reason))

    def are_told(self, job: str) -> None:
        """By an event, in the status and by the metrics."""
        installed = self.installed
        until(lambda: self.reason in self.events(job), 30, lambda: installed.story(job))
        until(lambda: _counted(installed, self.reason) > self.counted, 30)
        until(lambda: installed.status(job)["workers"]["lost"] > 0, 30)

    def events(self, job: str) -> str:
        told = self.installed.told(job)
        return "\n".join(one["message"] for one in told if one["reason"] == "WorkersLost")


def _counted(installed: Installation, reason: str) -> float:
    name = "excamera_workers_left_total"
    return installed.figure("operator", name, backend="pod", reason=reason)


def test_evicted_and_deleted_workers_cost_attempts_and_not_the_job(
    installed: Installation, job: str, source: str, expected: bytes
) -> None:
    evicted, deleted = Losses.by(installed, "Evicted"), Losses.by(installed, "Deleted")
    installed.apply(job, source)
    installed.published(job, 1)
    first, second = (pod.removeprefix("pod/") for pod in installed.workers())
    evict(installed, first)
    evicted.are_told(job)
    installed.kubectl("delete", "pod", second, "--grace-period=0", "--force")
    deleted.are_told(job)
    status = installed.succeeded(job)
    assert status["progress"]["attemptsLost"] > 0
    assert installed.content(f"{job}.webm") == expected


def evict(installed: Installation, pod: str) -> None:
    """As `kubectl drain` does it."""
    where = {"name": pod, "namespace": installed.namespace}
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": where}
    path = f"/api/v1/namespaces/{installed.namespace}/pods/{pod}/eviction"
    installed.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))


def test_a_worker_that_takes_too_much_memory_is_named_so(
    installed: Installation, job: str, source: str
) -> None:
    losses = Losses.by(installed, "OOMKilled")
    small = {"limits": {"memory": "24Mi"}, "requests": {"memory": "8Mi", "cpu": "10m"}}
    installed.apply(job, source, workers={"backend": "Pod", "max": 1, "resources": small})
    losses.are_told(job)
    assert "raise spec.workers.resources.limits.memory, now 24Mi" in losses.events(job)


@pytest.fixture
def seats(installed: Installation) -> Iterator[dict[str, dict[str, str]]]:
    """The requests of one that takes one of the node's two seats."""
    cluster = installed.cluster
    (node,) = cluster.kubectl("get", "nodes", "--output=name").split()
    name = node.removeprefix("node/")
    cluster.patch("node", name, "", _seats("2"), "--subresource=status")
    cluster.create(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": URGENT},
            "value": 1000,
        }
    )
    yield {"requests": {SEAT: "1"}, "limits": {SEAT: "1"}}
    cluster.kubectl("delete", "priorityclass", URGENT)
    cluster.patch("node", name, "", _seats(None), "--subresource=status")


def _seats(count: str | None) -> Object:
    return {"status": {"capacity": {SEAT: count}, "allocatable": {SEAT: count}}}


def test_a_preempted_worker_costs_attempts_and_not_the_job(
    installed: Installation,
    job: str,
    source: str,
    expected: bytes,
    seats: dict[str, dict[str, str]],
) -> None:
    losses = Losses.by(installed, "Preempted")
    installed.apply(job, source, workers={"backend": "Pod", "max": 2, "resources": seats})
    installed.published(job, 1)
    until(lambda: len(installed.workers()) == 2, 30, lambda: installed.story(job))
    before = set(installed.workers())
    urgent = pod("urgent", installed.namespace, "sleep", "600", resources=seats)
    urgent["spec"] |= {"priorityClassName": URGENT, "terminationGracePeriodSeconds": 0}
    installed.cluster.create(urgent)
    try:
        until(lambda: before - set(installed.workers()), 60, lambda: installed.story(job))
        installed.cluster.wait("pod/urgent", "condition=Ready", installed.namespace)
        losses.are_told(job)
        installed.succeeded(job)
    finally:
        installed.kubectl("delete", "pod", "urgent", "--ignore-not-found")
    assert installed.content(f"{job}.webm") == expected
