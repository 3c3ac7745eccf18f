"""The operator is replaced in the middle of a job: its workers go on, and nothing is done again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.controller.jobs import ENDED
from tests.controller.node.installation import Installation, until
from tests.controller.node.midway import Midway

pytestmark = pytest.mark.tier("node")


def kill(installed: Installation) -> None:
    installed.kill_operator()


def upgrade(installed: Installation) -> None:
    installed.install("log.level=debug")


@pytest.mark.parametrize("replace", [kill, upgrade])
def test_a_job_goes_on_when_the_operator_is_replaced_and_no_chunk_is_done_again(
    installed: Installation,
    job: str,
    source: str,
    expected: bytes,
    replace: Callable[[Installation], None],
) -> None:
    installed.apply(job, source)
    before = Midway.of(installed, job)
    replace(installed)
    later = before.is_continued(installed, job)
    assert installed.worker_pods_ever(job) == before.workers
    assert {(one["attempt"], one["attempts_lost"]) for one in later} == {(1, 0)}
    assert installed.content(f"{job}.webm") == expected


def test_a_job_that_is_suspended_while_there_is_no_operator_is_stopped_by_the_next(
    installed: Installation, job: str, source: str
) -> None:
    installed.apply(job, source)
    Midway.of(installed, job)
    installed.scale_operator(0)
    try:
        assert installed.workers()
        installed.patch(job, suspend=True)
    finally:
        installed.scale_operator(1)
    until(lambda: installed.status(job)["phase"] == "Suspended", 60, lambda: installed.story(job))
    until(lambda: not installed.traces(), 30, installed.traces)


def test_what_the_rendezvous_forgets_is_sent_again(
    installed: Installation, job: str, source: str, expected: bytes
) -> None:
    installed.apply(job, source)
    installed.published(job, 2)
    before = installed.pod_of("rendezvous")["metadata"]["uid"]
    selector = "--selector=app.kubernetes.io/component=rendezvous"
    installed.kubectl("delete", "pod", selector, "--grace-period=0", "--force")
    assert installed.status(job)["phase"] not in ENDED
    assert installed.pod_of("rendezvous", before)
    installed.succeeded(job)
    assert installed.content(f"{job}.webm") == expected
