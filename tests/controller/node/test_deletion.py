"""An EncodeJob is deleted: no pod, mailbox or unfinished object is left, and the resource goes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.controller.node.installation import Installation, until

pytestmark = pytest.mark.tier("node")


def at_once(installed: Installation, job: str) -> None:
    pass


def seen(installed: Installation, job: str) -> None:
    until(lambda: installed.status(job).get("phase", "Pending") != "Pending", 30)


def at_work(installed: Installation, job: str) -> None:
    """Workers run, have finished something, and have sent messages."""
    installed.published(job, 1)
    assert installed.workers()
    assert installed.mailboxes() > 0


def nearly_done(installed: Installation, job: str) -> None:
    installed.published(job, 100, seconds=240)  # of 160, as the status has it, which lags


@pytest.mark.parametrize("moment", [at_once, seen, at_work, nearly_done])
def test_a_job_that_is_deleted_at_any_moment_leaves_nothing(
    installed: Installation, job: str, source: str, moment: Callable[[Installation, str], None]
) -> None:
    installed.apply(job, source)
    moment(installed, job)
    installed.delete(job)
    nothing_is_left(installed, job)


def test_a_job_that_is_deleted_while_there_is_no_operator_leaves_nothing(
    installed: Installation, job: str, source: str
) -> None:
    installed.apply(job, source)
    at_work(installed, job)
    installed.scale_operator(0)
    try:
        installed.kubectl("delete", "ej", job, "--wait=false")
        assert installed.workers()
    finally:
        installed.scale_operator(1)
    installed.kubectl("wait", f"ej/{job}", "--for=delete", "--timeout=90s")
    nothing_is_left(installed, job)


def nothing_is_left(installed: Installation, job: str) -> None:
    """Pods end before the resource goes, so nobody can upload or send anything any more."""
    assert installed.workers() == []
    assert [key for key in installed.stored() if key.startswith(f"{job}.webm")] == []
    assert installed.mailboxes() == 0
    until(lambda: not installed.traces(), 30, installed.traces)
