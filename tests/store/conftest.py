"""The stores that the contract is checked against: a folder, moto's S3 server, and MinIO; the two
servers with credentials and, as workers do, with signed requests.

moto is a server in this process, which always works. MinIO is a real one, and needs its program
(`minio` on PATH or in $EXCAMERA_CLUSTER_BIN).
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from excamera_store import FolderStore, S3Settings, S3Store, Store
from tests.store.fixtures import minio, moto, own_credentials
from tests.store.scripted import Scripted, scripted_server
from tests.store.servers import BUCKET
from tests.store.signed import SignedStore

__all__ = ["minio", "moto", "own_credentials"]


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
