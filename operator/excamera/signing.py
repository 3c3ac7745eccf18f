"""Leave for workers to use a job's objects, signed with the job's credentials; see `mu.grants`.

The credentials stay in this process. Those that are lent (a role's) are fetched anew in a thread
before they end, so that signing itself, in the event loop, has nothing to wait for.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

from excamera.access import StoreAccess
from excamera_store import StoreError
from excamera_store.grants import Method
from mu.errors import SigningFailed
from mu.grants import Sign

REFRESH_SECONDS: Final = 60.0
"""Lent credentials are fetched anew a quarter of an hour before they end."""

_log = logging.getLogger(__name__)


@asynccontextmanager
async def signing(access: StoreAccess) -> AsyncIterator[Sign]:
    """Signs for as long as the context lasts."""
    signer = access.signer()

    def sign(method: str, url: str, seconds: float) -> str:
        try:
            return signer.sign(cast(Method, method), url, seconds)
        except StoreError as error:
            raise SigningFailed(str(error)) from error

    async def keep_fresh() -> None:
        while True:
            await asyncio.sleep(REFRESH_SECONDS)
            try:
                await asyncio.to_thread(signer.refresh)
            except (StoreError, RuntimeError) as error:  # boto3: renewed, and still expired
                _log.warning("%s", error)

    refreshing = asyncio.ensure_future(keep_fresh())
    try:
        yield sign
    finally:
        refreshing.cancel()
