"""A certificate authority small enough to make anew for every job or installation.

Certificates are issued on the fly, live shortly and are never renewed in place. They are valid
from an hour before they were issued, because the clocks of two machines never agree.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from excamera_proto.identity import Identity
from excamera_proto.tls import Credential

CLOCK_SKEW: Final = timedelta(hours=1)
AUTHORITY_LIFETIME: Final = timedelta(days=3650)
CREDENTIAL_LIFETIME: Final = timedelta(days=1)
PRIVATE_LIFETIME: Final = timedelta(days=30)
"""Of a certificate that nobody renews, and that is worth nothing without the process that made it:
its key never leaves that process, or the authority's never does."""

COMMON_NAME_LENGTH: Final = 64  # RFC 5280, ub-common-name


class Authority:
    """An issuer of certificates: its own certificate and its key."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def create(
        cls,
        name: str,
        *,
        lifetime: timedelta = AUTHORITY_LIFETIME,
        now: datetime | None = None,
    ) -> Self:
        """A new authority with a new P-256 key; it can issue to peers, not to other authorities."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        certificate = (
            _builder(subject, subject, key.public_key(), lifetime, now)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA256())
        )
        return cls(certificate, key)

    @classmethod
    def load(cls, certificate_pem: bytes, key_pem: bytes) -> Self:
        """An authority that was kept, for instance in a Secret. ValueError if it is not one."""
        key = serialization.load_pem_private_key(key_pem, password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the authority's key is not an elliptic-curve key")
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        if certificate.public_key() != key.public_key():
            raise ValueError("the authority's certificate and key do not belong together")
        return cls(certificate, key)

    @property
    def certificate_pem(self) -> bytes:
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return _key_pem(self._key)

    def issue(
        self,
        identity: Identity,
        hosts: Iterable[str] = (),
        *,
        lifetime: timedelta = CREDENTIAL_LIFETIME,
        now: datetime | None = None,
    ) -> Credential:
        """A certificate for `identity`, with a new key.

        `hosts` are further DNS names or IP addresses of a server, for clients that are not ours.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            _builder(
                _name(identity.uri), self._certificate.subject, key.public_key(), lifetime, now
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_purposes(identity)), critical=False)
            .add_extension(authority, critical=False)
            .add_extension(_alternative_names(identity, hosts), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return Credential(
            certificate.public_bytes(serialization.Encoding.PEM),
            _key_pem(key),
            self.certificate_pem,
        )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    lifetime: timedelta,
    now: datetime | None,
) -> x509.CertificateBuilder:
    now = now or datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(text: str) -> x509.Name:
    """For people who look at the certificate; nothing is decided by it."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:COMMON_NAME_LENGTH])])


def _purposes(identity: Identity) -> list[x509.ObjectIdentifier]:
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if identity.server_name:
        purposes.append(ExtendedKeyUsageOID.SERVER_AUTH)
    return purposes


def _alternative_names(identity: Identity, hosts: Iterable[str]) -> x509.SubjectAlternativeName:
    names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(identity.uri)]
    if identity.server_name:
        names.append(x509.DNSName(identity.server_name))
    return x509.SubjectAlternativeName([*names, *(_host_name(host) for host in hosts)])


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
