"""A store that does with signed requests whatever can be done so, each with a grant of its own."""

from __future__ import annotations

import os
from typing import BinaryIO

from excamera_store import Grant, GrantedStore, Grants, ObjectInfo, S3Settings, S3Store, Signer
from excamera_store.grants import GET, PUT, Method

SECONDS = 600.0
SIGNED = "X-Amz-Signature"
"""In every signed URL."""


def grants(settings: S3Settings, *wanted: tuple[Method, str], seconds: float = SECONDS) -> Grants:
    """Leave for each method and URL, as the coordinator would give it."""
    signer = Signer(settings)
    return Grants(Grant(how, url, signer.sign(how, url, seconds)) for how, url in wanted)


class SignedStore(S3Store):
    """Listing and deleting are not for workers, and are done with credentials."""

    def _granted(self, method: Method, key: str) -> GrantedStore:
        given = grants(self._settings, (method, self.url_of(key)))
        return GrantedStore(self.bucket, given, prefix=self.prefix)

    def stat(self, key: str) -> ObjectInfo:
        return self._granted(GET, key).stat(key)

    def open(self, key: str) -> BinaryIO:
        return self._granted(GET, key).open(key)

    def read(self, key: str, most: int | None = None) -> bytes:
        return self._granted(GET, key).read(key, most)

    def fetch(self, key: str, path: str | os.PathLike[str]) -> None:
        self._granted(GET, key).fetch(key, path)

    def write(self, key: str, data: bytes) -> None:
        self._granted(PUT, key).write(key, data)

    def put(self, key: str, path: str | os.PathLike[str]) -> None:
        self._granted(PUT, key).put(key, path)
