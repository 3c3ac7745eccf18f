"""Invocations: signed as boto3 signs them, sent at once, tried again as the policy says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import CredentialRetrievalError, MetadataRetrievalError
from hypothesis import given
from hypothesis import strategies as st

from excamera_lambda import aws
from excamera_lambda.backend import LambdaBackend, Target
from excamera_lambda.errors import LambdaError, NotPermitted
from excamera_lambda.function import unqualified
from excamera_lambda.launcher import Launcher
from excamera_lambda.limits import Facts, limit_message
from excamera_lambda.retry import NO_ANSWER, Retry, Verdict, verdict
from excamera_lambda.signing import Signed, Signer
from excamera_proto.credentials import Authority, Identity
from mu.backend import WorkerExit
from mu.errors import BackendError
from mu.invitation import Invitation
from tests.aws_lambda.environments import Function
from tests.aws_lambda.service import REGION, Service
from tests.mu.runs import until

pytestmark = pytest.mark.tier("unit")

IMPATIENT = Retry(first=0.01, cap=0.02, limit=0.2)


@pytest.fixture(scope="module")
def invitation() -> Invitation:
    credential = Authority.create("test").issue(Identity.worker("job-7"))
    return Invitation("coordinator.example:7000", "job-7", "lambda", credential)


@asynccontextmanager
async def connected(
    service: Service, patch: pytest.MonkeyPatch, retry: Retry = IMPATIENT
) -> AsyncIterator[LambdaBackend]:
    for name, value in service.variables.items():
        patch.setenv(name, value)
    backend = await LambdaBackend.connect(Target(service.function.name), retry)
    try:
        yield backend
    finally:
        await backend.stop()


async def test_a_thousand_workers_are_invoked_each_under_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with (
        Service(Function(), tmp_path) as service,
        connected(service, monkeypatch, Retry()) as backend,
    ):
        taken: list[int] = []
        backend.taken = taken.append
        await backend.start(1000, invitation)
    assert service.statuses == {202: 1000}
    payloads = [json.loads(payload) for payload in service.payloads]
    assert len({payload["worker"] for payload in payloads}) == 1000
    assert sum(taken) == 1000


async def test_a_payload_is_small_and_has_nothing_but_the_invitation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with Service(Function(), tmp_path) as service, connected(service, monkeypatch) as backend:
        await backend.start(1, invitation)
    (payload,) = service.payloads
    assert len(payload) < 10_000
    assert set(json.loads(payload)) == {"coordinator", "job", "backend", "tls", "worker"}
    assert b"example-secret" not in payload


async def test_what_is_throttled_fails_or_breaks_off_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    faults = ["throttle", "fail", "break", "throttle"]
    async with (
        Service(Function(), tmp_path, faults=faults) as service,
        connected(service, monkeypatch, Retry(first=0.01, cap=0.05, limit=60)) as backend,
    ):
        await backend.start(5, invitation)
    assert service.statuses[202] == 5
    assert (service.statuses[429], service.statuses[500]) == (2, 1)
    assert backend.hindrance is None


async def test_what_is_being_tried_again_is_known_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with (
        Service(Function(), tmp_path, faults=["throttle"] * 10_000) as service,
        connected(service, monkeypatch, Retry(first=0.01, cap=0.01, limit=60)) as backend,
    ):
        starting = asyncio.create_task(backend.start(1, invitation))
        await until(lambda: backend.hindrance is not None)
        assert backend.hindrance is not None
        assert backend.hindrance.throttled
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)


async def test_what_is_over_the_limit_for_too_long_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    exits: list[WorkerExit] = []
    async with (
        Service(Function(), tmp_path, queue=3) as service,
        connected(service, monkeypatch) as backend,
    ):
        taken: list[int] = []
        backend.taken = taken.append
        backend.watch(exits.append)
        await backend.start(5, invitation)
    assert [one.reason for one in exits] == ["refused", "refused"]
    assert all(one.withdrawn and one.in_vain for one in exits)
    assert backend.hindrance is not None
    assert backend.hindrance.throttled
    assert "ReservedFunctionConcurrentInvocationLimitExceeded" in backend.hindrance.message
    assert sum(taken) == 3


async def test_what_was_taken_is_counted_also_if_the_start_is_broken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with (
        Service(Function(), tmp_path, queue=4) as service,
        connected(service, monkeypatch, Retry(limit=600)) as backend,
    ):
        taken: list[int] = []
        backend.taken = taken.append
        starting = asyncio.create_task(backend.start(5, invitation))
        await until(lambda: sum(taken) == 4)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
    assert sum(taken) == 4


async def test_what_is_refused_because_of_the_clock_is_signed_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with (
        Service(Function(), tmp_path, faults=["skew"] * 5) as service,
        connected(service, monkeypatch, Retry(first=0.01, cap=0.05, limit=60)) as backend,
    ):
        await backend.start(2, invitation)
    assert service.statuses == {403: 5, 202: 2}
    assert backend.hindrance is None


async def test_a_clock_that_stays_wrong_is_named_and_not_final(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with (
        Service(Function(), tmp_path, faults=["skew"] * 10_000) as service,
        connected(service, monkeypatch) as backend,
    ):
        with pytest.raises(BackendError, match="clock") as failed:
            await backend.start(1, invitation)
    assert failed.value.passing
    assert not failed.value.permanent


@pytest.mark.parametrize(
    "name", ["workers:live", f"arn:aws:lambda:{REGION}:123456789012:function:workers:live"]
)
async def test_a_function_may_be_named_by_an_alias_or_an_arn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation, name: str
) -> None:
    function = Function(name=name, reserved=7)
    async with Service(function, tmp_path) as service, connected(service, monkeypatch) as backend:
        assert backend.facts.most == 7
        await backend.start(3, invitation)
    assert service.statuses == {202: 3}


def test_a_functions_concurrency_is_asked_for_without_version() -> None:
    arn = f"arn:aws:lambda:{REGION}:123456789012:function:workers"
    partly = "123456789012:function:workers"
    for name in ("workers", arn, partly):
        assert unqualified(name) == unqualified(f"{name}:live") == name


async def test_a_backend_that_is_left_by_its_operator_holds_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with Service(Function(), tmp_path) as service, connected(service, monkeypatch) as backend:
        await backend.start(3, invitation)
        assert service.connections
        await backend.abandon()
        await until(lambda: not service.connections)


@pytest.mark.parametrize(
    "failure",
    [
        CredentialRetrievalError(provider="container-role", error_msg="no answer"),
        MetadataRetrievalError(error_msg="no answer"),
        RuntimeError(
            "Credentials were refreshed, but the refreshed credentials are still expired."
        ),
    ],
    ids=lambda failure: type(failure).__name__,
)
async def test_credentials_that_cannot_be_renewed_for_a_moment_are_waited_for(
    invitation: Invitation, failure: Exception
) -> None:
    def refresh() -> None:
        with aws.in_words("AWS credentials"):
            raise failure

    launcher = Launcher(lambda _: Signed("http://127.0.0.1:9", {}, b""))
    facts = Facts("workers", REGION, 2048, 900, "x86_64", 512)
    backend = LambdaBackend(facts, launcher, refresh)
    with pytest.raises(BackendError, match="AWS credentials") as postponed:
        await backend.start(2, invitation)
    await backend.stop()
    assert postponed.value.passing
    assert not postponed.value.permanent


async def test_credentials_that_aws_does_not_take_are_no_use_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with Service(Function(), tmp_path) as service:
        monkeypatch.setitem(service.own, "AWS_SECRET_ACCESS_KEY", "wrong")
        async with connected(service, monkeypatch) as backend:
            with pytest.raises(BackendError, match="does not permit") as refused:
                await backend.start(2, invitation)
    assert refused.value.permanent
    assert service.statuses == {403: 2}


async def test_a_service_that_is_away_may_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invitation: Invitation
) -> None:
    async with Service(Function(), tmp_path) as service, connected(service, monkeypatch) as backend:
        await service.close()
        with pytest.raises(BackendError, match="no answer") as failed:
            await backend.start(2, invitation)
    assert failed.value.passing
    assert not failed.value.permanent


async def test_without_credentials_somebody_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Service(Function(), tmp_path) as service:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            service.own[name] = ""
        with pytest.raises(NotPermitted, match="AWS_PROFILE"):
            async with connected(service, monkeypatch):
                pass


async def test_a_function_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Service(Function(), tmp_path) as service:
        for name, value in service.variables.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(LambdaError, match="function another"):
            await LambdaBackend.connect(Target("another"), IMPATIENT)


async def test_a_function_is_known_before_it_is_invoked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = Function(memory=3008, timeout=120, reserved=7)
    async with Service(function, tmp_path) as service, connected(service, monkeypatch) as backend:
        facts = backend.facts
    assert (facts.memory, facts.timeout, facts.most, facts.region) == (3008, 120, 7, REGION)
    assert "reserved concurrency of 7" in limit_message(facts, 40)
    assert limit_message(facts, 7) == ""


async def test_the_request_is_the_one_that_boto3_sends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service takes both signatures, which are over the same headers and body."""
    async with Service(Function(), tmp_path) as service:
        for name, value in service.variables.items():
            monkeypatch.setenv(name, value)

        def invoke() -> None:
            session = aws.session()
            client = aws.client(session)
            client.invoke(
                FunctionName=service.function.name, InvocationType="Event", Payload=b'{"a": 1}'
            )

        await asyncio.to_thread(invoke)
        session = boto3.Session(region_name=REGION)
        signer = Signer(session, aws.client(session), service.function.name)
        signer.refresh()
        assert signer.url.startswith(service.url)
    assert service.statuses == {202: 1}


@given(
    tries=st.integers(1, 200),
    elapsed=st.floats(0, 1000),
    chance=st.floats(0, 1),
    retry=st.builds(
        Retry, first=st.floats(0.001, 10), cap=st.floats(0.001, 60), limit=st.floats(0, 600)
    ),
)
def test_no_wait_is_longer_than_the_cap_and_no_try_later_than_the_limit(
    tries: int, elapsed: float, chance: float, retry: Retry
) -> None:
    wait = retry.wait(tries, elapsed, chance)
    if wait is None:
        assert elapsed + chance * retry.cap > retry.limit
    else:
        assert 0 <= wait <= min(retry.cap, retry.first * 2 ** (tries - 1))
        assert elapsed + wait <= retry.limit


@given(st.integers(0, 599), st.booleans())
def test_every_answer_is_taken_tried_again_or_refused_for_good(status: int, skewed: bool) -> None:
    said = verdict(status, skewed=skewed)
    passing = skewed or status >= 500 or status in (NO_ANSWER, 408, 409, 429)
    assert (said is Verdict.TAKEN) == (status == 202)
    assert (said is Verdict.AGAIN) == (passing and status != 202)


@given(
    reserved=st.none() | st.integers(1, 5000),
    unreserved=st.none() | st.integers(0, 5000),
    workers=st.integers(1, 2000),
)
def test_no_surplus_goes_beyond_the_limit(
    reserved: int | None, unreserved: int | None, workers: int
) -> None:
    facts = Facts("f", REGION, 2048, 900, "x86_64", 512, reserved, unreserved)
    assert facts.surplus(0) >= 0
    allowed = workers if facts.most is None else min(workers, facts.most)
    if allowed and facts.most is not None:
        assert allowed * (1 + facts.surplus(allowed)) <= facts.most + 1e-9
