"""Whose rights a job reaches the store with."""

from __future__ import annotations

from pathlib import Path

import pytest

from excamera.access import StoreAccess

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


def test_credentials_are_not_shown() -> None:
    assert "secret" not in repr(StoreAccess(GIVEN))


def test_an_object_of_a_folder_is_read_whatever_the_credentials(tmp_path: Path) -> None:
    (tmp_path / "it").write_bytes(b"bytes")
    assert StoreAccess(GIVEN).read(str(tmp_path / "it"), 100) == b"bytes"
