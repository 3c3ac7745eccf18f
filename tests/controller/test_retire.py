"""The operator is uninstalled: it ends, its workers end, and its jobs are let go."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from excamera_controller import cli, retire
from excamera_controller.api import ApiError, Conflict, NotFound, Object, Unreachable
from excamera_controller.arguments import read_retirement
from excamera_controller.backends.pod_manifests import UID_LABEL
from excamera_controller.conditions import Phase, Reason, Truth
from excamera_controller.decision import Action
from excamera_controller.observed import FINALIZER, Observed
from excamera_controller.policies import retirement
from excamera_controller.reconcile import reconcile
from excamera_controller.retire import Held, Retire
from excamera_controller.settings import Retirement, SettingsError
from tests.controller.test_reconcile import ENDED, NOW, SPEC, next_observed, stored

RUNNING = {
    "phase": "Running",
    "startTime": "2026-01-02T03:00:00Z",
    "progress": {"chunksTotal": 22, "published": 4},
    "workers": {"connected": 2, "lost": 1},
}
SUSPENDED = SPEC | {"suspend": True}
SETTINGS = Retirement("excamera-operator", own_namespace="excamera", instance="hook")
WORK = "s3://videos/out.webm.excamera/u-1"

# What becomes of a job


def retired(observed: Observed) -> Observed:
    """As it is when nothing more is to be done about it."""
    decision = retirement.policy(observed)
    assert decision is not None
    after = next_observed(observed, decision)
    if Action.RELEASE_FINALIZER in decision.actions:
        after = replace(after, job=replace(after.job, finalizers=()))
    assert retirement.policy(after) is None
    return after


def test_a_job_that_is_not_over_is_stopped_told_why_and_let_go() -> None:
    observed = Observed(stored(status=RUNNING), NOW)
    decision = retirement.policy(observed)
    assert decision is not None
    (event,) = decision.events
    assert event.reason is Reason.OPERATOR_UNINSTALLED
    assert WORK in event.message
    after = retired(observed).job
    assert after.phase is Phase.SUSPENDED
    assert after.condition("Succeeded")["status"] == Truth.UNKNOWN
    assert after.condition("Suspended")["reason"] == Reason.OPERATOR_UNINSTALLED
    assert after.status["workers"] == {"connected": 0, "lost": 1}
    assert after.status["progress"] == RUNNING["progress"]


def test_the_next_operator_holds_it_and_goes_on_with_a_clock_of_its_own() -> None:
    """The time for which there was no operator does not count against its deadline."""
    spec = SPEC | {"activeDeadlineSeconds": 600}
    observed = retired(Observed(stored(status=RUNNING, spec=spec), NOW))
    later = replace(observed, now=NOW.replace(day=3))
    assert reconcile(later).actions == (Action.ADD_FINALIZER,)
    held = replace(later, job=replace(later.job, finalizers=(FINALIZER,)))
    decision = reconcile(held)
    assert decision.actions == (Action.START_RUN,)
    assert [event.reason for event in decision.events] == [Reason.JOB_RESUMED]
    going_on = next_observed(held, decision).job
    assert going_on.time("startTime") == later.now
    assert going_on.condition("Suspended")["status"] == Truth.FALSE


def test_a_job_that_people_have_suspended_stays_as_they_want_it() -> None:
    status = RUNNING | {"phase": "Suspended"}
    observed = Observed(stored(status=status, spec=SUSPENDED), NOW)
    decision = retirement.policy(observed)
    assert decision is not None
    assert decision.actions == (Action.RELEASE_FINALIZER,)
    assert decision.phase is None
    assert [event.reason for event in decision.events] == [Reason.OPERATOR_UNINSTALLED]
    retired(observed)


@pytest.mark.parametrize("job", [stored(status=ENDED), stored(deletion_requested=True)])
def test_a_job_that_is_over_is_let_go(job: Any) -> None:
    decision = retirement.policy(Observed(job, NOW))
    assert decision is not None
    assert (decision.actions, decision.phase) == ((Action.RELEASE_FINALIZER,), None)
    assert decision.events == ()


def test_where_unfinished_objects_may_be_left_is_told() -> None:
    job = stored(status=RUNNING, deletion_requested=True)
    decision = retirement.policy(Observed(job, NOW))
    assert decision is not None
    (event,) = decision.events
    assert event.reason is Reason.CLEAN_UP_INCOMPLETE
    assert WORK in event.message


@pytest.mark.parametrize("status", [ENDED, RUNNING, {}])
@pytest.mark.parametrize("deleted", [True, False])
def test_nothing_is_done_about_a_job_that_is_over_and_free(
    status: dict[str, Any], deleted: bool
) -> None:
    job = stored(status=status, finalizers=("other/one",), deletion_requested=deleted)
    free = deleted or job.ended
    assert (retirement.policy(Observed(job, NOW)) is None) == free


@given(
    st.sampled_from([{}, RUNNING, ENDED, RUNNING | {"phase": "Suspended"}]),
    st.sampled_from([SPEC, SUSPENDED]),
    st.sampled_from([(), (FINALIZER,), (FINALIZER, "other/one")]),
    st.booleans(),
)
def test_whatever_a_job_is_once_is_enough(
    status: dict[str, Any], spec: dict[str, Any], finalizers: tuple[str, ...], deleted: bool
) -> None:
    job = stored(status=status, spec=spec, finalizers=finalizers, deletion_requested=deleted)
    observed = Observed(job, NOW)
    if retirement.policy(observed) is not None:
        retired(observed)


# How it is done


class World:
    """An API server with a Deployment, its pod, EncodeJobs by name, and worker pods.

    stays: pods that do not go. late: how often the operator's pod is still seen. moody: errors of
    the next patches. log: what was asked for, in order.
    """

    def __init__(self, **jobs: Object) -> None:
        self.jobs = jobs
        self.pods: list[str] = []
        self.stays = False
        self.late = 1
        self.deployment = True
        self.moody: list[ApiError] = []
        self.log: list[str] = []
        self.reasons: list[str] = []

    async def list(self, path: str, **query: str) -> list[Object]:
        self.log.append(f"list {path}")
        if path.endswith("/encodejobs"):
            return list(self.jobs.values())
        if query.get("labelSelector") == "component=operator":
            self.late -= 1
            return [running("operator")] if self.late >= 0 else []
        assert query["labelSelector"].startswith(f"{UID_LABEL}=")
        return [running(name) for name in self.pods] if path.endswith("/pods") else []

    async def patch(self, path: str, body: Object) -> Object:
        if path.endswith("/scale"):
            if not self.deployment:
                raise NotFound(404, "NotFound", "no such Deployment")
            self.log.append(f"scale {path} {body['spec']['replicas']}")
            return {"status": {"selector": "component=operator"}}
        self.log.append(f"patch {path}")
        if self.moody:
            raise self.moody.pop()
        job = self.jobs[path.removesuffix("/status").rpartition("/")[2]]
        job["status"] = json.loads(json.dumps({**job["status"], **body.get("status", {})}))
        job["metadata"]["finalizers"] = body["metadata"].get(
            "finalizers", job["metadata"]["finalizers"]
        )
        return job

    async def create(self, path: str, body: Object) -> Object:
        self.reasons.append(body["reason"])
        return body

    async def delete(self, path: str, **_: str) -> None:
        self.log.append(f"delete {path}")
        if not self.stays:
            self.pods.remove(path.rpartition("/")[2])


def running(name: str) -> Object:
    return {"metadata": {"name": name}, "status": {"phase": "Running"}}


def seen(name: str, **status: Any) -> Object:
    metadata = {
        "name": name,
        "namespace": "videos",
        "uid": f"uid-{name}",
        "resourceVersion": "7",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "finalizers": [FINALIZER],
    }
    return {"metadata": metadata, "spec": SPEC, "status": {**RUNNING, **status}}


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retire, "AGAIN_SECONDS", 0.001)
    monkeypatch.setattr(retire, "WORKERS_SECONDS", 0.05)
    monkeypatch.setattr(retire, "OPERATOR_SECONDS", 0.05)


async def carried_out(world: World) -> None:
    api: Any = world
    await Retire(api, SETTINGS).all()


def is_free(job: Object) -> bool:
    return job["metadata"]["finalizers"] == []


async def test_the_operator_ends_before_workers_and_workers_before_their_job_is_let_go() -> None:
    """It would start others, and hold the job again; they may still write."""
    world = World(clip=seen("clip"))
    world.pods, world.late = ["clip-0", "clip-1"], 3
    await carried_out(world)
    scaled = "scale /apis/apps/v1/namespaces/excamera/deployments/excamera-operator/scale 0"
    ended = [line for line in world.log if line.split()[0] in ("scale", "delete", "patch")]
    job = "/apis/excamera.dev/v1alpha1/namespaces/videos/encodejobs/clip"
    pods = [f"delete /api/v1/namespaces/videos/pods/clip-{n}" for n in range(2)]
    assert ended == [scaled, *pods, f"patch {job}/status", f"patch {job}"]
    assert world.late == -1
    assert is_free(world.jobs["clip"])
    assert world.reasons == ["OperatorUninstalled"]


async def test_all_jobs_are_let_go_and_none_is_deleted() -> None:
    over = seen("over", **ENDED)
    world = World(clip=seen("clip"), over=over, other=seen("other"))
    await carried_out(world)
    assert all(map(is_free, world.jobs.values()))
    assert over["status"]["phase"] == "Succeeded"
    assert not [line for line in world.log if line.startswith("delete")]


async def test_workers_that_do_not_go_are_waited_for_within_bounds() -> None:
    world = World(clip=seen("clip"))
    world.pods, world.stays = ["clip-0"], True
    await carried_out(world)
    assert is_free(world.jobs["clip"])


async def test_an_operator_that_does_not_go_or_is_not_there_holds_nothing_up() -> None:
    stuck, none = World(clip=seen("clip")), World(clip=seen("clip"))
    stuck.late, none.deployment = 10**9, False
    for world in (stuck, none):
        await carried_out(world)
        assert is_free(world.jobs["clip"])


@pytest.mark.parametrize(
    "error", [Conflict(409, "Conflict", "it has changed"), Unreachable("away")]
)
async def test_what_goes_wrong_is_made_good_by_looking_again(error: ApiError) -> None:
    world = World(clip=seen("clip"))
    world.moody = [error]
    await carried_out(world)
    assert is_free(world.jobs["clip"])


async def test_a_job_that_cannot_be_let_go_is_named_and_holds_no_other_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As one that an upgraded kind would not take any more, before Kubernetes 1.30."""
    jobs = [f"clip-{number}" for number in range(40)]
    world = World(bad=seen("bad"), **{name: seen(name) for name in jobs})
    taken = world.patch

    async def patch(path: str, body: Object) -> Object:
        await asyncio.sleep(0)
        if "/bad" in path:
            raise ApiError(422, "Invalid", "spec.output.uri: must name an object")
        return await taken(path, body)

    world.patch = patch  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="must name an object"):
        await carried_out(world)
    assert [name for name, job in world.jobs.items() if not is_free(job)] == ["bad"]
    assert "it cannot be let go: " in caplog.text


async def test_who_may_not_see_the_jobs_does_not_end_the_operator() -> None:
    world = World(clip=seen("clip"))

    async def refused(path: str, **_: str) -> list[Object]:
        raise ApiError(403, "Forbidden", "not you")

    world.list = refused  # type: ignore[method-assign]
    with pytest.raises(ApiError, match="not you"):
        await carried_out(world)
    assert world.log == []


async def test_it_has_an_end_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retire, "ALL_SECONDS", 0.1)
    world = World(clip=seen("clip"))

    async def never(path: str, body: Object) -> Object:
        raise Conflict(409, "Conflict", "it has changed")

    await_scale = world.patch

    async def patch(path: str, body: Object) -> Object:
        return await (await_scale if path.endswith("/scale") else never)(path, body)

    world.patch = patch  # type: ignore[method-assign]
    async with asyncio.timeout(10):
        with pytest.raises(Held, match="the finalizer is taken off by hand"):
            await carried_out(world)


# The command


def test_the_command_line_names_the_operator_and_where_its_jobs_are() -> None:
    words = ["--namespace=a", "--namespace=b", "--deployment=film-operator"]
    settings = read_retirement(words, {"POD_NAMESPACE": "system", "POD_NAME": "hook-1"})
    assert settings == Retirement("film-operator", ("a", "b"), "system", "hook-1")


@pytest.mark.parametrize("words", [[], ["--all-namespaces"], ["--deployment=o", "--nosuch"]])
def test_arguments_that_make_no_sense_are_refused(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SettingsError):
        read_retirement(words, {})
    assert cli.main(["retire", *words]) == cli.USAGE
    assert capsys.readouterr().err.startswith("excamera-operator: ")


def test_without_a_cluster_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nowhere")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    status = cli.main(["retire", "--all-namespaces", "--deployment=excamera-operator"])
    assert status == cli.UNUSABLE
    assert "no service account and no kubeconfig" in capsys.readouterr().err
