"""Retrieve and Upload: between the object store and scratch files.

Objects in a bucket are reached by the grants that came with the call, and in no other way.
The store's library blocks, so that each transfer has a thread; how many there are at a time is
bounded. What the store retries it retries itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from itertools import zip_longest
from pathlib import Path
from typing import Final

from excamera_proto.mu_pb2 import Transferred
from excamera_store import FolderStore, Grants, Store, StoreError, split_url
from excamera_worker.threads import in_thread

TRANSFERS: Final = 8
_BLOCK: Final = 1024 * 1024


class Objects:
    """grants: leave for the object, if it lies in a bucket."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(TRANSFERS)

    async def retrieve(self, url: str, path: Path, grants: Grants) -> Transferred:
        async with self._slots:
            return await in_thread(_retrieve, url, path, grants)

    async def upload(self, path: Path, url: str, grants: Grants) -> Transferred:
        async with self._slots:
            return await in_thread(_upload, path, url, grants)


def _retrieve(url: str, path: Path, grants: Grants) -> Transferred:
    store, key = split_url(url, grants)
    store.fetch(key, path)
    return _described(path)


def _upload(path: Path, url: str, grants: Grants) -> Transferred:
    store, key = split_url(url, grants)
    if isinstance(store, FolderStore):
        # A bucket has no folders to be made; here, too, an object's name is all that it needs.
        store = FolderStore(store.root, create=True)
    if not _is_there(store, key, path):
        store.put(key, path)
    return _described(path)


def _is_there(store: Store, key: str, path: Path) -> bool:
    """Whether the object has the file's bytes already, as far as we are allowed to look."""
    try:
        if store.stat(key).size != os.stat(path).st_size:
            return False
        with store.open(key) as there, open(path, "rb") as here:
            blocks = iter(lambda: there.read(_BLOCK), b"")
            own = iter(lambda: here.read(_BLOCK), b"")
            return all(a == b for a, b in zip_longest(blocks, own))
    except StoreError:
        return False


def _described(path: Path) -> Transferred:
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).hexdigest()
        return Transferred(bytes=file.tell(), digest=digest)
