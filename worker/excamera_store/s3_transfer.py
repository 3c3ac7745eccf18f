"""Bytes in and out of a bucket.

boto3 retries requests, but not the reading of a body that breaks off half-way; that is done here.
Every piece names the etag it belongs to, so that an object that is replaced in the middle is an
error and never a mixture, and its length is compared with what was asked for.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO

from excamera_store.errors import StoreError, StoreUnreachable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PIECE = 16 * 1024 * 1024  # larger objects travel in pieces of this size
TOGETHER = 4  # pieces at a time
BODY_ATTEMPTS = 4


def get_range(client: S3Client, bucket: str, name: str, etag: str, start: int, end: int) -> bytes:
    """Bytes `start` to `end` (exclusive) of the object as it was when it had this etag."""
    if start == end:
        return b""
    problem: Exception | None = None
    for _ in range(BODY_ATTEMPTS):
        try:
            data = _get_once(client, bucket, name, etag, f"bytes={start}-{end - 1}")
        except _body_errors() as error:
            problem = error
            continue
        if len(data) == end - start:
            return data
    raise StoreUnreachable(
        f"cannot read s3://{bucket}/{name}: the answer breaks off before its end "
        f"({problem or 'wrong length'}); check the network and the store's log"
    )


def fetch_into(
    file: BinaryIO, size: int, client: S3Client, bucket: str, name: str, etag: str
) -> None:
    """Write the whole object to `file`, several pieces at a time."""

    def copy(start: int) -> None:
        data = get_range(client, bucket, name, etag, start, min(start + PIECE, size))
        view = memoryview(data)
        while view:
            written = os.pwrite(file.fileno(), view, start)
            start, view = start + written, view[written:]

    if size <= PIECE:
        copy(0)
        return
    pool = ThreadPoolExecutor(TOGETHER)
    try:
        for _ in pool.map(copy, range(0, size, PIECE)):
            pass
    finally:
        pool.shutdown(cancel_futures=True)


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


def _get_once(client: S3Client, bucket: str, name: str, etag: str, span: str) -> bytes:
    answer = client.get_object(Bucket=bucket, Key=name, Range=span, IfMatch=f'"{etag}"')
    with answer["Body"] as body:
        return body.read()


def _body_errors() -> tuple[type[Exception], ...]:
    from botocore.exceptions import (
        IncompleteReadError,
        ReadTimeoutError,
        ResponseStreamingError,
    )

    return (IncompleteReadError, ReadTimeoutError, ResponseStreamingError)
