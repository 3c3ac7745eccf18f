"""What a job of this machine's own is given, beyond what any other has."""

from __future__ import annotations

import asyncio
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from excamera import local
from excamera.local import LocalRunner
from excamera_proto.credentials import (
    COORDINATOR,
    OPERATOR,
    RENDEZVOUS,
    Authority,
    Credential,
    Identity,
)
from excamera_rendezvous import Rendezvous
from mu import Attempt, Observers
from mu.commands import Command
from mu.grants import unsigned
from tests.mu.fake_worker import FakeBackend, FakeWorker, Scene
from tests.mu.runs import CHAIN, PATIENCE, until


async def test_a_job_may_take_longer_than_the_operators_certificates_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody renews those of a command: once they ended, no new worker would be let in."""
    ends: dict[Identity, datetime] = {}
    issue = Authority.issue

    def noted(self: Authority, identity: Identity, *args: Any, **times: Any) -> Credential:
        made = issue(self, identity, *args, **times)
        ends[identity] = x509.load_pem_x509_certificate(made.certificate_pem).not_valid_after_utc
        return made

    monkeypatch.setattr(Authority, "issue", noted)
    monkeypatch.setattr(local, "codec", lambda: "xc")
    runner = LocalRunner(1, 0, backend=lambda: FakeBackend(Scene(programs=("xc",))))
    async with asyncio.timeout(PATIENCE):
        await runner.run("job", CHAIN, (), Observers(), unsigned)
    assert set(ends) == {COORDINATOR, RENDEZVOUS, OPERATOR, Identity.worker("job")}
    assert min(ends.values()) > datetime.now(UTC) + timedelta(days=29)


async def test_the_rendezvous_of_a_job_is_told_all_the_time_that_somebody_looks_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Or it would forget what nobody has touched for an hour."""
    opened: list[Rendezvous] = []

    class Noted(Rendezvous):
        async def __aenter__(self) -> Rendezvous:
            opened.append(self)
            return await super().__aenter__()

    async def touched_again(worker: FakeWorker, attempt: Attempt, command: Command) -> None:
        job = opened[0]._boxes._ledger.find("job")
        assert job is not None, "it has been marked before any work begins"
        job.touched = -math.inf
        job.holders += 1  # lest it is forgotten while we look away
        await until(lambda: job.touched > -math.inf)
        job.holders -= 1

    monkeypatch.setattr(local, "Rendezvous", Noted)
    monkeypatch.setattr(local, "codec", lambda: "xc")
    monkeypatch.setattr(local, "MARK_SECONDS", 0.01)
    scene = Scene(touched_again, programs=("xc",))
    runner = LocalRunner(1, 0, backend=lambda: FakeBackend(scene))
    async with asyncio.timeout(PATIENCE):
        await runner.run("job", CHAIN, (), Observers(), unsigned)
    assert scene.executed.total() > 0
