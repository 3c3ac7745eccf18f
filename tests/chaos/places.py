"""Where a job's source, unfinished work and output are, and what is found there afterwards."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import uuid
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path

from excamera_store import BucketMissing, ObjectMissing, S3Settings, S3Store
from excamera_store.names import RESERVED
from tests.chaos.store_proxy import StoreProxy
from tests.store.servers import BUCKET, ROOT, free_port, make_bucket, wait_until_ready


class Place(ABC):
    """variables: AWS_… of the job's own. proxy: what stands before the store, if it is S3."""

    says = ""
    source = output = work = ""
    proxy: StoreProxy

    def __init__(self, clip: Path) -> None:
        self.clip = clip
        self.variables: Mapping[str, str] = {}

    @abstractmethod
    def at(self, folder: Path) -> AbstractAsyncContextManager[None]:
        """Makes it, for the time of a context."""

    @abstractmethod
    def published(self) -> bytes | None:
        """The output, if there is one."""

    @abstractmethod
    def half_written(self) -> list[str]:
        """What was begun there and neither ended nor removed; unfinished work is not that."""


class FolderPlace(Place):
    """Folders of this machine."""

    says = "folders"

    @asynccontextmanager
    async def at(self, folder: Path) -> AsyncIterator[None]:
        self._folder = folder / "place"
        self._folder.mkdir()
        shutil.copy(self.clip, self._folder / self.clip.name)
        self.source = str(self._folder / self.clip.name)
        self.output = str(self._folder / "out.webm")
        self.work = f"{self.output}.excamera"
        yield

    def published(self) -> bytes | None:
        path = Path(self.output)
        return path.read_bytes() if path.exists() else None

    def half_written(self) -> list[str]:
        return [str(path) for path in self._folder.rglob(RESERVED + "*")]


class BucketPlace(Place):
    """A bucket of a real server (moto's), behind a proxy that may fail."""

    says = "a bucket"

    @asynccontextmanager
    async def at(self, folder: Path) -> AsyncIterator[None]:
        prefix = f"s3://{BUCKET}/{uuid.uuid4().hex}"
        with s3_server() as direct, StoreProxy(direct.endpoint or "") as proxy:
            self.proxy = proxy
            self._direct = direct
            self.source, self.output = f"{prefix}/{self.clip.name}", f"{prefix}/out.webm"
            self.work = f"{self.output}.excamera"
            await asyncio.to_thread(self._store.put, self._key(self.source), self.clip)
            self.variables = {
                "AWS_ENDPOINT_URL": proxy.endpoint,
                "AWS_ACCESS_KEY_ID": ROOT.access_key or "",
                "AWS_SECRET_ACCESS_KEY": ROOT.secret_key or "",
                "AWS_REGION": ROOT.region or "",
            }
            yield

    def published(self) -> bytes | None:
        try:
            return self._store.read(self._key(self.output))
        except (ObjectMissing, BucketMissing):
            return None

    def half_written(self) -> list[str]:
        return []  # S3 shows no part of an object

    def remove(self) -> None:
        """The whole bucket, with all that is in it, even what is written just now."""
        import boto3
        from botocore.exceptions import ClientError

        client = boto3.resource(
            "s3",
            endpoint_url=self._direct.endpoint,
            region_name=self._direct.region,
            aws_access_key_id=self._direct.access_key,
            aws_secret_access_key=self._direct.secret_key,
        )
        while True:
            client.Bucket(BUCKET).objects.all().delete()
            try:
                client.Bucket(BUCKET).delete()
            except ClientError as error:
                if error.response["Error"]["Code"] != "BucketNotEmpty":
                    raise
            else:
                return

    @property
    def _store(self) -> S3Store:
        return S3Store(BUCKET, settings=self._direct)

    def _key(self, url: str) -> str:
        return url.removeprefix(f"s3://{BUCKET}/")


@contextmanager
def s3_server() -> Iterator[S3Settings]:
    """moto's server in a process of its own, with an empty bucket."""
    port = free_port()
    argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        settings = replace(ROOT, endpoint=f"http://127.0.0.1:{port}")
        wait_until_ready(process, f"{settings.endpoint}/moto-api/data.json")
        make_bucket(settings)
        yield settings
    finally:
        process.kill()
        process.wait()
