"""Makes grants: the one place where credentials become leave for somebody who has none.

Signing is arithmetic and asks nobody, so it may be done in an event loop (half a millisecond
each); but credentials that are lent (a role's) have to be fetched anew before they end, which may
take a while. `refresh` does that beforehand, in a thread.

What is signed lasts no longer than the credentials themselves.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from excamera_store.grants import GET, Method
from excamera_store.location import bucket_and_key
from excamera_store.s3_errors import s3_errors
from excamera_store.s3_settings import S3Settings, client_for

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LONGEST_SECONDS: Final = 7 * 24 * 3600
"""Longer no signature may last."""


class Signer:
    """settings: with whose credentials; by default those of this process."""

    def __init__(self, settings: S3Settings | None = None) -> None:
        self._settings = settings or S3Settings()
        self._last = ""

    def sign(self, method: Method, url: str, seconds: float) -> str:
        """The URL of a request that does `method` to the object at `url`, for so many seconds;
        empty if it lies in no bucket, where no leave is needed. StoreError if it cannot be had."""
        place = bucket_and_key(url)
        if place is None:
            return ""
        self._last = url
        operation: Literal["get_object", "put_object"] = (
            "get_object" if method == GET else "put_object"
        )
        lasting = max(1, min(LONGEST_SECONDS, round(seconds)))
        with self._errors(url):
            return self._client.generate_presigned_url(
                operation, Params={"Bucket": place[0], "Key": place[1]}, ExpiresIn=lasting
            )

    def refresh(self) -> None:
        """Gets credentials anew if they are near their end. Blocks. StoreError if that fails."""
        if self._last:
            self.sign(GET, self._last, 1.0)

    @cached_property
    def _client(self) -> S3Client:
        return client_for(self._settings)  # kept, however many others are asked for meanwhile

    def _errors(self, url: str) -> AbstractContextManager[None]:
        return s3_errors("give a worker leave to use", url)
