"""The runs of one operator, as far as pods concern them."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from typing import Any

import pytest

from excamera_controller.api import Object
from excamera_controller.observed import Stored
from excamera_controller.runs import Runs
from tests.controller.jobs import NOBODY
from tests.controller.test_remains import JOB, place_of
from tests.controller.test_worker_pods import pod

SPEC = {
    "source": {"uri": "s3://videos/in.mp4"},
    "output": {"uri": "s3://videos/out.webm"},
    "storage": {"secretRef": {"name": "store"}},
}
STORE = {
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "b",
    "AWS_ENDPOINT_URL": NOBODY,
    "AWS_REGION": "us-east-1",
}


class Cluster:
    """Has one Secret, for a store that is away, and the pods that it is given."""

    def __init__(self) -> None:
        self.pods: list[Object] = []

    async def get(self, path: str) -> Object:
        data = {name: base64.b64encode(text.encode()).decode() for name, text in STORE.items()}
        return {"data": data}

    async def delete(self, path: str) -> None:
        """Pods take their time."""

    async def list(self, path: str, **_: str) -> list[Object]:
        return self.pods if path.endswith("/pods") else []


async def begun(cluster: Cluster, changed: list[str]) -> Runs:
    """One job runs, and has its backend."""
    place: Any = place_of(cluster)
    runs = Runs(place, changed.append)
    runs.start(replace(JOB, spec=SPEC), goes_on=False)
    (run,) = runs
    async with asyncio.timeout(30):
        while run.backend is None:  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.01)
    return runs


async def test_only_pods_that_a_job_of_ours_has_made_are_looked_at() -> None:
    changed: list[str] = []
    runs = await begun(Cluster(), changed)
    runs.note_pod(pod(namespace="attacker"), False)
    runs.note_pod(pod(ownerReferences=[]), False)
    assert changed == []
    runs.note_pod(pod(), False)
    assert changed == [JOB.uid]
    await runs.stop(JOB)


async def test_what_a_watch_has_missed_of_pods_is_found_by_listing_them() -> None:
    changed: list[str] = []
    cluster = Cluster()
    runs = await begun(cluster, changed)
    unpullable = pod(phase="Pending")
    waiting = {"state": {"waiting": {"reason": "ImagePullBackOff"}}, "image": "nosuch"}
    unpullable["status"]["containerStatuses"] = [waiting]
    cluster.pods = [unpullable]
    await runs.list_pods()
    (run,) = runs
    assert run.backend is not None
    assert run.backend.trouble is not None
    cluster.pods = []
    await runs.list_pods()
    assert run.backend.trouble is None
    assert changed == [JOB.uid] * 2
    await runs.stop(JOB)


def runs_of(cluster: Cluster) -> Runs:
    place: Any = place_of(cluster)
    changed: list[str] = []
    return Runs(place, changed.append)


def has_begun(**status: Any) -> Stored:
    return replace(JOB, spec=SPEC, status={"startTime": "2026-01-02T03:00:00Z", **status})


async def test_what_could_not_be_removed_is_told_if_anything_was_written() -> None:
    runs, job = runs_of(Cluster()), has_begun(progress={"chunksTotal": 22})
    await runs.stop(job)
    said = await runs.clean_up(job)
    where = f"s3://videos/out.webm.excamera/{job.uid}"
    assert said.startswith(f"unfinished objects may be left at {where}")
    assert runs.unfinished(job.uid)


@pytest.mark.parametrize("job", [has_begun(), replace(JOB, spec=SPEC)], ids=["begun", "new"])
async def test_nothing_is_said_of_a_store_where_nothing_was_written(job: Stored) -> None:
    runs = runs_of(Cluster())
    await runs.stop(job)
    assert await runs.clean_up(job) == ""
    assert not runs.unfinished(job.uid)


async def test_unfinished_objects_are_not_gone_for_good_while_a_worker_may_write_others() -> None:
    cluster = Cluster()
    cluster.pods = [pod()]
    runs = runs_of(cluster)
    await runs.stop(has_begun())
    await runs.clean_up(has_begun())
    assert runs.unfinished(JOB.uid)
    cluster.pods = []
    await runs.stop(has_begun())
    await runs.clean_up(has_begun())
    assert not runs.unfinished(JOB.uid)
