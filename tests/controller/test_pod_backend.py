"""Backend Pod against a small stand-in for the API server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from excamera_controller import api
from excamera_controller.api import ApiError, Conflict, NotFound, Object, Unreachable
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
    return Workers(
        stored, Image("registry/excamera:1", "IfNotPresent", ("pull",)), RESOURCES, "film"
    )


class Server:
    """Keeps what was created; answers lists with `events`; raises `error` if there is one.

    lost: so many answers to creations get lost on their way back.
    """

    def __init__(self) -> None:
        self.created: Objects = []
        self.deleted: list[str] = []
        self.events: Objects = []
        self.error: ApiError | None = None
        self.lost = 0

    async def create(self, path: str, body: Object) -> Object:
        if self.error is not None:
            raise self.error
        if body["metadata"]["name"] in [
            one["metadata"]["name"] for one in self.of_kind(body["kind"])
        ]:
            raise Conflict(409, "AlreadyExists", "it is there already")
        uid = f"uid-{len(self.created) + 1}"
        self.created.append({**body, "metadata": {**body["metadata"], "uid": uid}})
        if self.lost:
            self.lost -= 1
            raise Unreachable("it takes too long")
        return self.created[-1]

    async def list(self, path: str, **query: str) -> Objects:
        if self.error is not None:
            raise self.error
        if path.endswith("/events"):
            return self.events
        kind = {"jobs": "Job", "secrets": "Secret"}.get(path.rpartition("/")[2], "")
        name = query.get("fieldSelector", "").removeprefix("metadata.name=")
        found = self.of_kind(kind)
        return [one for one in found if not name or one["metadata"]["name"] == name]

    async def get(self, path: str) -> Object:
        name = path.rpartition("/")[2]
        found = [one for one in self.of_kind("Secret") if one["metadata"]["name"] == name]
        if not found:
            raise NotFound(404, "NotFound", "there is none")
        return found[0]

    async def delete(self, path: str, **_: str) -> None:
        if self.error is not None:
            raise self.error
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
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pod_module, "LOOK_SECONDS", 0.01)


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
        "storage": {"serviceAccountName": "reader"},
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


def test_a_worker_pod_is_not_given_the_credentials_of_its_job() -> None:
    made = workers(storage={"secretRef": {"name": "the-store"}}).job_object("clip-1", 1)
    pod = made["spec"]["template"]["spec"]
    assert [one["name"] for one in pod["containers"][0]["env"]] == ["POD_NAME"]
    assert {one["name"] for one in pod["volumes"]} == {"invitation", "scratch"}
    assert "the-store" not in json.dumps(made)


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
    monkeypatch.setattr(pod_module, "LATE_SECONDS", 0.0)
    await world.start(3)
    assert [job["spec"]["completions"] for job in world.server.of_kind("Job")] == [3, 1]


async def test_while_all_that_is_wanted_may_come_yet_nothing_more_is_started_nor_given_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.start(2)
    full = {"type": "PodScheduled", "reason": "Unschedulable", "message": "no room"}
    world.pod(0, "Pending", conditions=[full])
    monkeypatch.setattr(pod_module, "LATE_SECONDS", 0.0)
    with pytest.raises(BackendError, match="no room") as refused:
        await world.start(2)
    assert refused.value.passing
    assert len(world.server.of_kind("Job")) == 1


async def test_a_quota_is_named_and_waited_for(watchful: None, world: World) -> None:
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


UNPULLABLE = {"state": {"waiting": {"reason": "ImagePullBackOff"}}, "image": "nosuch"}


@pytest.fixture
async def impatient(watchful: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pod_module, "PATIENCE_SECONDS", 0.05)
    made = World()
    yield made
    await made.backend.stop()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 -- what is waited for is not told to tests
            await asyncio.sleep(0.01)


async def test_an_image_that_stays_unpullable_ends_the_waiting_for_good(impatient: World) -> None:
    await impatient.start(1)
    impatient.pod(0, "Pending", containerStatuses=[UNPULLABLE])
    await until(lambda: any("/pods/" in path for path in impatient.server.deleted))
    with pytest.raises(BackendError, match="cannot be pulled") as refused:
        await impatient.start(1)
    assert refused.value.permanent


async def test_one_node_that_cannot_pull_the_image_costs_its_pod_and_not_the_job(
    impatient: World,
) -> None:
    await impatient.start(2)
    impatient.pod(0, "Running")
    impatient.pod(1, "Pending", containerStatuses=[UNPULLABLE])
    await until(lambda: impatient.server.deleted)
    (name,) = {path.rpartition("/")[2] for path in impatient.server.deleted}
    assert name.endswith("-1")
    impatient.pod(1, "Pending", deleted=True)
    assert [end.worker for end in impatient.ends] == [name]
    assert impatient.backend.trouble is None
    await impatient.start(1)
    assert len(impatient.server.of_kind("Job")) == 2


async def test_pods_that_wait_beyond_what_the_job_may_have_are_taken_back(
    watchful: None, world: World
) -> None:
    await world.start(3)
    world.pod(0, "Running")
    world.pod(1, "Pending")
    world.pod(2, "Pending")
    world.backend.limit(3)
    world.backend.limit(1)
    await until(lambda: len(world.server.deleted) >= 2)
    assert {path.rpartition("/")[2][-2:] for path in world.server.deleted} == {"-1", "-2"}
    for index in (1, 2):
        world.pod(index, "Pending", deleted=True)
    assert [end.withdrawn for end in world.ends] == [True, True]
    world.pod(0, "Failed", reason="Evicted")
    assert not world.ends[-1].withdrawn


async def test_pods_that_an_earlier_operator_asked_for_are_taken_back_and_nobody_waits_for_them(
    watchful: None, world: World
) -> None:
    labels = {"batch.kubernetes.io/job-name": "clip-old"}
    old = {"metadata": {"name": "old", "labels": labels}, "status": {"phase": "Pending"}}
    world.backend.note(old)
    world.backend.limit(0)
    await until(lambda: world.server.deleted)
    assert world.server.deleted[0].endswith("/pods/old")
    world.backend.note(old, deleted=True)
    assert world.ends == []


async def test_a_pod_that_runs_after_all_makes_starts_possible_again(impatient: World) -> None:
    await impatient.start(2)
    impatient.pod(0, "Pending", containerStatuses=[UNPULLABLE])
    await until(lambda: impatient.server.deleted)
    impatient.pod(1, "Running")
    impatient.pod(0, "Pending", deleted=True)
    await impatient.start(1)
    assert impatient.backend.trouble is None


async def test_an_answer_that_is_lost_does_not_leave_a_job_without_its_secret(
    world: World,
) -> None:
    world.server.lost = 1
    await world.start(3)
    (job,) = world.server.of_kind("Job")
    (secret,) = world.server.of_kind("Secret")
    assert secret["metadata"]["ownerReferences"][0]["uid"] == job["metadata"]["uid"]
    assert world.server.deleted == []


async def test_a_secret_whose_creation_was_not_answered_is_there(world: World) -> None:
    original = world.server.create

    async def create(path: str, body: Object) -> Object:
        world.server.lost = int(body["kind"] == "Secret")
        return await original(path, body)

    world.server.create = create  # type: ignore[method-assign]
    await world.start(3)
    assert len(world.server.of_kind("Secret")) == 1


async def test_a_job_that_a_killed_operator_has_left_without_its_secret_is_deleted(
    impatient: World,
) -> None:
    """Its pods would wait until the EncodeJob ends."""
    world = impatient
    left = {"kind": "Job", "metadata": {"name": "clip-left"}}
    whole = {"kind": "Job", "metadata": {"name": "clip-whole"}}
    secret = {"kind": "Secret", "metadata": {"name": "clip-whole"}}
    running = {"kind": "Job", "metadata": {"name": "clip-running"}}
    world.server.created += [left, whole, secret, running]
    labels = {"batch.kubernetes.io/job-name": "clip-running", UID_LABEL: "u-1"}
    metadata = {"name": "clip-running-0", "labels": labels}
    world.backend.note({"metadata": metadata, "status": {"phase": "Running"}})
    await until(lambda: world.server.deleted)
    await world.start(1)
    await asyncio.sleep(0.05)
    assert world.server.deleted == ["/apis/batch/v1/namespaces/videos/jobs/clip-left"]


async def test_a_start_that_fails_leaves_no_job_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pod_module, "LOOK_SECONDS", 0.01)
    original = world.server.create
    gone = ApiError(404, "NotFound", "the namespace is gone")

    async def create(path: str, body: Object) -> Object:
        if body["kind"] == "Secret":
            world.server.error = gone
        return await original(path, body)

    await world.start(1)
    monkeypatch.setattr(world.server, "create", create)
    with pytest.raises(BackendError):
        await world.start(1)
    name = world.server.of_kind("Job")[-1]["metadata"]["name"]
    assert world.server.deleted == []
    world.server.error = None
    await until(lambda: world.server.deleted)
    assert world.server.deleted == [f"/apis/batch/v1/namespaces/videos/jobs/{name}"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ApiError(403, "Forbidden", "jobs is forbidden: exceeded quota: jobs"), "passing"),
        (Unreachable("no route"), "passing"),
        (ApiError(429, "TooManyRequests", "later"), "passing"),
        (ApiError(503, "ServiceUnavailable", "etcd is away"), "passing"),
        (ApiError(401, "Unauthorized", "the token is old"), "passing"),
        (Conflict(409, "AlreadyExists", "that name is taken"), "passing"),
        (ApiError(403, "Forbidden", "cannot create resource jobs"), "permanent"),
        (ApiError(422, "Invalid", "requests must not exceed limits"), "permanent"),
        (ApiError(404, "NotFound", "the namespace is gone"), "counted"),
    ],
)
async def test_a_start_that_is_refused_says_whether_to_try_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: ApiError, kind: str
) -> None:
    monkeypatch.setattr(api, "AGAIN_SECONDS", 0.0)
    world.server.error = error
    with pytest.raises(BackendError) as refused:
        await world.start(1)
    assert refused.value.passing is (kind == "passing")
    assert refused.value.permanent is (kind == "permanent")
    assert world.backend.trouble is not None
    world.server.error = None
    await world.start(1)
    assert world.backend.trouble is None


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
