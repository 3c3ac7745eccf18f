"""A bucket as a worker sees it: objects that it was given leave for, by signed requests.

Reading asks for ranges from the first request on: its answer tells size and etag, and a refusal of
it says why, where one of a HEAD would not. An object is written by one PUT, which S3 takes up to
5 GiB: far more than any chunk has. To list or to delete there is no leave at all.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final, NoReturn, cast

from excamera_store.errors import (
    AccessDenied,
    BucketMissing,
    ObjectTooLarge,
    StoreUnreachable,
)
from excamera_store.file_errors import file_errors
from excamera_store.grants import GET, PUT, Grants
from excamera_store.names import check_bucket, check_folder, check_key
from excamera_store.part_file import PartFile
from excamera_store.ranged import RangedReader
from excamera_store.requests import Answer, Request, send
from excamera_store.s3_transfer import PIECE, TOGETHER, write_at
from excamera_store.store import ObjectInfo

NO_SUCH_RANGE: Final = 416
"""The first byte of an empty object."""


class GrantedStore:
    """Those objects of `bucket` below the folder `prefix` that are granted."""

    def __init__(self, bucket: str, grants: Grants, *, prefix: str = "") -> None:
        self.bucket = check_bucket(bucket)
        self.prefix = check_folder(prefix)
        self._grants = grants

    def __repr__(self) -> str:
        return f"GrantedStore('s3://{self.bucket}/{self.prefix}')"

    def stat(self, key: str) -> ObjectInfo:
        answer = self._get(key, {"Range": "bytes=0-0"}, 1)
        if answer.status == NO_SUCH_RANGE:
            answer = self._get(key, {}, 0)
        whole = answer.headers.get("content-range", "").rpartition("/")[2]
        if not whole.isdecimal():
            whole = answer.headers.get("content-length", "")
        size = int(whole) if whole.isdecimal() else len(answer.body)
        return ObjectInfo(key, size, answer.headers.get("etag", "").strip('"'))

    def open(self, key: str) -> BinaryIO:
        info = self.stat(key)

        def fetch(start: int, end: int) -> bytes:
            return self._range(info, start, end)

        return cast(BinaryIO, io.BufferedReader(RangedReader(info.size, fetch), 64 * 1024))

    def read(self, key: str, most: int | None = None) -> bytes:
        answer = self._get(key, {} if most is None else {"Range": f"bytes=0-{most}"}, most)
        if answer.status == NO_SUCH_RANGE:
            return b""
        if most is not None and len(answer.body) > most:
            raise ObjectTooLarge(f"{self.url_of(key)} has more than {most} bytes")
        return answer.body

    def write(self, key: str, data: bytes) -> None:
        self._put(key, io.BytesIO(data), len(data))

    def fetch(self, key: str, path: str | os.PathLike[str]) -> None:
        info = self.stat(key)
        target = os.path.abspath(path)
        starts = range(0, info.size, PIECE)
        with (
            file_errors("write", target, missing=BucketMissing),
            PartFile(os.path.dirname(target)) as part,
            ThreadPoolExecutor(TOGETHER) as pool,
        ):

            def copy(start: int) -> None:
                write_at(part.file, start, self._range(info, start, min(start + PIECE, info.size)))

            try:
                for _ in pool.map(copy, starts):
                    pass
            finally:
                pool.shutdown(cancel_futures=True)
            part.publish(target, sync=False)

    def put(self, key: str, path: str | os.PathLike[str]) -> None:
        self.url_of(key)
        with open(path, "rb") as file:
            self._put(key, file, os.fstat(file.fileno()).st_size)

    def list(self, folder: str = "") -> Iterator[ObjectInfo]:
        self._refuse("list", folder)

    def delete(self, key: str) -> None:
        self._refuse("delete", key)

    def delete_prefix(self, folder: str) -> int:
        self._refuse("delete", folder)

    def check_writable(self, key: str = "") -> None:
        """Whether there is leave to; the store itself is not asked."""
        self._grants.signed(PUT, self.url_of(key))

    def url_of(self, key: str) -> str:
        return f"s3://{self.bucket}/{self.prefix}{check_key(key)}"

    def _get(self, key: str, headers: Mapping[str, str], most: int | None) -> Answer:
        """See `Request`: a store that ignores ranges is not listened to to the end."""
        url = self.url_of(key)
        signed = self._grants.signed(GET, url)
        request = Request(GET, signed, "read", url, headers, most=most)
        return send(request, frozenset({NO_SUCH_RANGE}) if "Range" in headers else frozenset())

    def _range(self, info: ObjectInfo, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (exclusive) of the object as it was when it had this etag."""
        if start == end:
            return b""
        named = {"Range": f"bytes={start}-{end - 1}", "If-Match": f'"{info.etag}"'}
        data = self._get(info.key, named, end - start).body
        if len(data) != end - start:
            got = "more" if len(data) > end - start else str(len(data))
            raise StoreUnreachable(
                f"cannot read {self.url_of(info.key)}: asked for {end - start} bytes and got"
                f" {got}; the store does not honour ranges"
            )
        return data

    def _put(self, key: str, file: BinaryIO, size: int) -> None:
        url = self.url_of(key)
        send(Request(PUT, self._grants.signed(PUT, url), "write", url, {}, file, size, most=0))

    def _refuse(self, action: str, key: str) -> NoReturn:
        raise AccessDenied(
            f"cannot {action} s3://{self.bucket}/{self.prefix}{key}: workers have leave to read and"
            " write objects one by one only"
        )
