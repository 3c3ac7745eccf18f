"""The command `excamera-operator`; exit statuses are in arguments.EPILOG."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

from excamera.codec import codec
from excamera.errors import JobError
from excamera_controller import arguments, logs
from excamera_controller.api import Api, ApiError
from excamera_controller.operation import Operation
from excamera_controller.retire import Held, Retire
from excamera_controller.settings import Retirement, Settings, SettingsError

OK, USAGE, UNUSABLE, INTERNAL = 0, 2, 4, 5
RETIRE: Final = "retire"

_log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT, or until all is retired; returns the exit status."""
    words = sys.argv[1:] if argv is None else argv
    try:
        if words[:1] == [RETIRE]:
            retirement = arguments.read_retirement(words[1:], os.environ)
            logs.set_up(retirement.log_format, retirement.log_level)
            work = _retire(retirement)
        else:
            settings = arguments.read(words, os.environ)
            logs.set_up(settings.log_format, settings.log_level)
            work = _serve(settings)
    except SettingsError as error:
        return _failed(error, USAGE)
    try:
        asyncio.run(work)
    except (OSError, ApiError, Held, JobError) as error:
        return _failed(error, UNUSABLE)
    except Exception:
        _log.exception("this should not have happened; please report it")
        return INTERNAL
    return OK


async def _retire(settings: Retirement) -> None:
    async with Api() as api:
        await Retire(api, settings).all()


async def _serve(settings: Settings) -> None:
    codec()  # better none than one that cannot be told from others
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
