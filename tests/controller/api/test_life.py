"""A job's life as far as it needs no pods: suspended, deleted, and its operator killed."""

from __future__ import annotations

import pytest

from tests.controller.api.operator_process import OperatorProcess
from tests.controller.jobs import BUCKET, NOBODY, SECRET, until

pytestmark = pytest.mark.tier("api")

CLIP = f"s3://{BUCKET}/clip.mp4"
NOWHERE = {"backend": "Pod", "max": 1, "nodeSelector": {"excamera.dev/none": "such"}}
"""Where there is a node, pods must not run: these tests are about what comes before."""


def test_a_job_that_is_suspended_from_the_start_starts_nothing_until_it_is_resumed(
    operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, CLIP, suspend=True, workers=NOWHERE)
    assert "finished chunks are kept" in operator.said(job, "JobSuspended")
    assert operator.status(job)["phase"] == "Suspended"
    assert "startTime" not in operator.status(job)
    assert not operator.traces_of(job)
    assert not operator.finalizers(job)
    operator.patch(job, suspend=False)
    operator.starts_workers(job)
    assert operator.finalizers(job)
    operator.patch(job, suspend=True)
    until(lambda: not operator.traces_of(job), 30, lambda: operator.story(job))


@pytest.mark.parametrize("moment", ["at once", "planning", "workers asked for"])
def test_a_job_that_is_deleted_at_any_moment_leaves_nothing_in_the_cluster(
    operator: OperatorProcess, job: str, moment: str
) -> None:
    operator.apply(job, CLIP, workers=NOWHERE)
    if moment == "planning":
        until(lambda: operator.status(job).get("startTime"), 30, lambda: operator.story(job))
    elif moment == "workers asked for":
        operator.starts_workers(job)
    operator.delete(job)
    until(lambda: not operator.traces_of(job), 30, lambda: operator.traces_of(job))


def test_the_finalizer_lets_go_although_the_store_has_become_unreachable(
    operator: OperatorProcess, job: str
) -> None:
    own = f"{job}-store"
    operator.copy_secret(SECRET, own)
    operator.apply(job, CLIP, workers=NOWHERE, storage={"secretRef": {"name": own}})
    until(lambda: "workers" in operator.status(job), 30, lambda: operator.story(job))
    away = {"stringData": {"AWS_ENDPOINT_URL": NOBODY}}
    operator.cluster.patch("secret", own, operator.namespace, away)
    operator.delete(job)
    assert "CleanUpIncomplete" in operator.reasons(job)


def test_an_operator_that_was_killed_goes_on_where_it_was(
    operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, CLIP, workers=NOWHERE)
    operator.starts_workers(job)
    until(lambda: "workers" in operator.status(job), 30, lambda: operator.story(job))
    before = operator.status(job)
    assert before["phase"] == "Pending"
    operator.kill()
    operator.start()
    seen = before["lastObservedTime"]
    until(lambda: operator.status(job)["lastObservedTime"] > seen, 30, lambda: operator.story(job))
    assert operator.status(job)["phase"] == "Pending"
    assert operator.status(job)["startTime"] == before["startTime"]
    operator.delete(job)
    until(lambda: not operator.traces_of(job), 30, lambda: operator.traces_of(job))


def test_a_job_that_is_deleted_while_there_is_no_operator_goes_when_there_is_one(
    operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, CLIP, workers=NOWHERE)
    operator.starts_workers(job)
    operator.kill()
    operator.kubectl("delete", "ej", job, "--wait=false")
    assert operator.cluster.get("ej", job, operator.namespace)["metadata"]["finalizers"]
    operator.start()
    operator.kubectl("wait", "--for=delete", f"ej/{job}", "--timeout=60s", timeout=90)
    until(lambda: not operator.traces_of(job), 30, lambda: operator.traces_of(job))


def test_a_job_that_is_suspended_while_there_is_no_operator_is_stopped_by_the_next(
    operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, CLIP, workers=NOWHERE)
    operator.starts_workers(job)
    operator.kill()
    operator.patch(job, suspend=True)
    operator.start()
    operator.said(job, "JobSuspended")
    until(lambda: not operator.traces_of(job), 30, lambda: operator.traces_of(job))


@pytest.mark.parametrize(("phase", "truth"), [("Succeeded", "True"), ("Failed", "False")])
def test_what_a_killed_operator_has_said_and_not_done_is_done_by_the_next(
    operator: OperatorProcess, job: str, phase: str, truth: str
) -> None:
    """The status is written first, so it is all there is of a job that had just ended."""
    operator.apply(job, CLIP, workers=NOWHERE)
    operator.starts_workers(job)
    operator.kill()
    now = operator.status(job)["startTime"]
    ended = {
        "type": "Succeeded",
        "status": truth,
        "reason": "NoWorkers",
        "message": "as if it had ended",
        "lastTransitionTime": now,
    }
    status = {"phase": phase, "completionTime": now, "conditions": [ended]}
    patch = {"status": status}
    operator.cluster.patch("ej", job, operator.namespace, patch, "--subresource=status")
    operator.start()
    until(lambda: not operator.traces_of(job), 30, lambda: operator.traces_of(job))
    until(lambda: not operator.finalizers(job), 30, lambda: operator.story(job))
    assert operator.status(job)["phase"] == phase


def test_a_store_where_nothing_was_written_is_not_said_to_hold_unfinished_objects(
    operator: OperatorProcess, job: str
) -> None:
    operator.apply(job, CLIP, workers=NOWHERE, storage={"secretRef": {"name": "away"}})
    until(lambda: "startTime" in operator.status(job), 30, lambda: operator.story(job))
    operator.delete(job)
    assert "CleanUpIncomplete" not in operator.reasons(job)


def test_of_two_jobs_that_write_the_same_object_the_later_one_is_warned(
    operator: OperatorProcess, job: str
) -> None:
    output = {"uri": f"s3://{BUCKET}/{job}.webm"}
    operator.apply(f"{job}-first", CLIP, output=output, workers=NOWHERE)
    operator.starts_workers(f"{job}-first")
    operator.apply(job, CLIP, output=output, workers=NOWHERE)
    until(lambda: "OutputShared" in operator.reasons(job), 30, lambda: operator.story(job))
    assert "OutputShared" not in operator.reasons(f"{job}-first")
    operator.delete(f"{job}-first")
