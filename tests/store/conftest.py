"""The stores that the contract is checked against: a folder, moto's S3 server, and MinIO; the two
servers with credentials and, as workers do, with signed requests.

moto is a server in this process, which always works. MinIO is a real one, and needs its program
(`minio` on PATH or in $EXCAMERA_CLUSTER_BIN).
"""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from excamera_store import FolderStore, S3Settings, S3Store, Store
from tests.store.scripted import Scripted, scripted_server
from tests.store.servers import (
    BUCKET,
    ROOT,
    free_port,
    make_bucket,
    minio_program,
    moto_server,
    nobody_elses_credentials,
    wait_until_ready,
)
from tests.store.signed import SignedStore


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs no MinIO needs nothing at all, and belongs to the first tier."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and "minio" not in _words(item):
            item.add_marker(pytest.mark.tier("unit"))


def _words(item: pytest.Item) -> set[str]:
    parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
    return {*getattr(item, "fixturenames", ()), *" ".join(map(str, parameters)).split()}


@pytest.fixture(autouse=True, scope="session")
def _nobody_elses_credentials() -> Iterator[None]:
    with nobody_elses_credentials():
        yield


@pytest.fixture(scope="session")
def moto(_nobody_elses_credentials: None) -> Iterator[S3Settings]:
    with moto_server() as settings:
        yield settings


@pytest.fixture(scope="session")
def minio(
    tmp_path_factory: pytest.TempPathFactory, _nobody_elses_credentials: None
) -> Iterator[S3Settings]:
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


@pytest.fixture(params=["moto", "minio"])
def s3(request: pytest.FixtureRequest) -> S3Settings:
    settings: S3Settings = request.getfixturevalue(request.param)
    return settings


@pytest.fixture(params=["folder", "moto", "minio", "signed moto", "signed minio"])
def store(request: pytest.FixtureRequest, tmp_path: Path, fresh_name: Callable[[], str]) -> Store:
    """An empty store."""
    if request.param == "folder":
        return FolderStore(tmp_path / "store", create=True)
    signed, _, server = request.param.rpartition(" ")
    settings = request.getfixturevalue(server)
    made = SignedStore if signed else S3Store
    return made(BUCKET, prefix=fresh_name(), settings=settings)


@pytest.fixture(scope="session")
def _scripted_server() -> Iterator[Scripted]:
    with scripted_server() as script:
        yield script


@pytest.fixture
def scripted(_scripted_server: Scripted) -> Scripted:
    _scripted_server.requests = 0
    return _scripted_server


@pytest.fixture(scope="session")
def fresh_name() -> Callable[[], str]:
    numbers = iter(range(1_000_000))
    return lambda: f"test-{next(numbers)}"
