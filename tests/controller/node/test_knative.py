"""Backend Knative on real Knative Serving: workers are requests, from nothing to many and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster.cluster import Cluster
from tests.controller.node.installation import Installation, until

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


def test_a_job_goes_on_when_the_operator_is_replaced(
    serving: Installation, job: str, source: str, expected: bytes
) -> None:
    serving.apply(job, source, workers=WORKERS)
    serving.published(job, 3)
    serving.kill_operator("--grace-period=0", "--force")
    serving.succeeded(job)
    assert serving.content(f"{job}.webm") == expected


def test_a_job_that_is_deleted_leaves_no_worker(
    serving: Installation, job: str, source: str
) -> None:
    serving.apply(job, source, workers=WORKERS)
    serving.published(job, 1)
    serving.delete(job)
    until(lambda: not pods(serving), 150)
