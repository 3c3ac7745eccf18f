"""Backend Pod against a small stand-in for the API server."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from excamera_controller.api import ApiError, Object
from excamera_controller.backends import pod as pod_module
from excamera_controller.backends import pod_removal
from excamera_controller.backends.pod import PodBackend
from excamera_controller.backends.pod_manifests import UID_LABEL, Workers
from excamera_controller.backends.pod_removal import remove
from excamera_controller.conditions import Reason
from excamera_controller.gather import stored_of
from excamera_controller.settings import Image
from excamera_proto.credentials import CREDENTIAL_LIFETIME, Authority, Identity
from mu.backend import WorkerExit
from mu.errors import BackendError
from mu.invitation import Invitation

INVITATION = Invitation(
    "operator:7000", "u-1.7", "pod", Authority.create("test").issue(Identity.worker("u-1.7"))
)
RESOURCES = {"requests": {"cpu": "1"}}
Objects = list[Object]


def workers(**spec: Any) -> Workers:
    metadata = {
        "name": "clip",
        "namespace": "videos",
        "uid": "u-1",
        "creationTimestamp": "2026-01-01T00:00:00Z",
    }
    stored = stored_of({"metadata": metadata, "spec": spec})
    return Workers(stored, Image("registry/excamera:1", "IfNotPresent", ("pull",)), RESOURCES)


class Server:
    """Keeps what was created; answers lists with `events`; raises `error` if there is one."""

    def __init__(self) -> None:
        self.created: Objects = []
        self.deleted: list[str] = []
        self.events: Objects = []
        self.error: ApiError | None = None

    async def create(self, path: str, body: Object) -> Object:
        if self.error is not None:
            raise self.error
        self.created.append(body)
        return {**body, "metadata": {**body["metadata"], "uid": f"uid-{len(self.created)}"}}

    async def list(self, path: str, **query: str) -> Objects:
        if self.error is not None:
            raise self.error
        return self.events if path.endswith("/events") else []

    async def delete(self, path: str, **_: str) -> None:
        self.deleted.append(path)

    def of_kind(self, kind: str) -> Objects:
        return [one for one in self.created if one["kind"] == kind]


class World:
    """A backend, and what it has reported."""

    def __init__(self, **spec: Any) -> None:
        self.server = Server()
        self.backend = PodBackend(self.server, workers(**spec))  # type: ignore[arg-type]
        self.ends: list[WorkerExit] = []
        self.backend.watch(self.ends.append)

    async def start(self, count: int) -> None:
        await self.backend.start(count, INVITATION)

    def pod(self, index: int, phase: str = "Running", *, deleted: bool = False, **status: Any):
        """The pod of the last Job with that index is seen."""
        job = self.server.of_kind("Job")[-1]["metadata"]["name"]
        labels = {"batch.kubernetes.io/job-name": job, UID_LABEL: "u-1"}
        metadata = {"name": f"{job}-{index}", "labels": labels}
        self.backend.note(
            {"metadata": metadata, "status": {"phase": phase, **status}}, deleted=deleted
        )


@pytest.fixture
async def world():
    made = World()
    yield made
    made.server.error = None
    await made.backend.stop()


async def test_a_start_is_an_indexed_job_that_belongs_to_the_encodejob(world: World) -> None:
    await world.start(3)
    (job,) = world.server.of_kind("Job")
    assert (job["spec"]["completions"], job["spec"]["parallelism"]) == (3, 3)
    assert job["spec"]["completionMode"] == "Indexed"
    assert job["spec"]["backoffLimitPerIndex"] == 0
    assert job["metadata"]["ownerReferences"][0]["uid"] == "u-1"
    (secret,) = world.server.of_kind("Secret")
    assert secret["metadata"]["name"] == job["metadata"]["name"]
    assert secret["metadata"]["ownerReferences"][0]["kind"] == "Job"


async def test_a_worker_makes_way_for_another_long_before_its_certificate_ends(
    world: World,
) -> None:
    await world.start(1)
    (secret,) = world.server.of_kind("Secret")
    told = json.loads(secret["stringData"]["invitation"])
    assert timedelta(seconds=told["seconds"]) <= CREDENTIAL_LIFETIME / 2


def test_a_worker_pod_gets_what_its_job_asks_for_and_no_token() -> None:
    spec = {
        "storage": {"secretRef": {"name": "store"}, "serviceAccountName": "reader"},
        "workers": {"nodeSelector": {"disk": "fast"}, "tolerations": [{"operator": "Exists"}]},
    }
    pod = workers(**spec).job_object("clip-1", 1)["spec"]["template"]["spec"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == "reader"
    assert pod["nodeSelector"] == {"disk": "fast"}
    assert pod["tolerations"] == [{"operator": "Exists"}]
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    (container,) = pod["containers"]
    assert container["resources"] == RESOURCES
    references = [one["valueFrom"].get("secretKeyRef") for one in container["env"]]
    assert {one["name"] for one in references if one} == {"store"}
    assert all(one["optional"] for one in references if one)


async def test_the_end_of_a_pod_is_reported_once(world: World) -> None:
    await world.start(1)
    world.pod(0, "Pending")
    world.pod(0, "Running")
    world.pod(0, "Failed", reason="Evicted")
    world.pod(0, "Failed", reason="Evicted")
    world.pod(0, "Failed", reason="Evicted", deleted=True)
    assert [end.reason for end in world.ends] == ["Evicted"]


async def test_pods_that_ended_before_this_operators_time_are_not_reported(world: World) -> None:
    await world.start(1)
    metadata = {"name": "clip-old-0", "labels": {"batch.kubernetes.io/job-name": "clip-old"}}
    world.backend.note({"metadata": metadata, "status": {"phase": "Failed"}})
    assert world.ends == []
    world.backend.note({"metadata": {**metadata, "name": "alive"}, "status": {"phase": "Running"}})
    world.backend.note({"metadata": {**metadata, "name": "alive"}, "status": {"phase": "Failed"}})
    assert [end.worker for end in world.ends] == ["alive"]


async def test_workers_that_are_lost_together_are_all_replaced(world: World) -> None:
    await world.start(2)
    world.pod(0)
    world.pod(1)
    await world.start(1)
    await world.start(1)
    assert [job["spec"]["completions"] for job in world.server.of_kind("Job")] == [2, 1, 1]


async def test_pods_that_come_later_than_was_waited_for_are_not_started_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.start(3)
    world.pod(0)
    monkeypatch.setattr(pod_module, "LAUNCH_SECONDS", 0.0)
    await world.start(3)
    assert [job["spec"]["completions"] for job in world.server.of_kind("Job")] == [3, 1]


async def test_a_quota_is_named_and_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod_module, "LOOK_SECONDS", 0.01)
    await world.start(2)
    name = world.server.of_kind("Job")[0]["metadata"]["name"]
    said = "pods is forbidden: exceeded quota: small"
    world.server.events = [
        {"involvedObject": {"name": name}, "message": said, "metadata": {}, "lastTimestamp": "1"}
    ]
    await asyncio.sleep(0.1)
    trouble = world.backend.trouble
    assert trouble is not None
    assert trouble.reason is Reason.QUOTA_EXCEEDED
    assert "raise the namespace's quota" in trouble.message
    assert world.ends == []
    world.pod(0)
    world.pod(1)
    await asyncio.sleep(0.1)
    assert world.backend.trouble is None


async def test_an_image_that_stays_unpullable_ends_the_waiting_for_good(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod_module, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(pod_module, "PATIENCE_SECONDS", 0.05)
    await world.start(1)
    waiting = {"state": {"waiting": {"reason": "ImagePullBackOff"}}, "image": "nosuch"}
    world.pod(0, "Pending", containerStatuses=[waiting])
    await asyncio.sleep(0.3)
    assert any("/pods/" in path for path in world.server.deleted)
    with pytest.raises(BackendError, match="cannot be pulled") as refused:
        await world.start(1)
    assert refused.value.permanent


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (ApiError(403, "Forbidden", "jobs is forbidden: exceeded quota: jobs"), False),
        (ApiError(403, "Forbidden", "cannot create resource jobs"), True),
        (ApiError(422, "Invalid", "requests must not exceed limits"), True),
        (ApiError(404, "NotFound", "the namespace is gone"), False),
    ],
)
async def test_a_start_that_is_refused_says_whether_to_try_again(
    world: World, error: ApiError, permanent: bool
) -> None:
    world.server.error = error
    with pytest.raises(BackendError) as refused:
        await world.start(1)
    assert refused.value.permanent is permanent


async def test_removing_never_raises_and_takes_a_bounded_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = Server()
    server.error = ApiError(500, "InternalError", "no")
    assert not await remove(server, "videos", "u-1")  # type: ignore[arg-type]

    async def never(*_: Any, **__: Any) -> Objects:
        await asyncio.sleep(60)
        return []

    monkeypatch.setattr(pod_removal, "STOP_SECONDS", 0.05)
    monkeypatch.setattr(server, "list", never)
    assert not await remove(server, "videos", "u-1")  # type: ignore[arg-type]
