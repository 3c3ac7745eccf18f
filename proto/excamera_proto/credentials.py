"""Identities, certificates and TLS, for those who issue certificates as well as use them.

    authority = Authority.create("job 7")
    server_credentials(authority.issue(COORDINATOR))
    channel_credentials(authority.issue(Identity.worker("7")))
    peer_identity(context)              # in a servicer: Identity(Role.WORKER, "7")

A worker only uses its certificate and imports `identity` and `tls`, which is quicker.
"""

from __future__ import annotations

from excamera_proto.authority import (
    AUTHORITY_LIFETIME,
    CLOCK_SKEW,
    CREDENTIAL_LIFETIME,
    PRIVATE_LIFETIME,
    Authority,
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
from excamera_proto.tls import (
    Credential,
    HasAuthContext,
    channel_credentials,
    peer_identity,
    server_credentials,
)

__all__ = [
    "AUTHORITY_LIFETIME",
    "CLOCK_SKEW",
    "COORDINATOR",
    "CREDENTIAL_LIFETIME",
    "OPERATOR",
    "PRIVATE_LIFETIME",
    "RENDEZVOUS",
    "Authority",
    "Credential",
    "HasAuthContext",
    "Identity",
    "IdentityError",
    "Role",
    "channel_credentials",
    "peer_identity",
    "server_credentials",
    "validate_job",
]
