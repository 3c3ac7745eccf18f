"""The command `excamera-rendezvous`; exit statuses are in arguments.EPILOG."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence

from excamera_rendezvous import arguments, logs
from excamera_rendezvous.server import Rendezvous
from excamera_rendezvous.settings import Settings, SettingsError

log = logging.getLogger(__name__)

OK, USAGE, UNUSABLE, INTERNAL = 0, 2, 4, 5


def main(argv: Sequence[str] | None = None) -> int:
    try:
        settings = arguments.read(sys.argv[1:] if argv is None else argv, os.environ)
    except SettingsError as error:
        return _failed(error, USAGE)
    logs.set_up(settings.log_format)
    try:
        asyncio.run(_serve(settings))
    except OSError as error:
        return _failed(error, UNUSABLE)
    except Exception:
        log.exception("this should not have happened; please report it")
        return INTERNAL
    return OK


async def _serve(settings: Settings) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with Rendezvous(settings):
        await told.wait()
        log.info("told to stop; transfers have %g s", settings.grace)


def _failed(error: Exception, status: int) -> int:
    print(f"excamera-rendezvous: {error}", file=sys.stderr)
    return status
