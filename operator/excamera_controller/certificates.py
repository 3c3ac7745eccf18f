"""The certificate authority, kept in a Secret, and the certificate that the rendezvous shows.

The authority is made by the operator where there is none, and renewed when a third of its time is
left; or it is cert-manager's, and only read. When it changes, workers that still hold a certificate
of the old one are refused at their next connection, and are replaced; that costs attempts, once in
the authority's life time.

What is issued for workers and coordinator is never stored. The rendezvous runs beside the operator
and reads its certificate from a Secret, which is renewed here in time; it notices by itself.
"""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509

from excamera_controller.api import Api, Conflict, NotFound, Object, path_of
from excamera_controller.settings import Settings
from excamera_proto.credentials import RENDEZVOUS, Authority, Credential

CERTIFICATE, KEY, TRUSTED = "tls.crt", "tls.key", "ca.crt"
RENDEZVOUS_LIFETIME: Final = timedelta(days=30)
RENEW_AT: Final = 1 / 3

_log = logging.getLogger(__name__)


class NoAuthority(Exception):
    """There is none, and it is not ours to make."""


class Certificates:
    """`authority` is there once `refresh` has returned."""

    def __init__(self, settings: Settings, api: Api) -> None:
        self._settings = settings
        self._api = api
        self._authority: Authority | None = None

    @property
    def authority(self) -> Authority:
        assert self._authority is not None
        return self._authority

    async def refresh(self) -> bool:
        """Reads, makes or renews what is needed. Whether the authority is another than before.

        Raises NoAuthority and ApiError.
        """
        before = self._authority
        self._authority = await self._current()
        await self._renew_rendezvous()
        return before is None or before.certificate_pem != self._authority.certificate_pem

    async def _current(self) -> Authority:
        name, lifetime = self._settings.authority_secret, self._settings.authority_lifetime
        secret = await self._read(name)
        kept = _authority(secret) if secret else None
        if lifetime is None:
            if kept is None:
                raise NoAuthority(f"cert-manager has not made Secret {name} yet")
            return kept
        if kept is not None and not _is_due(kept.certificate_pem):
            return kept
        made = Authority.create("excamera", lifetime=lifetime)
        try:
            await self._write(name, secret, _data(made.certificate_pem, made.key_pem))
        except Conflict:  # somebody was quicker
            return await self._current()
        _log.info("made a certificate authority, kept in Secret %s", name)
        return made

    async def _renew_rendezvous(self) -> None:
        name = self._settings.rendezvous_secret
        secret = await self._read(name)
        if secret and _is_good(secret, self.authority):
            return
        hosts = [address.rpartition(":")[0] for address in self._settings.rendezvous]
        issued = self.authority.issue(RENDEZVOUS, hosts, lifetime=RENDEZVOUS_LIFETIME)
        await self._write(name, secret, _credential_data(issued))
        _log.info("issued the rendezvous's certificate, kept in Secret %s", name)

    async def _read(self, name: str) -> Object | None:
        try:
            return await self._api.get(self._path(name))
        except NotFound:
            return None

    async def _write(self, name: str, existing: Object | None, data: dict[str, str]) -> None:
        if existing is None:
            metadata = {"name": name, "labels": {"app.kubernetes.io/part-of": "excamera"}}
            body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
            body["type"] = "kubernetes.io/tls"
            await self._api.create(self._path(), body)
        else:
            version = {"resourceVersion": existing["metadata"]["resourceVersion"]}
            await self._api.patch(self._path(name), {"metadata": version, "data": data})

    def _path(self, name: str = "") -> str:
        return path_of("v1", "secrets", self._settings.own_namespace, name)


def _authority(secret: Object) -> Authority | None:
    data = secret.get("data") or {}
    try:
        return Authority.load(base64.b64decode(data[CERTIFICATE]), base64.b64decode(data[KEY]))
    except (KeyError, ValueError) as error:
        name = secret["metadata"]["name"]
        _log.warning("Secret %s holds no certificate authority: %r", name, error)
        return None


def _is_good(secret: Object, authority: Authority) -> bool:
    data = secret.get("data") or {}
    try:
        trusted = base64.b64decode(data[TRUSTED])
        due = _is_due(base64.b64decode(data[CERTIFICATE]))
    except (KeyError, ValueError):
        return False
    return trusted == authority.certificate_pem and not due


def _is_due(certificate_pem: bytes) -> bool:
    """Whether less than a third of its time is left."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    whole = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    return certificate.not_valid_after_utc - datetime.now(UTC) < whole * RENEW_AT


def _credential_data(issued: Credential) -> dict[str, str]:
    return _data(issued.certificate_pem, issued.key_pem) | {TRUSTED: _text(issued.authority_pem)}


def _data(certificate_pem: bytes, key_pem: bytes) -> dict[str, str]:
    return {CERTIFICATE: _text(certificate_pem), KEY: _text(key_pem)}


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
