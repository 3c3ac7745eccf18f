"""Retrieve and Upload, with a folder as the store, over a real connection."""

from __future__ import annotations

from pathlib import Path

import pytest

import excamera_store
from excamera_proto.mu_pb2 import Failure, Reply, Retrieve, Run, Upload
from tests.worker.fake_coordinator import Connection
from tests.worker.fake_rendezvous import digest_of

HELLO = b"hello\n" * 100_000


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


async def written(connection: Connection, file: str = "out") -> None:
    """A scratch file with HELLO in it."""
    source = f"open({file!r}, 'w').write('hello\\n' * 100_000)"
    await connection.ask(run=Run(argv=["py", "-c", source], timeout_seconds=60))


async def upload(connection: Connection, path: Path, file: str = "out") -> Reply:
    return await connection.ask(upload=Upload(file=file, url=path.as_uri()))


async def test_an_object_becomes_a_scratch_file(connection: Connection, store: Path) -> None:
    (store / "object").write_bytes(HELLO)
    url = (store / "object").as_uri()
    reply = await connection.ask(retrieve=Retrieve(url=url, file="sub/in"))
    assert reply.transferred.bytes == len(HELLO)
    assert reply.transferred.digest == digest_of(HELLO)
    read = await connection.ask(run=Run(argv=["wc", "-c", "sub/in"], timeout_seconds=60))
    assert read.ran.stdout.split()[0] == str(len(HELLO))


async def test_an_object_that_is_missing_is_not_found(connection: Connection, store: Path) -> None:
    url = (store / "object").as_uri()
    reply = await connection.ask(retrieve=Retrieve(url=url, file="in"))
    assert reply.failure.kind == Failure.NOT_FOUND
    assert str(store) in reply.failure.message


async def test_a_scratch_file_becomes_an_object(connection: Connection, store: Path) -> None:
    await written(connection)
    reply = await upload(connection, store / "new folder" / "object")
    assert reply.transferred.digest == digest_of(HELLO)
    assert (store / "new folder" / "object").read_bytes() == HELLO


async def test_an_upload_of_the_same_bytes_leaves_the_object_alone(
    connection: Connection, store: Path
) -> None:
    await written(connection)
    await upload(connection, store / "object")
    before = (store / "object").stat()
    reply = await upload(connection, store / "object")
    assert reply.transferred.digest == digest_of(HELLO)
    assert (store / "object").stat().st_ino == before.st_ino


@pytest.mark.parametrize("other", [HELLO[:-1], HELLO[:-1] + b"!"])
async def test_an_upload_of_other_bytes_replaces_the_object(
    connection: Connection, store: Path, other: bytes
) -> None:
    (store / "object").write_bytes(other)
    await written(connection)
    await upload(connection, store / "object")
    assert (store / "object").read_bytes() == HELLO


async def test_a_scratch_file_that_is_missing_is_not_found(
    connection: Connection, store: Path
) -> None:
    reply = await upload(connection, store / "object")
    assert reply.failure.kind == Failure.NOT_FOUND
    assert "'out'" in reply.failure.message


async def test_an_unknown_scheme_is_invalid(connection: Connection) -> None:
    reply = await connection.ask(retrieve=Retrieve(url="gopher://x/y", file="in"))
    assert reply.failure.kind == Failure.INVALID


async def test_a_full_store_is_told_as_such(
    connection: Connection, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise excamera_store.StoreFull("no space left in the store")

    monkeypatch.setattr(excamera_store.FolderStore, "put", full)
    await written(connection)
    reply = await upload(connection, store / "object")
    assert reply.failure.kind == Failure.DISK_FULL
    assert reply.failure.message == "no space left in the store"
