"""Fixtures for tests that have an S3 server, to be imported by the conftest.py of their folders."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from excamera_store import S3Settings
from tests.store.servers import (
    ROOT,
    free_port,
    make_bucket,
    minio_program,
    moto_server,
    nobody_elses_credentials,
    wait_until_ready,
)


@pytest.fixture(autouse=True, scope="session")
def own_credentials() -> Iterator[None]:
    """Not those of whoever runs the tests."""
    with nobody_elses_credentials():
        yield


@pytest.fixture(scope="session")
def moto(own_credentials: None) -> Iterator[S3Settings]:
    """An S3 server in this process, with one bucket."""
    with moto_server() as settings:
        yield settings


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory, own_credentials: None) -> Iterator[S3Settings]:
    """MinIO, with the same bucket."""
    program = minio_program()
    if program is None:
        pytest.skip("no minio on PATH or in $EXCAMERA_CLUSTER_BIN; `make cluster` builds it")
    folder = tmp_path_factory.mktemp("minio")
    port = free_port()
    settings = replace(ROOT, endpoint=f"http://127.0.0.1:{port}")
    process = subprocess.Popen(
        [program, "server", "--quiet", "--address", f"127.0.0.1:{port}", str(folder / "data")],
        env={
            "MINIO_ROOT_USER": "excamera",
            "MINIO_ROOT_PASSWORD": "excamera-secret",
            "MINIO_CI_CD": "1",
            "HOME": str(folder),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_ready(process, f"{settings.endpoint}/minio/health/ready")
        make_bucket(settings)
        yield settings
    finally:
        process.terminate()
        process.wait()
