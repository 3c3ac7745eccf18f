"""What a job of this machine's own is given, beyond what any other has."""

from __future__ import annotations

import asyncio
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
from mu import Observers
from mu.grants import unsigned
from tests.mu.fake_worker import FakeBackend, Scene
from tests.mu.runs import CHAIN, PATIENCE


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
