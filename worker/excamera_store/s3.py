"""A bucket of S3, or of anything that speaks its protocol, as a store.

S3 publishes atomically by itself: with a single PUT, or with the completion of a multipart upload.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from excamera_store import s3_transfer
from excamera_store.errors import AccessDenied, BucketMissing, InvalidName, StoreUnreachable
from excamera_store.file_errors import file_errors
from excamera_store.names import RESERVED, check_bucket, check_folder, check_key
from excamera_store.part_file import PartFile
from excamera_store.ranged import RangedReader
from excamera_store.s3_errors import s3_errors, status_of
from excamera_store.s3_settings import S3Settings, client_for
from excamera_store.store import ObjectInfo

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_UNEXPLAINED: Final = (400, 403)
"""Credentials that have expired, a wrong clock, a wrong key: a HEAD is told all of them alike."""


class S3Store:
    """The objects of `bucket` whose keys begin with the folder `prefix`."""

    def __init__(
        self, bucket: str, *, prefix: str = "", settings: S3Settings | None = None
    ) -> None:
        self.bucket = check_bucket(bucket)
        self.prefix = check_folder(prefix)
        self._settings = settings or S3Settings()

    def __repr__(self) -> str:
        return f"S3Store('s3://{self.bucket}/{self.prefix}')"

    def stat(self, key: str) -> ObjectInfo:
        from botocore.exceptions import ClientError

        name = self._name(key)
        with self._errors("read", key):
            try:
                head = self._client.head_object(Bucket=self.bucket, Key=name)
            except ClientError as error:
                if status_of(error) == 404:
                    self._check_bucket()
                if status_of(error) in _UNEXPLAINED:
                    self._ask_why(name)
                raise
        if not head.get("ETag"):
            message = f"cannot read {self.url_of(key)}: the answer is not one of S3's"
            raise StoreUnreachable(f"{message}; check the endpoint (AWS_ENDPOINT_URL)")
        return ObjectInfo(key, head["ContentLength"], head["ETag"].strip('"'))

    def open(self, key: str) -> BinaryIO:
        info = self.stat(key)

        def fetch(start: int, end: int) -> bytes:
            return self._get_range(info, start, end)

        return cast(BinaryIO, io.BufferedReader(RangedReader(info.size, fetch), 64 * 1024))

    def read(self, key: str, most: int | None = None) -> bytes:
        name = self._name(key)
        with self._errors("read", key):
            return s3_transfer.get_whole(self._client, self.bucket, name, most)

    def write(self, key: str, data: bytes) -> None:
        name = self._name(key)
        with self._errors("write", key):
            self._client.put_object(Bucket=self.bucket, Key=name, Body=data)

    def fetch(self, key: str, path: str | os.PathLike[str]) -> None:
        info = self.stat(key)
        target = os.path.abspath(path)
        with (
            file_errors("write", target, missing=BucketMissing),
            self._errors("read", key),
            PartFile(os.path.dirname(target)) as part,
        ):
            s3_transfer.fetch_into(
                part.file, info.size, self._client, self.bucket, self._name(key), info.etag
            )
            part.publish(target, sync=False)

    def put(self, key: str, path: str | os.PathLike[str]) -> None:
        name = self._name(key)
        with open(path, "rb") as file, self._errors("write", key):
            s3_transfer.put_file(self._client, self.bucket, name, file)

    def list(self, folder: str = "") -> Iterator[ObjectInfo]:
        return self._pages(folder, self.prefix + check_folder(folder))

    def delete(self, key: str) -> None:
        name = self._name(key)
        with self._errors("delete", key):
            self._client.delete_object(Bucket=self.bucket, Key=name)

    def delete_prefix(self, folder: str) -> int:
        prefix = self.prefix + check_folder(folder)
        if prefix == self.prefix:
            raise InvalidName(f"refusing to delete everything in {self!r}; name a folder in it")
        names = [self.prefix + info.key for info in self._pages(folder, prefix)]
        with self._errors("delete", folder):
            s3_transfer.delete_many(self._client, self.bucket, names)
        self._abort_uploads(folder, prefix)
        return len(names)

    def check_writable(self, key: str = "") -> None:
        """Begins a multipart upload and aborts it: nothing becomes visible at any moment."""
        from botocore.exceptions import ClientError

        name = self._name(key) if key else f"{self.prefix}{RESERVED}probe"
        with self._errors("write", key):
            begun = self._client.create_multipart_upload(Bucket=self.bucket, Key=name)
            try:
                self._client.abort_multipart_upload(
                    Bucket=self.bucket, Key=name, UploadId=begun["UploadId"]
                )
            except ClientError as error:
                if status_of(error) != 403:  # may write but not abort: writable all the same
                    raise

    def url_of(self, key: str) -> str:
        return f"s3://{self.bucket}/{self._name(key)}"

    @property
    def _client(self) -> S3Client:
        return client_for(self._settings)

    def _name(self, key: str) -> str:
        return self.prefix + check_key(key)

    def _errors(self, action: str, key: str) -> AbstractContextManager[None]:
        return s3_errors(action, f"s3://{self.bucket}/{self.prefix}{key}")

    def _get_range(self, info: ObjectInfo, start: int, end: int) -> bytes:
        with self._errors("read", info.key):
            return s3_transfer.get_range(
                self._client, self.bucket, self._name(info.key), info.etag, start, end
            )

    def _check_bucket(self) -> None:
        """A HEAD that says 404 does not say what is missing; raises if it is the bucket."""
        from botocore.exceptions import ClientError

        try:
            self._client.head_bucket(Bucket=self.bucket)
        except ClientError as error:
            if status_of(error) == 404:
                raise BucketMissing(
                    f"there is no bucket {self.bucket}; check its name and the endpoint, "
                    "or create the bucket"
                ) from None

    def _ask_why(self, name: str) -> None:
        """Raises what a GET is refused with: the answer to a HEAD has no body to name a code."""
        asked = self._client.get_object(Bucket=self.bucket, Key=name, Range="bytes=0-0")
        asked["Body"].close()

    def _pages(self, folder: str, prefix: str) -> Iterator[ObjectInfo]:
        with self._errors("list", folder):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                for item in page.get("Contents", []):
                    key = item["Key"].removeprefix(self.prefix)
                    if _is_object(key):
                        yield ObjectInfo(key, item["Size"], item["ETag"].strip('"'))

    def _abort_uploads(self, folder: str, prefix: str) -> None:
        try:
            with self._errors("delete unfinished uploads of", folder):
                s3_transfer.abort_uploads(self._client, self.bucket, prefix)
        except AccessDenied:
            pass  # not everyone may; the bucket's life-cycle rule sweeps them


def _is_object(key: str) -> bool:
    """False for the empty "folder" objects that consoles make, and for names that we refuse."""
    try:
        return bool(check_key(key))
    except InvalidName:
        return False
