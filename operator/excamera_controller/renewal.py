"""Renews certificates before they end, and the coordinator's port with them.

grpc cannot be given another certificate while it serves, so the port is closed for a moment, and it
may be that it cannot be had again at once. Then it is tried for as long as it takes: without it no
worker can dial in, and the operator is not ready.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from excamera_controller.api import ApiError
from excamera_controller.certificates import Certificates, NoAuthority
from excamera_proto.credentials import Authority
from mu.server import Server

RENEW_SECONDS: Final = 3600.0
SERVER_SECONDS: Final = 12 * 3600.0
"""How long the coordinator's certificate is used: half of its life."""

AGAIN_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


async def renew(certificates: Certificates, server: Server) -> None:
    """Now and then, for ever. Workers dial again when the server's own is replaced."""
    served = 0.0
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        served += RENEW_SECONDS
        try:
            changed = await certificates.refresh()
        except (ApiError, NoAuthority) as error:
            _log.warning("certificates are not renewed: %s", error)
            continue
        if changed or served >= SERVER_SECONDS:
            await reopen(server, certificates.authority)
            served = 0.0


async def reopen(server: Server, authority: Authority) -> None:
    """Under a new certificate, however often it must be tried."""
    while True:
        try:
            await server.renew(authority)
            return
        except OSError as error:
            _log.error("no worker can dial in: %s; trying again", error)
        except Exception:
            _log.exception("no worker can dial in; trying again")
        await asyncio.sleep(AGAIN_SECONDS)
