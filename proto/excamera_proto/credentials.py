"""TLS both ways: what a server and a client show, and who the other end is.

    authority = Authority.create("job 7")
    server_credentials(authority.issue(COORDINATOR))
    channel_credentials(authority.issue(Identity.worker("7")))
    peer_identity(context)              # in a servicer: Identity(Role.WORKER, "7")

There is no plain-text form. A server asks every client for a certificate of its own authority, and
TLS refuses those that have none before a servicer sees anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import grpc

from excamera_proto.authority import (
    AUTHORITY_LIFETIME,
    CLOCK_SKEW,
    CREDENTIAL_LIFETIME,
    Authority,
    Credential,
)
from excamera_proto.identity import (
    COORDINATOR,
    OPERATOR,
    RENDEZVOUS,
    Identity,
    IdentityError,
    Role,
    validate_job,
)

__all__ = [
    "AUTHORITY_LIFETIME",
    "CLOCK_SKEW",
    "COORDINATOR",
    "CREDENTIAL_LIFETIME",
    "OPERATOR",
    "RENDEZVOUS",
    "Authority",
    "Credential",
    "Identity",
    "IdentityError",
    "Role",
    "channel_credentials",
    "peer_identity",
    "server_credentials",
    "validate_job",
]


class HasAuthContext(Protocol):
    """A servicer's context, of grpc or grpc.aio."""

    def auth_context(self) -> Mapping[str, Iterable[Any]]: ...


def server_credentials(credential: Credential) -> grpc.ServerCredentials:
    """For `add_secure_port`; clients must show a certificate of the same authority."""
    return grpc.ssl_server_credentials(
        [(credential.key_pem, credential.certificate_pem)],
        root_certificates=credential.authority_pem,
        require_client_auth=True,
    )


def channel_credentials(credential: Credential) -> grpc.ChannelCredentials:
    """For `secure_channel`; of all authorities only the credential's own is believed."""
    return grpc.ssl_channel_credentials(
        root_certificates=credential.authority_pem,
        private_key=credential.key_pem,
        certificate_chain=credential.certificate_pem,
    )


def peer_identity(context: HasAuthContext) -> Identity:
    """Who is calling. IdentityError (answer it with UNAUTHENTICATED) if that cannot be told."""
    uris = [_text(uri) for uri in context.auth_context().get("peer_uri", ())]
    match uris:
        case [uri]:
            return Identity.parse(uri)
        case []:
            raise IdentityError("the peer's certificate names no identity")
        case _:
            raise IdentityError(f"the peer's certificate names {len(uris)} identities")


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
