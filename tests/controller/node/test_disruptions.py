"""Workers that Kubernetes takes away: evicted, or preempted by what is more important."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Object
from tests.cluster.pods import pod
from tests.controller.node.installation import Installation, until

pytestmark = pytest.mark.tier("node")

SEAT = "excamera.dev/seat"
"""A resource of which the node has as many as there are workers, so that it is full."""

URGENT = "excamera-test-urgent"


def test_an_evicted_worker_costs_attempts_and_not_the_job(
    installed: Installation, job: str, source: str, expected: bytes
) -> None:
    installed.apply(job, source)
    installed.published(job, 1)
    victim = installed.workers()[0].removeprefix("pod/")
    eviction = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": victim, "namespace": installed.namespace},
    }
    path = f"/api/v1/namespaces/{installed.namespace}/pods/{victim}/eviction"
    installed.kubectl("create", "--raw", path, "-f", "-", stdin=json.dumps(eviction))
    installed.succeeded(job)
    assert installed.content(f"{job}.webm") == expected


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
        installed.succeeded(job)
    finally:
        installed.kubectl("delete", "pod", "urgent", "--ignore-not-found")
    assert installed.content(f"{job}.webm") == expected
