"""The command `excamera-operator`; exit statuses are in arguments.EPILOG."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence

from excamera_controller import arguments, logs
from excamera_controller.api import Unreachable
from excamera_controller.operation import Operation
from excamera_controller.settings import Settings, SettingsError

OK, USAGE, UNUSABLE, INTERNAL = 0, 2, 4, 5

_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT; returns the exit status."""
    try:
        settings = arguments.read(sys.argv[1:] if argv is None else argv, os.environ)
    except SettingsError as error:
        return _failed(error, USAGE)
    logs.set_up(settings.log_format, settings.log_level)
    try:
        asyncio.run(_serve(settings))
    except (OSError, Unreachable) as error:
        return _failed(error, UNUSABLE)
    except Exception:
        _log.exception("this should not have happened; please report it")
        return INTERNAL
    return OK


async def _serve(settings: Settings) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    async with Operation(settings):
        await told.wait()
        _log.info("told to stop; jobs are left to the operator that comes next")


def _failed(error: Exception, status: int) -> int:
    print(f"excamera-operator: {error}", file=sys.stderr)
    return status
