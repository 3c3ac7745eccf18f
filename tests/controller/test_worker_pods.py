"""The pods of workers as the operator knows them: whose they are, and what a watch misses."""

from __future__ import annotations

from typing import Any

import pytest

from excamera_controller.api import Object
from excamera_controller.backends.pod_manifests import UID_LABEL
from excamera_controller.backends.pod_signs import is_worker_of
from excamera_controller.backends.worker_pods import WorkerPods
from excamera_controller.gather import stored_of

JOB = stored_of(
    {
        "metadata": {
            "name": "clip",
            "namespace": "videos",
            "uid": "u-1",
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {},
    }
)
OWNER: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "name": "clip-1",
    "controller": True,
}
LABELS: dict[str, Any] = {UID_LABEL: "u-1", "batch.kubernetes.io/job-name": "clip-1"}


def pod(name: str = "clip-1-0", version: int = 1, phase: str = "Running", **more: Any) -> Object:
    metadata: dict[str, Any] = {
        "name": name,
        "uid": f"uid of {name}",
        "namespace": "videos",
        "labels": LABELS,
        "ownerReferences": [OWNER],
        "resourceVersion": str(version),
        **more,
    }
    return {"metadata": metadata, "status": {"phase": phase}}


def test_a_pod_that_a_job_of_ours_has_made_is_a_worker() -> None:
    assert is_worker_of(pod(), JOB)


FOREIGN: dict[str, dict[str, Any]] = {
    "namespace": {"namespace": "attacker"},
    "no owner": {"ownerReferences": []},
    "kind": {"ownerReferences": [{**OWNER, "kind": "ReplicaSet"}]},
    "another Job": {"ownerReferences": [{**OWNER, "name": "another"}]},
    "no controller": {"ownerReferences": [{**OWNER, "controller": False}]},
    "uid": {"labels": {**LABELS, UID_LABEL: "u-2"}},
    "name": {
        "labels": {**LABELS, "batch.kubernetes.io/job-name": "other-1"},
        "ownerReferences": [{**OWNER, "name": "other-1"}],
    },
}


@pytest.mark.parametrize("more", FOREIGN.values(), ids=FOREIGN)
def test_a_pod_that_only_bears_our_labels_is_no_worker(more: dict[str, Any]) -> None:
    assert not is_worker_of(pod(**more), JOB)


def test_a_pod_of_another_namespace_hides_none_of_the_same_name() -> None:
    pods = WorkerPods()
    pods.note(pod(), False)
    pods.note(pod(namespace="attacker", uid="another", phase="Failed"), False)
    assert pods.of(JOB) == (pod(),)
    pods.note(pod(namespace="attacker", uid="another"), True)
    assert pods.of(JOB) == (pod(),)


class Server:
    """Lists `pods`; what happens meanwhile is told by `meanwhile`."""

    def __init__(self, *pods: Object) -> None:
        self.pods = pods
        self.meanwhile = lambda: None
        self.asked: list[str] = []

    async def list(self, path: str, **query: str) -> list[Object]:
        assert query == {"labelSelector": UID_LABEL}
        self.asked.append(path)
        self.meanwhile()
        return list(self.pods)


async def missed(pods: WorkerPods, server: Server) -> list[tuple[Object, bool]]:
    return await pods.missed(server, ["videos"])  # type: ignore[arg-type]


async def test_a_listing_tells_of_pods_that_are_new_newer_and_gone() -> None:
    pods = WorkerPods()
    for each in (pod("same"), pod("newer"), pod("gone")):
        pods.note(each, False)
    server = Server(pod("same"), pod("newer", 2, "Failed"), pod("new"))
    assert await missed(pods, server) == [
        (pod("newer", 2, "Failed"), False),
        (pod("new"), False),
        (pod("gone"), True),
    ]


async def test_a_listing_that_is_older_than_the_watch_tells_nothing() -> None:
    pods = WorkerPods()
    for each in (pod("changed"), pod("gone")):
        pods.note(each, False)
    server = Server(pod("changed"), pod("gone"))

    def meanwhile() -> None:
        pods.note(pod("changed", 2, "Failed"), False)
        pods.note(pod("gone"), True)
        pods.note(pod("made later"), False)

    server.meanwhile = meanwhile
    assert await missed(pods, server) == []


async def test_all_namespaces_are_one_listing_and_some_are_one_each() -> None:
    server = Server()
    await WorkerPods().missed(server, [])  # type: ignore[arg-type]
    assert server.asked == ["/api/v1/pods"]
    await WorkerPods().missed(server, ["a", "b"])  # type: ignore[arg-type]
    assert server.asked[1:] == ["/api/v1/namespaces/a/pods", "/api/v1/namespaces/b/pods"]
