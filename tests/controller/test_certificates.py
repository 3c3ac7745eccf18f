"""The authority and the rendezvous's certificate, in Secrets."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from excamera_controller import certificates
from excamera_controller.api import Conflict, NotFound
from excamera_controller.certificates import Certificates, NoAuthority
from excamera_controller.settings import Settings
from excamera_proto.credentials import Authority


class Secrets:
    """What an API server does with Secrets, as far as it matters here."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.writes: list[str] = []

    async def get(self, path: str) -> dict[str, Any]:
        if path not in self.kept:
            raise NotFound(404, "NotFound", path)
        return self.kept[path]

    async def create(self, path: str, body: dict[str, Any]) -> None:
        where = f"{path}/{body['metadata']['name']}"
        if where in self.kept:
            raise Conflict(409, "AlreadyExists", where)
        body["metadata"]["resourceVersion"] = "1"
        self.kept[where] = body
        self.writes.append(body["metadata"]["name"])

    async def patch(self, path: str, body: dict[str, Any]) -> None:
        self.kept[path]["data"] |= body["data"]
        self.writes.append(path.rpartition("/")[2])

    def value(self, name: str, key: str) -> bytes:
        (secret,) = (one for path, one in self.kept.items() if path.endswith(f"/{name}"))
        return base64.b64decode(secret["data"][key])


AUTHORITY, RENDEZVOUS = "excamera-authority", "excamera-rendezvous"


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


def made(secrets: Secrets, **settings: Any) -> Certificates:
    return Certificates(Settings(rendezvous=("r:7100",), **settings), secrets)  # type: ignore[arg-type]


async def test_an_authority_is_made_once_and_kept(secrets: Secrets) -> None:
    first = made(secrets)
    assert await first.refresh()
    assert secrets.writes == [AUTHORITY, RENDEZVOUS]
    again = made(secrets)
    assert await again.refresh()
    assert again.authority.certificate_pem == first.authority.certificate_pem
    assert not await again.refresh()
    assert secrets.writes == [AUTHORITY, RENDEZVOUS]


async def test_the_rendezvous_gets_a_certificate_of_the_authority(secrets: Secrets) -> None:
    await made(secrets).refresh()
    assert secrets.value(RENDEZVOUS, "ca.crt") == secrets.value(AUTHORITY, "tls.crt")


async def test_what_comes_to_its_end_is_renewed_with_all_that_depends_on_it(
    secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = made(secrets)
    await held.refresh()
    before = secrets.value(AUTHORITY, "tls.crt")
    monkeypatch.setattr(certificates, "RENEW_AT", 1.1)
    assert await held.refresh()
    monkeypatch.undo()
    assert secrets.value(AUTHORITY, "tls.crt") != before
    assert secrets.value(RENDEZVOUS, "ca.crt") == secrets.value(AUTHORITY, "tls.crt")
    assert not await held.refresh()


async def test_a_secret_that_holds_nonsense_is_written_anew(secrets: Secrets) -> None:
    await made(secrets).refresh()
    (path,) = (path for path in secrets.kept if path.endswith(AUTHORITY))
    secrets.kept[path]["data"]["tls.key"] = base64.b64encode(b"nonsense").decode()
    assert await made(secrets).refresh()
    Authority.load(secrets.value(AUTHORITY, "tls.crt"), secrets.value(AUTHORITY, "tls.key"))


async def test_cert_managers_authority_is_awaited_and_never_written(secrets: Secrets) -> None:
    held = made(secrets, authority_days=None)
    with pytest.raises(NoAuthority, match="cert-manager"):
        await held.refresh()
    await made(secrets).refresh()
    assert await held.refresh()
    assert secrets.writes == [AUTHORITY, RENDEZVOUS]
