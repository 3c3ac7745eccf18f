"""TLS both ways: what a server and a client show, and who the other end is.

    server_credentials(credential)      # for a server's port
    channel_credentials(credential)     # for a client's channel
    peer_identity(context)              # in a servicer: Identity(Role.WORKER, "7")

There is no plain-text form. A server asks every client for a certificate of its own authority, and
TLS refuses those that have none before a servicer sees anything.

Only uses certificates: who makes them is in `authority`, whose library takes longer to import than
all the rest of a worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import grpc

from excamera_proto.identity import Identity, IdentityError


@dataclass(frozen=True)
class Credential:
    """What one end of a connection holds, all of it PEM. `repr` leaves the key out."""

    certificate_pem: bytes
    key_pem: bytes
    authority_pem: bytes

    def __repr__(self) -> str:
        return f"Credential({len(self.certificate_pem)} bytes of certificate, key not shown)"


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
