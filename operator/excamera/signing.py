"""Leave for workers to use a job's objects, signed with the job's credentials; see `mu.grants`.

The credentials stay in this process. Whatever may have to be waited for (credentials that a role
lends, a bucket that says where it is) is done in a thread: before the first signature, and then
now and then. So signing itself, in the event loop, has nothing to wait for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final, cast

from excamera.access import StoreAccess
from excamera.failures import of_store
from excamera_store import Signer, StoreError
from excamera_store.grants import Method
from mu.errors import SigningFailed
from mu.grants import Sign

REFRESH_SECONDS: Final = 60.0
"""Lent credentials are fetched anew a quarter of an hour before they end."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def signing(access: StoreAccess, urls: Collection[str]) -> AsyncIterator[Sign]:
    """Signs for objects in the buckets of `urls`, for as long as the context lasts. Raises JobError
    if it cannot."""
    with of_store("leave for workers"):
        signer = access.signer()
        await asyncio.to_thread(signer.prepare, urls)

    def sign(method: str, url: str, seconds: float) -> str:
        try:
            return signer.sign(cast(Method, method), url, seconds)
        except StoreError as error:
            raise SigningFailed(str(error)) from error

    refreshing = asyncio.ensure_future(_keep_fresh(signer))
    try:
        yield sign
    finally:
        refreshing.cancel()


async def _keep_fresh(signer: Signer) -> None:
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        try:
            await asyncio.to_thread(signer.refresh)
        except StoreError as error:
            _log.warning("%s", error)
        except Exception:  # whatever it is: who gives up here is found out an hour later
            _log.exception("leave for workers cannot be renewed; please report it")
