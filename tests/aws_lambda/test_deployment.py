"""The workers' function made, changed and deleted, on moto's Lambda."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto import backends, mock_aws

from excamera import cli
from excamera.errors import CloudFailed, InvalidJob
from excamera.lambda_options import of_lambda
from excamera_lambda import aws
from excamera_lambda.deployment import Deployment
from excamera_lambda.errors import InvalidRequest, NotDone, Unavailable, of_code
from excamera_lambda.function import Function, Step, changes

pytestmark = pytest.mark.tier("unit")

REGION, ACCOUNT = "eu-central-1", "123456789012"
IMAGE = f"123456789012.dkr.ecr.{REGION}.amazonaws.com/excamera:1"
ROLE = "arn:aws:iam::123456789012:role/excamera-worker"
WANTED = Function("workers", IMAGE, ROLE)


@pytest.fixture(autouse=True)
def moto_lambda(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in (("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_REGION", REGION)
    with mock_aws(config={"lambda": {"use_docker": False}}):
        roles = backends.get_backend("iam")[ACCOUNT]["aws"]
        roles.create_role("excamera-worker", "{}", "/", None, "", [], "3600")
        yield


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture(scope="module")
def session() -> boto3.Session:
    """Made once: what takes long is to read AWS's descriptions of its services."""
    return boto3.Session("a", "b", region_name=REGION)


@pytest.fixture
def deployment(session: boto3.Session, said: list[str]) -> Deployment:
    return Deployment(aws.client(session), aws.logs(session), said.append)


def test_a_function_is_made_as_it_should_be(deployment: Deployment, said: list[str]) -> None:
    deployment.deploy(WANTED, dry=False)
    assert deployment.actual("workers") == WANTED
    assert said[0] == f"new function workers of {IMAGE}"
    assert "retries: 0" in said
    assert "log days: 14" in said
    assert "Active" in deployment.state("workers")


def test_to_deploy_it_again_changes_nothing(deployment: Deployment, said: list[str]) -> None:
    deployment.deploy(WANTED, dry=False)
    said.clear()
    assert deployment.deploy(WANTED, dry=False) == ()
    assert said == []


@pytest.mark.parametrize(
    "other",
    [
        {"memory": 3008, "timeout": 300},
        {"image": IMAGE.replace(":1", ":2")},
        {"reserved": 50},
        {"log_days": 30},
        {"environment": {"AWS_ENDPOINT_URL_S3": "https://store.example"}},
    ],
    ids=lambda other: ",".join(other),
)
def test_only_what_is_different_is_changed(
    deployment: Deployment, said: list[str], other: dict[str, Any]
) -> None:
    deployment.deploy(WANTED, dry=False)
    said.clear()
    wanted = replace(WANTED, **other)
    made = deployment.deploy(wanted, dry=False)
    assert len(made) == len(said) == len(other)
    assert deployment.actual("workers") == wanted


def test_what_moto_does_not_keep_is_told_to_aws(session: boto3.Session, said: list[str]) -> None:
    asked: dict[str, Any] = {}
    lambda_ = aws.client(session)
    for operation in ("PutFunctionEventInvokeConfig", "UpdateFunctionConfiguration"):
        lambda_.meta.events.register(
            f"provide-client-params.lambda.{operation}",
            lambda params, **_: asked.update(params),
        )
    deployment = Deployment(lambda_, aws.logs(session), said.append)
    deployment.deploy(WANTED, dry=False)
    deployment.deploy(replace(WANTED, event_age=120, storage=4096), dry=False)
    assert asked["EphemeralStorage"] == {"Size": 4096}
    assert asked["ImageConfig"]["Command"] == ["excamera_worker.aws_lambda.handler"]
    assert (asked["MaximumRetryAttempts"], asked["MaximumEventAgeInSeconds"]) == (0, 120)


def test_reserved_concurrency_is_given_back(deployment: Deployment, said: list[str]) -> None:
    deployment.deploy(replace(WANTED, reserved=50), dry=False)
    deployment.deploy(WANTED, dry=False)
    assert said[-1] == "reserved: 50 -> none"
    assert deployment.actual("workers") == WANTED


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    deployment: Deployment, said: list[str]
) -> None:
    assert deployment.deploy(WANTED, dry=True)
    assert all(line.startswith("to do: ") for line in said)
    assert deployment.actual("workers") is None


def test_a_tag_that_was_moved_is_resolved_anew(deployment: Deployment, said: list[str]) -> None:
    deployment.deploy(WANTED, dry=False)
    (change,) = deployment.deploy(WANTED, dry=False, refresh=True)
    assert change.step is Step.CODE


def test_what_is_deleted_is_gone_with_its_logs(deployment: Deployment, said: list[str]) -> None:
    deployment.deploy(WANTED, dry=False)
    said.clear()
    assert deployment.remove("workers")
    assert said == ["deleted function workers", "deleted log group /aws/lambda/workers"]
    assert deployment.actual("workers") is None
    assert not deployment.remove("workers")


class Answers:
    """What AWS says of a function's state, one word after the other; the last one stays."""

    def __init__(self, client: Any, *states: dict[str, str]) -> None:
        self._states = list(states)
        for operation in ("GetFunction", "GetFunctionConfiguration"):
            client.meta.events.register(f"after-call.lambda.{operation}", self._change)

    def _change(self, parsed: dict[str, Any], model: Any, **_: object) -> None:
        whole = "Configuration" not in parsed
        state = self._states[0]
        if whole and len(self._states) > 1:
            self._states.pop(0)
        (parsed if whole else parsed["Configuration"]).update(state)


PENDING = {"State": "Pending", "StateReason": "The function is being created."}
UPDATING = {"State": "Active", "LastUpdateStatus": "InProgress"}
ACTIVE = {"State": "Active", "LastUpdateStatus": "Successful"}
BROKEN = {"State": "Failed", "StateReason": "The image cannot be read."}
NOT_UPDATED = {"LastUpdateStatus": "Failed", "LastUpdateStatusReason": "No such image."}


@pytest.mark.parametrize("busy", [PENDING, UPDATING], ids=["created", "updated"])
def test_what_aws_is_just_doing_to_a_function_is_waited_for(
    session: boto3.Session, said: list[str], busy: dict[str, str]
) -> None:
    lambda_ = aws.client(session)
    pauses: list[float] = []
    deployment = Deployment(lambda_, aws.logs(session), said.append, pauses.append)
    deployment.deploy(WANTED, dry=False)
    assert pauses == []
    Answers(lambda_, busy, busy, ACTIVE)
    deployment.deploy(replace(WANTED, memory=3008), dry=False)
    assert len(pauses) == 2
    assert said[-1] == "memory: 2048 MB -> 3008 MB"


def test_a_function_that_aws_could_not_make_is_not_as_it_should_be(
    session: boto3.Session, said: list[str]
) -> None:
    lambda_ = aws.client(session)
    deployment = Deployment(lambda_, aws.logs(session), said.append)
    deployment.deploy(WANTED, dry=False)
    Answers(lambda_, BROKEN)
    for dry in (False, True):
        with pytest.raises(NotDone, match="The image cannot be read"):
            deployment.deploy(WANTED, dry=dry)
    with pytest.raises(NotDone, match="excamera lambda delete"):
        aws.facts(lambda_, "workers")


def test_an_update_that_has_failed_is_done_again_and_told_if_it_fails_again(
    session: boto3.Session, said: list[str]
) -> None:
    lambda_ = aws.client(session)
    deployment = Deployment(lambda_, aws.logs(session), said.append)
    deployment.deploy(WANTED, dry=False)
    Answers(lambda_, NOT_UPDATED, ACTIVE)
    (change,) = deployment.deploy(WANTED, dry=False)
    assert change.step is Step.CODE
    Answers(lambda_, NOT_UPDATED)
    with pytest.raises(NotDone, match="No such image"):
        deployment.deploy(WANTED, dry=False)


def test_aws_that_does_not_come_to_an_end_is_not_waited_for_for_ever(
    session: boto3.Session, said: list[str]
) -> None:
    lambda_ = aws.client(session)
    pauses: list[float] = []
    deployment = Deployment(lambda_, aws.logs(session), said.append, pauses.append)
    deployment.deploy(WANTED, dry=False)
    Answers(lambda_, UPDATING)
    with pytest.raises(Unavailable, match="InProgress"):
        deployment.deploy(WANTED, dry=False)
    assert sum(pauses) == 300


def test_a_function_that_was_made_though_its_answer_was_lost_is_made(
    session: boto3.Session, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lambda_: Any = aws.client(session)
    create = lambda_.create_function

    def twice(**asked: Any) -> object:
        create(**asked)
        return create(**asked)

    monkeypatch.setattr(lambda_, "create_function", twice)
    deployment = Deployment(lambda_, aws.logs(session), said.append)
    deployment.deploy(WANTED, dry=False)
    assert deployment.actual("workers") == WANTED


def test_a_function_that_somebody_else_makes_at_the_same_time_is_not_taken_for_ours(
    session: boto3.Session, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lambda_: Any = aws.client(session)
    create = lambda_.create_function

    def late(**asked: Any) -> object:
        create(**asked | {"MemorySize": 1024})
        return create(**asked)

    monkeypatch.setattr(lambda_, "create_function", late)
    with pytest.raises(Unavailable, match="ResourceConflictException"):
        Deployment(lambda_, aws.logs(session), said.append).deploy(WANTED, dry=False)


def test_a_role_that_was_made_just_now_is_waited_for(
    session: boto3.Session, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lambda_: Any = aws.client(session)
    create = lambda_.create_function
    pauses: list[float] = []
    unknown = {
        "Code": "InvalidParameterValueException",
        "Message": "The role defined for the function cannot be assumed by Lambda.",
    }

    def not_yet(**asked: Any) -> object:
        if len(pauses) < 2:
            raise lambda_.exceptions.InvalidParameterValueException(
                {"Error": unknown}, "CreateFunction"
            )
        return create(**asked)

    monkeypatch.setattr(lambda_, "create_function", not_yet)
    deployment = Deployment(lambda_, aws.logs(session), said.append, pauses.append)
    deployment.deploy(WANTED, dry=False)
    assert len(pauses) == 2
    assert deployment.actual("workers") == WANTED


@pytest.mark.parametrize(
    ("wrong", "option"),
    [
        ({"memory": 64}, "--memory"),
        ({"timeout": 30}, "--timeout"),
        ({"timeout": 901}, "--timeout"),
        ({"storage": 100}, "--storage"),
        ({"role": "admin"}, "--role"),
        ({"name": "a b"}, "--function"),
        ({"reserved": 0}, "--concurrency"),
        ({"log_days": 2}, "--log-days"),
    ],
)
def test_what_makes_no_sense_is_refused_before_aws_is_asked(
    deployment: Deployment, wrong: dict[str, Any], option: str
) -> None:
    with pytest.raises(InvalidRequest, match=option):
        deployment.deploy(replace(WANTED, **wrong), dry=False)
    assert deployment.actual("workers") is None


FUNCTIONS = st.builds(
    Function,
    name=st.just("workers"),
    image=st.sampled_from([IMAGE, IMAGE + "2"]),
    role=st.just(ROLE),
    memory=st.sampled_from([1024, 2048]),
    reserved=st.sampled_from([None, 5]),
    log_days=st.sampled_from([None, 14]),
    retries=st.sampled_from([0, 2]),
)


@given(FUNCTIONS, FUNCTIONS)
def test_there_are_changes_exactly_where_something_is_different(
    wanted: Function, actual: Function
) -> None:
    needed = changes(wanted, actual)
    assert bool(needed) == (wanted != actual)
    order = list(Step)
    assert [order.index(one.step) for one in needed] == sorted(
        order.index(one.step) for one in needed
    )


def test_values_of_variables_are_not_shown() -> None:
    secret = replace(WANTED, environment={"TOKEN": "hidden"})
    (change,) = changes(secret, WANTED)
    assert "TOKEN" in change.text
    assert "hidden" not in change.text


def command(*words: str) -> int:
    return cli.main(["lambda", *words, "--function", "workers"])


def test_the_command_deploys_shows_and_deletes(capsys: pytest.CaptureFixture[str]) -> None:
    deploy = ("deploy", "--image", IMAGE, "--role", ROLE, "--concurrency", "20")
    assert command(*deploy) == 0
    assert "new function workers" in capsys.readouterr().out
    assert command(*deploy) == 0
    assert capsys.readouterr().out == "function workers is as it should be\n"
    assert command("status", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["reserved"], shown["retries"], shown["memory"]) == (20, 0, 2048)
    assert command("status") == 0
    assert "reserved      20" in capsys.readouterr().out
    assert command("delete", "--yes") == 0
    assert command("delete", "--yes") == 0
    assert capsys.readouterr().out.endswith("there is no function workers\n")
    assert command("status") == 4
    assert "there is no function workers" in capsys.readouterr().err


def test_nothing_is_deleted_unless_somebody_agrees(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("deploy", "--image", IMAGE, "--role", ROLE) == 0
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115 - closed with the process
    assert command("delete") == 2
    assert command("status") == 0


def test_wrong_options_end_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert command("deploy", "--image", IMAGE, "--role", "admin") == 2
    assert "--role: an ARN" in capsys.readouterr().err


def test_what_aws_refuses_is_another_failure_than_what_makes_no_sense_to_us() -> None:
    unknown = "The role defined for the function cannot be assumed by Lambda."
    refused = of_lambda(of_code("InvalidParameterValueException", unknown, "create"))
    assert isinstance(refused, CloudFailed)
    assert "section 2" in str(refused)
    assert isinstance(of_lambda(InvalidRequest("a memory of -1 MB")), InvalidJob)
