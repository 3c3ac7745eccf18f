"""Who may do what at the rendezvous, and which certificates it shows."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from excamera_proto import channels
from excamera_proto.credentials import (
    COORDINATOR,
    OPERATOR,
    RENDEZVOUS,
    Authority,
    Credential,
    Identity,
)
from excamera_rendezvous import CredentialFiles, Rendezvous, Settings
from excamera_rendezvous.authorise import Action, permit
from excamera_rendezvous.errors import NotAllowed
from tests.rendezvous.client import Client, mailbox

OURS = Authority.create("ours")
WORKER = OURS.issue(Identity.worker("job-1"))


@pytest.fixture
async def secured(tmp_path: Path) -> AsyncIterator[Rendezvous]:
    settings = Settings(credential=OURS.issue(RENDEZVOUS), spill_dir=tmp_path, grace=1.0)
    async with Rendezvous(settings) as rendezvous:
        yield rendezvous


def dial(rendezvous: Rendezvous, credential: Credential) -> grpc.aio.Channel:
    return channels.channel(credential, f"127.0.0.1:{rendezvous.port}", RENDEZVOUS)


async def refusal(channel: grpc.aio.Channel, job: str = "job-1") -> grpc.StatusCode:
    async with channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await Client(channel).put(b"x", mailbox(job=job))
        code: grpc.StatusCode = caught.value.code()
        return code


async def test_a_worker_exchanges_messages_of_its_own_job(secured: Rendezvous) -> None:
    async with dial(secured, WORKER) as channel:
        client = Client(channel)
        await client.put(b"state")
        assert await client.get() == b"state"


async def test_a_worker_touches_nothing_of_another_job(secured: Rendezvous) -> None:
    async with dial(secured, WORKER) as channel:
        client = Client(channel)
        for call in (
            client.put(b"x", mailbox(job="job-2")),
            client.get(mailbox(job="job-2")),
            client.drop("job-2"),
        ):
            with pytest.raises(grpc.aio.AioRpcError, match="job-2") as caught:
                await call
            assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert secured._boxes.count == 0


async def test_only_operator_and_coordinator_drop(secured: Rendezvous) -> None:
    async with dial(secured, WORKER) as channel:
        await Client(channel).put(b"x")
        with pytest.raises(grpc.aio.AioRpcError, match="only the operator") as caught:
            await Client(channel).drop()
        assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    for identity in (COORDINATOR, OPERATOR):
        async with dial(secured, OURS.issue(identity)) as channel:
            await Client(channel).drop()
    assert secured._boxes.count == 0


async def test_a_rendezvous_is_not_a_worker(secured: Rendezvous) -> None:
    channel = dial(secured, OURS.issue(RENDEZVOUS))
    assert await refusal(channel) is grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize("action", list(Action))
def test_what_a_role_may_do_is_a_table(action: Action) -> None:
    for identity in (OPERATOR, COORDINATOR):
        permit(identity, "job-1", action)
    with pytest.raises(NotAllowed):
        permit(RENDEZVOUS, "job-1", action)
    with pytest.raises(NotAllowed):
        permit(Identity.worker("job-10"), "job-1", action)


def write(folder: Path, credential: Credential) -> CredentialFiles:
    files = CredentialFiles(folder / "tls.crt", folder / "tls.key", folder / "ca.crt")
    for path, content in (
        (files.certificate, credential.certificate_pem),
        (files.key, credential.key_pem),
        (files.authority, credential.authority_pem),
    ):
        path.with_suffix(".new").write_bytes(content)
        os.replace(path.with_suffix(".new"), path)
    return files


async def test_certificates_that_change_on_disk_are_used_for_new_connections(
    tmp_path: Path,
) -> None:
    files = write(tmp_path, OURS.issue(RENDEZVOUS))
    async with (
        Rendezvous(Settings(credential=files, spill_dir=tmp_path, grace=1.0)) as rendezvous,
        dial(rendezvous, WORKER) as old,
    ):
        await Client(old).put(b"before")
        files.key.write_bytes(b"half a key")  # seen in the middle of a change
        async with dial(rendezvous, WORKER) as another:
            assert await Client(another).get() == b"before"

        renewed = Authority.create("renewed")
        write(tmp_path, renewed.issue(RENDEZVOUS))
        async with dial(rendezvous, renewed.issue(Identity.worker("job-1"))) as new:
            assert await Client(new).get() == b"before"
        assert await refusal(dial(rendezvous, WORKER)) is grpc.StatusCode.UNAVAILABLE
        assert await Client(old).get() == b"before"  # open connections stay


async def test_files_that_do_not_fit_together_are_refused_at_the_start(tmp_path: Path) -> None:
    files = write(tmp_path, OURS.issue(RENDEZVOUS))
    files.key.write_bytes(WORKER.key_pem)
    with pytest.raises(OSError, match=r"(?i)mismatch"):
        await Rendezvous(Settings(credential=files, spill_dir=tmp_path)).__aenter__()
    assert sorted(os.listdir(tmp_path)) == ["ca.crt", "tls.crt", "tls.key"]
