"""The chart is uninstalled in the middle of jobs, and installed again."""

from __future__ import annotations

import pytest

from tests.controller.node.installation import Installation, until
from tests.controller.node.midway import Midway
from tests.controller.node.samples import Sample

pytestmark = pytest.mark.tier("node")

HOOKS = "job,pod,serviceaccount,role,rolebinding,networkpolicy"


def test_a_job_that_has_ended_is_not_held(installed: Installation, job: str, brief: Sample) -> None:
    installed.apply(job, brief.source)
    assert until(lambda: installed.finalizers(job), 30, lambda: installed.story(job))
    status = installed.succeeded(job)
    until(lambda: not installed.finalizers(job), 30, lambda: installed.story(job))
    assert sorted(one["type"] for one in status["conditions"]) == ["Planned", "Succeeded"]


def test_uninstalling_leaves_no_worker_and_no_job_that_hangs_and_installing_again_goes_on(
    installed: Installation, job: str, source: str, expected: bytes
) -> None:
    other = f"{job}-b"
    installed.apply(other, source)
    installed.published(other, 1)
    installed.apply(job, source)
    before = Midway.of(installed, job)
    uid = installed.cluster.get("ej", other, installed.namespace)["metadata"]["uid"]
    installed.uninstall()
    try:
        assert installed.workers() == []
        until(lambda: not installed.traces(), 30, installed.traces)
        chosen = "--selector=app.kubernetes.io/component=uninstall"
        assert installed.kubectl("get", HOOKS, chosen, "--output=name") == ""
        for name in (job, other):
            assert installed.finalizers(name) == []
            assert installed.status(name)["phase"] == "Suspended"
            assert "finished chunks are kept" in installed.said(name, "OperatorUninstalled")
        installed.delete(other)  # there is nobody to wait for
        left = f"{other}.webm.excamera/{uid}/"
        assert [key for key in installed.stored() if key.startswith(left)]
    finally:
        installed.install()
    later = before.is_continued(installed, job)
    assert {(one["attempt"], one["attempts_lost"]) for one in later} == {(1, 0)}
    assert installed.content(f"{job}.webm") == expected
