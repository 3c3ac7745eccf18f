"""Whose rights a job reaches the store with."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera.access import StoreAccess
from excamera_store import AccessDenied

OWN = {"AWS_ACCESS_KEY_ID": "operator", "AWS_PROFILE": "operator", "HOME": "/home/operator"}
GIVEN = {"AWS_ACCESS_KEY_ID": "job", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OWN.items():
        monkeypatch.setenv(name, value)


def test_a_job_without_credentials_goes_by_the_processs_own() -> None:
    environment = StoreAccess().environment
    assert {name: environment[name] for name in OWN} == OWN


def test_a_job_with_credentials_gets_nothing_of_the_processs_own_rights() -> None:
    environment = StoreAccess(GIVEN).environment
    assert {n: v for n, v in environment.items() if n.startswith("AWS_")} == GIVEN
    assert environment["HOME"] == OWN["HOME"]


def test_a_programs_environment_is_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = StoreAccess().environment
    environment["AWS_ACCESS_KEY_ID"] = "changed"
    assert StoreAccess().environment["AWS_ACCESS_KEY_ID"] == "operator"


@pytest.mark.parametrize("keys", [{}, {"AWS_ACCESS_KEY_ID": ""}, {"AWS_SECRET_ACCESS_KEY": ""}])
def test_a_job_whose_keys_are_not_whole_does_not_get_by_with_the_processs_own(
    monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of the operator")
    given = {"AWS_ENDPOINT_URL": "http://evil.example"} | ((GIVEN | keys) if keys else {})
    access = StoreAccess(given)
    for use in (
        lambda: access.split("s3://bucket/key"),
        lambda: access.open("s3://bucket/prefix"),
        access.signer,
    ):
        with pytest.raises(AccessDenied, match="incomplete"):
            use()


def test_a_job_with_credentials_is_not_sent_to_the_processs_own_store(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://operators.example")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_PROFILE")
    signed = StoreAccess(GIVEN).signer().sign("GET", "s3://bucket/key", 60.0)
    assert signed.startswith("https://bucket.s3.amazonaws.com/key?")
    assert "%2Fus-east-1%2Fs3%2F" in signed


def test_credentials_are_not_shown() -> None:
    assert "secret" not in repr(StoreAccess(GIVEN))


def test_an_object_of_a_folder_is_read_whatever_the_credentials(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"bytes")
    assert StoreAccess(GIVEN).read(str(tmp_path / "it"), 100) == b"bytes"
