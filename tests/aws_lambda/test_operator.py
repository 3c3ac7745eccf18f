"""The operator's run of an EncodeJob with backend Lambda, from its spec to output and costs.

What Kubernetes would do is not in it: the run is begun as a pass of the controller begins it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from excamera_controller.metrics import Metrics
from excamera_controller.observed import RunPhase, Stored
from excamera_controller.place_of_work import PlaceOfWork
from excamera_controller.run import Run
from excamera_controller.settings import Lambda, Settings
from excamera_proto.credentials import RENDEZVOUS, Authority
from excamera_rendezvous import Rendezvous
from excamera_rendezvous import Settings as RendezvousSettings
from excamera_store import s3_settings
from mu.server import Server
from tests.aws_lambda.environments import Function
from tests.aws_lambda.jobs import Bucket, manifest
from tests.aws_lambda.service import Service
from tests.store.servers import BUCKET

pytestmark = pytest.mark.tier("lambda")

OUTPUT = f"s3://{BUCKET}/lambda/operator.webm"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@asynccontextmanager
async def place_of_work(function: str) -> AsyncIterator[PlaceOfWork]:
    """Coordinator and rendezvous, as an operator has them."""
    authority = Authority.create("operator")
    listening = RendezvousSettings(
        listen="127.0.0.1:0", credential=authority.issue(RENDEZVOUS), grace=0.0
    )
    server = Server(authority)
    await server.start()
    async with Rendezvous(listening) as rendezvous:
        settings = Settings(
            rendezvous=(f"127.0.0.1:{rendezvous.port}",), aws_lambda=Lambda(function)
        )
        certificates: Any = SimpleNamespace(authority=authority)
        no_api: Any = None
        yield PlaceOfWork(settings, no_api, server, certificates, Metrics(), lambda _: 2)
    await server.stop()


@pytest.fixture
def just_started() -> None:
    """As an operator that has had to do with no store yet: clients are kept by their settings, and
    those that the environment decides have none of their own."""
    s3_settings._make_client.cache_clear()
    s3_settings._session.cache_clear()


@pytest.mark.usefixtures("just_started")
async def test_an_encodejob_on_lambda_is_done_and_its_cost_is_known(
    bucket: Bucket, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = manifest(OUTPUT, 2)["spec"]
    status = {"startTime": NOW.isoformat()}
    stored = Stored("on-lambda", "videos", "0123-abcd", 1, NOW, spec, status)
    ended = asyncio.Event()
    async with (
        Service(Function(), logs, concurrency=2) as service,
        place_of_work(service.function.name) as place,
    ):
        for name, value in (bucket.variables | service.variables).items():
            monkeypatch.setenv(name, value)
        run = Run(stored, place, ended.set, tuple, goes_on=False)
        while not ended.is_set():
            run.look_after()
            await asyncio.wait([asyncio.ensure_future(ended.wait())], timeout=0.2)
        view = run.view
    assert view.phase is RunPhase.ENDED
    assert view.report is not None, f"{view.failure} {service.logs}"
    assert bucket.read(OUTPUT) == bucket.expected()
    assert view.cost["requests"] == service.statuses[202] >= 2
    assert float(str(view.cost["estimated"])) > 0
    assert float(str(view.cost["gbSeconds"])) > 0
