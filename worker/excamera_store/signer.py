"""Makes grants: the one place where credentials become leave for somebody who has none.

Signing is arithmetic and asks nobody, so it may be done in an event loop (half a millisecond
each); but credentials that are lent (a role's) have to be fetched anew before they end, which may
take a while. So signing goes by a copy of them, which `refresh` renews beforehand, in a thread:
left to boto3, whoever signs next would wait for it.

What is signed lasts no longer than the credentials themselves.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final, Literal

from excamera_store.grants import GET, Method
from excamera_store.location import bucket_and_key
from excamera_store.s3_errors import s3_errors
from excamera_store.s3_settings import S3Settings, client_for, frozen

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LONGEST_SECONDS: Final = 7 * 24 * 3600
"""Longer no signature may last."""


class Signer:
    """settings: with whose credentials; by default those of this process."""

    def __init__(self, settings: S3Settings | None = None) -> None:
        self._settings = settings or S3Settings()
        self._used: S3Settings | None = None
        self._client: S3Client | None = None

    def sign(self, method: Method, url: str, seconds: float) -> str:
        """The URL of a request that does `method` to the object at `url`, for so many seconds;
        empty if it lies in no bucket, where no leave is needed. StoreError if it cannot be had."""
        place = bucket_and_key(url)
        if place is None:
            return ""
        operation: Literal["get_object", "put_object"] = (
            "get_object" if method == GET else "put_object"
        )
        lasting = max(1, min(LONGEST_SECONDS, round(seconds)))
        client = self._client or self._renewed()
        with _errors(url):
            return client.generate_presigned_url(
                operation, Params={"Bucket": place[0], "Key": place[1]}, ExpiresIn=lasting
            )

    def refresh(self) -> None:
        """Gets credentials anew if they are near their end, and if any were needed so far. Blocks.
        StoreError if that fails; then the last are gone on with."""
        if self._client is not None:
            self._renewed()

    def _renewed(self) -> S3Client:
        with _errors("any object"):
            now = frozen(self._settings)
            client = self._client
            if client is None or now != self._used:
                client = client_for(now)
            self._used, self._client = now, client
            return client


def _errors(url: str) -> AbstractContextManager[None]:
    return s3_errors("give a worker leave to use", url)
