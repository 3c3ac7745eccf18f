"""Backend Lambda in the operator: chosen, limited, in trouble, and with its costs in the status."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from excamera.errors import CloudFailed
from excamera.progress import Progress
from excamera_controller.arguments import read
from excamera_controller.backends.aws_lambda import ClusterLambda
from excamera_controller.backends.choice import backend_of
from excamera_controller.conditions import WORKERS_READY, Reason
from excamera_controller.failing import Impossible, failure_of, is_final
from excamera_controller.observed import FINALIZER, Observed, RunPhase, RunView, Stored
from excamera_controller.reconcile import reconcile
from excamera_controller.settings import Lambda, Settings, SettingsError
from excamera_controller.status import status_of
from excamera_lambda.cost import Work
from excamera_proto.credentials import Authority, Identity
from mu.invitation import Invitation
from tests.aws_lambda.environments import Function
from tests.aws_lambda.service import Service
from tests.mu.runs import until

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STORED = Stored(
    "job", "video", "uid", 1, NOW, {"workers": {"backend": "Lambda"}}, finalizers=(FINALIZER,)
)
LEAST = ["--all-namespaces", "--rendezvous-address=r:7100", "--worker-image=image:1"]


async def chosen(settings: Lambda | None, stored: Stored = STORED) -> ClusterLambda:
    place: Any = SimpleNamespace(settings=Settings(rendezvous=("r:1",), aws_lambda=settings))
    backend = await backend_of(stored, place)
    assert isinstance(backend, ClusterLambda)
    return backend


def told(service: Service, patch: pytest.MonkeyPatch) -> None:
    for name, value in service.variables.items():
        patch.setenv(name, value)


async def test_an_operator_without_a_function_says_how_to_get_one() -> None:
    with pytest.raises(Impossible) as error:
        await chosen(None)
    assert error.value.failure.reason is Reason.BACKEND_UNAVAILABLE
    assert "excamera lambda deploy" in error.value.failure.message


async def test_a_function_that_is_not_there_is_the_job_s_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Service(Function(), tmp_path) as service:
        told(service, monkeypatch)
        with pytest.raises(Impossible, match="function nobody"):
            await chosen(Lambda("nobody"))


async def test_aws_that_does_not_answer_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Service(Function(), tmp_path) as service:
        told(service, monkeypatch)
    with pytest.raises(CloudFailed) as error:
        await chosen(Lambda("excamera-worker"))
    assert not is_final(error.value)
    assert failure_of(error.value, STORED).reason is Reason.BACKEND_UNAVAILABLE


async def test_the_limit_is_in_the_condition_and_the_costs_are_in_the_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Service(Function(reserved=7), tmp_path) as service:
        told(service, monkeypatch)
        backend = await chosen(Lambda("excamera-worker", prices={"gb_second": 1.0}))
    backend.account.plan(Work(240, 1280 * 720, 40), 40)
    backend.taken(7)
    view = RunView(
        RunPhase.ENCODING,
        snapshot=replace(Progress(0.0).snapshot(1.0), chunks=40, workers=7),
        workers_limit=backend.limit(40),
        cost=backend.account.costs.figures(),
    )
    running = replace(STORED, status={"phase": "Running", "startTime": "2026-01-01T00:00:00Z"})
    observed = Observed(running, NOW, view)
    status = status_of(observed, reconcile(observed))
    assert status is not None
    assert status["cost"]["requests"] == 7
    assert float(status["cost"]["estimated"]) > 50
    assert float(status["cost"]["accounted"]) == pytest.approx(7 * 1.5 * 2, rel=1e-3)
    (ready,) = (one for one in status["conditions"] if one["type"] == WORKERS_READY)
    assert ready["message"].startswith("7 workers are connected; function excamera-worker has a")
    assert "reserved concurrency of 7, the job could use 40 workers" in ready["message"]


async def test_a_limit_that_is_met_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Service(Function(), tmp_path, faults=["throttle"] * 10_000) as service:
        told(service, monkeypatch)
        backend = await chosen(Lambda("excamera-worker"))
        assert backend.trouble is None
        credential = Authority.create("test").issue(Identity.worker("job"))
        invitation = Invitation("operator:7000", "job", "lambda", credential)
        starting = asyncio.create_task(backend.start(2, invitation))
        await until(lambda: backend.trouble is not None)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await backend.stop()
    assert backend.trouble is not None
    assert backend.trouble.reason is Reason.WAITING_FOR_CAPACITY
    assert "ConcurrentInvocationLimitExceeded" in backend.trouble.message


async def test_costs_go_on_from_what_the_status_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cost = {"requests": 5, "gbSeconds": "100.0", "estimated": "0.5", "accounted": "0.4"}
    async with Service(Function(), tmp_path) as service:
        told(service, monkeypatch)
        backend = await chosen(Lambda("excamera-worker"), replace(STORED, status={"cost": cost}))
    costs = backend.account.costs
    assert (costs.usage.requests, costs.usage.gb_seconds, costs.estimated) == (5, 100.0, 0.5)


def test_prices_are_given_by_name() -> None:
    arguments = [*LEAST, "--lambda-function=f", "--lambda-region=r", "--lambda-prices=request=0.1"]
    assert read(arguments, {}).aws_lambda == Lambda("f", "r", {"request": 0.1})
    with pytest.raises(SettingsError, match="prices are"):
        read([*arguments, "--lambda-prices=hour=1"], {})
