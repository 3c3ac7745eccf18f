"""Makes grants: the one place where credentials become leave for somebody who has none.

Signing is arithmetic and asks nobody, so it may be done in an event loop (half a millisecond
each), once `prepare` has found out, in a thread, what it takes: the credentials and, for each
bucket, its region. Credentials that are lent (a role's) have to be fetched anew before they end,
which may take a while. So signing goes by a copy of them, which `refresh` renews beforehand, in a
thread as well: left to boto3, whoever signs next would wait for it.

What is signed lasts no longer than the credentials themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from excamera_store.grants import GET, Method
from excamera_store.location import bucket_and_key, bucket_of
from excamera_store.s3_errors import s3_errors
from excamera_store.s3_region import region_of
from excamera_store.s3_settings import S3Settings, client_for, frozen

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LONGEST_SECONDS: Final = 7 * 24 * 3600
"""Longer no signature may last."""


@dataclass(frozen=True, slots=True)
class _Clients:
    """With some credentials: one for each bucket's region, and the one for all other buckets. Used
    by one thread while another makes their successors."""

    settings: S3Settings
    usual: S3Client
    by_bucket: Mapping[str, S3Client]

    def of(self, bucket: str) -> S3Client:
        return self.by_bucket.get(bucket, self.usual)


class Signer:
    """settings: with whose credentials; by default those of this process."""

    def __init__(self, settings: S3Settings | None = None) -> None:
        self._settings = settings or S3Settings()
        self._regions: dict[str, str] = {}
        self._clients: _Clients | None = None

    def prepare(self, urls: Iterable[str]) -> None:
        """Finds out what it takes to sign for objects in the buckets of `urls`. Blocks. StoreError
        if it cannot be had."""
        for bucket in sorted({bucket for url in urls if (bucket := bucket_of(url))}):
            clients = self._clients or self._renewed()
            region = region_of(clients.usual, bucket)
            if region and region != clients.usual.meta.region_name:
                self._regions[bucket] = region
                self._clients = self._made_for(clients.settings)

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
        bucket, key = place
        client = (self._clients or self._renewed()).of(bucket)
        with _errors(url):
            return client.generate_presigned_url(
                operation, Params={"Bucket": bucket, "Key": key}, ExpiresIn=lasting
            )

    def refresh(self) -> None:
        """Gets credentials anew if they are near their end, and if any were needed so far. Blocks.
        StoreError if that fails; then the last are gone on with."""
        if self._clients is not None:
            self._renewed()

    def _renewed(self) -> _Clients:
        with _errors("any object"):
            now = frozen(self._settings)
        if self._clients is None or now != self._clients.settings:
            self._clients = self._made_for(now)
        return self._clients

    def _made_for(self, settings: S3Settings) -> _Clients:
        regions = {region: replace(settings, region=region) for region in self._regions.values()}
        return _Clients(
            settings,
            client_for(settings),
            {bucket: client_for(regions[region]) for bucket, region in self._regions.items()},
        )


def _errors(url: str) -> AbstractContextManager[None]:
    return s3_errors("give a worker leave to use", url)
