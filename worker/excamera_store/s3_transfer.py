"""Bytes in and out of a bucket.

boto3 retries requests, but not the reading of a body that breaks off half-way; that is done here.
Every piece names the etag it belongs to, so that an object that is replaced in the middle is an
error and never a mixture, and its length is compared with what was asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, BinaryIO

from excamera_store.errors import ObjectTooLarge, StoreError, StoreUnreachable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

PIECE = 16 * 1024 * 1024  # larger objects travel in pieces of this size
TOGETHER = 4  # pieces at a time
BODY_ATTEMPTS = 4


def get_whole(client: S3Client, bucket: str, name: str, most: int | None) -> bytes:
    """The object as it is at one moment, in one request."""

    def begun() -> GetObjectOutputTypeDef:
        answer = client.get_object(Bucket=bucket, Key=name)
        if most is not None and answer["ContentLength"] > most:
            answer["Body"].close()
            raise ObjectTooLarge(f"s3://{bucket}/{name} has more than {most} bytes")
        return answer

    return _with_whole_body(bucket, name, begun)


def get_range(client: S3Client, bucket: str, name: str, etag: str, start: int, end: int) -> bytes:
    """Bytes `start` to `end` (exclusive) of the object as it was when it had this etag."""
    if start == end:
        return b""
    data = _with_whole_body(
        bucket,
        name,
        lambda: client.get_object(
            Bucket=bucket, Key=name, Range=f"bytes={start}-{end - 1}", IfMatch=f'"{etag}"'
        ),
    )
    if len(data) != end - start:
        raise StoreUnreachable(
            f"cannot read s3://{bucket}/{name}: asked for {end - start} bytes and got {len(data)}; "
            "the store does not honour ranges"
        )
    return data


def fetch_into(
    file: BinaryIO, size: int, client: S3Client, bucket: str, name: str, etag: str
) -> None:
    """Write the whole object to `file`, several pieces at a time."""

    def copy(start: int) -> None:
        data = get_range(client, bucket, name, etag, start, min(start + PIECE, size))
        write_at(file, start, data)

    if size <= PIECE:
        copy(0)
        return
    pool = ThreadPoolExecutor(TOGETHER)
    try:
        for _ in pool.map(copy, range(0, size, PIECE)):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


def write_at(file: BinaryIO, start: int, data: bytes) -> None:
    """All of `data` into an open file, from byte `start` on."""
    view = memoryview(data)
    while view:
        written = os.pwrite(file.fileno(), view, start)
        start, view = start + written, view[written:]


def put_file(client: S3Client, bucket: str, name: str, file: BinaryIO) -> None:
    """Publish an open file; a large one in pieces, which S3 joins at the end or forgets."""
    size = os.fstat(file.fileno()).st_size
    if size <= PIECE:
        client.put_object(Bucket=bucket, Key=name, Body=file)
        return
    from boto3.s3.transfer import TransferConfig

    config = TransferConfig(
        multipart_threshold=PIECE, multipart_chunksize=PIECE, max_concurrency=TOGETHER
    )
    client.upload_fileobj(file, bucket, name, Config=config)


def delete_many(client: S3Client, bucket: str, names: list[str]) -> None:
    """Delete in requests of at most 1,000, which is what S3 takes."""
    for first in range(0, len(names), 1000):
        batch = names[first : first + 1000]
        answer = client.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": name} for name in batch], "Quiet": True}
        )
        for failed in answer.get("Errors", []):
            raise StoreError(
                f"cannot delete s3://{bucket}/{failed.get('Key')}: "
                f"{failed.get('Code')}: {failed.get('Message')}; check the permissions"
            )


def abort_uploads(client: S3Client, bucket: str, prefix: str) -> None:
    """Abort the multipart uploads that were begun below `prefix` and never ended."""
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for upload in page.get("Uploads", []):
            client.abort_multipart_upload(
                Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )


def _with_whole_body(
    bucket: str, name: str, request: Callable[[], GetObjectOutputTypeDef]
) -> bytes:
    from botocore.exceptions import (
        IncompleteReadError,
        ReadTimeoutError,
        ResponseStreamingError,
    )

    problem: Exception | None = None
    for _ in range(BODY_ATTEMPTS):
        try:
            # As its own context manager the body would hand out urllib3's stream, which does not
            # check the length.
            with closing(request()["Body"]) as body:
                return body.read()
        except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError) as error:
            problem = error
    raise StoreUnreachable(
        f"cannot read s3://{bucket}/{name}: the answer breaks off before its end, "
        f"{BODY_ATTEMPTS} times ({problem}); check the network and the store's log"
    )
