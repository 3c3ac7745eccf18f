"""Credentials from files, read again for new connections when they have changed.

Kubernetes replaces mounted secrets in place when certificates are renewed; a server that had read
them once would serve until they expire, and then nobody could connect.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from excamera_proto.credentials import Credential, server_credentials

log = logging.getLogger(__name__)

Stamp = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    certificate: Path
    key: Path
    authority: Path

    def load(self) -> Credential:
        """OSError (ssl.SSLError is one) if a file cannot be read or they do not fit together."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.load_verify_locations(self.authority)
        return Credential(
            self.certificate.read_bytes(), self.key.read_bytes(), self.authority.read_bytes()
        )

    def stamp(self) -> Stamp:
        """Differs when a file has been replaced."""
        found = [path.stat() for path in (self.certificate, self.key, self.authority)]
        return tuple((stat.st_ino, stat.st_size, stat.st_mtime_ns) for stat in found)


def make(credential: Credential | CredentialFiles) -> grpc.ServerCredentials:
    """For `add_secure_port`; clients must show a certificate of the same authority."""
    if isinstance(credential, Credential):
        return server_credentials(credential)
    reload = _Reload(credential)
    return grpc.dynamic_ssl_server_credentials(
        reload.configuration,
        reload,  # type: ignore[arg-type] # None is allowed, say its documentation and its code
        require_client_authentication=True,
    )


class _Reload:
    """Called by gRPC's threads for each new connection; None means "as before"."""

    def __init__(self, files: CredentialFiles) -> None:
        self._files = files
        self._stamp = files.stamp()
        self.configuration = _configuration(files.load())

    def __call__(self) -> grpc.ServerCertificateConfiguration | None:
        try:
            stamp = self._files.stamp()
            if stamp == self._stamp:
                return None
            self.configuration = _configuration(self._files.load())
            self._stamp = stamp
        except OSError as error:
            log.warning("the new certificate cannot be used, the old one stays: %s", error)
            return None
        log.info("the certificate was read again from %s", self._files.certificate)
        return self.configuration


def _configuration(credential: Credential) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(credential.key_pem, credential.certificate_pem)], credential.authority_pem
    )
