"""Certificates over real connections: who is let in, who is not, and who the other end is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import grpc
import pytest
from cryptography import x509

from excamera_proto import channels, rendezvous_pb2, rendezvous_pb2_grpc
from excamera_proto.credentials import (
    CLOCK_SKEW,
    COORDINATOR,
    OPERATOR,
    RENDEZVOUS,
    Authority,
    Credential,
    Identity,
    IdentityError,
    peer_identity,
)

AUTHORITY = Authority.create("test")
WORKER = AUTHORITY.issue(Identity.worker("job-7"))


class WhoAmI(rendezvous_pb2_grpc.RendezvousServicer):
    """Answers Drop with an error that names the caller, which is all these tests ask."""

    async def Drop(self, request, context):
        await context.abort(grpc.StatusCode.FAILED_PRECONDITION, peer_identity(context).uri)


@asynccontextmanager
async def serving(credential: Credential) -> AsyncIterator[str]:
    server, port = channels.server(credential, "127.0.0.1:0")
    rendezvous_pb2_grpc.add_RendezvousServicer_to_server(WhoAmI(), server)  # type: ignore[abstract]
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(None)


async def who_am_i(
    address: str, credential: Credential, server: Identity = RENDEZVOUS
) -> grpc.aio.AioRpcError:
    async with channels.channel(credential, address, server) as channel:
        stub = rendezvous_pb2_grpc.RendezvousStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Drop(rendezvous_pb2.DropRequest(job="job-7"))
        return caught.value


@pytest.mark.parametrize(
    "identity", [Identity.worker("job-7"), OPERATOR, COORDINATOR, RENDEZVOUS], ids=lambda i: i.uri
)
async def test_a_server_knows_who_calls(identity: Identity) -> None:
    async with serving(AUTHORITY.issue(RENDEZVOUS)) as address:
        error = await who_am_i(address, AUTHORITY.issue(identity))
    assert (error.code(), error.details()) == (grpc.StatusCode.FAILED_PRECONDITION, identity.uri)


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(Authority.create("test").issue(Identity.worker("job-7")), id="own-authority"),
        pytest.param(
            Credential(
                (other := Authority.create("other").issue(OPERATOR)).certificate_pem,
                other.key_pem,
                AUTHORITY.certificate_pem,
            ),
            id="other-authority",
        ),
        pytest.param(
            AUTHORITY.issue(OPERATOR, lifetime=timedelta(seconds=-1)),
            id="expired",
        ),
    ],
)
async def test_a_client_that_is_not_ours_is_refused(client: Credential) -> None:
    async with serving(AUTHORITY.issue(RENDEZVOUS)) as address:
        assert (await who_am_i(address, client)).code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("credentials", [None, "anonymous"])
async def test_a_client_without_a_certificate_is_refused(credentials: str | None) -> None:
    async with serving(AUTHORITY.issue(RENDEZVOUS)) as address:
        options = channels.channel_options(RENDEZVOUS)
        if credentials is None:
            channel = grpc.aio.insecure_channel(address, options=options)
        else:
            anonymous = grpc.ssl_channel_credentials(AUTHORITY.certificate_pem)
            channel = grpc.aio.secure_channel(address, anonymous, options=options)
        async with channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await rendezvous_pb2_grpc.RendezvousStub(channel).Drop(rendezvous_pb2.DropRequest())
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("impostor", [Identity.worker("job-7"), COORDINATOR], ids=lambda i: i.uri)
async def test_a_server_of_another_role_is_refused(impostor: Identity) -> None:
    async with serving(AUTHORITY.issue(impostor, ["127.0.0.1"])) as address:
        assert (await who_am_i(address, WORKER)).code() == grpc.StatusCode.UNAVAILABLE


async def test_a_kept_authority_issues_what_the_first_one_would() -> None:
    kept = Authority.load(AUTHORITY.certificate_pem, AUTHORITY.key_pem)
    async with serving(kept.issue(RENDEZVOUS)) as address:
        assert (await who_am_i(address, WORKER)).code() == grpc.StatusCode.FAILED_PRECONDITION


def test_a_certificate_is_valid_before_it_was_issued() -> None:
    certificate = x509.load_pem_x509_certificate(WORKER.certificate_pem)
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lifetime == timedelta(days=1) + CLOCK_SKEW


def test_hosts_are_named_in_the_certificate() -> None:
    issued = AUTHORITY.issue(COORDINATOR, ["coordinator.example", "10.0.0.1"])
    certificate = x509.load_pem_x509_certificate(issued.certificate_pem)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [
        "coordinator.excamera.internal",
        "coordinator.example",
    ]
    assert [str(ip) for ip in names.get_values_for_type(x509.IPAddress)] == ["10.0.0.1"]


def test_an_authority_is_not_loaded_with_a_key_that_is_not_its_own() -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        Authority.load(AUTHORITY.certificate_pem, Authority.create("other").key_pem)


def test_a_credential_does_not_show_its_key() -> None:
    assert "PRIVATE" not in repr(WORKER) + str(WORKER)


class Context:
    def __init__(self, *uris: str) -> None:
        self.uris = uris

    def auth_context(self) -> dict[str, list[bytes]]:
        return {"peer_uri": [uri.encode() for uri in self.uris]} if self.uris else {}


@pytest.mark.parametrize(
    "uris", [(), ("spiffe://operator",), ("excamera://operator", "excamera://coordinator")]
)
def test_a_peer_without_exactly_one_identity_is_nobody(uris: tuple[str, ...]) -> None:
    with pytest.raises(IdentityError):
        peer_identity(Context(*uris))
