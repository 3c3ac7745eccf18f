"""Who is let in at either server: nobody but who has a living certificate of this authority."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from excamera_proto import channels
from excamera_proto.credentials import (
    CLOCK_SKEW,
    CREDENTIAL_LIFETIME,
    OPERATOR,
    RENDEZVOUS,
    Authority,
    Credential,
    Identity,
)
from excamera_rendezvous.ledger import REMEMBERED_SECONDS
from mu import observer as seen
from tests.mu.fake_worker import FakeWorker, Scene
from tests.mu.runs import Watcher, finish, job_run, quick, until
from tests.security.doors import JOB, OURS, WORKER, Door, coordinator

THEIRS = Authority.create("ours").issue(Identity.worker(JOB))
AN_HOUR = timedelta(hours=1)
OUTSIDE = grpc.StatusCode.UNAVAILABLE
"""TLS ends the connection before there is anything to answer."""


def issued(**times: timedelta | datetime) -> Credential:
    return OURS.issue(Identity.worker(JOB), **times)  # type: ignore[arg-type]


STRANGERS = {
    "another authority's": THEIRS,
    "another authority's, believing ours": Credential(
        THEIRS.certificate_pem, THEIRS.key_pem, WORKER.authority_pem
    ),
    "expired": issued(lifetime=AN_HOUR, now=datetime.now(UTC) - 3 * AN_HOUR),
    "not yet valid": issued(now=datetime.now(UTC) + 3 * AN_HOUR),
    "self-signed": Credential(OURS.certificate_pem, OURS.key_pem, OURS.certificate_pem),
}


@pytest.mark.parametrize("stranger", [name for name in STRANGERS if name != "self-signed"])
async def test_a_certificate_that_is_not_good_opens_no_door(door: Door, stranger: str) -> None:
    assert await door.knock(door.dial(STRANGERS[stranger])) is OUTSIDE


async def test_nobody_gets_in_without_a_certificate(door: Door) -> None:
    bare = grpc.ssl_channel_credentials(WORKER.authority_pem)
    channel = grpc.aio.secure_channel(door.address, bare, options=door.options)
    assert await door.knock(channel) is OUTSIDE


async def test_nobody_gets_in_in_plain_text(door: Door) -> None:
    channel = grpc.aio.insecure_channel(door.address, options=door.options)
    assert await door.knock(channel) is OUTSIDE


async def test_a_certificate_that_names_no_identity_is_of_no_use(door: Door) -> None:
    """The authority's own is trusted by TLS, and says nothing of who has it."""
    code = await door.knock(door.dial(STRANGERS["self-signed"]))
    assert code in (grpc.StatusCode.UNAUTHENTICATED, OUTSIDE)


async def test_a_worker_does_not_believe_a_server_that_is_another_worker(door: Door) -> None:
    """Its certificate is of the right authority, but for the wrong role."""
    server, port = channels.server(WORKER, "127.0.0.1:0")
    await server.start()
    impostor = channels.channel(WORKER, f"127.0.0.1:{port}", door.role)
    assert await door.knock(impostor) is OUTSIDE
    await server.stop(None)


@pytest.mark.parametrize("identity", [OPERATOR, RENDEZVOUS], ids=lambda identity: identity.uri)
async def test_only_workers_work(identity: Identity) -> None:
    async with coordinator() as door:
        code = await door.knock(door.dial(OURS.issue(identity)))
    assert code is grpc.StatusCode.PERMISSION_DENIED


async def test_a_certificate_of_another_job_leads_into_no_run(server) -> None:
    """Whatever job the worker says it is of."""
    other = server.invitation("other", "fake")
    run, _ = job_run(Scene(), settings=quick(1))
    running = finish(server, run)
    told = FakeWorker(other, Scene(), "told", job="job")
    await running
    await until(lambda: told.error is not None)
    assert told.error is not None
    assert told.error.code() is grpc.StatusCode.PERMISSION_DENIED


def thief_of(worker: FakeWorker) -> FakeWorker:
    """Another process, with all that the worker was invited with."""
    return FakeWorker(worker.invitation, Scene(), worker.name, instance="the thief's")


TAKEN = "another worker goes by this name"


@pytest.mark.parametrize("down", [False, True], ids=["while it is connected", "while it is not"])
async def test_who_copies_a_workers_invitation_gets_nothing_of_its_work(
    server, down: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Also at a moment at which the worker's own stream has broken off."""
    caplog.set_level(logging.INFO, "mu.reception")
    watcher = Watcher()
    thieves: list[FakeWorker] = []

    async def steal(worker, attempt, command):
        if thieves:
            return
        if down:
            worker.freeze()
            worker.drop_stream()
            await until(lambda: f"the stream of {worker.name} is gone" in caplog.text)
        thieves.append(thief_of(worker))
        await until(lambda: thieves[0].quit is not None)
        worker.awake.set()

    run, backend = job_run(Scene(steal), watcher=watcher, settings=quick(1))
    await finish(server, run)
    assert thieves[0].quit == TAKEN
    assert not thieves[0].journal
    assert not watcher.lost
    assert len(watcher.of(seen.WorkerJoined)) == len(backend.workers) == 1
    assert backend.workers[0].connections == (2 if down else 1)
    assert f"a second {backend.workers[0].name} is sent away" in caplog.text


async def test_a_worker_that_is_given_up_loses_its_name_and_an_attempt_that_is_counted(
    server,
) -> None:
    """Whoever has its invitation may then be a worker of that name: of the same job, like any."""
    watcher = Watcher()
    owners: list[FakeWorker] = []
    thieves: list[FakeWorker] = []

    async def steal(worker, attempt, command):
        if not owners:
            owners.append(worker)
            worker.freeze()
            worker.drop_stream()
        elif not thieves:
            thieves.append(thief_of(owners[0]))
            await until(lambda: thieves[0].connections)

    settings = quick(1, schedule={"grace_seconds": 0.5})
    run, _ = job_run(Scene(steal), watcher=watcher, settings=settings)
    await finish(server, run)
    assert [ended.reason for ended in watcher.lost] == ["silent"]
    joined = [event.worker for event in watcher.of(seen.WorkerJoined)]
    assert joined.count(owners[0].name) == 2
    assert joined[0] == owners[0].name
    thieves[0].kill()


async def test_an_invitation_to_a_job_that_has_ended_is_good_for_nothing(server) -> None:
    invitation = server.invitation("job", "fake")
    run, _ = job_run(Scene(), settings=quick(1))
    await finish(server, run)
    late = FakeWorker(invitation, Scene(), "late")
    await until(lambda: late.quit is not None)
    assert late.quit == "the job has ended"
    assert not late.journal


def test_an_ended_job_is_remembered_for_as_long_as_its_certificates_are_good() -> None:
    assert timedelta(seconds=REMEMBERED_SECONDS) >= CREDENTIAL_LIFETIME + CLOCK_SKEW
