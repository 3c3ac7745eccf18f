"""Backend Knative on real Knative Serving: workers are requests, from nothing to many and back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Cluster, Refused
from tests.controller.node.installation import Installation, until
from tests.controller.node.midway import Midway

pytestmark = pytest.mark.tier("node")

SERVICE = "excamera-worker"
WORKERS = {"backend": "Knative", "max": 2}


@pytest.fixture(scope="module")
def serving(knative: Cluster, installed: Installation) -> Iterator[Installation]:
    """The installation with the workers' Knative Service, scaled to zero."""
    installed.install("workers.knative.enabled=true", "workers.knative.timeoutSeconds=120")
    installed.cluster.wait(f"ksvc/{SERVICE}", "condition=Ready", installed.namespace, 150)
    until(lambda: not pods(installed), 150)
    yield installed
    installed.install()


def pods(installation: Installation) -> list[str]:
    selector = f"--selector=serving.knative.dev/service={SERVICE}"
    return installation.kubectl("get", "pods", selector, "--output=name").split()


def test_a_job_succeeds_and_the_service_goes_from_nothing_to_its_workers_and_back(
    serving: Installation, job: str, source: str, expected: bytes
) -> None:
    serving.apply(job, source, workers=WORKERS)
    until(lambda: len(pods(serving)) == 2, 60, lambda: serving.story(job))
    serving.succeeded(job)
    assert serving.content(f"{job}.webm") == expected
    until(lambda: not pods(serving), 150)


def test_a_job_goes_on_when_the_operator_is_replaced_and_no_finished_chunk_is_done_again(
    serving: Installation, job: str, source: str, expected: bytes
) -> None:
    serving.apply(job, source, workers=WORKERS)
    before = Midway.of(serving, job)
    serving.kill_operator()
    before.is_continued(serving, job)
    assert serving.content(f"{job}.webm") == expected


def test_when_a_deleted_job_is_gone_its_workers_have_ended_and_left_nothing(
    serving: Installation, job: str, source: str
) -> None:
    serving.apply(job, source, workers=WORKERS)
    serving.published(job, 1)
    assert busy(serving)
    assert serving.mailboxes() > 0
    serving.delete(job)
    assert busy(serving) == []
    assert serving.mailboxes() == 0
    assert [key for key in serving.stored() if key.startswith(f"{job}.webm")] == []


def busy(installation: Installation) -> list[str]:
    """Pods with a worker in them: they outlive their workers for a while."""
    found = []
    for pod in pods(installation):
        where = f"/api/v1/namespaces/{installation.namespace}/{pod.replace('pod/', 'pods/')}"
        try:
            said = installation.kubectl("get", "--raw", f"{where}:8080/proxy/healthz")
        except Refused:  # scaled down at this moment
            continue
        if json.loads(said)["busy"]:
            found.append(pod)
    return found
